#include "report/view.h"

#include <stdlib.h>
#include <string.h>

/* The scope into which --depth folds a row; -1: it stands by itself. */
static int folded_into(const struct report *r, const struct report_row *row)
{
    int at = row->scope, depth = (int)r->options->depth;
    if (depth < 0 || at < 0 || r->scopes.at[at].depth < depth)
        return -1;
    while (at >= 0 && r->scopes.at[at].depth > depth)
        at = r->scopes.at[at].parent;
    return at;
}

static void add_items(struct report_view *v, const struct report *r)
{
    bool *shown = arena_array(r->arena, r->scopes.n + 1, sizeof *shown);
    VEC_RESERVE(r->arena, &v->items, r->rows.n);
    for (size_t i = 0; i < r->rows.n; i++) {
        const struct report_row *row = &r->rows.at[i];
        int at = folded_into(r, row);
        if (at < 0) {
            struct report_item item = {.row = row, .figures = &row->figures};
            VEC_PUSH(r->arena, &v->items, item);
        } else if (!shown[at]) {
            const struct report_scope *scope = &r->scopes.at[at];
            struct report_item item = {.scope = scope, .figures = &scope->figures};
            shown[at] = true;
            VEC_PUSH(r->arena, &v->items, item);
        }
    }
}

struct order {
    const struct report *report;
    struct report_item *spare;
};

static int64_t key(const struct order *o, const struct report_item *item)
{
    return report_column(o->report, item->figures, o->report->options->sort);
}

/* Largest first; merges, so that equal ones stay in order. */
static void sort(const struct order *o, struct report_item *items, size_t n)
{
    if (n < 2)
        return;
    size_t half = n / 2;
    sort(o, items, half);
    sort(o, items + half, n - half);
    memcpy(o->spare, items, half * sizeof *items);
    for (size_t i = 0, j = half, k = 0; i < half; k++) {
        bool later = j < n && key(o, &items[j]) > key(o, &o->spare[i]);
        items[k] = later ? items[j++] : o->spare[i++];
    }
}

void view_init(struct report_view *v, const struct report *r)
{
    *v = (struct report_view){0};
    add_items(v, r);
    if (r->options->sort) {
        struct order o = {r, arena_array(r->arena, v->items.n, sizeof *o.spare)};
        sort(&o, v->items.at, v->items.n);
    }
}

const char *item_name(const struct report_item *item)
{
    return item->scope ? item->scope->path : item->row->name ? item->row->name : "";
}

static void print_pair(struct text *t, const char *prefix, const int64_t *pair, int64_t usual)
{
    if (pair[0] == usual && pair[1] == usual)
        return;
    text_printf(t, pair[0] == pair[1] ? " %s%lld" : " %s%lldx%lld", prefix, (long long)pair[0],
                (long long)pair[1]);
}

static void print_padding(struct text *t, const int64_t *p)
{
    bool rows = p[0] == p[2], columns = p[1] == p[3];
    if (rows && columns)
        print_pair(t, "p", p, 0);
    else
        text_printf(t, " p%lld,%lld,%lld,%lld", (long long)p[0], (long long)p[1], (long long)p[2],
                    (long long)p[3]);
}

static void print_window(struct text *t, const struct attrs *a)
{
    text_printf(t, " %lldx%lld", (long long)a->kernel[0], (long long)a->kernel[1]);
    print_pair(t, "s", a->stride, 1);
    print_padding(t, a->padding);
    if (a->dilation[0])
        print_pair(t, "d", a->dilation, 1);
    if (a->groups > 1)
        text_printf(t, " g%lld", (long long)a->groups);
    text_append(t, a->ceil ? " ceil" : "");
}

void print_operator(struct text *t, const struct report_row *row)
{
    text_append(t, op_info(row->op)->name);
    if (row->attr.kernel[0])
        print_window(t, &row->attr);
    else if (row->op == OP_adaptive_avgpool)
        text_printf(t, " %lldx%lld", (long long)row->attr.size[0], (long long)row->attr.size[1]);
}

const char *item_operator(struct arena *arena, const struct report_item *item)
{
    if (item->scope)
        return item->scope->kind;
    struct text t;
    text_init(&t, arena);
    print_operator(&t, item->row);
    return text_string(&t);
}

const char *item_output(struct arena *arena, const struct report *r, const struct report_item *item)
{
    const struct report_row *row = item->scope ? &r->rows.at[item->scope->last_row] : item->row;
    struct text t;
    text_init(&t, arena);
    type_print_image(&t, &row->output);
    return text_string(&t);
}
