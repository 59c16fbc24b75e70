/*
 * Reverse mode: appends to a graph for training the gradients of its loss, the output of that
 * purpose. First operators become what they are in training: bn takes the statistics of the batch,
 * dropout drops. Then, from the loss on, each operator between a parameter and the loss gives to
 * its operands what the rule that its row of ops.def names makes of its result's gradient. Only
 * what is needed is made: no gradient of an input (but where graph->input_gradients asks for it),
 * nor of what no parameter stands before.
 *
 * Outputs follow, of purpose `gradient` for each learned parameter, and of purpose `statistics` the
 * running mean and variance of each bn after the batch, by the names of what they belong to. Their
 * elements are those of the parameter, in order; their dimensions may be more.
 *
 * Needs the graph as it was written: nothing folded or fused. Does nothing to a graph that is not
 * for training, that has gradients, or that gradient_check() refuses.
 */
#include "ir/loss.h"
#include "pass/gradient_rules.h"

#include <string.h>

/* ---- what is needed ---- */

/* What is frozen is no reason for a gradient. */
static bool has_learned(const struct graph *g, const struct node *n)
{
    for (enum role role = 0; role < N_ROLES; role++)
        if (n->weight[role] && role_is_learned(role) && !graph_is_frozen(g, n->weight[role]))
            return true;
    return false;
}

/* By id: whether a node depends on a parameter, or an input whose gradient is wanted: no integer
 * does. */
static bool *find_learning(const struct graph *g, struct arena *arena)
{
    bool *learns = arena_array(arena, g->nodes.n, sizeof *learns);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        const bool number = !dtype_is_integer(n->type.dtype);
        learns[i] = number && (has_learned(g, n) || (n->op == OP_input && g->input_gradients));
        for (int k = 0; k < n->n_inputs; k++)
            learns[i] = learns[i] || (number && learns[n->input[k]->id]);
    }
    return learns;
}

/* By id: whether the loss depends on a node. */
static bool *find_counting(const struct graph *g, const struct node *loss, struct arena *arena)
{
    bool *counts = arena_array(arena, g->nodes.n, sizeof *counts);
    counts[loss->id] = true;
    for (size_t i = loss->id + 1; i-- > 0;)
        for (int k = 0; counts[i] && k < g->nodes.at[i]->n_inputs; k++)
            counts[g->nodes.at[i]->input[k]->id] = true;
    return counts;
}

/* ---- the rules ---- */

static void gradient_none(struct gradient *t)
{
    (void)t;
}

static void gradient_nothing(struct gradient *t)
{
    (void)t;
}

static gradient_rule *const rules[N_OPS] = {
#define OP(id, spelling, class, least, most, flags, shape, count, field, lower, gradient, doc)     \
    gradient_##gradient,
#define ATTR(...)
#include "ir/ops.def"
};

/* Elements of a channel over the batch, of all ranks where they share statistics. */
static int64_t elements_of_channel(const struct graph *g, const struct node *bn)
{
    return type_elements(&bn->type) / bn->type.dim[1] * (g->ranks ? g->ranks : 1);
}

/* Why a node has no gradient, after its operator's name; NULL: it has one. `uses` are counted by
 * id, `learns` is by id.
 */
static const char *why_not(const struct graph *g, const struct node *n, const uint32_t *uses,
                           const bool *learns)
{
    const struct type *in = n->n_inputs ? &n->input[0]->type : NULL;
    if (rules[n->op] == gradient_none)
        return "";
    if (n->op == OP_unflatten && in->dim[0] != n->type.dim[0] && uses[n->input[0]->id] > 1)
        return " of the first dimension of what has other readers";
    if (n->op == OP_bn && n->shares)
        return " whose statistics are shared";
    if (n->op == OP_bn && elements_of_channel(g, n) == 1)
        return " of one element a channel";
    if (n->op == OP_cross_entropy && n->attr.class_weights.n && loss_has_shares(n) &&
        learns[n->input[1]->id])
        return " by shares of classes that weigh";
    for (enum role role = 0; role < N_ROLES; role++)
        if (n->weight[role] && n->weight[role]->kind != NETRT_EXPR_PARAM)
            return " with computed weights";
    return NULL;
}

