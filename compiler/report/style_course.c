/* The table of course notes: a row for each layer or stage, with the size of its result, memory,
 * parameters, operations. */
#include "report/grid.h"
#include "report/style.h"
#include "report/view.h"

#include <string.h>

enum { NAME, OPERATOR, CHANNELS, HEIGHT, WIDTH, LAYERS, MEMORY, PARAMS, FLOPS, N_COLUMNS };

/* What the rows that are shown add up to. */
struct course {
    const struct report *report;
    struct grid grid;
    int64_t layers, activations, params, flops;
};

/* Windows, pools, and what has parameters: others are said with the layer before them. */
static bool is_shown(const struct report_item *item)
{
    if (item->scope)
        return true;
    return item->row->attr.kernel[0] || item->row->figures.at[FIGURE_params] ||
           strstr(op_info(item->row->op)->name, "pool");
}

static int64_t layers_of(const struct report *r, const struct report_item *item)
{
    int64_t n = 0;
    if (item->row)
        return report_is_layer(item->row);
    for (int i = item->scope->first_row; i <= item->scope->last_row; i++)
        n += report_is_layer(&r->rows.at[i]);
    return n;
}

static const char *number(const struct course *t, int64_t value)
{
    return value ? grid_number(t->report->arena, value) : "-";
}

static void set_sums(struct course *t, struct grid_row *line, int64_t layers, int64_t activations,
                     int64_t params, int64_t flops)
{
    grid_set(line, LAYERS, number(t, layers));
    grid_set(line, MEMORY,
             activations ? grid_bytes(t->report->arena, activations * BYTES_f32) : "-");
    grid_set(line, PARAMS, number(t, params));
    grid_set(line, FLOPS, number(t, flops));
}

/* Channels, rows and columns of a map; of a vector its features. */
static void set_size(struct course *t, struct grid_row *line, const struct type *type)
{
    const bool map = type->rank > 2;
    grid_set(line, CHANNELS, grid_number(t->report->arena, type->dim[type->rank > 1]));
    grid_set(line, HEIGHT, type->rank > 3 ? grid_number(t->report->arena, type_h(type)) : "-");
    grid_set(line, WIDTH, map ? grid_number(t->report->arena, type_w(type)) : "-");
}

static void add_item(struct course *t, const struct report_item *item)
{
    const struct report *r = t->report;
    const struct figures *f = item->figures;
    const int64_t layers = layers_of(r, item);
    struct grid_row *line = grid_add(&t->grid);
    grid_set(line, NAME, item_name(item));
    grid_set(line, OPERATOR, item_operator(r->arena, item));
    set_size(t, line, &item_last(r, item)->output);
    set_sums(t, line, layers, f->at[FIGURE_activations], f->at[FIGURE_params], f->flops[r->flops]);
    t->layers += layers;
    t->activations += f->at[FIGURE_activations];
    t->params += f->at[FIGURE_params];
    t->flops += f->flops[r->flops];
}

static void add_input(struct course *t, const struct report_tensor *input)
{
    struct grid_row *line = grid_add(&t->grid);
    const int64_t elements = type_elements(&input->type);
    grid_set(line, NAME, input->name);
    grid_set(line, OPERATOR, "input");
    set_size(t, line, &input->type);
    set_sums(t, line, 0, elements, 0, 0);
    t->activations += elements;
}

void style_course(struct text *out, const struct report *r)
{
    static const struct grid_style plain;
    const struct grid_column columns[N_COLUMNS] = {{"name", GRID_left},
                                                   {"operator", GRID_left},
                                                   {"channels", GRID_right},
                                                   {"height", GRID_right},
                                                   {"width", GRID_right},
                                                   {"layers", GRID_right},
                                                   {"memory", GRID_right},
                                                   {"params", GRID_right},
                                                   {convention_info(r->flops)->name, GRID_right}};
    struct course t = {.report = r};
    struct report_view view;
    view_init(&view, r);
    grid_init(&t.grid, r->arena, columns, N_COLUMNS);
    for (size_t i = 0; i < r->inputs.n; i++)
        add_input(&t, &r->inputs.at[i]);
    for (size_t i = 0; i < view.items.n; i++)
        if (is_shown(&view.items.at[i]))
            add_item(&t, &view.items.at[i]);
    struct grid_row *line = grid_add(&t.grid);
    line->rule = true;
    grid_set(line, NAME, "total");
    set_sums(&t, line, t.layers, t.activations, t.params, t.flops);
    grid_print_text(&t.grid, out, &plain);
    text_printf(out, "\n%lld layers with parameters, of which %lld follow each other\n",
                (long long)t.layers, (long long)report_layers(r).deepest);
}
