/*
 * Averages before a 1x1 convolution rather than after it: both are linear, one over positions and
 * one over channels, so that they commute, and the convolution then has fewer positions (the
 * transitions of DenseNet).
 *
 * Needs fold-bn before it, and stands before fuse-epilogues: a convolution with an activation does
 * not commute. Keeps names and weights: the two exchange places in the program, and the pool moves
 * into the frame of the convolution, so that instances of blocks stay in one piece.
 */
#include "pass/pass.h"

static bool is_average(const struct node *node)
{
    return node->op == OP_avgpool || node->op == OP_adaptive_avgpool ||
           node->op == OP_global_avgpool;
}

/* Whether each result is a sum over the channels of one position, and nothing else. */
static bool is_pointwise(const struct node *conv)
{
    const struct attrs *a = &conv->attr;
    return conv->op == OP_conv && attrs_are_of_points(a) && a->stride[0] == 1 &&
           a->stride[1] == 1 && a->stride[2] == 1 && !conv->residual && conv->act == NETRT_ACT_none;
}

static int64_t positions(const struct node *node)
{
    return type_h(&node->type) * type_w(&node->type);
}

/* A bias is averaged to itself where no padding is. */
static bool commutes(const struct node *pool, const struct node *conv, const uint32_t *uses)
{
    return is_average(pool) && is_pointwise(conv) && uses[conv->id] == 1 &&
           positions(pool) < positions(conv) &&
           (!conv->weight[ROLE_bias] || !attrs_pad(&pool->attr));
}

/* `conv` takes the place of `pool`, and its uses; `pool` reads what it read. The uses that were
 * counted by place stay right. */
static void exchange(struct graph *graph, struct node *pool, struct node *conv, uint32_t uses)
{
    struct node *in = conv->input[0];
    graph_replace_uses(graph, pool, conv, uses);
    conv->input[0] = pool;
    pool->input[0] = in;
    conv->type = pool->type;
    pool->type.dim[1] = type_c(&in->type);
    pool->frame = conv->frame;
    const uint32_t id = pool->id;
    pool->id = conv->id;
    conv->id = id;
    graph->nodes.at[pool->id] = pool;
    graph->nodes.at[conv->id] = conv;
}

void pass_pool_first(struct graph *graph)
{
    uint32_t *uses = graph_count_uses(graph, graph->arena);
    for (size_t i = 0; i < graph->nodes.n; i++) {
        struct node *pool = graph->nodes.at[i];
        struct node *conv = pool->n_inputs ? pool->input[0] : NULL;
        if (conv && commutes(pool, conv, uses))
            exchange(graph, pool, conv, uses[pool->id]);
    }
}
