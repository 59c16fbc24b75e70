/* Steps of what selects and moves elements by dimension: slices, and what joins along dimensions.
 */
#include "plan/lower.h"

static void move(struct lowering *l, const struct value *out, const struct value *in,
                 const struct move *m)
{
    if (out->type.layout == LAYOUT_blocked && out->type.rank > 2)
        move_blocks(l, out, in, m);
    else
        move_strided(l, out, in, m);
}

void lower_slice(struct lowering *l)
{
    const struct node *node = l->node;
    const struct type *in = &node->input[0]->type;
    const int axis = attrs_axis(&node->attr, in);
    const struct positions taken = attrs_positions(&node->attr, in->dim[axis]);
    if (graph_home(node) == node->input[0]) {
        value_part(l, axis, taken.first);
        return;
    }
    const struct value *out = value_make(l);
    if (!out)
        return;
    struct move m = move_all(&node->type);
    m.from[axis] = taken.first;
    m.step[axis] = taken.step;
    move(l, out, value_in(l, 0), &m);
}

/* Operands that were not made in place. Each copy of channels clears the lanes after it in its last
 * block, which the next then fills. */
void lower_concat(struct lowering *l)
{
    const struct node *node = l->node;
    const struct value *out = value_make(l);
    const int axis = attrs_axis(&node->attr, &node->type);
    struct move m = move_all(&node->type);
    for (int i = 0; out && i < node->n_inputs; i++) {
        const struct node *in = node->input[i];
        m.n[axis] = in->type.dim[axis];
        if (in->into != node || in->into_channel != m.to[axis])
            move(l, out, value_in(l, i), &m);
        m.to[axis] += m.n[axis];
    }
}
