/*
 * Drops what does nothing at inference: dropout, identity, forks of one branch (of split, a slice
 * of all there is), and pads by nothing. Needs nothing. Keeps the names of outputs and of
 * parameters.
 */
#include "pass/pass.h"

static bool does_nothing(const struct node *node)
{
    return node->op == OP_identity || op_has(node->op, OP_TRAINING_ONLY) ||
           (op_has(node->op, OP_JOIN) && node->n_inputs == 1) ||
           (node->op == OP_pad && !attrs_pad(&node->attr) && !node->attr.channels[0] &&
            !node->attr.channels[1]) ||
           (node->op == OP_slice && type_equal_dims(&node->type, &node->input[0]->type));
}

void pass_infer(struct graph *graph)
{
    const uint32_t *uses = graph_count_uses(graph, graph->arena);
    for (size_t i = 0; i < graph->nodes.n; i++)
        if (does_nothing(graph->nodes.at[i]))
            graph_replace_uses(graph, graph->nodes.at[i], graph->nodes.at[i]->input[0], uses[i]);
    graph_sweep(graph);
}
