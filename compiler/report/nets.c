#include "report/nets.h"

#include "report/forms.h"
#include "report/json.h"
#include "report/page.h"
#include "report/report.h"

#include <string.h>

enum { SCHEMA = 1 };

void nets_init(struct nets *t, struct arena *arena, const struct options *options,
               const char *const *swept, int n_swept)
{
    *t = (struct nets){.arena = arena,
                       .options = options,
                       .swept = swept,
                       .n_swept = n_swept,
                       .timed = options->machine != NULL};
    if (options->flops && strcmp(options->flops, "all"))
        t->flops = convention_find(options->flops);
}

static void set_field(struct nets_row *row, const struct report *r)
{
    if (r->field_row < 0)
        return;
    for (int axis = 0; axis < 2; axis++)
        row->field[axis] = r->rows.at[r->field_row].field.axis[axis].size;
}

void nets_add(struct nets *t, const struct report *r, const char *const *values)
{
    struct nets_row row = {.network = arena_strdup(t->arena, r->network),
                           .file = r->file ? arena_strdup(t->arena, r->file) : NULL,
                           .value = values,
                           .batch = r->batch,
                           .total = r->total,
                           .weights_bytes = r->weights_bytes,
                           .has_memory = r->memory.known,
                           .arena_bytes = r->memory.arena_bytes,
                           .packed_bytes = r->memory.packed_bytes,
                           .layers = report_layers(r),
                           .us = r->predicted_us};
    if (r->training_memory.known)
        memcpy(row.peak, r->training_memory.bytes.peak, sizeof row.peak);
    set_field(&row, r);
    VEC_PUSH(t->arena, &t->rows, row);
}

/* ---- for people ---- */

enum { NETWORK, FIRST_SWEPT };
enum { PARAMS, FLOPS, ACTIVATION, LAYERS, DEPTH, RUN, TRAIN, FIELD, US, N_FIXED };

static const struct grid_column *columns_of(const struct nets *t, size_t *n)
{
    const struct grid_column fixed[N_FIXED] = {{"params", GRID_right},
                                               {convention_info(t->flops)->name, GRID_right},
                                               {"activation", GRID_right},
                                               {"layers", GRID_right},
                                               {"depth", GRID_right},
                                               {"to run", GRID_right},
                                               {"to train, adam", GRID_right},
                                               {"field", GRID_right},
                                               {"us", GRID_right}};
    struct grid_column *all =
        arena_array(t->arena, FIRST_SWEPT + (size_t)t->n_swept + N_FIXED, sizeof *all);
    *n = 0;
    all[(*n)++] = (struct grid_column){"network", GRID_left};
    for (int i = 0; i < t->n_swept; i++)
        all[(*n)++] = (struct grid_column){t->swept[i], GRID_right};
    for (int i = 0; i < N_FIXED - !t->timed; i++)
        all[(*n)++] = fixed[i];
    return all;
}

static const char *field_text(const struct nets *t, const struct nets_row *row)
{
    const long long h = row->field[0], w = row->field[1];
    return !h       ? "-"
           : h == w ? arena_printf(t->arena, "%lld", h)
                    : arena_printf(t->arena, "%lldx%lld", h, w);
}

static const char *bytes_text(const struct nets *t, int64_t bytes)
{
    return bytes ? grid_bytes(t->arena, bytes) : "-";
}

static void add_line(struct grid *g, const struct nets *t, const struct nets_row *row)
{
    struct grid_row *line = grid_add(g);
    const size_t at = FIRST_SWEPT + (size_t)t->n_swept;
    grid_set(line, NETWORK, row->network);
    for (int i = 0; i < t->n_swept; i++)
        grid_set(line, FIRST_SWEPT + (size_t)i, row->value[i]);
    grid_set(line, at + PARAMS, grid_number(t->arena, row->total.at[FIGURE_params]));
    grid_set(line, at + FLOPS, grid_number(t->arena, row->total.flops[t->flops]));
    grid_set(line, at + ACTIVATION, grid_number(t->arena, row->total.at[FIGURE_activations]));
    grid_set(line, at + LAYERS, grid_number(t->arena, row->layers.all));
    grid_set(line, at + DEPTH, grid_number(t->arena, row->layers.deepest));
    grid_set(line, at + RUN, bytes_text(t, row->arena_bytes + row->packed_bytes));
    grid_set(line, at + TRAIN, bytes_text(t, row->peak[OPTIMIZER_adam]));
    grid_set(line, at + FIELD, field_text(t, row));
    if (t->timed)
        grid_set(line, at + US, grid_real(t->arena, row->us));
}

static void make_grid(struct grid *g, const struct nets *t)
{
    size_t n;
    const struct grid_column *columns = columns_of(t, &n);
    grid_init(g, t->arena, columns, n);
    for (size_t i = 0; i < t->rows.n; i++)
        add_line(g, t, &t->rows.at[i]);
}

/* ---- for programs ---- */

