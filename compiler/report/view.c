#include "report/view.h"

#include "base/number.h"

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

typedef double sort_key(const struct report *, const struct report_item *);

static double key_flops(const struct report *r, const struct report_item *item)
{
    return (double)item->figures->flops[r->flops];
}

static double key_field(const struct report *r, const struct report_item *item)
{
    const struct field *axis = item_last(r, item)->field.axis;
    return (double)axis[0].size * (double)axis[1].size * (double)int_max(axis[2].size, 1);
}

/* Columns that are no figures. */
static const struct {
    const char *name;
    sort_key *key;
} others[] = {{"flops", key_flops}, {"field", key_field}, {"us", item_us}};

enum { N_OTHERS = sizeof others / sizeof *others };

static sort_key *other_key(const char *column)
{
    for (int i = 0; i < N_OTHERS; i++)
        if (!strcmp(others[i].name, column))
            return others[i].key;
    return NULL;
}

bool view_sorts_by(const char *column)
{
    return figure_find(column) != N_FIGURES || other_key(column);
}

const char *view_columns(struct arena *arena)
{
    struct text t;
    text_init(&t, arena);
    for (int i = 0; i < N_FIGURES; i++)
        text_printf(&t, "%s, ", figure_info((enum figure)i)->name);
    for (int i = 0; i < N_OTHERS; i++)
        text_printf(&t, i ? ", %s" : "%s", others[i].name);
    return text_string(&t);
}

static void set_keys(struct report_view *v, const struct report *r)
{
    const char *column = r->options->sort;
    const enum figure figure = figure_find(column);
    for (size_t i = 0; i < v->items.n; i++) {
        struct report_item *item = &v->items.at[i];
        item->key =
            figure != N_FIGURES ? (double)item->figures->at[figure] : other_key(column)(r, item);
    }
}

/* Largest first; merges, so that equal ones stay in order. */
static void sort(struct report_item *items, size_t n, struct report_item *spare)
{
    if (n < 2)
        return;
    size_t half = n / 2;
    sort(items, half, spare);
    sort(items + half, n - half, spare);
    memcpy(spare, items, half * sizeof *items);
    for (size_t i = 0, j = half, k = 0; i < half; k++)
        items[k] = j < n && items[j].key > spare[i].key ? items[j++] : spare[i++];
}

void view_init(struct report_view *v, const struct report *r)
{
    *v = (struct report_view){0};
    add_items(v, r);
    if (r->options->sort) {
        set_keys(v, r);
        sort(v->items.at, v->items.n, arena_array(r->arena, v->items.n, sizeof *v->items.at));
    }
}

const struct report_row *item_last(const struct report *r, const struct report_item *item)
{
    return item->row ? item->row : &r->rows.at[item->scope->last_row];
}

static bool is_inside(const struct report *r, int row, const struct report_scope *scope)
{
    int at = r->rows.at[row].scope;
    while (at >= 0 && &r->scopes.at[at] != scope)
        at = r->scopes.at[at].parent;
    return at >= 0;
}

double item_us(const struct report *r, const struct report_item *item)
{
    double us = 0;
    if (item->row)
        return item->row->time.us;
    for (int i = item->scope->first_row; i <= item->scope->last_row; i++)
        if (is_inside(r, i, item->scope))
            us += r->rows.at[i].time.us;
    return us;
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

/* Of a volume: depth, rows, columns. */
static void print_extent(struct text *t, const int64_t extent[3], bool deep)
{
    text_append(t, " ");
    if (deep)
        text_printf(t, "%lldx", (long long)extent[2]);
    text_printf(t, "%lldx%lld", (long long)extent[0], (long long)extent[1]);
}

/* Those of a volume, each where it is not `usual` along all axes. */
static void print_deep(struct text *t, const char *letter, const int64_t n[3], int64_t usual)
{
    if (n[0] != usual || n[1] != usual || n[2] != usual)
        text_printf(t, " %s%lld,%lld,%lld", letter, (long long)n[2], (long long)n[0],
                    (long long)n[1]);
}

static void print_deep_window(struct text *t, const struct attrs *a)
{
    const int64_t *p = a->padding, before[] = {p[0], p[1], p[4]}, after[] = {p[2], p[3], p[5]};
    print_deep(t, "s", a->stride, 1);
    print_deep(t, "p", before, 0);
    if (p[0] != p[2] || p[1] != p[3] || p[4] != p[5])
        print_deep(t, "to ", after, -1);
    if (a->dilation[0])
        print_deep(t, "d", a->dilation, 1);
}

static void print_window(struct text *t, const struct attrs *a, bool deep)
{
    print_extent(t, a->kernel, deep);
    if (deep) {
        print_deep_window(t, a);
    } else {
        print_pair(t, "s", a->stride, 1);
        print_padding(t, a->padding);
        if (a->dilation[0])
            print_pair(t, "d", a->dilation, 1);
    }
    if (a->groups > 1)
        text_printf(t, " g%lld", (long long)a->groups);
    text_append(t, a->ceil ? " ceil" : "");
}

static void print_operator(struct text *t, const struct report_row *row)
{
    const bool deep = row->output.rank == VOLUME_RANK;
    text_append(t, op_info(row->op)->name);
    if (row->attr.kernel[0])
        print_window(t, &row->attr, deep);
    else if (row->op == OP_adaptive_avgpool || row->op == OP_adaptive_maxpool)
        print_extent(t, row->attr.size, deep);
}

const char *row_operator(struct arena *arena, const struct report_row *row)
{
    if (!row)
        return NULL;
    struct text t;
    text_init(&t, arena);
    print_operator(&t, row);
    return text_string(&t);
}

const char *item_operator(struct arena *arena, const struct report_item *item)
{
    return item->scope ? item->scope->kind : row_operator(arena, item->row);
}

const char *item_output(struct arena *arena, const struct report *r, const struct report_item *item)
{
    struct text t;
    text_init(&t, arena);
    type_print_image(&t, &item_last(r, item)->output);
    return text_string(&t);
}