bool gradient_check(const struct graph *g, struct diags *diags)
{
    const struct graph_output *loss = graph_find_output(g, NETRT_PURPOSE_loss);
    if (!loss) {
        struct diag *d =
            diag_add(diags, (struct span){0}, MESSAGE(err_no_loss), g->name ? g->name : "unnamed");
        diag_hint(d, "a net with `output classes` has one, cross entropy with the labels; "
                     "'train { loss … }' says another");
        return false;
    }
    struct arena *scratch = arena_new_inside(g->arena);
    const bool *learns = find_learning(g, scratch), *counts = find_counting(g, loss->node, scratch);
    const uint32_t *uses = graph_count_uses(g, scratch);
    bool seen[N_OPS] = {false}, all = true;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        const char *why =
            learns[i] && counts[i] && !seen[n->op] ? why_not(g, n, uses, learns) : NULL;
        if (!why)
            continue;
        diag_add(diags, n->span, MESSAGE(err_no_gradient), op_info(n->op)->name, why,
                 n->name ? n->name : "");
        seen[n->op] = true;
        all = false;
    }
    arena_free(scratch);
    return all;
}

/* ---- making nodes ---- */

struct node *gradient_op(struct gradient *t, enum op op, const struct attrs *attrs,
                         struct node *const *inputs, int n_inputs, const char *name)
{
    struct graph *g = t->graph;
    struct node *n = graph_make_inferred(g, op, attrs, t->node, inputs, n_inputs);
    const char *of = t->node->name ? t->node->name : op_info(t->node->op)->name;
    n->name = strings_intern0(g->strings, arena_printf(g->arena, "%s:%s", of, name));
    n->label = NULL;
    n->id = (uint32_t)g->nodes.n;
    VEC_PUSH(g->arena, &g->nodes, n);
    return n;
}

struct node *gradient_op1(struct gradient *t, enum op op, struct node *a, const char *name)
{
    struct attrs attrs;
    attrs_init(&attrs, op);
    return gradient_op(t, op, &attrs, &a, 1, name);
}

struct node *gradient_op2(struct gradient *t, enum op op, struct node *a, struct node *b,
                          const char *name)
{
    struct attrs attrs;
    struct node *inputs[] = {a, b};
    attrs_init(&attrs, op);
    return gradient_op(t, op, &attrs, inputs, 2, name);
}

struct node *gradient_scaled(struct gradient *t, struct node *n, double factor, const char *name)
{
    struct attrs a;
    attrs_init(&a, OP_scale);
    a.factor = factor;
    return gradient_op(t, OP_scale, &a, &n, 1, name);
}

struct node *gradient_reduced(struct gradient *t, enum op op, struct node *n,
                              const struct dims *dim)
{
    struct attrs a;
    attrs_init(&a, op);
    a.dim = *dim;
    a.keepdim = true;
    return gradient_op(t, op, &a, &n, 1, op_info(op)->name);
}

struct node *gradient_reshaped(struct gradient *t, struct node *n, const struct type *to)
{
    struct attrs a;
    if (n->type.rank == to->rank &&
        !memcmp(n->type.dim + 1, to->dim + 1, (size_t)(to->rank - 1) * sizeof *to->dim))
        return n;
    attrs_init(&a, OP_reshape);
    a.shape.n = to->rank - 1;
    memcpy(a.shape.at, to->dim + 1, (size_t)a.shape.n * sizeof *to->dim);
    return gradient_op(t, OP_reshape, &a, &n, 1, "shaped");
}

struct node *gradient_part(struct gradient *t, struct node *n, int axis, int64_t first, int64_t end)
{
    struct attrs a;
    if (first == 0 && end == n->type.dim[axis])
        return n;
    attrs_init(&a, OP_slice);
    a.dim = (struct dims){.n = 1, .at = {axis}};
    a.start = first;
    a.end = end;
    return gradient_op(t, OP_slice, &a, &n, 1, "part");
}