static void print_csv_header(struct text *t, const struct nets *nets)
{
    text_append(t, "network,file");
    for (int i = 0; i < nets->n_swept; i++) {
        text_append(t, ",");
        csv_word(t, nets->swept[i]);
    }
    text_append(t, nets->n_swept && !strcmp(nets->swept[0], "batch") ? "" : ",batch");
    csv_figures(t);
    text_append(t, ",layers,depth,weights_bytes,arena_bytes,packed_weights_bytes");
    for (int i = 0; i < N_OPTIMIZERS; i++)
        text_printf(t, ",train_bytes_%s", optimizer_name((enum optimizer)i));
    text_append(t, ",field_h,field_w,predicted_us\n");
}

static void print_csv_number(struct text *t, int64_t value)
{
    text_printf(t, ",%lld", (long long)value);
}

static void print_csv_row(struct text *t, const struct nets *nets, const struct nets_row *row)
{
    csv_word(t, row->network);
    text_append(t, ",");
    csv_word(t, row->file ? row->file : "");
    for (int i = 0; i < nets->n_swept; i++) {
        text_append(t, ",");
        csv_word(t, row->value[i]);
    }
    if (!nets->n_swept || strcmp(nets->swept[0], "batch"))
        print_csv_number(t, row->batch);
    for (int i = 0; i < N_FIGURES; i++)
        print_csv_number(t, row->total.at[i]);
    for (int i = 0; i < N_CONVENTIONS; i++)
        print_csv_number(t, row->total.flops[i]);
    print_csv_number(t, row->layers.all);
    print_csv_number(t, row->layers.deepest);
    print_csv_number(t, row->weights_bytes);
    if (row->has_memory)
        text_printf(t, ",%lld,%lld", (long long)row->arena_bytes, (long long)row->packed_bytes);
    else
        text_append(t, ",,");
    for (int i = 0; i < N_OPTIMIZERS; i++)
        print_csv_number(t, row->peak[i]);
    text_printf(t, ",%lld,%lld,", (long long)row->field[0], (long long)row->field[1]);
    text_printf(t, nets->timed ? "%.17g\n" : "\n", row->us);
}

static void print_csv(struct text *t, const struct nets *nets)
{
    print_csv_header(t, nets);
    for (size_t i = 0; i < nets->rows.n; i++)
        print_csv_row(t, nets, &nets->rows.at[i]);
}

static json_t *network(const struct nets *t, const struct nets_row *row)
{
    json_t *o = json_object(), *swept = json_object(), *train = json_object();
    json_set_string(o, "network", row->network);
    json_set_string(o, "file", row->file);
    json_set_int(o, "batch", row->batch);
    for (int i = 0; i < t->n_swept; i++)
        json_set_string(swept, t->swept[i], row->value[i]);
    json_object_set_new(o, "swept", swept);
    json_set_figures(o, &row->total);
    json_set_int(o, "layers", row->layers.all);
    json_set_int(o, "depth", row->layers.deepest);
    json_set_int(o, "weights_bytes", row->weights_bytes);
    if (row->has_memory) {
        json_set_int(o, "arena_bytes", row->arena_bytes);
        json_set_int(o, "packed_weights_bytes", row->packed_bytes);
    }
    for (int i = 0; i < N_OPTIMIZERS; i++)
        json_set_int(train, optimizer_name((enum optimizer)i), row->peak[i]);
    json_object_set_new(o, "train_bytes", train);
    json_object_set_new(o, "field", json_ints(row->field, 2));
    if (t->timed)
        json_object_set_new(o, "predicted_us", json_real(row->us));
    return o;
}

static void print_json(struct text *t, const struct nets *nets)
{
    json_begin();
    json_t *o = json_object(), *swept = json_array(), *list = json_array();
    for (int i = 0; i < nets->n_swept; i++)
        json_array_append_new(swept, json_string(nets->swept[i]));
    for (size_t i = 0; i < nets->rows.n; i++)
        json_array_append_new(list, network(nets, &nets->rows.at[i]));
    json_set_int(o, "schema", SCHEMA);
    json_set_string(o, "flops", convention_info(nets->flops)->name);
    json_object_set_new(o, "swept", swept);
    json_object_set_new(o, "networks", list);
    json_print(t, o);
}

/* ---- the page ---- */

static bool print_html(struct text *t, const struct nets *nets, const struct grid *g,
                       struct diags *diags)
{
    static const struct grid_style plain;
    struct text json, text;
    text_init(&json, nets->arena);
    text_init(&text, nets->arena);
    print_json(&json, nets);
    grid_print_text(g, &text, &plain);
    const struct page_content content = {text_string(&json), text_string(&text)};
    return page_print(t, nets->arena, diags, "nets.html", &content);
}

bool nets_print(struct text *t, const struct nets *nets, struct diags *diags, bool terminal)
{
    const struct grid_style style = report_style(terminal);
    const enum report_form form = nets->options->report;
    struct grid g;
    make_grid(&g, nets);
    if (form == FORM_html)
        return print_html(t, nets, &g, diags);
    if (form == FORM_csv)
        print_csv(t, nets);
    else if (form == FORM_json)
        print_json(t, nets);
    else if (form == FORM_md)
        grid_print_md(&g, t);
    else
        grid_print_text(&g, t, &style);
    return true;
}
