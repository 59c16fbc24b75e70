/*
 * Lets the operands of a concat write straight into its result: those that start on a block of
 * channels and end on one (or end the result). Others are copied.
 *
 * Needs nothing. Keeps the operands in place: a node lies in one concat at most, and that may lie
 * in another, as the growing prefixes of DenseNet do.
 */
#include "pass/pass.h"

static bool on_block(int64_t channel)
{
    return channel % NETRT_BLOCK == 0;
}

/* Whether the value has memory of its own that can be had elsewhere. */
static bool is_movable(const struct node *node)
{
    return node->op != OP_input && !op_has(node->op, OP_VIEW) && !node->into;
}

static void place_operands(struct node *concat)
{
    int64_t channel = 0;
    for (int i = 0; i < concat->n_inputs; i++) {
        struct node *operand = concat->input[i];
        const int64_t end = channel + type_c(&operand->type);
        if (is_movable(operand) && on_block(channel) &&
            (on_block(end) || i == concat->n_inputs - 1)) {
            operand->into = concat;
            operand->into_channel = channel;
        }
        channel = end;
    }
}

void pass_concat(struct graph *graph)
{
    for (size_t i = 0; i < graph->nodes.n; i++)
        if (graph->nodes.at[i]->op == OP_concat)
            place_operands(graph->nodes.at[i]);
}
