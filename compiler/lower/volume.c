/*
 * Operators on volumes, [N, C, D, H, W], as operators on images: in layout planes the D planes of a
 * batch item follow each other as the images of a batch do, and are lowered as such. A convolution
 * reads the planes of its kernel as more input channels (conv.c), a pool goes over the planes
 * after it has made each small (map.c).
 */
#include "lower/lowering.h"

/* ---- the border before and behind ---- */

/* `n` planes from number `first` on, with their borders, as one image: of blocks as more channels,
 * of dense ones as more rows. */
static struct value planes_of(const struct value *v, int64_t first, int64_t n)
{
    const struct type *t = &v->type;
    const int64_t *b = v->border, h = t->dim[3] + b[0] + b[2], w = t->dim[4] + b[1] + b[3];
    const bool blocked = t->layout == LAYOUT_planes;
    struct value part = {.type = *t, .at = v->at, .view = v->view};
    part.type.rank = 4;
    part.type.layout = blocked ? LAYOUT_blocked : LAYOUT_dense;
    part.type.dim[1] =
        blocked ? n * netrt_ceil_div(t->dim[1], NETRT_BLOCK) * NETRT_BLOCK : t->dim[1];
    part.type.dim[2] = blocked ? h : n * h;
    part.type.dim[3] = w;
    part.at.offset += first * v->plane - b[0] * v->view.row - b[1] * v->view.col;
    return part;
}

void volume_clear(struct lowering *l, const struct value *v)
{
    const int64_t count[] = {v->border[4], v->border[5]}, first[] = {-v->border[4], v->type.dim[2]};
    for (int i = 0; i < 2; i++)
        if (count[i]) {
            const struct value part = planes_of(v, first[i], count[i]);
            fill_add(l, &part, 0);
        }
}

/* ---- planes as images ---- */

static bool lies_in_planes(const struct type *t)
{
    return t->rank == VOLUME_RANK && t->layout == LAYOUT_planes;
}

bool volume_is(const struct node *node)
{
    const bool moves_nothing = node->n_inputs && !node->into && graph_home(node) == node->input[0];
    const bool dense = node->op == OP_pack && node->type.rank == VOLUME_RANK &&
                       node->type.layout == LAYOUT_dense &&
                       node->input[0]->type.layout == LAYOUT_dense;
    return node->n_inputs && !moves_nothing && !op_has(node->op, OP_WHOLE) &&
           (lies_in_planes(&node->type) || lies_in_planes(&node->input[0]->type) || dense);
}

/* A node that stands for another, of the type of its planes. */
static struct node *node_of_planes(struct lowering *l, const struct node *of)
{
    struct node *node = arena_new_of(l->plan->arena, struct node);
    *node = *of;
    node->type = value_planes(value_of(l, of)).type;
    if (op_has(of->op, OP_MOVES)) /* along channels */
        node->attr.dim.at[0] = 1;
    return node;
}

static struct node *node_on_planes(struct lowering *l, const struct node *of)
{
    struct node *node = node_of_planes(l, of);
    node->input = arena_array(l->plan->arena, (size_t)of->n_inputs, sizeof(struct node *));
    for (int i = 0; i < of->n_inputs; i++) {
        node->input[i] = node_of_planes(l, of->input[i]);
        if (node->input[i]->into == of)
            node->input[i]->into = node;
    }
    return node;
}

/* The values of a node and its operands, each once. */
struct touched {
    struct value *value, whole;
    struct touched *next;
};

static struct touched *touch(struct lowering *l, const struct node *node, struct touched *list)
{
    struct value *value = &l->values[node->id];
    for (struct touched *t = list; t; t = t->next)
        if (t->value == value)
            return list;
    struct touched *t = arena_new_of(l->scratch, struct touched);
    *t = (struct touched){value, *value, list};
    return t;
}

/* Floats to the next batch item of what an operand of a step lies in: 0 where there is one for all,
 * and in memory between steps. */
static int64_t batch_step(const struct touched *list, const struct operand *at)
{
    for (const struct touched *t = list; t; t = t->next)
        if (t->whole.at.place == at->place && t->whole.at.index == at->index)
            return t->whole.type.dim[0] > 1 ? t->whole.view.image : 0;
    return 0;
}

/* The steps from number `first` on, made for the first batch item, for the others. */
static void repeat_steps(struct lowering *l, size_t first, int64_t batch,
                         const struct touched *list)
{
    const size_t end = l->plan->steps.n;
    for (int64_t n = 1; n < batch; n++)
        for (size_t i = first; i < end; i++) {
            struct plan_step s = l->plan->steps.at[i];
            s.in.offset += n * batch_step(list, &s.in);
            s.out.offset += n * batch_step(list, &s.out);
            s.other.offset += n * batch_step(list, &s.other);
            VEC_PUSH(l->plan->arena, &l->plan->steps, s);
        }
}

/* The result, over the operand that dies where one does. */
static bool place_result(struct lowering *l)
{
    const int last = l->node->n_inputs - 1;
    if (l->node->residual && (l->node->op == OP_conv || l->node->op == OP_conv_transpose))
        return value_make_over(l, last) != NULL;
    return (op_has(l->node->op, OP_INPLACE) ? value_make_over(l, 0) : value_make(l)) != NULL;
}

void lower_volume(struct lowering *l, void (*lower)(struct lowering *))
{
    const struct node *whole = l->node;
    struct touched *list = NULL;
    if (!place_result(l))
        return;
    const size_t first = l->plan->steps.n;
    for (int i = 0; i < whole->n_inputs; i++)
        list = touch(l, whole->input[i], list);
    list = touch(l, whole, list);
    l->node = node_on_planes(l, whole);
    for (const struct touched *t = list; t; t = t->next)
        *t->value = value_planes(&t->whole);
    l->placed = true;
    lower(l);
    l->placed = false;
    l->node = whole;
    for (const struct touched *t = list; t; t = t->next)
        *t->value = t->whole;
    for (size_t i = first; i < l->plan->steps.n; i++)
        l->plan->steps.at[i].node = whole;
    repeat_steps(l, first, whole->type.dim[0], list);
}
