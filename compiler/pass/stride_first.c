/*
 * Picks the positions that a 1x1 convolution with a stride reads before it: a pool of windows of
 * one position. The convolution is then one over neighbours, of tiles that go on in the next row,
 * whose operands a processor fetches in order (the shortcuts of ResNet).
 *
 * Needs nothing, and stands before fuse-epilogues. Not in training, whose report says what is kept.
 * Keeps names and weights: the pool is named after its operand, and convolutions that read the same
 * positions share it.
 */
#include "pass/pass.h"

#include <string.h>

enum { CHANNELS = 4 * NETRT_BLOCK }; /* outputs for which an input is read often enough */

/* Whether it skips positions of a map, and reads none twice. */
static bool skips(const struct node *n)
{
    const struct attrs *a = &n->attr;
    return n->op == OP_conv && attrs_are_of_points(a) && a->groups == 1 && a->out >= CHANNELS &&
           (a->stride[0] > 1 || a->stride[1] > 1 || a->stride[2] > 1) &&
           type_c(&n->input[0]->type) >= NETRT_BLOCK;
}

/* NULL where there can be none. */
static struct node *make_pool(struct graph *graph, const struct node *conv)
{
    struct node *in = conv->input[0];
    struct attrs a;
    attrs_init(&a, OP_maxpool);
    memcpy(a.kernel, conv->attr.kernel, sizeof a.kernel);
    memcpy(a.stride, conv->attr.stride, sizeof a.stride);
    struct node *pool = graph_make_inferred(graph, OP_maxpool, &a, conv, &in, 1);
    if (!pool)
        return NULL;
    pool->name =
        strings_intern0(graph->strings, arena_printf(graph->arena, "%s.strided", in->name));
    VEC_PUSH(graph->arena, &graph->nodes, pool);
    return pool;
}

static bool has_strides_of(const struct node *pool, const struct node *conv)
{
    return pool && !memcmp(pool->attr.stride, conv->attr.stride, sizeof pool->attr.stride);
}

static void read_from(struct node *conv, struct node *pool)
{
    conv->input[0] = pool;
    conv->attr.stride[0] = conv->attr.stride[1] = conv->attr.stride[2] = 1;
}

void pass_stride_first(struct graph *graph)
{
    const size_t n = graph->nodes.n;
    struct node *const *before = graph_take_nodes(graph);
    struct node **pool = arena_array(graph->arena, n, sizeof *pool); /* of each node, the last */
    for (size_t i = 0; i < n; i++) {
        struct node *conv = before[i];
        if (!graph->training && skips(conv)) {
            struct node **made = &pool[conv->input[0]->id];
            if (!has_strides_of(*made, conv))
                *made = make_pool(graph, conv);
            if (*made)
                read_from(conv, *made);
        }
        VEC_PUSH(graph->arena, &graph->nodes, conv);
    }
    graph_renumber(graph);
}
