#include "report/table.h"

#include "base/number.h"
#include "ir/names.h"

#include <string.h>

static const int64_t most_bytes = (int64_t)1 << 48;

static const struct figure_info infos[N_FIGURES] = {
#define FIGURE(id, title, doc) {#id, title, doc},
#include "report/figures.def"
};

const struct figure_info *figure_info(enum figure figure)
{
    return &infos[figure];
}

enum figure figure_find(const char *name)
{
    int i = 0;
    while (i < N_FIGURES && strcmp(infos[i].name, name) && strcmp(infos[i].title, name))
        i++;
    return (enum figure)i;
}

const char *report_conventions(struct arena *arena)
{
    struct text t;
    text_init(&t, arena);
    for (int i = 0; i < N_CONVENTIONS; i++)
        text_printf(&t, "%s, ", convention_info((enum convention)i)->name);
    text_append(&t, "all");
    return text_string(&t);
}

bool figures_add(struct figures *sum, const struct figures *figures)
{
    bool fits = true;
    for (int i = 0; i < N_FIGURES; i++)
        fits &= checked_add(sum->at[i], figures->at[i], &sum->at[i]);
    for (int i = 0; i < N_CONVENTIONS; i++)
        fits &= checked_add(sum->flops[i], figures->flops[i], &sum->flops[i]);
    return fits;
}

double report_share(int64_t part, int64_t all)
{
    return all ? 100.0 * (double)part / (double)all : 0;
}

static const struct source *source_of(const struct report *r, struct span span)
{
    return span.source ? sources_get(r->diags->sources, span.source) : NULL;
}

uint32_t report_line(const struct report *r, struct span span)
{
    const struct source *source = source_of(r, span);
    return source ? source_line_number(source, span.begin) : 0;
}

const char *report_file(const struct report *r, struct span span)
{
    const struct source *source = source_of(r, span);
    return source ? source->path : NULL;
}

int64_t report_device_bytes(const struct report_device *d)
{
    const int64_t *figure = d->figures.at;
    return BYTES_f32 *
           (figure[FIGURE_params] + figure[FIGURE_buffers] + figure[FIGURE_activations]);
}

/* State of report_make(). */
struct builder {
    struct report *report;
    const struct graph *graph;
    struct map scopes; /* path -> index + 1 */
    struct map operators;
    int *row_of; /* by a node's id; FROM_INPUT: no row */
    const struct fields *fields;
};

static void *index_value(size_t i)
{
    return (void *)(uintptr_t)(i + 1);
}

static int index_of(const struct map *map, const void *key)
{
    return (int)(uintptr_t)map_get(map, key) - 1;
}

static bool too_many(struct report *r, struct span span, const char *name)
{
    diag_add(r->diags, span, MESSAGE(err_report_operations), name);
    return false;
}

static bool too_large(struct report *r, struct span span, const char *name)
{
    diag_add(r->diags, span, MESSAGE(err_report_bytes), name);
    return false;
}

static bool has_bias(const struct node *node)
{
    return node->attr.bias && node->weight[ROLE_bias];
}

static int64_t bias_elements(const struct node *node)
{
    return has_bias(node) ? node->weight[ROLE_bias]->type.dim[0] : 0;
}

/* The node as it would be without a bias. */
static struct node without_bias(const struct node *node)
{
    struct node plain = *node;
    if (has_bias(node)) {
        plain.attr.bias = false;
        plain.weight[ROLE_bias] = NULL;
    }
    return plain;
}

/* In-place operators of one input, and views: no memory of their own. */
static bool is_in_place(const struct node *node)
{
    bool of_one = op_info(node->op)->class == CLASS_LAYER;
    return op_has(node->op, OP_VIEW) || (of_one && op_has(node->op, OP_INPLACE));
}

/* A pool of single elements. */
static bool changes_nothing(const struct node *node)
{
    const struct attrs *a = &node->attr;
    if (node->op == OP_adaptive_avgpool || node->op == OP_global_avgpool)
        return type_equal_dims(&node->type, &node->input[0]->type);
    return a->kernel[0] * a->kernel[1] * a->kernel[2] * a->stride[0] * a->stride[1] *
               a->stride[2] ==
           1;
}

/* What the tables of courses have a row for. */
static bool is_in_course_tables(const struct node *node)
{
    switch (node->op) {
    case OP_conv:
    case OP_conv_transpose:
    case OP_linear:
        return true;
    case OP_maxpool:
    case OP_avgpool:
    case OP_adaptive_avgpool:
    case OP_global_avgpool:
        return !changes_nothing(node);
    default:
        return false;
    }
}

static bool is_counted(const struct report *r, const struct node *node)
{
    switch (r->options->activations) {
    case ACTIVATIONS_stored:
        return !is_in_place(node);
    case ACTIVATIONS_course:
        return is_in_course_tables(node);
    default:
        return true;
    }
}