struct node *gradient_crop_to(struct gradient *t, struct node *n, const int64_t first[3],
                              const int64_t size[3])
{
    static const int dims[] = {3, 4, 2};
    const bool volume = n->type.rank == VOLUME_RANK;
    struct attrs a;
    for (int axis = 0; volume && axis < 3; axis++)
        n = gradient_part(t, n, dims[axis], first[axis], first[axis] + size[axis]);
    if (volume || (type_h(&n->type) == size[0] && type_w(&n->type) == size[1]))
        return n;
    attrs_init(&a, OP_crop);
    for (int axis = 0; axis < 2; axis++) {
        a.offset[axis] = first[axis];
        a.size[axis] = size[axis];
    }
    return gradient_op(t, OP_crop, &a, &n, 1, "part");
}

struct node *gradient_weight(struct gradient *t, enum role role, const struct type *type)
{
    const struct weight *w = t->node->weight[role];
    struct attrs a;
    attrs_init(&a, OP_param);
    a.shape.n = w->type.rank;
    memcpy(a.shape.at, w->type.dim, sizeof a.shape.at);
    a.batch = false;
    struct node *n = gradient_op(t, OP_param, &a, NULL, 0, role_name(role));
    n->weight[ROLE_value] = w;
    return gradient_reshaped(t, n, type);
}

struct node *gradient_where_positive(struct gradient *t, struct node *by, struct node *flows)
{
    struct node *n = gradient_op2(t, OP_activation_gradient, flows, by, "chosen");
    n->act = NETRT_ACT_relu;
    return n;
}

/* Dimensions in which a sum is made, but for the batch. */
static struct dims summed_dims(const struct type *from, const struct type *to)
{
    struct dims dims = {0};
    for (int i = 1; i < from->rank; i++)
        if (to->dim[i] < from->dim[i])
            dims.at[dims.n++] = i;
    return dims;
}

/* Of what is no map: within each image, where it lies as it is, then over the images. */
static struct node *sum_rows(struct gradient *t, struct node *n, const struct type *to)
{
    const struct dims dims = summed_dims(&n->type, to);
    const int64_t elements = type_elements(to) / to->dim[0];
    const struct type flat = {.rank = 2, .dim = {n->type.dim[0], elements}};
    const struct type one = {.rank = 2, .dim = {1, elements}};
    if (dims.n)
        n = gradient_reduced(t, OP_sum, n, &dims);
    if (n->type.dim[0] == to->dim[0])
        return n;
    return gradient_reshaped(t, gradient_sum_to(t, gradient_reshaped(t, n, &flat), &one), to);
}

struct node *gradient_sum_to(struct gradient *t, struct node *n, const struct type *to)
{
    struct attrs a;
    if (type_equal_dims(&n->type, to))
        return n;
    if (to->rank == 3 || to->rank > 4)
        return sum_rows(t, n, to);
    attrs_init(&a, OP_sum_to);
    a.shape.n = to->rank;
    memcpy(a.shape.at, to->dim, sizeof a.shape.at);
    return gradient_op(t, OP_sum_to, &a, &n, 1, "sum");
}

struct node *gradient_all(struct gradient *t, const struct type *type, double value)
{
    struct attrs a;
    attrs_init(&a, OP_full);
    a.shape.n = type->rank;
    memcpy(a.shape.at, type->dim, sizeof a.shape.at);
    a.value = value;
    return gradient_op(t, OP_full, &a, NULL, 0, "full");
}

struct node *gradient_full(struct gradient *t, const struct type *type, double value)
{
    struct type one = *type;
    one.dim[0] = 1;
    return gradient_all(t, &one, value);
}

struct node *gradient_result(struct gradient *t, struct node *of, int i)
{
    struct attrs a;
    struct node *known = graph_find_result(t->graph, of, i);
    if (known)
        return known;
    attrs_init(&a, OP_result);
    a.index = i;
    return gradient_op(t, OP_result, &a, &of, 1, op_info(of->op)->results[i].name);
}

