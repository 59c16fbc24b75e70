/* Steps of what works on maps channel by channel: elementwise operators, pools. */
#include "base/number.h"
#include "lower/lowering.h"

/* ---- elementwise ---- */

struct plan_step *pointwise_add(struct lowering *l, const struct value *out, const struct value *in)
{
    struct plan_step *s = step_add(l, KERNEL_pointwise, out, in);
    struct netrt_pointwise *k = &s->shape.pointwise;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &out->type);
    SET_BORDER(k, out);
    k->task_rows = schedule_rows(&l->scheduling, k->images * netrt_ceil_div(k->c, NETRT_BLOCK),
                                 k->h, 3.0 * NETRT_BLOCK * (double)k->w);
    return s;
}

/* Strides of 0 where an operand has one of what the result has more of; returns whether that is
 * channels. */
static bool spread(struct netrt_view *view, const struct type *from, const struct type *to)
{
    const bool channels = type_c(from) < type_c(to);
    if (type_n(from) < type_n(to))
        view->image = 0;
    if (channels)
        view->plane = 0;
    if (type_h(from) < type_h(to))
        view->row = 0;
    if (type_w(from) < type_w(to))
        view->col = 0;
    return channels;
}

static void join(struct plan_step *s, enum netrt_join kind, const struct value *in,
                 const struct value *other, const struct type *to)
{
    struct netrt_pointwise *k = &s->shape.pointwise;
    k->join = kind;
    k->other = other->view;
    s->other = other->at;
    k->in_spread = spread(&k->in, &in->type, to);
    k->other_spread = spread(&k->other, &other->type, to);
}

/* act(in * factor + shift + residual) */
void lower_bn(struct lowering *l)
{
    const struct node *node = l->node;
    const struct value *in = value_in(l, 0), *out = value_make_over(l, 0);
    if (!out)
        return;
    struct plan_step *s = pointwise_add(l, out, in);
    struct netrt_pointwise *k = &s->shape.pointwise;
    k->scale = k->bias = 1;
    SET_ACT(k, node);
    if (node->residual)
        join(s, NETRT_JOIN_add, in, value_in(l, node->n_inputs - 1), &node->type);
    const struct weight *factor = weight_bn_factor(l->graph, node);
    s->weight = weights_pack_channels(l, factor, k->c);
    s->bias = weights_pack_channels(l, weight_bn_shift(l->graph, node, factor, NULL), k->c);
}

void lower_scale(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make_over(l, 0);
    if (!out)
        return;
    struct plan_step *s = pointwise_add(l, out, in);
    s->shape.pointwise.scale = 1;
    SET_ACT(&s->shape.pointwise, l->node);
    s->weight =
        weights_pack_channels(l, weight_real(l->graph, l->node->attr.factor), s->shape.pointwise.c);
}

void lower_activation(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make_over(l, 0);
    if (!out)
        return;
    struct netrt_pointwise *k = &pointwise_add(l, out, in)->shape.pointwise;
    k->act = op_act(l->node->op);
    k->act_arg = (float)op_act_arg(l->node->op, &l->node->attr, 0);
    k->act_arg2 = (float)op_act_arg(l->node->op, &l->node->attr, 1);
}

void lower_prelu(struct lowering *l)
{
    const int64_t slopes = l->node->attr.num_parameters;
    const struct value *in = value_in(l, 0), *out = value_make_over(l, 0);
    if (!out)
        return;
    struct plan_step *s = pointwise_add(l, out, in);
    s->shape.pointwise.slope = slopes == 1 ? 1 : 2;
    s->weight = weights_pack_channels(l, l->node->weight[ROLE_weight], slopes);
}

/* How each operator joins, and whether it may start from any operand. */
static const struct joining {
    enum netrt_join kind;
    bool any_order;
} joinings[N_OPS] = {
    [OP_add] = {NETRT_JOIN_add, true},         [OP_sub] = {NETRT_JOIN_sub, false},
    [OP_mul] = {NETRT_JOIN_mul, true},         [OP_div] = {NETRT_JOIN_div, false},
    [OP_minimum] = {NETRT_JOIN_minimum, true}, [OP_maximum] = {NETRT_JOIN_maximum, true},
};

/* The leading dimensions of rows, in which `from` has one position each and the result so many
 * together; the others are alike. 0: not so. */
static int64_t repeats(const struct value *from, const struct type *to)
{
    const struct type *t = &from->type;
    int64_t repeats = 1;
    int dim = 0;
    while (dim < to->rank - 1 && t->dim[dim] == 1)
        repeats *= to->dim[dim++];
    for (; dim < to->rank; dim++)
        if (t->dim[dim] != to->dim[dim])
            return 0;
    return t->layout == LAYOUT_rows && to->layout == LAYOUT_rows && !from->steps ? repeats : 0;
}

/* Rows that are all there, seen as images of as many rows each. */
static struct value as_images(const struct value *v, int64_t images)
{
    struct value seen = *v;
    const struct type *t = &v->type;
    const int64_t c = t->dim[t->rank - 1], rows = type_elements(t) / c / images;
    seen.type.rank = 3;
    seen.type.dim[0] = images;
    seen.type.dim[1] = rows;
    seen.type.dim[2] = c;
    seen.view.row = seen.view.image = (long)rows * v->view.col;
    return seen;
}

/* The operand to start from: where any will do, the first of the result's shape, over which that
 * may lie, or else one that leading dimensions alone do not make. */
