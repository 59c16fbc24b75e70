#include "report/style.h"

#include "report/grid.h"

#include <string.h>

struct style_names {
    const char *torch, *gluon;
};

static const struct style_names names[N_OPS] = {
#define STYLE(op, torch, gluon) [OP_##op] = {torch, gluon},
#include "report/styles.def"
};

const char *style_torch_name(enum op op)
{
    return names[op].torch ? names[op].torch : "";
}

const char *style_gluon_name(enum op op)
{
    return names[op].gluon ? names[op].gluon : "";
}

const char *style_class(struct arena *arena, const char *block)
{
    struct text t;
    text_init(&t, arena);
    bool start = true;
    for (; *block; block++) {
        bool capital = start && *block >= 'a' && *block <= 'z';
        start = *block == '_';
        if (!start)
            text_printf(&t, "%c", capital ? *block - 'a' + 'A' : *block);
    }
    return t.n ? text_string(&t) : "Sequential";
}

/* ---- torchinfo ---- */

enum { COLUMN = 25, MEGA = 1000000 };

struct tree {
    const struct report *report;
    struct text *out;
    int layer_width;
    VEC(int) next; /* by depth: the number of the next layer there */
    bool *opened;  /* by scope */
};

static const char *shape(const struct tree *t, const struct type *type)
{
    struct text s;
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

/* "│    │    └─Conv2d: 3-1", padded to the width of the column. */
static void print_layer(struct tree *t, int depth, const char *class)
{
    struct text s;
    text_init(&s, t->report->arena);
    for (int i = 1; i < depth; i++)
        text_append(&s, "│    ");
    text_append(&s, depth > 1 ? "└─" : depth ? "├─" : "");
    text_append(&s, class);
    if (depth)
        text_printf(&s, ": %d-%d", depth, number_at(t, depth));
    int width = (int)grid_width(text_string(&s));
    t->layer_width = width > t->layer_width ? width : t->layer_width;
    text_printf(t->out, "%s%*s", text_string(&s), t->layer_width - width, "");
}

static void print_cells(struct tree *t, const char *kernel_shape, const char *input,
                        const char *output, const char *params, const char *mult_adds)
{
    text_printf(t->out, " %-*s%-*s%-*s%-*s%s\n", COLUMN, kernel_shape, COLUMN, input, COLUMN,
                output, COLUMN, params, mult_adds);
}

static const char *number_or_dashes(const struct tree *t, int64_t value)
{
    return value ? grid_number(t->report->arena, value) : "--";
}

/* Containers stand before their first layer. */
static void open_scope(struct tree *t, int at)
{
    const struct report *r = t->report;
    if (at < 0 || t->opened[at])
        return;
    const struct report_scope *scope = &r->scopes.at[at];
    open_scope(t, scope->parent);
    t->opened[at] = true;
    print_layer(t, scope->depth, style_class(r->arena, scope->kind));
    print_cells(t, "--", shape(t, &r->rows.at[scope->first_row].input[0]),
                shape(t, &r->rows.at[scope->last_row].output), "--", "--");
}

static void print_row(struct tree *t, const struct report_row *row)
{
    const struct report *r = t->report;
    open_scope(t, row->scope);
    if (!*style_torch_name(row->op))
        return;
    print_layer(t, row->scope < 0 ? 1 : r->scopes.at[row->scope].depth + 1,
                style_torch_name(row->op));
    print_cells(t, kernel(t, row), shape(t, &row->input[0]), shape(t, &row->output),
                number_or_dashes(t, row->figures.at[FIGURE_params]),
                number_or_dashes(t, row->figures.flops[CONVENTION_torchinfo]));
}

static void print_rows(struct tree *t)
{
    const struct report *r = t->report;
    print_layer(t, 0, style_class(r->arena, r->network));
    print_cells(t, "--", r->inputs.n ? shape(t, &r->inputs.at[0].type) : "--",
                r->outputs.n ? shape(t, &r->outputs.at[0].type) : "--", "--", "--");
    for (size_t i = 0; i < r->rows.n; i++)
        print_row(t, &r->rows.at[i]);
}

static void print_line(struct text *t, int width)
{
    for (int i = 0; i < width; i++)
        text_append(t, "=");
    text_append(t, "\n");
}

/* As torchinfo scales it: "(M): 153.45". */
static void print_mult_adds(struct text *t, int64_t count)
{
    static const struct {
        double unit;
        const char *name;
    } scales[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        if ((double)count >= scales[i].unit) {
            text_printf(t, "Total mult-adds (%s): %.2f\n", scales[i].name,
                        (double)count / scales[i].unit);
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
    return 2 * 4 * elements;
}

static void print_megabytes(struct text *t, const char *what, int64_t bytes)
{
    text_printf(t, "%s (MB): %.2f\n", what, (double)bytes / MEGA);
}

static void print_footer(struct text *t, const struct report *r, int width)
{
    const char *params = grid_number(r->arena, r->total.at[FIGURE_params]);
    int64_t input = 4 * r->input_elements, pass = pass_bytes(r);
    print_line(t, width);
    text_printf(t, "Total params: %s\nTrainable params: %s\nNon-trainable params: 0\n", params,
                params);
    print_mult_adds(t, r->total.flops[CONVENTION_torchinfo]);
    print_line(t, width);
    print_megabytes(t, "Input size", input);
    print_megabytes(t, "Forward/backward pass size", pass);
    print_megabytes(t, "Params size", r->weights_bytes);
    print_megabytes(t, "Estimated Total Size", input + pass + r->weights_bytes);
    print_line(t, width);
}

void style_torchinfo(struct text *out, const struct report *r)
{
    static const char title[] = "Layer (type:depth-idx)";
    struct text scratch;
    text_init(&scratch, r->arena);
    struct tree measure = {.report = r, .out = &scratch, .layer_width = (int)sizeof title};
    measure.opened = arena_array(r->arena, r->scopes.n + 1, sizeof *measure.opened);
    print_rows(&measure);
    struct tree t = {.report = r, .out = out, .layer_width = measure.layer_width};
    t.opened = arena_array(r->arena, r->scopes.n + 1, sizeof *t.opened);
    int width = t.layer_width + 1 + 4 * COLUMN + (int)strlen("Mult-Adds");
    print_line(out, width);
    text_printf(out, "%-*s", t.layer_width, title);
    print_cells(&t, "Kernel Shape", "Input Shape", "Output Shape", "Param #", "Mult-Adds");
    print_line(out, width);
    print_rows(&t);
    print_footer(out, r, width);
}

/* ---- Gluon ---- */

struct summary {
    const struct report *report;
    struct text *out;
    int next;
};

static void print_gluon(struct summary *s, const char *layer, const struct type *type,
                        int64_t params)
{
    struct text dims;
    text_init(&dims, s->report->arena);
    for (int i = 0; i < type->rank; i++)
        text_printf(&dims, "%s%lld", i ? ", " : "(", (long long)type->dim[i]);
    text_append(&dims, ")");
    text_printf(s->out, "%20s  %42s %15lld\n", layer, text_string(&dims), (long long)params);
}

static void print_numbered(struct summary *s, const char *class, const struct type *type,
                           int64_t params)
{
    print_gluon(s, arena_printf(s->report->arena, "%s-%d", class, ++s->next), type, params);
}

/* Dense flattens by itself. */
static bool is_shown(const struct report *r, size_t i)
{
    const struct report_row *row = &r->rows.at[i];
    bool before_dense =
        row->op == OP_flatten && i + 1 < r->rows.n && r->rows.at[i + 1].op == OP_linear;
    return *style_gluon_name(row->op) && !before_dense;
}

/* An activation right after a convolution or dense layer is that layer's own, and comes first. */
static bool is_own(const struct report *r, size_t i)
{
    const struct report_row *row = &r->rows.at[i];
    if (!i || strcmp(style_gluon_name(row->op), "Activation") != 0)
        return false;
    enum op before = r->rows.at[i - 1].op;
    return row->from[0] == (int)i - 1 && (before == OP_conv || before == OP_linear);
}

static void print_gluon_row(struct summary *s, size_t i)
{
    const struct report_row *row = &s->report->rows.at[i];
    if (is_shown(s->report, i))
        print_numbered(s, style_gluon_name(row->op), &row->output, row->figures.at[FIGURE_params]);
}

/* A block that joins branches is a class, printed after its layers; others are sequences. */
static void close_scopes(struct summary *s, size_t i)
{
    const struct report *r = s->report;
    for (int at = r->rows.at[i].scope; at >= 0; at = r->scopes.at[at].parent) {
        const struct report_scope *scope = &r->scopes.at[at];
        bool last = scope->last_row == (int)i && *scope->kind;
        if (last && scope->joins)
            print_numbered(s, style_class(r->arena, scope->kind), &r->rows.at[i].output, 0);
    }
}

static void print_gluon_footer(struct text *t, int64_t params)
{
    text_printf(t,
                "Parameters in forward computation graph, duplicate included\n"
                "   Total params: %lld\n   Trainable params: %lld\n"
                "   Non-trainable params: 0\n"
                "Shared params in forward computation graph: 0\n"
                "Unique parameters in model: %lld\n",
                (long long)params, (long long)params, (long long)params);
}

static void print_dashes(struct text *t, char c)
{
    for (int i = 0; i < 80; i++)
        text_printf(t, "%c", c);
    text_append(t, "\n");
}

void style_gluon(struct text *out, const struct report *r)
{
    struct summary s = {.report = r, .out = out};
    print_dashes(out, '-');
    text_printf(out, "%20s  %42s %15s\n", "Layer (type)", "Output Shape", "Param #");
    print_dashes(out, '=');
    if (r->inputs.n)
        print_gluon(&s, "Input", &r->inputs.at[0].type, 0);
    for (size_t i = 0; i < r->rows.n; i++) {
        bool swapped = i + 1 < r->rows.n && is_own(r, i + 1);
        if (swapped)
            print_gluon_row(&s, i + 1);
        print_gluon_row(&s, i);
        close_scopes(&s, i);
        if (swapped)
            close_scopes(&s, ++i);
    }
    print_dashes(out, '=');
    print_gluon_footer(out, r->total.at[FIGURE_params]);
    print_dashes(out, '-');
}
