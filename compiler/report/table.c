#include "report/table.h"
#include "report/row.h"

#include "base/number.h"
#include "ir/names.h"

#include <string.h>

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

const char *report_source(const struct report *r, struct span span)
{
    size_t n;
    const struct source *source = source_of(r, span);
    const char *line = source ? source_line(source, report_line(r, span), &n) : NULL;
    return line ? arena_strndup(r->arena, line, n) : NULL;
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

static void add_inputs(struct builder *b, struct report_row *row, const struct node *node)
{
    struct arena *arena = b->report->arena;
    size_t n = (size_t)node->n_inputs;
    struct type *types = arena_array(arena, n, sizeof *types);
    int *from = arena_array(arena, n, sizeof *from);
    const char **names = arena_array(arena, n, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        types[i] = node->input[i]->type;
        from[i] = b->report->row_of[node->input[i]->id];
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
        .host = FROM_INPUT,
        .span = node->span,
        .op = node->op,
        .name = node->name,
        .attr = node->attr,
        .n_inputs = node->n_inputs,
        .device = node->device,
        .output = node->type,
    };
    row.field = b->fields[node->id];
    row.operand_field = node->n_inputs ? &b->fields[node->input[0]->id] : NULL;
    row.scope = scope_of(b, node, node->op == OP_result ? node->input[0]->name : node->name);
    add_inputs(b, &row, node);
    if (!row_count(r, &row, node))
        return false;
    if (row.scope >= 0)
        r->scopes.at[row.scope].joins |= op_has(row.op, OP_JOIN);
    int at = r->row_of[node->id] = (int)r->rows.n;
    VEC_PUSH(r->arena, &r->rows, row);
    bool fits = figures_add(&r->total, &row.figures);
    fits &= add_to_scopes(b, &row, at) && add_to_operators(b, &row);
    return fits || report_too_many(r, node->span, node->name);
}

struct report_row *report_row_of(const struct report *r, uint32_t written)
{
    const int row = written ? r->row_of[written - 1] : FROM_INPUT;
    return row == FROM_INPUT ? NULL : &r->rows.at[row];
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

static void add_output(struct report *r, const struct graph *g, const struct graph_output *o)
{
    const int count = graph_count_output(g, o);
    struct report_tensor t = {.name = o->name,
                              .type = o->node->type,
                              .output = true,
                              .purpose = o->purpose,
                              .probabilities = graph_output_is_softmax(o),
                              .threshold = o->attr.threshold,
                              .count = count < 0 ? NULL : g->outputs.at[count].name};
    graph_picture_range(g, o, &t.range);
    VEC_PUSH(r->arena, &r->outputs, t);
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
    for (size_t i = 0; i < g->outputs.n; i++)
        add_output(r, g, &g->outputs.at[i]);
}

static bool check_bytes(struct report *r)
{
    int64_t elements = r->total.at[FIGURE_activations];
    return (checked_mul(r->total.at[FIGURE_params], BYTES_f32, &r->weights_bytes) &&
            r->weights_bytes <= REPORT_MOST_BYTES && elements <= REPORT_MOST_BYTES / BYTES_f32) ||
           report_too_large(r, (struct span){0}, r->network);
}

/* The net whose body it is: all nodes stand in a frame of it, unless they were read from text. */
static const char *base_of(const struct graph *g)
{
    const struct frame *f = g->outputs.n ? g->outputs.at[0].node->frame : NULL;
    while (f && f->parent)
        f = f->parent;
    return f && f->kind == FRAME_net && f->name ? f->name : g->name;
}

struct report *report_make(struct arena *arena, struct diags *diags, const struct graph *g,
                           const struct options *options)
{
    struct report *r = arena_new_of(arena, struct report);
    *r = (struct report){.arena = arena,
                         .diags = diags,
                         .options = options,
                         .network = g->name,
                         .base = base_of(g),
                         .file = g->source,
                         .training = g->training,
                         .threads = options->threads ? (int)options->threads : 1};
    if (options->flops && strcmp(options->flops, "all"))
        r->flops = convention_find(options->flops);
    struct builder b = {.report = r, .graph = g};
    b.scopes.arena = b.operators.arena = arena;
    r->row_of = arena_array(arena, g->nodes.n, sizeof *r->row_of);
    b.fields = field_all(arena, g);
    add_tensors(r, g);
    VEC_RESERVE(arena, &r->rows, g->nodes.n);
    r->batch = r->inputs.n ? type_n(&r->inputs.at[0].type) : 1;
    for (size_t i = 0; i < g->nodes.n; i++) {
        r->row_of[i] = FROM_INPUT;
        if (g->nodes.at[i]->op != OP_input && !add_row(&b, g->nodes.at[i]))
            return NULL;
    }
    const struct node *last = field_last(g);
    r->field_row = last ? r->row_of[last->id] : FROM_INPUT;
    return check_bytes(r) ? r : NULL;
}
