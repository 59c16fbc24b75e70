/*
 * Lets an operator compute what it reads part by part, in memory that stays in cache, where its
 * operand has no other reader: bn (with its activation) before a convolution or a pool, and a
 * convolution before a depthwise one or a pool. The plan decides where that is faster.
 *
 * Needs fuse-epilogues before it, which puts activations into bn and convolutions. Keeps nodes,
 * their places and frames: it only marks.
 */
#include "pass/pass.h"

void pass_inline_producers(struct graph *graph)
{
    const uint32_t *uses = graph_count_uses(graph, graph->arena);
    for (size_t i = 0; i < graph->nodes.n; i++) {
        const struct node *node = graph->nodes.at[i];
        struct node *first = node->n_inputs ? node->input[0] : NULL;
        const bool taken = first && first->n_inputs && first->input[0]->inlined;
        if (first && !taken && uses[first->id] == 1 && graph_can_inline(node))
            first->inlined = true;
    }
}