/* ---- sums of gradients ---- */

bool gradient_wanted(const struct gradient *t, int i)
{
    return t->learns[t->node->input[i]->id];
}

static void add_to(struct gradient *t, struct node **sum, struct node *gradient)
{
    *sum = *sum ? gradient_op2(t, OP_add, *sum, gradient, "total") : gradient;
}

void gradient_give(struct gradient *t, int i, struct node *gradient)
{
    struct node *in = t->node->input[i];
    if (gradient_wanted(t, i))
        add_to(t, &t->of[in->id], gradient_sum_to(t, gradient, &in->type));
}

/* The number of a parameter in the graph, which has it. */
static size_t number_of(const struct graph *g, const struct weight *w)
{
    size_t i = 0;
    while (g->params.at[i] != w)
        i++;
    return i;
}

void gradient_give_param(struct gradient *t, enum role role, struct node *gradient)
{
    const struct weight *w = t->node->weight[role];
    if (w && !graph_is_frozen(t->graph, w))
        add_to(t, &t->of_param[number_of(t->graph, w)], gradient);
}

/* ---- the forward pass as it is in training ---- */

/* A further result of bn, right behind it. */
static void push_statistic(struct graph *g, struct node *bn, int i)
{
    struct node *n =
        graph_make(g, OP_result, bn, &bn, 1, (struct type){.rank = 2, .dim = {1, bn->type.dim[1]}});
    n->attr.index = i;
    n->label = NULL;
    n->name = strings_intern0(
        g->strings, arena_printf(g->arena, "%s:%s", bn->name, op_info(bn->op)->results[i].name));
    VEC_PUSH(g->arena, &g->nodes, n);
}

static void train_bn(struct graph *g, struct node *bn)
{
    bn->op = OP_bn_train;
    bn->attr.shared = g->ranks > 0;
    push_statistic(g, bn, 1);
    push_statistic(g, bn, 2);
}

static void train_dropout(struct graph *g, struct node *dropout, struct node *seed, int64_t stream)
{
    struct node **inputs = arena_array(g->arena, 2, sizeof *inputs);
    inputs[0] = dropout->input[0];
    inputs[1] = seed;
    dropout->op = OP_dropout_train;
    dropout->input = inputs;
    dropout->n_inputs = 2;
    dropout->attr.stream = stream;
}

static bool drops(const struct node *n)
{
    return n->op == OP_dropout && n->attr.p > 0;
}

static bool drops_anything(const struct graph *g)
{
    for (size_t i = 0; i < g->nodes.n; i++)
        if (drops(g->nodes.at[i]))
            return true;
    return false;
}

/* The input that the random numbers come from, behind the others. */
static struct node *push_seed(struct graph *g)
{
    const struct node *like = g->inputs.at[g->inputs.n - 1].node;
    struct node *seed =
        graph_make(g, OP_input, like, NULL, 0, (struct type){.rank = 2, .dim = {1, 1}});
    seed->name = strings_intern0(g->strings, loss_seed);
    seed->label = NULL;
    VEC_PUSH(g->arena, &g->inputs, (struct graph_input){.node = seed});
    return seed;
}

/* Inputs stand before all else, where what drops can read the seed. */
static void train_forward(struct graph *g)
{
    struct node *seed = drops_anything(g) ? push_seed(g) : NULL;
    const size_t n = g->nodes.n;
    struct node *const *before = graph_take_nodes(g);
    int64_t stream = 0;
    for (size_t i = 0; i < g->inputs.n; i++)
        VEC_PUSH(g->arena, &g->nodes, g->inputs.at[i].node);
    for (size_t i = 0; i < n; i++) {
        if (before[i]->op == OP_input)
            continue;
        if (drops(before[i]))
            train_dropout(g, before[i], seed, stream++);
        VEC_PUSH(g->arena, &g->nodes, before[i]);
        if (before[i]->op == OP_bn)
            train_bn(g, before[i]);
    }
    graph_renumber(g);
}

