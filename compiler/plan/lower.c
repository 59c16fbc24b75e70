/* From operators to steps: each operator by the function that its row in ops.def names. */
#include "plan/lower.h"

#include <string.h>

struct plan_step *step_add(struct lowering *l, enum kernel kernel, const struct value *out,
                           const struct value *in)
{
    const struct plan_step step = {.node = l->node,
                                   .kernel = kernel,
                                   .out = out->at,
                                   .in = in->at,
                                   .weight = -1,
                                   .bias = -1,
                                   .first_weight = -1,
                                   .first_bias = -1,
                                   .why = ""};
    VEC_PUSH(l->plan->arena, &l->plan->steps, step);
    struct plan_step *s = &l->plan->steps.at[l->plan->steps.n - 1];
    memset(&s->shape, 0, sizeof s->shape);
    return s;
}

bool lower_too_large(struct lowering *l, const struct node *node)
{
    diag_add(l->diags, node->span, MESSAGE(err_plan_buffer), node->name);
    return false;
}

/* An input of the network is the user's memory, but for integers. */
static void lower_input(struct lowering *l)
{
    const struct node *node = l->node;
    struct value *v = &l->values[node->id];
    for (size_t i = 0; i < l->graph->inputs.n; i++)
        if (l->graph->inputs.at[i].node == node)
            *v = value_of_input(l, i);
    if (dtype_is_integer(node->type.dtype))
        lower_integers_in(l, v);
}

/* Operators that do nothing at inference, and those without steps of their own. */
static void lower_none(struct lowering *l)
{
    if (l->node->op == OP_input)
        lower_input(l);
    else if (l->node->n_inputs)
        value_alias(l, 0, &value_in(l, 0)->type);
}

typedef void lower_function(struct lowering *);

static lower_function *const lowers[N_OPS] = {
#define OP(id, spelling, class, least, most, flags, shape, count, field, lower, doc) lower_##lower,
#define ATTR(op, attr, kind, presence, value, least, doc)
#include "ir/ops.def"
};

/* What the passes establish, and a graph that was read may lack. */
static bool has_layout(const struct node *node)
{
    if (node->type.layout != node_layout(node) || (node->into && node->into_channel % NETRT_BLOCK))
        return false;
    for (int i = 0; i < node->n_inputs; i++)
        if (!node_reads(node, i, node->input[i]->type.layout))
            return false;
    return true;
}

_Static_assert((int)BYTES_f32 == (int)NETRT_ELEMENT_BYTES, "kernels store f32 as their element");

void lower_operator(struct lowering *l)
{
    const enum dtype dtype = l->node->type.dtype;
    if (!dtype_in_c(dtype))
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_dtype), dtype_name(dtype),
                 l->node->name);
    else if (has_layout(l->node))
        lowers[l->node->op](l);
    else
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
}

static bool lower_node(struct lowering *l, const struct node *node)
{
    l->node = node;
    if (node->n_inputs && l->reader[node->input[0]->id])
        return lower_pair(l, node);
    if (!l->reader[node->id])
        lower_operator(l);
    return !diags_have_errors(l->diags);
}

static void finish_steps(struct lowering *l)
{
    const struct plan_rates rates = plan_rates_assumed(&l->plan->target);
    for (size_t i = 0; i < l->plan->steps.n; i++) {
        struct plan_step *s = &l->plan->steps.at[i];
        s->tasks = kernel_tasks(s->kernel, &s->shape);
        s->predicted_us = plan_predict(l->plan, s, &rates).us;
    }
}

/* Microseconds that so many threads compute. What they read is left out: where it lies from run to
 * run nobody knows here, and a network so small that this choice is hard has it in its caches. */
static double computing_us(const struct plan *plan, int threads)
{
    struct plan_rates rates = plan_rates_assumed(&plan->target);
    rates.threads = threads;
    double us = 0;
    for (size_t i = 0; i < plan->steps.n; i++)
        us += plan_predict(plan, &plan->steps.at[i], &rates).compute_us;
    return us;
}

/* One thread where a second would save less than a tenth of the time, which is less than the model
 * knows: such a network takes no pool. */
static int choose_threads(const struct plan *plan)
{
    const double worth = 0.9;
    return computing_us(plan, 2) > worth * computing_us(plan, 1) ? 1 : 0;
}

/* The most convolutions that lie one after the other. */
static int depth_of(const struct graph *graph, struct arena *scratch)
{
    int *depth = arena_array(scratch, graph->nodes.n, sizeof *depth), deepest = 0;
    for (size_t i = 0; i < graph->nodes.n; i++) {
        const struct node *node = graph->nodes.at[i];
        for (int k = 0; k < node->n_inputs; k++)
            if (depth[i] < depth[node->input[k]->id])
                depth[i] = depth[node->input[k]->id];
        depth[i] += node->op == OP_conv;
        deepest = depth[i] > deepest ? depth[i] : deepest;
    }
    return deepest;
}

static bool lower_graph(struct lowering *l)
{
    l->depth = depth_of(l->graph, l->scratch);
    pairs_choose(l);
    values_init(l);
    VEC_RESERVE(l->plan->arena, &l->plan->steps, l->graph->nodes.n + l->graph->outputs.n);
    for (size_t i = 0; i < l->graph->nodes.n; i++)
        if (!lower_node(l, l->graph->nodes.at[i]))
            return false;
    for (size_t i = 0; i < l->graph->outputs.n; i++)
        lower_output(l, i);
    finish_steps(l);
    l->plan->threads = l->threads ? l->threads : choose_threads(l->plan);
    if (!memory_plan(l))
        return false;
    roll_tasks(l);
    roll_functions(l);
    if (!l->lead || weights_agree(l->plan, l->lead))
        return true;
    diag_add(l->diags, (struct span){0}, MESSAGE(err_plan_lead), l->plan->target.name,
             l->lead->target.name);
    return false;
}

struct plan *plan_make(struct arena *arena, struct diags *diags, struct graph *graph,
                       const struct plan_options *options)
{
    struct plan *plan = arena_new_of(arena, struct plan);
    plan->arena = arena;
    plan->graph = graph;
    plan->target = options->target;
    plan->fault = -1;
    struct lowering l = {.plan = plan,
                         .graph = graph,
                         .diags = diags,
                         .scratch = arena_new_inside(arena),
                         .threads = options->threads,
                         .winograd = options->winograd,
                         .stored = options->stored,
                         .lead = options->lead,
                         .tuning = options->tuning,
                         .variant = options->variant};
    l.expr_index.arena = l.scratch;
    l.param_index.arena = l.scratch;
    const bool made = lower_graph(&l);
    if (made && !l.lead)
        weights_check_stored(&l);
    arena_free(l.scratch);
    return made ? plan : NULL;
}