static int first_operand(const struct lowering *l)
{
    const int n = l->node->n_inputs;
    const struct type *to = &l->node->type;
    if (!joinings[l->node->op].any_order)
        return 0;
    for (int i = 0; i < n; i++)
        if (type_equal_dims(&value_in(l, i)->type, to))
            return i;
    for (int i = 0; i < n; i++)
        if (!repeats(value_in(l, i), to))
            return i;
    return 0;
}

/* One operand more. An operand that only leading dimensions repeat is read again for each of these;
 * of others that spread, copies are made. */
static struct plan_step *join_next(struct lowering *l, const struct value *out,
                                   const struct value *in, struct value other)
{
    const enum netrt_join kind = joinings[l->node->op].kind;
    const struct type *to = &l->node->type;
    const int64_t images = repeats(&other, to);
    if (images > to->dim[0] && type_equal_dims(&in->type, to)) {
        const struct value result = as_images(out, images), from = as_images(in, images);
        const struct value one = as_images(&other, 1);
        struct plan_step *s = pointwise_add(l, &result, &from);
        join(s, kind, &from, &one, &result.type);
        return s;
    }
    if (!lower_expand(l, &other))
        return NULL;
    struct plan_step *s = pointwise_add(l, out, in);
    join(s, kind, in, &other, to);
    return s;
}

/* k operands are k - 1 steps; those after the first work on the result. */
void lower_join(struct lowering *l)
{
    const struct node *node = l->node;
    const int start = first_operand(l);
    struct value in = *value_in(l, start);
    const struct value *out = value_make_over(l, start);
    if (!out || !lower_expand(l, &in))
        return;
    struct plan_step *s = NULL;
    for (int i = 0; i < node->n_inputs; i++) {
        if (i == start)
            continue;
        s = join_next(l, out, &in, *value_in(l, i));
        if (!s)
            return;
        in = *out;
    }
    if (!s)
        s = pointwise_add(l, out, &in);
    SET_ACT(&s->shape.pointwise, node);
}

/* ---- pools ----
 *
 * Of a volume each plane by itself, then the planes: the largest of the largest is the largest, and
 * windows of means are as long in each plane, so that a mean of means is the mean. */

static bool averages(const struct node *pool)
{
    return pool->op == OP_avgpool || pool->op == OP_adaptive_avgpool ||
           pool->op == OP_global_avgpool;
}

struct attrs pool_window_of_depth(const struct attrs *a)
{
    return (struct attrs){.kernel = {a->kernel[2], 1},
                          .stride = {a->stride[2], 1},
                          .dilation = {a->dilation[2], 1},
                          .padding = {a->padding[4], 0, a->padding[5], 0}};
}

bool pool_is_deep(const struct attrs *a)
{
    return a->kernel[2] > 1 || a->stride[2] > 1 || a->padding[4] || a->padding[5];
}

static void pool_add(struct lowering *l, const struct attrs *window, const struct value *out,
                     const struct value *in)
{
    const struct node *node = l->node;
    struct netrt_pooling *k = &step_add(l, KERNEL_pooling, out, in)->shape.pooling;
    k->in = in->view;
    k->out = out->view;
    k->average = averages(node);
    k->count_include_pad = node->attr.count_include_pad;
    k->c = type_c(&out->type);
    SET_INPUT(k, &in->type);
    SET_OUTPUT(k, &out->type);
    SET_WINDOW(k, window);
    k->pb = window->padding[2];
    k->pr = window->padding[3];
    SET_BORDER(k, out);
    k->task_rows =
        schedule_rows(&l->scheduling, k->images * netrt_ceil_div(k->c, NETRT_BLOCK), k->oh,
                      (double)(k->ow * NETRT_BLOCK) * (double)k->kh * (double)k->kw);
}

void pool_images(struct lowering *l, const struct value *out, const struct value *in)
{
    pool_add(l, &l->node->attr, out, in);
}

/* A pool along the first dimension: positions of a plane, with its border, are columns. */
static void pool_depth(struct lowering *l, const struct value *out, const struct value *in)
{
    const struct attrs window = pool_window_of_depth(&l->node->attr);
    const struct value to = value_columns(out), from = value_columns(in);
    pool_add(l, &window, &to, &from);
}

void adapt_images(struct lowering *l, const struct value *out, const struct value *in)
{
    struct netrt_adaptive_pooling *k =
        &step_add(l, KERNEL_adaptive_pooling, out, in)->shape.adaptive_pooling;
    k->in = in->view;
    k->out = out->view;
    k->average = averages(l->node);
    k->c = type_c(&in->type);
    SET_INPUT(k, &in->type);
    SET_OUTPUT(k, &out->type);
    SET_BORDER(k, out);
}

static void adapt_depth(struct lowering *l, const struct value *out, const struct value *in)
{
    struct value to = value_columns(out);
    const struct value from = value_columns(in);
    adapt_images(l, &to, &from);
}

/* By way of the planes, each made small, where the planes are pooled as well. */
static void pool(struct lowering *l, bool along_depth, pool_part *images, pool_part *depth)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    struct value between;
    if (!out)
        return;
    if (!along_depth) {
        images(l, out, in);
        return;
    }
    struct type type = out->type;
    type.dim[0] = in->type.dim[0];
    if (!value_between_like(l, &between, &type, out))
        return;
    images(l, &between, in);
    depth(l, out, &between);
}

void lower_pool(struct lowering *l)
{
    pool(l, pool_is_deep(&l->node->attr), pool_images, pool_depth);
}

void lower_adaptive_pool(struct lowering *l)
{
    pool(l, type_n(&value_in(l, 0)->type) != type_n(&l->node->type), adapt_images, adapt_depth);
}
