/* A difference for people: a row for each change, then the totals of both. */
#include "report/diff.h"
#include "report/report.h"
#include "report/view.h"

#include <math.h>
#include <string.h>

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

static const char *output_of(const struct report *r, const struct report_row *row)
{
    if (!row)
        return NULL;
    return item_output(r->arena, r, &(struct report_item){.row = row});
}

static const char *name_of(const struct report_row *row)
{
    return row && row->name ? row->name : row ? "" : NULL;
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

static void add_pair(struct grid *g, const struct report *r, const struct pair *p)
{
    struct grid_row *row = grid_add(g);
    grid_set(row, 0, !p->was ? "+" : !p->is ? "-" : "~");
    grid_set(row, 1, change(r->arena, name_of(p->was), name_of(p->is)));
    grid_set(row, 2,
             change(r->arena, row_operator(r->arena, p->was), row_operator(r->arena, p->is)));
    grid_set(row, 3, change(r->arena, output_of(r, p->was), output_of(r, p->is)));
    for (size_t i = 0; i < N_COMPARED; i++)
        grid_set(
            row, 4 + i,
            difference(r->arena, figure_of(p->was, compared[i]), figure_of(p->is, compared[i])));
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

/* What both networks have, of figures of the whole. */
static void add_whole(struct grid *g, const struct report *was, const struct report *is)
{
    static const struct {
        const char *figure, *title;
    } whole[] = {{"arena", "to run: arena"},
                 {"train_bytes", "to train: peak with adam"},
                 {"field", "field"},
                 {"time", "predicted us"}};
    double a, b;
    if (was->memory.known && is->memory.known)
        add_total(g, is, "to run: weights, packed", was->memory.packed_bytes,
                  is->memory.packed_bytes);
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (report_figure(was, whole[i].figure, &a) && report_figure(is, whole[i].figure, &b))
            add_total(g, is, whole[i].title, llround(a), llround(b));
}

static void add_totals(struct grid *g, const struct report *was, const struct report *is)
{
    for (int f = 0; f < N_FIGURES; f++)
        add_total(g, is, figure_info((enum figure)f)->title, was->total.at[f], is->total.at[f]);
    if (is->flops)
        add_total(g, is, arena_printf(is->arena, "flops (%s)", convention_info(is->flops)->name),
                  was->total.flops[is->flops], is->total.flops[is->flops]);
    add_whole(g, was, is);
}

static void print_grid(struct text *t, const struct grid *g, enum report_form form,
                       const struct grid_style *style)
{
    if (form == FORM_md)
        grid_print_md(g, t);
    else
        grid_print_text(g, t, style);
}

void diff_text(struct text *t, const struct diff *d, enum report_form form,
               const struct grid_style *style)
{
    struct grid rows, totals;
    grid_init(&rows, d->is->arena, row_columns, N_ROW);
    grid_init(&totals, d->is->arena, total_columns, N_TOTAL);
    for (size_t i = 0; i < d->changes.n; i++)
        add_pair(&rows, d->is, &d->changes.at[i]);
    add_totals(&totals, d->was, d->is);
    text_printf(t, form == FORM_md ? "# From %s to %s\n\n" : "from %s to %s\n\n", d->was->network,
                d->is->network);
    if (rows.rows.n) {
        print_grid(t, &rows, form, style);
        text_append(t, "\n");
    }
    print_grid(t, &totals, form, style);
}