static int64_t activations(const struct report *r, const struct node *node)
{
    return is_counted(r, node) ? type_elements(&node->type) : 0;
}

/* Of a table as much is read as the result has. */
static int64_t weights_read(const struct node *node, const struct counts *c)
{
    return node->op == OP_embedding ? type_elements(&node->type) : c->params + c->buffers;
}

static bool traffic(const struct node *node, int64_t weights, int64_t *bytes)
{
    bool fits = checked_mul(weights, BYTES_f32, bytes) &&
                checked_add(*bytes, type_bytes(&node->type), bytes);
    for (int i = 0; i < node->n_inputs; i++)
        fits = fits && checked_add(*bytes, type_bytes(&node->input[i]->type), bytes);
    return fits && *bytes <= most_bytes;
}

static void set_counts(struct figures *f, const struct counts *c)
{
    f->at[FIGURE_params] = c->params;
    f->at[FIGURE_buffers] = c->buffers;
    f->at[FIGURE_mul] = c->mul;
    f->at[FIGURE_add] = c->add;
    f->at[FIGURE_cmp] = c->cmp;
    f->at[FIGURE_div] = c->div;
    f->at[FIGURE_exp] = c->exp;
    f->at[FIGURE_macs] = c->macs;
}

static bool count_flops(const struct report *r, const struct node *node, struct figures *f)
{
    struct count_options options = {r->options->no_bias, r->options->no_activations};
    bool fits = true;
    for (int i = 0; i < N_CONVENTIONS; i++)
        fits &= convention_count((enum convention)i, node, &options, &f->flops[i]);
    return fits;
}

static bool count(struct report *r, const struct node *node, struct figures *f)
{
    struct node counted = r->options->no_bias ? without_bias(node) : *node;
    struct counts c;
    if (!cost_count(&counted, &c) || !count_flops(r, node, f))
        return too_many(r, node->span, node->name);
    if (r->options->no_activations && op_has(node->op, OP_ACTIVATION))
        c = (struct counts){0};
    set_counts(f, &c);
    f->at[FIGURE_params_without_bias] = c.params - bias_elements(&counted);
    f->at[FIGURE_activations] = activations(r, node);
    return traffic(node, weights_read(node, &c), &f->at[FIGURE_traffic_bytes]) ||
           too_large(r, node->span, node->name);
}

static void add_inputs(struct builder *b, struct report_row *row, const struct node *node)
{
    struct arena *arena = b->report->arena;
    size_t n = (size_t)node->n_inputs;
    struct type *types = arena_array(arena, n, sizeof *types);
    int *from = arena_array(arena, n, sizeof *from);
    const char **names = arena_array(arena, n, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        types[i] = node->input[i]->type;
        from[i] = b->row_of[node->input[i]->id];
        names[i] = node->input[i]->name;
    }
    row->input = types;
    row->from = from;
    row->from_name = names;
}

static int depth_of(const char *path)
{
    int depth = *path != '\0';
    for (; *path; path++)
        depth += *path == '.';
    return depth;
}

/* The block that a scope is a call of: the outermost with its path. */
static const char *kind_of(const struct node *node, const char *path)
{
    const char *kind = "";
    for (const struct frame *f = node->frame; f && f->path; f = f->parent)
        if (f->kind == FRAME_block && !strcmp(f->path, path))
            kind = f->name;
    return kind;
}

/* The index of the scope of a name, made with those around it where it is new; -1: the net. */
static int scope_of(struct builder *b, const struct node *node, const char *name)
{
    const char *dot = name ? strrchr(name, '.') : NULL;
    if (!dot)
        return -1;
    const char *path = strings_intern(b->graph->strings, name, (size_t)(dot - name));
    int found = index_of(&b->scopes, path);
    if (found >= 0)
        return found;
    struct report_scope scope = {.path = path, .kind = kind_of(node, path)};
    scope.parent = scope_of(b, node, path);
    scope.depth = depth_of(path);
    scope.first_row = (int)b->report->rows.n;
    VEC_PUSH(b->report->arena, &b->report->scopes, scope);
    map_put(&b->scopes, path, index_value(b->report->scopes.n - 1));
    return (int)b->report->scopes.n - 1;
}

static bool add_to_scopes(struct builder *b, const struct report_row *row, int at)
{
    bool fits = true;
    for (int i = row->scope; i >= 0; i = b->report->scopes.at[i].parent) {
        struct report_scope *scope = &b->report->scopes.at[i];
        scope->count++;
        scope->last_row = at;
        fits &= figures_add(&scope->figures, &row->figures);
    }
    return fits;
}

static bool add_to_operators(struct builder *b, const struct report_row *row)
{
    struct report *r = b->report;
    const struct op_info *key = op_info(row->op);
    int i = index_of(&b->operators, key);
    if (i < 0) {
        i = (int)r->operators.n;
        VEC_PUSH(r->arena, &r->operators, (struct report_operator){.op = row->op});
        map_put(&b->operators, key, index_value((size_t)i));
    }
    r->operators.at[i].count++;
    return figures_add(&r->operators.at[i].figures, &row->figures);
}

