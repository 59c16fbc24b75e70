/*
 * Drops what does nothing at inference: dropout, identity, and forks of one branch
 * (of split, a slice of all channels).
 * Needs nothing. Keeps the names of outputs and of parameters.
 */
#include "pass/pass.h"

static bool does_nothing(const struct node *node)
{
    switch (node->op) {
    case OP_identity:
        return true;
    case OP_concat:
    case OP_add:
    case OP_mul:
        return node->n_inputs == 1;
    case OP_slice:
        return type_c(&node->type) == type_c(&node->input[0]->type);
    default:
        return op_has(node->op, OP_TRAINING_ONLY);
    }
}

void pass_infer(struct graph *graph)
{
    const uint32_t *uses = graph_count_uses(graph, graph->arena);
    for (size_t i = 0; i < graph->nodes.n; i++)
        if (does_nothing(graph->nodes.at[i]))
            graph_replace_uses(graph, graph->nodes.at[i], graph->nodes.at[i]->input[0], uses[i]);
    graph_sweep(graph);
}
