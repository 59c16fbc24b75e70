/* Steps of what selects and moves elements by dimension: slices, and what joins along dimensions.
 */
#include "lower/lowering.h"

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

void lower_flip(struct lowering *l)
{
    const struct value *out = value_make(l);
    if (!out)
        return;
    const unsigned axes = attrs_axes(&l->node->attr, &out->type);
    struct move m = move_all(&out->type);
    for (int i = 0; i < out->type.rank; i++)
        if (axes >> i & 1) {
            m.from[i] = m.n[i] - 1;
            m.step[i] = -1;
        }
    move(l, out, value_in(l, 0), &m);
}

/* How far positions of dimension `axis` move on. */
static int64_t shift_of(const struct node *roll, int axis)
{
    const struct type *type = &roll->type;
    const struct dims *dims = &roll->attr.dims;
    for (int64_t i = 0; i < dims->n; i++)
        if (dims->at[i] == axis || dims->at[i] + type->rank == axis) {
            const int64_t rest = roll->attr.shifts.at[i] % type->dim[axis];
            return rest < 0 ? rest + type->dim[axis] : rest;
        }
    return 0;
}

/* The positions from dimension `axis` on: those that stay in order, then those that come to the
 * front. */
static void roll_from(struct lowering *l, const struct value *out, int axis, struct move *m)
{
    if (axis == out->type.rank) {
        move(l, out, value_in(l, 0), m);
        return;
    }
    const int64_t n = out->type.dim[axis], shift = shift_of(l->node, axis);
    m->n[axis] = n - shift;
    m->to[axis] = shift;
    m->from[axis] = 0;
    roll_from(l, out, axis + 1, m);
    m->n[axis] = shift;
    m->to[axis] = 0;
    m->from[axis] = n - shift;
    if (shift)
        roll_from(l, out, axis + 1, m);
}

void lower_roll(struct lowering *l)
{
    const struct value *out = value_make(l);
    if (!out)
        return;
    struct move m = move_all(&out->type);
    roll_from(l, out, 1, &m);
}
