/* torchinfo's summary() with the columns for kernels, inputs and mult-adds, in two forms: that of
 * version 1.8.0, and the narrower one that course notes show. */
#include "report/style.h"

#include "report/grid.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN = 25, MEGA = 1000000 };

static const char title[] = "Layer (type:depth-idx)";

/* Counts of mult-adds from `from` on are divided by `unit`. */
struct scale {
    double from, unit;
    const char *name;
};

struct form {
    const char *gap;   /* between columns, which are padded to COLUMN */
    int least, indent; /* of the column of layers: its least width, and what a depth adds to it;
                        * both round it up to a multiple. 0: as wide as its longest text */
    int last;          /* width of the last column, for the lines between parts */
    int input_extra;   /* bytes of an input besides its elements */
    bool thousands;    /* mult-adds as 1,234, not as 1234.00 */
    struct scale scales[4];
};

/* torchinfo asks Python for the size of an input, which adds 64 bytes for the object, and for a
 * unit in a sentence, for which Python has its full name since 3.11. */
static const struct form form_1_8 = {.gap = " ",
                                     .least = 40,
                                     .indent = 5,
                                     .last = COLUMN,
                                     .input_extra = 64,
                                     .thousands = true,
                                     .scales = {{1e12, 1e12, "Units.TERABYTES"},
                                                {1e9, 1e9, "Units.GIGABYTES"},
                                                {0, 1e6, "Units.MEGABYTES"}}};

static const struct form form_course = {
    .gap = "",
    .last = (int)sizeof "Mult-Adds",
    .scales = {{1e12, 1e12, "T"}, {1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e3, 1e3, "k"}}};

struct tree {
    const struct report *report;
    const struct form *form;
    struct text *out;
    int layer_width, deepest; /* of what is shown */
    VEC(int) next;            /* by depth: the number of the next layer there */
    bool *opened;             /* by scope */
};

/* A line of the table; `figures`: what it says of parameters and mult-adds, or NULL. */
struct line {
    int depth;
    const char *class, *kernel;
    const struct type *input, *output;
    const struct figures *figures;
};

static const char *shape(const struct tree *t, const struct type *type)
{
    struct text s;
    if (!type)
        return "--";
    text_init(&s, t->report->arena);
    for (int i = 0; i < type->rank; i++)
        text_printf(&s, "%s%lld", i ? ", " : "[", (long long)type->dim[i]);
    text_append(&s, "]");
    return text_string(&s);
}

static const char *kernel(const struct tree *t, const struct report_row *row)
{
    const int64_t *k = row->attr.kernel;
    bool pool = row->op == OP_maxpool || row->op == OP_avgpool;
    if (!k[0])
        return "--";
    return arena_printf(t->report->arena, pool && k[0] == k[1] ? "%lld" : "[%lld, %lld]",
                        (long long)k[0], (long long)k[1]);
}

static int number_at(struct tree *t, int depth)
{
    while ((int)t->next.n <= depth)
        VEC_PUSH(t->report->arena, &t->next, 0);
    return ++t->next.at[depth];
}

static void note_width(struct tree *t, const struct line *line, const char *name, int printed)
{
    int width = printed;
    if (t->form->indent)
        width = line->depth * t->form->indent + 1 + (int)grid_width(name);
    t->layer_width = width > t->layer_width ? width : t->layer_width;
}

/* "│    │    └─Conv2d: 3-1", padded to the width of the column. */
static void print_layer(struct tree *t, const struct line *line)
{
    struct arena *arena = t->report->arena;
    const int depth = line->depth;
    const char *name = line->class;
    struct text s;
    text_init(&s, arena);
    for (int i = 1; i < depth; i++)
        text_append(&s, "│    ");
    text_append(&s, depth > 1 ? "└─" : depth ? "├─" : "");
    if (depth)
        name = arena_printf(arena, "%s: %d-%d", name, depth, number_at(t, depth));
    text_append(&s, name);
    const int width = (int)grid_width(text_string(&s));
    note_width(t, line, name, width);
    if (depth <= t->deepest)
        text_printf(t->out, "%s%*s", text_string(&s), t->layer_width - width, "");
}

static void print_cells(struct tree *t, const char *const cells[5])
{
    text_append(t->out, " ");
    for (int i = 0; i < 4; i++)
        text_printf(t->out, "%-*s%s", COLUMN, cells[i], t->form->gap);
    text_printf(t->out, "%s\n", cells[4]);
}

static void print_row(struct tree *t, const struct line *line)
{
    struct arena *arena = t->report->arena;
    const char *cells[5] = {line->kernel, shape(t, line->input), shape(t, line->output), "--",
                            "--"};
    const struct figures *f = line->figures;
    if (f && f->at[FIGURE_params]) {
        cells[3] = grid_number(arena, f->at[FIGURE_params]);
        cells[4] = grid_number(arena, f->flops[CONVENTION_torchinfo]);
    }
    print_layer(t, line);
    if (line->depth <= t->deepest)
        print_cells(t, cells);
}

