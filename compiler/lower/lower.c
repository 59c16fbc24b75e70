/* From operators to steps: each operator by the function that its row in ops.def names. */
#include "lower/lowering.h"

#include <string.h>

struct plan_step *step_add(struct lowering *l, enum kernel kernel, const struct value *out,
                           const struct value *in)
{
    const struct plan_step step = {
        .node = l->node, .kernel = kernel, .out = out->at, .in = in->at, .why = ""};
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
#define OP(id, spelling, class, least, most, flags, shape, count, field, lower, ...) lower_##lower,
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
    else if (has_layout(l->node) && volume_is(l->node))
        lower_volume(l, lowers[l->node->op]);
    else if (has_layout(l->node))
        lowers[l->node->op](l);
    else
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
}

/* Of a graph for training, what answers are made of. */
static const bool *answers_of(const struct graph *graph, struct arena *scratch)
{
    bool *answers = arena_array(scratch, graph->nodes.n, sizeof *answers);
    for (size_t i = 0; i < graph->outputs.n; i++)
        answers[graph->outputs.at[i].node->id] |=
            graph->outputs.at[i].purpose != NETRT_PURPOSE_gradient;
    for (size_t i = graph->nodes.n; i-- > 0;) {
        const struct node *node = graph->nodes.at[i];
        for (int k = 0; answers[i] && k < node->n_inputs; k++)
            answers[node->input[k]->id] = true;
    }
    return answers;
}

static bool lower_node(struct lowering *l, const struct node *node)
{
    l->node = node;
    l->scheduling.bends = l->graph->training && (l->answers[node->id] || node->again);
    if (node->n_inputs && l->reader[node->input[0]->id])
        return lower_pair(l, node);
    if (!l->reader[node->id])
        lower_operator(l);
    return !diags_have_errors(l->diags);
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

static struct lowering lowering_of(struct plan *plan, struct graph *graph, struct diags *diags,
                                   struct arena *scratch, const struct plan_options *options)
{
    return (struct lowering){
        .plan = plan,
        .graph = graph,
        .diags = diags,
        .scratch = scratch,
        .options = options,
        .scheduling = {.arena = plan->arena,
                       .target = &plan->target,
                       .threads = schedule_threads(&plan->target, options->threads),
                       .depth = depth_of(graph, scratch),
                       .winograd = options->winograd,
                       .packs = graph->training,
                       .measured = options->tuning,
                       .variant = options->variant},
        .answers = answers_of(graph, scratch),
        .expr_index.arena = scratch,
        .packed_index.arena = scratch};
}

bool lower_graph(struct plan *plan, struct graph *graph, struct diags *diags, struct arena *scratch,
                 const struct plan_options *options)
{
    struct lowering l = lowering_of(plan, graph, diags, scratch, options);
    pairs_choose(&l);
    values_init(&l);
    VEC_RESERVE(plan->arena, &plan->steps, graph->nodes.n + graph->outputs.n);
    for (size_t i = 0; i < graph->nodes.n; i++)
        if (!lower_node(&l, graph->nodes.at[i]))
            return false;
    for (size_t i = 0; i < graph->outputs.n; i++)
        lower_output(&l, i);
    for (size_t i = 0; i < plan->steps.n; i++)
        plan->steps.at[i].tasks = kernel_tasks(plan->steps.at[i].kernel, &plan->steps.at[i].shape);
    return true;
}
