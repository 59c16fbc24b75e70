/* Checks the invariants of docs/ir.md, one small check for each. */
#include "base/map.h"
#include "ir/ir.h"
#include "ir/names.h"
#include "ir/scan.h"

#include <stdlib.h>
#include <string.h>

static const int64_t most_border = (int64_t)1 << 48; /* the largest padding that has a shape */

struct verifier {
    const struct graph *graph;
    const struct node *node; /* being checked, or NULL */
    const char *why;
};

/* Describes a violation; false. */
static bool violates(struct verifier *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool violates(struct verifier *v, const char *format, ...)
{
    struct arena *arena = v->graph->arena;
    const struct node *n = v->node;
    va_list args;
    va_start(args, format);
    const char *what = arena_vprintf(arena, format, args);
    va_end(args);
    if (!n)
        v->why = what;
    else if (n->name)
        v->why =
            arena_printf(arena, "%%%u = %s \"%s\": %s", n->id, op_info(n->op)->name, n->name, what);
    else
        v->why = arena_printf(arena, "%%%u = %s: %s", n->id, op_info(n->op)->name, what);
    return false;
}

static bool in_graph(const struct verifier *v, const struct node *n)
{
    return n && n->id < v->graph->nodes.n && v->graph->nodes.at[n->id] == n;
}

static bool makes_tensor(enum op op)
{
    const enum op_class class = op_info(op)->class;
    return class == CLASS_LAYER || class == CLASS_FORK || class == CLASS_INTERNAL;
}

static bool check_place(struct verifier *v, size_t position)
{
    if ((unsigned)v->node->op >= N_OPS) {
        v->node = NULL;
        return violates(v, "node %zu is no operator", position);
    }
    if (v->node->id != position)
        return violates(v, "stands at position %zu", position);
    return makes_tensor(v->node->op) || violates(v, "is no operator of tensors");
}

static bool check_operands(struct verifier *v)
{
    for (int i = 0; i < v->node->n_inputs; i++) {
        const struct node *input = v->node->input[i];
        if (!in_graph(v, input))
            return violates(v, "operand %d is not in the graph", i);
        if (input->id >= v->node->id)
            return violates(v, "operand %d, %%%u, does not stand before it", i, input->id);
    }
    return true;
}

/* The number of inputs was checked with the shape rule. */
static bool check_epilogue(struct verifier *v)
{
    const struct node *n = v->node;
    if (n->residual && !op_has(n->op, OP_EPILOGUE))
        return violates(v, "cannot add a residual");
    if (n->act && !op_has(n->op, OP_EPILOGUE) && !op_has(n->op, OP_DERIVATIVE))
        return violates(v, "cannot apply an activation");
    if (!n->act && n->op == OP_activation_gradient)
        return violates(v, "names no activation");
    if (n->residual && !type_equal_dims(&n->input[n->n_inputs - 1]->type, &n->type))
        return violates(v, "the residual, %%%u, differs from it in shape",
                        n->input[n->n_inputs - 1]->id);
    return true;
}

static bool check_attrs(struct verifier *v)
{
    const struct attr_info *bad = attrs_invalid(&v->node->attr, v->node->op);
    return !bad || violates(v, "'%s' is below %g", bad->name, bad->least);
}

static bool check_expression(struct verifier *v, const struct weight *w)
{
    if (w->depth > MAX_WEIGHT_DEPTH)
        return violates(v, "an expression is deeper than %d", MAX_WEIGHT_DEPTH);
    if (w->kind == NETRT_EXPR_PARAM)
        return weight_find(v->graph, w->name) == w ||
               violates(v, "'%s' is not among the parameters", w->name);
    if (w->kind == NETRT_EXPR_REAL)
        return isfinite(w->real) || violates(v, "a weight is not a number");
    for (int i = 0; i < NETRT_MAX_OPERANDS && w->operand[i]; i++)
        if (w->operand[i]->depth >= w->depth || !check_expression(v, w->operand[i]))
            return v->why ? false : violates(v, "an expression holds itself");
    return w->kind == NETRT_EXPR_SQRT || weight_joins(w->operand[0], w->operand[1], w->axis) ||
           violates(v, "the operands of an expression do not fit each other");
}

static bool check_weights(struct verifier *v, const struct shape *shape)
{
    for (enum role role = 0; role < N_ROLES; role++) {
        const struct weight *w = v->node->weight[role];
        if (shape->has_param[role] != (w != NULL))
            return violates(v, w ? "has no %s" : "lacks its %s", role_name(role));
        if (w && !weight_lies_as(&shape->param[role], &w->type))
            return violates(v, "its %s is not of the shape of the operator's", role_name(role));
        if (w && !check_expression(v, w))
            return false;
    }
    return true;
}

/* The shape rule, once more. */
static bool check_type(struct verifier *v)
{
    const struct node *n = v->node;
    struct diags diags;
    diags_init(&diags, v->graph->arena, NULL);
    struct shape shape = {.diags = &diags, .type = n->type};
    if (n->op == OP_input && !type_valid(&n->type))
        return violates(v, "is too large to address");
    if (!shape_infer(&shape, n->op, &n->attr, n->input, n->n_inputs - n->residual))
        return violates(v, "%s", diag_text(shape.failure));
    if (!type_equal_dims(&shape.type, &n->type) || shape.type.dtype != n->type.dtype) {
        struct text text;
        text_init(&text, v->graph->arena);
        type_print_dims(&text, &shape.type);
        return violates(v, "its shape is %s by the rule", text_string(&text));
    }
    return check_weights(v, &shape);
}

static bool check_border(struct verifier *v)
{
    const struct node *n = v->node;
    bool any = false;
    for (int i = 0; i < 6; i++) {
        if (n->border[i] < 0 || n->border[i] > most_border)
            return violates(v, "a border of %lld", (long long)n->border[i]);
        any = any || n->border[i];
    }
    const int rank = n->type.rank;
    const bool map = n->type.layout != LAYOUT_rows && (rank == 3 || rank == 4);
    const bool volume =
        rank == VOLUME_RANK && (n->type.layout == LAYOUT_planes || n->type.layout == LAYOUT_dense);
    if (map && (n->border[4] || n->border[5]))
        return violates(v, "has a border before its rows, but no depth");
    return !any || map || volume || violates(v, "has a border, but no rows");
}

static bool check_into(struct verifier *v)
{
    const struct node *n = v->node, *into = n->into;
    if (!into)
        return true;
    if (!in_graph(v, into))
        return violates(v, "lies in a node that is not in the graph");
    if (n->op == OP_result)
        return violates(v, "lies where its operand makes it, not in %%%u", into->id);
    if (into->op != OP_concat || into->id <= n->id)
        return violates(v, "lies in %%%u, which is no concat below it", into->id);
    struct type all = into->type;
    const int axis = attrs_axis(&into->attr, &all);
    all.dim[axis] = n->type.dim[axis];
    if (!type_equal_dims(&all, &n->type) || all.layout != n->type.layout)
        return violates(v, "differs in rows, columns or layout from %%%u", into->id);
    if (n->into_channel < 0 || n->into_channel > into->type.dim[axis] - n->type.dim[axis])
        return violates(v, "from channel %lld on, does not lie in the channels of %%%u",
                        (long long)n->into_channel, into->id);
    return true;
}

static bool check_node(struct verifier *v, size_t i)
{
    v->node = v->graph->nodes.at[i];
    return check_place(v, i) && check_operands(v) && check_attrs(v) && check_type(v) &&
           check_epilogue(v) && check_border(v) && check_into(v);
}

/* Whether the operands of node number `i` that are inlined are so by it alone; `read`: by id, those
 * that an earlier node reads. */
static bool check_inlined_operands(struct verifier *v, size_t i, bool *read)
{
    const struct node *reader = v->graph->nodes.at[i];
    for (int k = 0; k < reader->n_inputs; k++) {
        v->node = reader->input[k];
        if (v->node->inlined && (read[v->node->id] || k || !graph_can_inline(reader)))
            return violates(v, "is inlined, which %%%zu cannot do", i);
        read[v->node->id] = true;
    }
    return true;
}

/* One that is inlined has one reader, which can compute it. */
static bool check_inlined(struct verifier *v)
{
    struct arena *scratch = arena_new();
    bool *read = arena_array(scratch, v->graph->nodes.n, sizeof *read), valid = true;
    for (size_t i = 0; valid && i < v->graph->nodes.n; i++)
        valid = check_inlined_operands(v, i, read);
    arena_free(scratch);
    for (size_t i = 0; valid && i < v->graph->outputs.n; i++) {
        v->node = v->graph->outputs.at[i].node;
        valid = !v->node->inlined || violates(v, "is inlined, but an output");
    }
    return valid;
}

static bool has_same_weights(const struct node *a, const struct node *b)
{
    bool same = a->op == b->op;
    for (int role = 0; role < N_ROLES; role++)
        same = same && a->weight[role] == b->weight[role];
    return same;
}

/* No two nodes with weights have one name, but those that share them. Names are interned. */
static bool check_names(struct verifier *v)
{
    struct arena *scratch = arena_new_inside(v->graph->arena);
    struct map named = {.arena = scratch};
    bool valid = true;
    for (size_t i = 0; valid && i < v->graph->nodes.n; i++) {
        struct node *node = v->graph->nodes.at[i];
        if (!node->name || !node_has_weights(node))
            continue;
        const struct node *other = map_get(&named, node->name);
        v->node = node;
        valid = !other || has_same_weights(node, other) ||
                violates(v, "%%%u has its name, and other parameters", other->id);
        map_put(&named, node->name, node);
    }
    arena_free(scratch);
    return valid;
}

static bool check_pictures(struct verifier *v, const struct graph_input *input)
{
    for (size_t i = 0; i < input->pictures.n; i++) {
        const struct picture *p = &input->pictures.at[i];
        if ((unsigned)p->op >= N_OPS || op_info(p->op)->class != CLASS_PICTURE)
            return violates(v, "preprocessing step %zu is none", i);
        const struct attr_info *bad = attrs_invalid(&p->attr, p->op);
        if (bad)
            return violates(v, "'%s' of %s is below %g", bad->name, op_info(p->op)->name,
                            bad->least);
    }
    return true;
}

/* The inputs are the nodes of that operator, in their order. */
static bool check_inputs(struct verifier *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->graph->nodes.n; i++) {
        v->node = v->graph->nodes.at[i];
        if (v->node->op != OP_input)
            continue;
        if (n == v->graph->inputs.n || v->graph->inputs.at[n].node != v->node)
            return violates(v, "is not input %zu of the graph", n);
        if (!v->node->name)
            return violates(v, "has no name");
        if (!check_pictures(v, &v->graph->inputs.at[n++]))
            return false;
    }
    v->node = NULL;
    return n == v->graph->inputs.n || violates(v, "input %zu is not in the graph", n);
}

static bool check_outputs(struct verifier *v)
{
    v->node = NULL;
    if (!v->graph->outputs.n)
        return violates(v, "there is no output");
    int classes = 0;
    for (size_t i = 0; i < v->graph->outputs.n; i++) {
        const struct graph_output *output = &v->graph->outputs.at[i];
        if (!in_graph(v, output->node))
            return violates(v, "output %zu is not in the graph", i);
        if (!purpose_fits(output->purpose, &output->node->type))
            return violates(v, "output %zu has no shape for %s", i, purpose_names[output->purpose]);
        classes += output->purpose == NETRT_PURPOSE_classes;
    }
    return classes <= 1 || violates(v, "there are %d outputs of classes", classes);
}

bool verify(const struct graph *g, const char **why, struct span *where)
{
    struct verifier v = {.graph = g};
    bool valid = true;
    for (size_t i = 0; valid && i < g->nodes.n; i++)
        valid = check_node(&v, i);
    valid = valid && check_names(&v) && check_inputs(&v) && check_outputs(&v) && check_inlined(&v);
    *why = v.why;
    *where = v.node ? v.node->span : (struct span){0};
    return valid;
}

bool graph_verify(const struct graph *g, const char **why)
{
    struct span where;
    return verify(g, why, &where);
}
