/*
 * Lets the operands of a concat along dimension 1 or the last one write straight into its result:
 * those that start on a block of 16 and end on one (or end the result). Others are copied. Where
 * the layout that is chosen later has other blocks than these, it sets them free again.
 *
 * Needs nothing. Keeps the operands in place: a node lies in one concat at most, and that may lie
 * in another, as the growing prefixes of DenseNet do.
 */
#include "pass/pass.h"

static bool on_block(int64_t channel)
{
    return channel % NETRT_BLOCK == 0;
}

/* Whether the value has memory of its own that can be had elsewhere, for as many images. */
static bool is_movable(const struct node *node, const struct node *concat)
{
    return node->op != OP_input && node->op != OP_param && node->op != OP_result &&
           !op_has(node->op, OP_VIEW) && !node->into && node->type.dim[0] == concat->type.dim[0];
}

static void place_operands(struct node *concat)
{
    int64_t channel = 0;
    const int axis = attrs_axis(&concat->attr, &concat->type);
    if (axis != 1 && axis != concat->type.rank - 1)
        return;
    for (int i = 0; i < concat->n_inputs; i++) {
        struct node *operand = concat->input[i];
        const int64_t end = channel + operand->type.dim[axis];
        if (is_movable(operand, concat) && on_block(channel) &&
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
