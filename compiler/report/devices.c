/* What the operators of each `on` hold, and what crosses between them. */
#include "report/table.h"

/* Rows of one device, first to last. */
struct side {
    struct report_device *device;
    int *next;  /* by row: the next row of its device, or -1 */
    int *taken; /* by row: the last device that has its result */
    int number; /* of the device, from 1 */
    VEC(int) visit;
};

static bool is_split(const struct report *r)
{
    for (size_t i = 1; i < r->rows.n; i++)
        if (r->rows.at[i].device != r->rows.at[0].device)
            return true;
    return false;
}

/* Joins and views hold nothing of their own: what crosses is what they are made of. */
static bool is_made_of(const struct report_row *row)
{
    return row->op == OP_concat || op_has(row->op, OP_VIEW);
}

/* Adds to the rows to visit those that a row reads, but for what the device has. */
static void visit_operands(const struct report *r, struct side *s, const struct report_row *row)
{
    for (int i = 0; i < row->n_inputs; i++) {
        const int from = row->from[i];
        if (from == FROM_INPUT || s->taken[from] == s->number)
            continue;
        s->taken[from] = s->number;
        VEC_PUSH(r->arena, &s->visit, from);
    }
}

/* A result is sent to a device once, however many operators read it there. */
static void receive(const struct report *r, struct side *s, const struct report_row *row)
{
    visit_operands(r, s, row);
    while (s->visit.n) {
        const struct report_row *from = &r->rows.at[s->visit.at[--s->visit.n]];
        if (from->device == row->device)
            continue;
        if (is_made_of(from))
            visit_operands(r, s, from);
        else
            s->device->received_bytes += type_bytes(&from->output);
    }
}

static void add_side(const struct report *r, struct side *s, int first)
{
    for (int at = first; at >= 0; at = s->next[at]) {
        const struct report_row *row = &r->rows.at[at];
        s->device->count++;
        figures_add(&s->device->figures, &row->figures);
        receive(r, s, row);
    }
}

/* The chain of rows of each device. */
static void chain(struct report *r, int *first, int *next)
{
    struct map index = {.arena = r->arena};
    struct strings *names = strings_new(r->arena);
    int *last = arena_array(r->arena, r->rows.n, sizeof *last);
    for (size_t i = 0; i < r->rows.n; i++) {
        const char *key =
            strings_intern0(names, arena_printf(r->arena, "%d", r->rows.at[i].device));
        size_t at = (size_t)(uintptr_t)map_get(&index, key);
        next[i] = -1;
        if (!at) {
            VEC_PUSH(r->arena, &r->devices, (struct report_device){.device = r->rows.at[i].device});
            at = r->devices.n;
            map_put(&index, key, (void *)(uintptr_t)at);
            first[at - 1] = (int)i;
        } else {
            next[last[at - 1]] = (int)i;
        }
        last[at - 1] = (int)i;
    }
}

void report_add_devices(struct report *r)
{
    if (!is_split(r))
        return;
    int *first = arena_array(r->arena, r->rows.n, sizeof *first);
    struct side s = {.next = arena_array(r->arena, r->rows.n, sizeof *s.next),
                     .taken = arena_array(r->arena, r->rows.n, sizeof *s.taken)};
    chain(r, first, s.next);
    for (size_t i = 0; i < r->devices.n; i++) {
        s.device = &r->devices.at[i];
        s.number = (int)i + 1;
        add_side(r, &s, first[i]);
    }
}
