#include "report/row.h"

#include "ir/window.h"

#include <string.h>

bool report_too_many(const struct report *r, struct span span, const char *name)
{
    diag_add(r->diags, span, MESSAGE(err_report_operations), name);
    return false;
}

bool report_too_large(const struct report *r, struct span span, const char *name)
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

/* ---- figures and their formulas ---- */

/* A row that is being counted. */
struct counter {
    const struct report *report;
    struct report_row *row;
    const struct node *node;
    struct formulas formulas;
};

/* Whether a parameter of a layer has a name, such as "attn.in_proj_weight". */
static bool has_param_named(struct arena *arena, const struct node *node, const char *name)
{
    for (enum role role = 0; role < N_ROLES; role++)
        if (node->name && node->weight[role] &&
            !strcmp(path_of_role(arena, node->name, role), name))
            return true;
    return false;
}

/* Whether a row is the layer, or in the scope, that --explain names, or has the parameter. */
static bool is_named(const struct report *r, const struct node *node)
{
    const char *wanted = r->options->explain_layer, *name = node->name;
    const size_t n = wanted ? strlen(wanted) : 0;
    return !wanted || (name && !strncmp(name, wanted, n) && (!name[n] || name[n] == '.')) ||
           has_param_named(r->arena, node, wanted);
}

/* The page explains all. */
static bool is_explained(const struct report *r, const struct node *node)
{
    const struct options *o = r->options;
    return (o->explain && is_named(r, node)) || (o->report == FORM_html && !o->style);
}

/* Keeps a figure's formula, and gives its value. */
static int64_t explain(struct counter *t, const char *figure, struct quantity q)
{
    if (t->formulas.arena && q.value)
        VEC_PUSH(t->formulas.arena, &t->row->explained, (struct explanation){figure, q});
    return q.value;
}

static struct quantity number(struct counter *t, int64_t value)
{
    return quantity_number(&t->formulas, value);
}

static struct quantity plus(struct counter *t, struct quantity a, struct quantity b)
{
    return quantity_plus(&t->formulas, a, b);
}

static struct quantity times(struct counter *t, struct quantity a, struct quantity b)
{
    return quantity_times(&t->formulas, a, b);
}

static void explain_size(struct counter *t)
{
    static const char *const names[] = {"output rows", "output columns", "output depth"};
    const struct type *in = t->node->n_inputs ? &t->node->input[0]->type : NULL;
    struct quantity size;
    for (int axis = 0; in && axis < 3; axis++) {
        const bool has_axis = axis == 1 || in->rank > (axis ? 4 : 3);
        if (has_axis && window_size(&t->formulas, t->node->op, &t->node->attr, in, axis, &size))
            explain(t, names[axis], size);
    }
}

static int64_t explain_activations(struct counter *t)
{
    if (!is_counted(t->report, t->node))
        return 0;
    return explain(t, "activations", cost_elements(&t->formulas, SYMBOL_elements, &t->node->type));
}

static void set_counts(struct counter *t, const struct counted *c)
{
    const struct quantity counts[N_FIGURES] = {
        [FIGURE_params] = c->params, [FIGURE_buffers] = c->buffers, [FIGURE_mul] = c->mul,
        [FIGURE_add] = c->add,       [FIGURE_cmp] = c->cmp,         [FIGURE_div] = c->div,
        [FIGURE_exp] = c->exp,       [FIGURE_macs] = c->macs,
    };
    for (int i = 0; i < N_FIGURES; i++)
        t->row->figures.at[i] = explain(t, figure_info((enum figure)i)->name, counts[i]);
    explain(t, "bias", c->bias);
}

static void count_flops(struct counter *t)
{
    const struct options *o = t->report->options;
    const struct count_options options = {o->no_bias, o->no_activations};
    for (int i = 0; i < N_CONVENTIONS; i++) {
        const enum convention c = (enum convention)i;
        const struct quantity q = convention_explain(&t->formulas, c, t->node, &options);
        const bool is_figure = c == CONVENTION_macs;
        t->row->figures.flops[i] = is_figure ? q.value : explain(t, convention_info(c)->name, q);
    }
}

/* Of a table as much is read as the result has. */
static struct quantity weights_read(struct counter *t, const struct counted *c)
{
    struct formulas *f = &t->formulas;
    if (t->node->op == OP_embedding)
        return cost_elements(f, SYMBOL_elements, &t->node->type);
    return c->buffers.value ? plus(t, quantity_called(f, "params", c->params),
                                   quantity_called(f, "buffers", c->buffers))
                            : quantity_called(f, "params", c->params);
}

static struct quantity bytes_of(struct counter *t, enum formula_symbol name,
                                const struct type *type)
{
    const struct quantity elements = cost_elements(&t->formulas, name, type);
    return times(t, number(t, type_bytes(type) / elements.value), elements);
}

static struct quantity traffic(struct counter *t, const struct counted *c)
{
    const struct quantity weights = weights_read(t, c);
    struct quantity bytes = bytes_of(t, SYMBOL_elements, &t->node->type);
    for (int i = 0; i < t->node->n_inputs; i++)
        bytes = plus(t, bytes, bytes_of(t, SYMBOL_inputs, &t->node->input[i]->type));
    return weights.value ? plus(t, bytes, times(t, number(t, BYTES_f32), weights)) : bytes;
}

/* Whether a field is that of the operand, of what has no rows and columns. */
static bool is_passed_on(const struct counter *t, int axis)
{
    return t->node->type.rank < 4 &&
           t->row->field.axis[axis].size == t->row->operand_field->axis[axis].size;
}

/* The recurrence, where it is the rule: another one may have clipped or joined the field. */
static void explain_field(struct counter *t)
{
    static const char *const sizes[] = {"field, rows", "field, columns", "field, depth"};
    static const char *const jumps[] = {"jump, rows", "jump, columns", "jump, depth"};
    struct quantity size, jump;
    for (int axis = 0; axis < 2; axis++) {
        const struct field *field = &t->row->field.axis[axis];
        if (!t->row->operand_field || !field->size || is_passed_on(t, axis))
            continue;
        if (!field_recurrence(&t->formulas, t->node, t->row->operand_field, axis, &size, &jump) ||
            size.value != field->size)
            continue;
        explain(t, sizes[axis], size);
        explain(t, jumps[axis], jump);
    }
}

static bool fits(const struct counter *t)
{
    const int64_t bytes = t->row->figures.at[FIGURE_traffic_bytes];
    if (t->formulas.overflow)
        return report_too_many(t->report, t->node->span, t->node->name);
    return bytes <= REPORT_MOST_BYTES || report_too_large(t->report, t->node->span, t->node->name);
}

bool row_count(const struct report *r, struct report_row *row, const struct node *node)
{
    struct counter t = {.report = r, .row = row, .node = node};
    const struct node counted = r->options->no_bias ? without_bias(node) : *node;
    struct figures *f = &row->figures;
    struct counted c;
    t.formulas.arena = is_explained(r, node) ? r->arena : NULL;
    explain_size(&t);
    cost_explain(&t.formulas, &counted, &c);
    if (r->options->no_activations && op_has(node->op, OP_ACTIVATION))
        c = (struct counted){0};
    set_counts(&t, &c);
    f->at[FIGURE_activations] = explain_activations(&t);
    f->at[FIGURE_params_without_bias] = c.params.value - bias_elements(&counted);
    count_flops(&t);
    f->at[FIGURE_traffic_bytes] = explain(&t, "traffic_bytes", traffic(&t, &c));
    explain_field(&t);
    return fits(&t);
}