/* Containers stand before their first layer; the deepest that are shown have what is inside. */
static void open_scope(struct tree *t, int at)
{
    const struct report *r = t->report;
    if (at < 0 || t->opened[at])
        return;
    const struct report_scope *scope = &r->scopes.at[at];
    open_scope(t, scope->parent);
    t->opened[at] = true;
    print_row(t, &(struct line){scope->depth, style_class(r->arena, scope->kind), "--",
                                &r->rows.at[scope->first_row].input[0],
                                &r->rows.at[scope->last_row].output,
                                scope->depth == t->deepest ? &scope->figures : NULL});
}

static void print_operator(struct tree *t, const struct report_row *row)
{
    const struct report *r = t->report;
    open_scope(t, row->scope);
    if (*style_torch_name(row->op))
        print_row(t, &(struct line){row->scope < 0 ? 1 : r->scopes.at[row->scope].depth + 1,
                                    style_torch_name(row->op), kernel(t, row), &row->input[0],
                                    &row->output, &row->figures});
}

static void print_rows(struct tree *t)
{
    const struct report *r = t->report;
    t->opened = arena_array(r->arena, r->scopes.n + 1, sizeof *t->opened);
    t->next.n = 0;
    print_row(t, &(struct line){0, style_class(r->arena, r->base), "--",
                                r->inputs.n ? &r->inputs.at[0].type : NULL,
                                r->outputs.n ? &r->outputs.at[0].type : NULL,
                                t->deepest ? NULL : &r->total});
    for (size_t i = 0; i < r->rows.n; i++)
        print_operator(t, &r->rows.at[i]);
}

/* What a table's longest text makes of the width of its first column. */
static int layer_width(const struct form *form, int longest)
{
    if (!form->indent)
        return longest;
    if (longest < form->least)
        return form->least;
    return (longest + form->indent - 1) / form->indent * form->indent;
}

static void print_line(struct text *t, int width)
{
    for (int i = 0; i < width; i++)
        text_append(t, "=");
    text_append(t, "\n");
}

/* 1,234 or 1,234.56 */
static const char *with_thousands(struct arena *arena, double value)
{
    const char *digits = arena_printf(arena, "%.2f", value);
    const char *whole = grid_number(arena, strtoll(digits, NULL, 10));
    return value == floor(value) ? whole : arena_printf(arena, "%s%s", whole, strchr(digits, '.'));
}

/* "Total mult-adds (M): 153.45" */
static void print_mult_adds(struct text *t, const struct report *r, const struct form *form)
{
    const int64_t count = r->total.flops[CONVENTION_torchinfo];
    for (const struct scale *s = form->scales; s < form->scales + 4 && s->name; s++)
        if ((double)count >= s->from) {
            const double value = (double)count / s->unit;
            text_printf(t, "Total mult-adds (%s): %s\n", s->name,
                        form->thousands ? with_thousands(r->arena, value)
                                        : arena_printf(r->arena, "%.2f", value));
            return;
        }
    text_printf(t, "Total mult-adds: %lld\n", (long long)count);
}

/* Outputs of layers with parameters, twice: for their gradients. */
static int64_t pass_bytes(const struct report *r)
{
    int64_t elements = 0;
    for (size_t i = 0; i < r->rows.n; i++)
        if (r->rows.at[i].figures.at[FIGURE_params])
            elements += type_elements(&r->rows.at[i].output);
    return 2 * BYTES_f32 * elements;
}

static void print_megabytes(struct text *t, const char *what, int64_t bytes)
{
    text_printf(t, "%s (MB): %.2f\n", what, (double)bytes / MEGA);
}

static void print_footer(struct text *t, const struct report *r, const struct form *form, int width)
{
    const char *params = grid_number(r->arena, r->total.at[FIGURE_params]);
    const int64_t input = r->input_bytes + form->input_extra * (int64_t)r->inputs.n;
    const int64_t pass = pass_bytes(r);
    print_line(t, width);
    text_printf(t, "Total params: %s\nTrainable params: %s\nNon-trainable params: 0\n", params,
                params);
    print_mult_adds(t, r, form);
    print_line(t, width);
    print_megabytes(t, "Input size", input);
    print_megabytes(t, "Forward/backward pass size", pass);
    print_megabytes(t, "Params size", r->weights_bytes);
    print_megabytes(t, "Estimated Total Size", input + pass + r->weights_bytes);
    print_line(t, width);
}

static void print_table(struct text *out, const struct report *r, const struct form *form)
{
    static const char *const headings[] = {"Kernel Shape", "Input Shape", "Output Shape", "Param #",
                                           "Mult-Adds"};
    struct text scratch;
    struct tree t = {.report = r, .form = form, .out = &scratch, .layer_width = (int)sizeof title};
    text_init(&scratch, r->arena);
    t.deepest = r->options->depth < 0 ? INT_MAX : (int)r->options->depth;
    print_rows(&t);
    t.layer_width = layer_width(form, t.layer_width);
    t.out = out;
    const int width = t.layer_width + 4 * COLUMN + form->last;
    print_line(out, width);
    text_printf(out, "%-*s", t.layer_width, title);
    print_cells(&t, headings);
    print_line(out, width);
    print_rows(&t);
    print_footer(out, r, form, width);
}

void style_torchinfo(struct text *out, const struct report *r)
{
    print_table(out, r, &form_1_8);
}

void style_torchinfo_course(struct text *out, const struct report *r)
{
    print_table(out, r, &form_course);
}