static bool add_row(struct builder *b, const struct node *node)
{
    struct report *r = b->report;
    struct report_row row = {
        .node = node,
        .span = node->span,
        .op = node->op,
        .name = node->name,
        .attr = node->attr,
        .n_inputs = node->n_inputs,
        .device = node->device,
        .output = node->type,
    };
    row.field = b->fields[node->id];
    row.scope = scope_of(b, node, node->op == OP_result ? node->input[0]->name : node->name);
    add_inputs(b, &row, node);
    if (!count(r, node, &row.figures))
        return false;
    if (row.scope >= 0)
        r->scopes.at[row.scope].joins |= op_has(row.op, OP_JOIN);
    int at = b->row_of[node->id] = (int)r->rows.n;
    VEC_PUSH(r->arena, &r->rows, row);
    bool fits = figures_add(&r->total, &row.figures);
    fits &= add_to_scopes(b, &row, at) && add_to_operators(b, &row);
    return fits || too_many(r, node->span, node->name);
}

/* Adds a row's figure to the sum of its kind, its device and the scopes around it. */
static void sum_row(struct report *r, const struct report_row *row, enum figure figure)
{
    const int64_t value = row->figures.at[figure];
    r->total.at[figure] += value;
    for (int k = row->scope; k >= 0; k = r->scopes.at[k].parent)
        r->scopes.at[k].figures.at[figure] += value;
    for (size_t k = 0; k < r->operators.n; k++)
        if (r->operators.at[k].op == row->op)
            r->operators.at[k].figures.at[figure] += value;
    for (size_t k = 0; k < r->devices.n; k++)
        if (r->devices.at[k].device == row->device)
            r->devices.at[k].figures.at[figure] += value;
}

void report_sum_again(struct report *r, enum figure figure)
{
    r->total.at[figure] = 0;
    for (size_t i = 0; i < r->scopes.n; i++)
        r->scopes.at[i].figures.at[figure] = 0;
    for (size_t i = 0; i < r->operators.n; i++)
        r->operators.at[i].figures.at[figure] = 0;
    for (size_t i = 0; i < r->devices.n; i++)
        r->devices.at[i].figures.at[figure] = 0;
    for (size_t i = 0; i < r->rows.n; i++)
        sum_row(r, &r->rows.at[i], figure);
}

static void add_tensors(struct report *r, const struct graph *g)
{
    for (size_t i = 0; i < g->inputs.n; i++) {
        const struct node *node = g->inputs.at[i].node;
        VEC_PUSH(r->arena, &r->inputs,
                 (struct report_tensor){.name = node->name, .type = node->type});
        r->input_elements += type_elements(&node->type);
        r->input_bytes += type_bytes(&node->type);
    }
    for (size_t i = 0; i < g->outputs.n; i++) {
        const struct graph_output *o = &g->outputs.at[i];
        VEC_PUSH(r->arena, &r->outputs,
                 (struct report_tensor){o->name, o->node->type, purpose_names[o->purpose]});
    }
}

static bool check_bytes(struct report *r)
{
    int64_t elements = r->total.at[FIGURE_activations];
    return (checked_mul(r->total.at[FIGURE_params], BYTES_f32, &r->weights_bytes) &&
            r->weights_bytes <= most_bytes && elements <= most_bytes / BYTES_f32) ||
           too_large(r, (struct span){0}, r->network);
}

struct report *report_make(struct arena *arena, struct diags *diags, const struct graph *g,
                           const struct options *options)
{
    struct report *r = arena_new_of(arena, struct report);
    *r = (struct report){.arena = arena,
                         .diags = diags,
                         .options = options,
                         .network = g->name,
                         .file = g->source,
                         .training = g->training,
                         .threads = options->threads ? (int)options->threads : 1};
    if (options->flops && strcmp(options->flops, "all"))
        r->flops = convention_find(options->flops);
    struct builder b = {.report = r, .graph = g};
    b.scopes.arena = b.operators.arena = arena;
    b.row_of = arena_array(arena, g->nodes.n, sizeof *b.row_of);
    b.fields = field_all(arena, g);
    add_tensors(r, g);
    VEC_RESERVE(arena, &r->rows, g->nodes.n);
    r->batch = r->inputs.n ? type_n(&r->inputs.at[0].type) : 1;
    for (size_t i = 0; i < g->nodes.n; i++) {
        b.row_of[i] = FROM_INPUT;
        if (g->nodes.at[i]->op != OP_input && !add_row(&b, g->nodes.at[i]))
            return NULL;
    }
    const struct node *last = field_last(g);
    r->field_row = last ? b.row_of[last->id] : FROM_INPUT;
    return check_bytes(r) ? r : NULL;
}