/* ---- outputs ---- */

static void push_output(struct graph *g, const char *name, struct node *n,
                        enum netrt_purpose purpose)
{
    VEC_PUSH(g->arena, &g->outputs,
             (struct graph_output){.name = name, .node = n, .purpose = purpose, .span = n->span});
}

static void output_gradients(struct gradient *t)
{
    struct graph *g = t->graph;
    for (size_t i = 0; i < g->params.n; i++)
        if (t->of_param[i])
            push_output(g, g->params.at[i]->name, t->of_param[i], NETRT_PURPOSE_gradient);
    for (size_t i = 0; g->input_gradients && i < g->inputs.n; i++)
        if (t->of[g->inputs.at[i].node->id])
            push_output(g, g->inputs.at[i].node->name, t->of[g->inputs.at[i].node->id],
                        NETRT_PURPOSE_gradient);
}

/* (1 - momentum) running + momentum statistic, the statistic times `correction`. */
static void output_statistic(struct gradient *t, enum role role, int result, double correction)
{
    struct node *bn = t->node;
    const double momentum = bn->attr.momentum;
    struct attrs a;
    attrs_init(&a, OP_param);
    a.shape.n = 1;
    a.shape.at[0] = bn->type.dim[1];
    a.batch = false;
    struct node *running = gradient_op(t, OP_param, &a, NULL, 0, role_name(role));
    running->weight[ROLE_value] = bn->weight[role];
    struct node *kept = gradient_scaled(t, running, 1 - momentum, "share");
    struct node *new =
        gradient_scaled(t, gradient_result(t, bn, result), momentum * correction, "share");
    push_output(t->graph, bn->weight[role]->name, gradient_op2(t, OP_add, kept, new, "running"),
                NETRT_PURPOSE_statistics);
}

/* The running variance is that of PyTorch: of a sample, over one less than its elements. */
static void output_statistics(struct gradient *t)
{
    const size_t n = t->graph->nodes.n;
    for (size_t i = 0; i < n; i++) {
        t->node = t->graph->nodes.at[i];
        if (t->node->op != OP_bn_train)
            continue;
        const double elements = (double)elements_of_channel(t->graph, t->node);
        output_statistic(t, ROLE_running_mean, 1, 1);
        output_statistic(t, ROLE_running_var, 2, elements / (elements - 1));
    }
}

/* Whether one of the node's further results has a gradient. */
static bool has_further_gradient(const struct gradient *t)
{
    bool has = false;
    for (int i = 1; i < op_info(t->node->op)->n_results; i++) {
        const struct node *further = graph_find_result(t->graph, t->node, i);
        has = has || (further && t->of[further->id]);
    }
    return has;
}

void pass_gradient(struct graph *g)
{
    const struct graph_output *loss = graph_find_output(g, NETRT_PURPOSE_loss);
    struct diags silent;
    diags_init(&silent, g->arena, NULL);
    if (!g->training || !loss || graph_find_output(g, NETRT_PURPOSE_gradient) ||
        !gradient_check(g, &silent))
        return;
    struct node *end = loss->node;
    train_forward(g);
    struct gradient t = {.graph = g, .node = end};
    const size_t n = g->nodes.n;
    const bool *counts = find_counting(g, end, g->arena);
    t.learns = find_learning(g, g->arena);
    t.of = arena_array(g->arena, n, sizeof *t.of);
    t.of_param = arena_array(g->arena, g->params.n, sizeof *t.of_param);
    t.of[end->id] = gradient_full(&t, &end->type, 1);
    for (size_t i = end->id + 1; i-- > 0;) {
        t.node = g->nodes.at[i];
        t.result = t.of[i];
        if ((t.result || has_further_gradient(&t)) && t.learns[i] && counts[i])
            rules[t.node->op](&t);
    }
    output_gradients(&t);
    output_statistics(&t);
}
