/* Two networks side by side, aligned by the names of their operators. */
#include "report/forms.h"
#include "report/report.h"
#include "report/view.h"

#include <string.h>

/* An operator of the first network, of the second, or the same of both. */
struct pair {
    const struct report_row *was, *is;
};

static const struct grid_column row_columns[] = {
    {"", GRID_left},        {"name", GRID_wide},  {"operator", GRID_left},    {"output", GRID_left},
    {"params", GRID_right}, {"macs", GRID_right}, {"activation", GRID_right},
};
static const struct grid_column total_columns[] = {
    {"total", GRID_left},       {"first", GRID_right},          {"second", GRID_right},
    {"difference", GRID_right}, {"first / second", GRID_right},
};
static const enum figure compared[] = {FIGURE_params, FIGURE_macs, FIGURE_activations};
enum { N_ROW = 7, N_TOTAL = 5, N_COMPARED = 3 };

/* A network's rows by name; joins of one scope have one name, and are told apart by their number.
 */
struct index {
    const struct report *report;
    struct map rows;
    const char **key; /* by row, interned */
};

static void index_init(struct index *x, const struct report *r, struct strings *strings)
{
    struct map seen = {.arena = r->arena};
    *x = (struct index){.report = r, .rows = {.arena = r->arena}};
    x->key = arena_array(r->arena, r->rows.n, sizeof *x->key);
    for (size_t i = 0; i < r->rows.n; i++) {
        const char *name = r->rows.at[i].name ? r->rows.at[i].name : "";
        const char *key = strings_intern0(strings, name);
        size_t n = (size_t)(uintptr_t)map_get(&seen, key);
        map_put(&seen, key, (void *)(uintptr_t)(n + 1));
        if (n)
            key = strings_intern0(strings, arena_printf(r->arena, "%s %zu", name, n));
        x->key[i] = key;
        map_put(&x->rows, key, (void *)(uintptr_t)&r->rows.at[i]);
    }
}

static const char *operator_of(struct arena *arena, const struct report_row *row)
{
    return item_operator(arena, &(struct report_item){.row = row});
}

static const char *output_of(const struct report *r, const struct report_row *row)
{
    return item_output(r->arena, r, &(struct report_item){.row = row});
}

/* "a -> b", or the one that there is, or that both are. */
static const char *change(struct arena *arena, const char *was, const char *is)
{
    if (!was || !is || !strcmp(was, is))
        return was ? was : is;
    return arena_printf(arena, "%s -> %s", was, is);
}

static const char *difference(struct arena *arena, int64_t was, int64_t is)
{
    const char *number = grid_number(arena, is - was);
    return is == was ? "" : is > was ? arena_printf(arena, "+%s", number) : number;
}

static int64_t figure_of(const struct report_row *row, enum figure figure)
{
    return row ? row->figures.at[figure] : 0;
}

static bool is_changed(const struct pair *p)
{
    return !p->was || !p->is || p->was->op != p->is->op ||
           !type_equal_dims(&p->was->output, &p->is->output) ||
           memcmp(&p->was->figures, &p->is->figures, sizeof p->was->figures) != 0;
}

static void add_pair(struct grid *g, const struct report *r, const struct pair *p)
{
    if (!is_changed(p))
        return;
    struct grid_row *row = grid_add(g);
    const struct report_row *any = p->is ? p->is : p->was;
    grid_set(row, 0, !p->was ? "+" : !p->is ? "-" : "~");
    grid_set(row, 1, any->name ? any->name : "");
    grid_set(row, 2,
             change(r->arena, p->was ? operator_of(r->arena, p->was) : NULL,
                    p->is ? operator_of(r->arena, p->is) : NULL));
    grid_set(
        row, 3,
        change(r->arena, p->was ? output_of(r, p->was) : NULL, p->is ? output_of(r, p->is) : NULL));
    for (size_t i = 0; i < N_COMPARED; i++)
        grid_set(
            row, 4 + i,
            difference(r->arena, figure_of(p->was, compared[i]), figure_of(p->is, compared[i])));
}

/* Adds the rows of the first network up to `end` that the second has not. */
static size_t add_removed(struct grid *g, const struct index *was, const struct index *is,
                          size_t at, size_t end)
{
    for (; at < end; at++)
        if (!map_get(&is->rows, was->key[at]))
            add_pair(g, is->report, &(struct pair){&was->report->rows.at[at], NULL});
    return at;
}

/* The rows of the second network in their order, each after those of the first that are gone. */
static void add_pairs(struct grid *g, const struct report *was, const struct report *is)
{
    struct strings *strings = strings_new(is->arena);
    struct index before, after;
    index_init(&before, was, strings);
    index_init(&after, is, strings);
    size_t at = 0;
    for (size_t i = 0; i < is->rows.n; i++) {
        const struct report_row *partner = map_get(&before.rows, after.key[i]);
        if (partner)
            at = add_removed(g, &before, &after, at, (size_t)(partner - was->rows.at) + 1);
        add_pair(g, is, &(struct pair){partner, &is->rows.at[i]});
    }
    add_removed(g, &before, &after, at, was->rows.n);
}

static void add_total(struct grid *g, const struct report *r, const char *title, int64_t was,
                      int64_t is)
{
    struct grid_row *row = grid_add(g);
    grid_set(row, 0, title);
    grid_set(row, 1, grid_number(r->arena, was));
    grid_set(row, 2, grid_number(r->arena, is));
    grid_set(row, 3, difference(r->arena, was, is));
    grid_set(row, 4, is ? arena_printf(r->arena, "%.2f", (double)was / (double)is) : "");
}

static void add_totals(struct grid *g, const struct report *was, const struct report *is)
{
    for (int f = 0; f < N_FIGURES; f++)
        add_total(g, is, figure_info((enum figure)f)->title, was->total.at[f], is->total.at[f]);
    if (is->flops)
        add_total(g, is, arena_printf(is->arena, "flops (%s)", convention_info(is->flops)->name),
                  was->total.flops[is->flops], is->total.flops[is->flops]);
}

static void print_grid(struct text *t, const struct grid *g, enum report_form form,
                       const struct grid_style *style)
{
    if (form == FORM_md)
        grid_print_md(g, t);
    else
        grid_print_text(g, t, style);
}

void report_diff(struct text *t, const struct report *was, const struct report *is, bool terminal)
{
    struct grid rows, totals;
    struct grid_style style = report_style(terminal);
    enum report_form form = is->options->report;
    grid_init(&rows, is->arena, row_columns, N_ROW);
    grid_init(&totals, is->arena, total_columns, N_TOTAL);
    add_pairs(&rows, was, is);
    add_totals(&totals, was, is);
    text_printf(t, form == FORM_md ? "# From %s to %s\n\n" : "from %s to %s\n\n", was->network,
                is->network);
    if (rows.rows.n) {
        print_grid(t, &rows, form, &style);
        text_append(t, "\n");
    }
    print_grid(t, &totals, form, &style);
}
