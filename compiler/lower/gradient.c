/* Steps of what is made for training: losses, bn and dropout in training, gradients. */
#include "base/number.h"
#include "ir/loss.h"
#include "lower/lowering.h"

#include <string.h>

/* ---- volumes ----
 *
 * What sums over a batch takes the planes of all items as images: fields of kernels that have
 * `depth`, of a tensor of type `t`, and of an operand. */

#define SET_VOLUME(k, t)                                                                           \
    do {                                                                                           \
        if ((t)->layout == LAYOUT_planes) {                                                        \
            (k)->depth = (t)->dim[2];                                                              \
            (k)->images = (t)->dim[0] * (t)->dim[2];                                               \
            (k)->h = (t)->dim[3];                                                                  \
        }                                                                                          \
    } while (0)
#define SET_DEPTH(k, operand, v) ((k)->operand##_depth = (k)->depth ? (v)->plane : 0)

/* ---- losses ---- */

/* What labels say to either kernel, and the weights of their classes. */
#define SET_TARGETS(l, s, k)                                                                       \
    do {                                                                                           \
        const struct attrs *said = &(l)->node->attr;                                               \
        const int weighted = said->class_weights.n > 0;                                            \
        const struct value *labels = value_in(l, 1);                                               \
        (s)->other = labels->at;                                                                   \
        (k)->other = labels->view;                                                                 \
        (k)->shares = loss_has_shares((l)->node);                                                  \
        (k)->smoothing = (float)said->label_smoothing;                                             \
        (k)->ignored = said->ignore_index;                                                         \
        (k)->weighted = weighted;                                                                  \
        if (weighted)                                                                              \
            (s)->weight = weights_pack_channels(l, weight_list((l)->graph, &said->class_weights),  \
                                                said->class_weights.n);                            \
    } while (0)

void lower_cross_entropy(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_cross_entropy, out, in);
    struct netrt_cross_entropy *k = &s->shape.cross_entropy;
    k->in = in->view;
    SET_PLANES(k, &l->node->input[0]->type);
    SET_TARGETS(l, s, k);
}

void lower_cross_entropy_gradient(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_cross_entropy_gradient, out, in);
    struct netrt_cross_entropy_gradient *k = &s->shape.cross_entropy_gradient;
    s->third = value_in(l, 2)->at;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &l->node->type);
    SET_BORDER(k, out);
    SET_TARGETS(l, s, k);
}

/* ---- bn, dropout ---- */

/* A step of bn in training, or of one part of it; `found` is where means and variances are. */
static void bn_train_add(struct lowering *l, const struct value *out, const struct value *in,
                         const struct operand *found, enum netrt_bn_part part)
{
    const struct node *node = l->node;
    struct plan_step *s = step_add(l, KERNEL_bn_train, out, in);
    struct netrt_bn_train *k = &s->shape.bn_train;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &node->type);
    SET_VOLUME(k, &node->type);
    SET_DEPTH(k, in, in);
    k->part = part;
    k->more_var = whole_blocks(k->c);
    if (part == NETRT_BN_FINDS) {
        s->out = *found;
        s->shared = 2 * k->more_var;
        return;
    }
    s->more = *found;
    SET_DEPTH(k, out, out);
    SET_BORDER(k, out);
    SET_ACT(k, node);
    k->residual = node->residual;
    if (node->residual) {
        const struct value *other = value_in(l, node->n_inputs - 1);
        s->other = other->at;
        k->other = other->view;
        SET_DEPTH(k, other, other);
    }
    k->affine = node->attr.affine;
    k->eps = (float)node->attr.eps;
    s->weight = weights_pack_channels(l, node->weight[ROLE_weight], k->c);
    s->bias = weights_pack_channels(l, node->weight[ROLE_bias], k->c);
}

void lower_bn_train(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    struct operand more;
    if (!out || !value_make_more(l, &more))
        return;
    if (l->node->attr.shared)
        bn_train_add(l, out, in, &more, NETRT_BN_FINDS);
    bn_train_add(l, out, in, &more, l->node->attr.shared ? NETRT_BN_USES : NETRT_BN_ALL);
}

/* The same of its gradient. Where a part finds sums for all, `found`, those of this process's batch
 * are the gradients of its weights. */
static void bn_gradient_add(struct lowering *l, const struct value *out,
                            const struct operand *gradients, const struct operand *found,
                            enum netrt_bn_part part)
{
    const struct node *node = l->node;
    const struct value *gradient = value_in(l, 0), *in = value_in(l, 1);
    struct plan_step *s = step_add(l, KERNEL_bn_gradient, out, gradient);
    struct netrt_bn_gradient *k = &s->shape.bn_gradient;
    s->other = in->at;
    s->third = value_in(l, 2)->at;
    s->fourth = value_in(l, 3)->at;
    k->in = gradient->view;
    k->other = in->view;
    k->out = out->view;
    SET_PLANES(k, &node->type);
    SET_VOLUME(k, &node->type);
    SET_DEPTH(k, in, gradient);
    SET_DEPTH(k, other, in);
    SET_DEPTH(k, out, out);
    SET_BORDER(k, out);
    k->part = part;
    k->affine = node->attr.affine;
    k->eps = (float)node->attr.eps;
    k->more_bias = whole_blocks(k->c);
    SET_ACT(k, node);
    s->more = *(part == NETRT_BN_USES ? found : gradients);
    s->weight = weights_pack_channels(l, node->weight[ROLE_weight], k->c);
    if (k->act)
        s->bias = weights_pack_channels(l, node->weight[ROLE_bias], k->c);
    if (part == NETRT_BN_FINDS) {
        s->out = *found;
        s->shared = 2 * k->more_bias;
    }
}

void lower_bn_gradient(struct lowering *l)
{
    const struct value *out = value_make(l);
    const struct type both = {
        .rank = 2, .layout = LAYOUT_blocked, .dim = {1, 2 * whole_blocks(type_c(&l->node->type))}};
    struct operand more;
    struct value found;
    if (!out || !value_make_more(l, &more))
        return;
    if (!l->node->attr.shared) {
        bn_gradient_add(l, out, &more, NULL, NETRT_BN_ALL);
        return;
    }
    if (!value_between(l, &found, &both))
        return;
    bn_gradient_add(l, out, &more, &found.at, NETRT_BN_FINDS);
    bn_gradient_add(l, out, &more, &found.at, NETRT_BN_USES);
}

void lower_dropout(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_dropout, out, in);
    struct netrt_dropout *k = &s->shape.dropout;
    s->other = value_in(l, 1)->at;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &l->node->type);
    SET_VOLUME(k, &l->node->type);
    SET_DEPTH(k, in, in);
    SET_DEPTH(k, out, out);
    SET_BORDER(k, out);
    const bool rows = l->node->type.layout == LAYOUT_rows;
    k->channel_step = rows ? 1 : int_max(1, k->depth) * k->h * k->w;
    k->column_step = rows ? k->c : 1;
    k->p = (float)l->node->attr.p;
    k->stream = l->node->attr.stream;
    k->task_rows = schedule_rows(&l->scheduling, k->images * netrt_ceil_div(k->c, NETRT_BLOCK),
                                 k->h, 20.0 * NETRT_BLOCK * (double)k->w);
}

/* ---- gradients ---- */

/* Of a linear layer the images are positions of one. */
static void join_images(struct netrt_weight_gradient *k)
{
    k->ow = k->images;
    k->images = 1;
    k->in.col = k->in.image;
    k->other.col = k->other.image;
}

/* Whether all that windows read lies in the input, or in the zeros around it. */
static bool border_suffices(const struct node *node, const struct value *in)
{
    static const int before[] = {0, 1, 4}, behind[] = {2, 3, 5};
    const struct attrs *a = &node->attr;
    for (int i = 0; i < 3; i++) {
        const int64_t last = (type_along(&node->input[1]->type, i) - 1) * a->stride[i];
        const int64_t reach = last + (a->kernel[i] - 1) * a->dilation[i] + 1;
        const int64_t padding = a->padding[before[i]];
        if (in->border[before[i]] < padding ||
            in->border[behind[i]] < reach - type_along(&node->input[0]->type, i) - padding)
            return false;
    }
    return true;
}

static void become_winograd_gradient(struct lowering *l, struct plan_step *s,
                                     const struct netrt_winograd_gradient *w)
{
    s->kernel = KERNEL_winograd_gradient;
    memset(&s->shape, 0, sizeof s->shape);
    s->shape.winograd_gradient = *w;
    value_scratch(l, s, netrt_winograd_gradient_scratch(w));
}

/* The weights of one plane of the kernel, or all of a map's; `in` is what tap (0, 0) of it sees. */
static void weight_gradient_add(struct lowering *l, const struct value *out, const struct value *in,
                                const struct value *gradient)
{
    const struct node *node = l->node;
    const struct type *of = &node->input[0]->type, *by = &node->input[1]->type;
    struct plan_step *s = step_add(l, KERNEL_weight_gradient, out, in);
    struct netrt_weight_gradient *k = &s->shape.weight_gradient;
    struct netrt_winograd_gradient w;
    s->other = gradient->at;
    k->in = in->view;
    k->other = gradient->view;
    k->out = out->view;
    SET_OUTPUT(k, by);
    if (by->layout == LAYOUT_planes) {
        k->depth = by->dim[2];
        k->images *= k->depth;
        k->oh = by->dim[3];
        k->in_depth = node->attr.stride[2] * in->plane;
        k->other_depth = gradient->plane;
    }
    SET_WINDOW(k, &node->attr);
    k->oc = type_c(by);
    k->group_oc = k->oc / node->attr.groups;
    k->group_ic = type_c(of) / node->attr.groups;
    k->depthwise = node->attr.groups > 1 && k->group_oc == 1 && k->group_ic == 1;
    k->by_output = in->type.layout == LAYOUT_dense;
    s->macs = (double)type_elements(by) * (double)(k->group_ic * k->kh * k->kw);
    if (of->rank == 2)
        join_images(k);
    if (schedule_winograd_gradient(&l->scheduling, k, &w)) {
        become_winograd_gradient(l, s, &w);
        return;
    }
    schedule_weight_gradient(&l->scheduling, k);
}

void lower_weight_gradient(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *in = value_in(l, 0), *out;
    if (!border_suffices(l->node, in)) {
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
        return;
    }
    if (!(out = value_make(l)))
        return;
    struct value from = *in, to = *out;
    from.at.offset -= a->padding[4] * in->plane;
    for (int64_t z = 0; z < a->kernel[2]; z++) {
        weight_gradient_add(l, &to, &from, value_in(l, 1));
        from.at.offset += a->dilation[2] * in->plane;
        to.at.offset += out->plane;
    }
}

void lower_activation_gradient(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *saved = value_in(l, 1), *out = value_make_over(l, 0);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_activation_gradient, out, in);
    struct netrt_activation_gradient *k = &s->shape.activation_gradient;
    s->other = saved->at;
    k->in = in->view;
    k->other = saved->view;
    k->out = out->view;
    SET_PLANES(k, &l->node->type);
    SET_BORDER(k, out);
    SET_ACT(k, l->node);
    k->task_rows = schedule_rows(&l->scheduling, k->images * netrt_ceil_div(k->c, NETRT_BLOCK),
                                 k->h, 3.0 * NETRT_BLOCK * (double)k->w);
}

/* ---- pools ----
 *
 * Of a volume the way back of map.c's: from planes to those that were made small, which a max makes
 * again, and from each of these to the input's. */

static void pool_gradient_add(struct lowering *l, const struct attrs *window,
                              const struct value *out, const struct value *in,
                              const struct value *of)
{
    struct plan_step *s = step_add(l, KERNEL_pooling_gradient, out, in);
    struct netrt_pooling_gradient *k = &s->shape.pooling_gradient;
    k->average = !of;
    if (of) {
        s->other = of->at;
        k->other = of->view;
    }
    k->in = in->view;
    k->out = out->view;
    k->count_include_pad = l->node->attr.count_include_pad;
    k->c = type_c(&out->type);
    SET_OUTPUT(k, &in->type);
    SET_INPUT(k, &out->type);
    SET_WINDOW(k, window);
    k->pb = window->padding[2];
    k->pr = window->padding[3];
    SET_BORDER(k, out);
}

/* Steps to `out` from `in`, the gradient of what a pool makes of `of`, which is NULL where it
 * averages. */
typedef void pool_gradient_part(struct lowering *, const struct value *out, const struct value *in,
                                const struct value *of);

static void pool_gradient_images(struct lowering *l, const struct value *out,
                                 const struct value *in, const struct value *of)
{
    pool_gradient_add(l, &l->node->attr, out, in, of);
}

static void adapt_gradient_images(struct lowering *l, const struct value *out,
                                  const struct value *in, const struct value *of)
{
    struct plan_step *s = step_add(l, KERNEL_adaptive_pooling_gradient, out, in);
    struct netrt_adaptive_pooling_gradient *k = &s->shape.adaptive_pooling_gradient;
    k->average = !of;
    if (of) {
        s->other = of->at;
        k->other = of->view;
    }
    k->in = in->view;
    k->out = out->view;
    k->c = type_c(&out->type);
    SET_OUTPUT(k, &in->type);
    SET_INPUT(k, &out->type);
    SET_BORDER(k, out);
}

/* Positions of a plane are columns. */
static void pool_gradient_depth(struct lowering *l, const struct value *out, const struct value *in,
                                const struct value *of)
{
    const struct attrs window = pool_window_of_depth(&l->node->attr);
    const struct value to = value_columns(out), from = value_columns(in);
    const struct value pooled = of ? value_columns(of) : to;
    pool_gradient_add(l, &window, &to, &from, of ? &pooled : NULL);
}

static void adapt_gradient_depth(struct lowering *l, const struct value *out,
                                 const struct value *in, const struct value *of)
{
    const struct value to = value_columns(out), from = value_columns(in);
    const struct value pooled = of ? value_columns(of) : to;
    adapt_gradient_images(l, &to, &from, of ? &pooled : NULL);
}

/* How a pool is made, and its gradient: along the images, and along a volume's depth. */
struct pool_parts {
    pool_part *forward;
    pool_gradient_part *images, *depth;
};

static void pool_gradient(struct lowering *l, bool deep, const struct pool_parts *parts)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    const struct value *of = l->node->n_inputs > 1 ? value_in(l, 1) : NULL;
    struct value flows, small;
    if (!out)
        return;
    if (!deep) {
        parts->images(l, out, in, of);
        return;
    }
    struct type type = in->type;
    type.dim[0] = out->type.dim[0];
    if (!value_between_like(l, &flows, &type, in) ||
        (of && !value_between_like(l, &small, &type, in)))
        return;
    if (of)
        parts->forward(l, &small, of);
    parts->depth(l, &flows, in, of ? &small : NULL);
    parts->images(l, out, &flows, of);
}

void lower_pool_gradient(struct lowering *l)
{
    static const struct pool_parts parts = {pool_images, pool_gradient_images, pool_gradient_depth};
    pool_gradient(l, pool_is_deep(&l->node->attr), &parts);
}

void lower_adaptive_pool_gradient(struct lowering *l)
{
    static const struct pool_parts parts = {adapt_images, adapt_gradient_images,
                                            adapt_gradient_depth};
    const int64_t planes = type_n(&value_in(l, 0)->type);
    pool_gradient(l, planes != type_n(&l->node->type), &parts);
}

/* ---- others ---- */

void lower_upsample_gradient(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_resample_gradient, out, in);
    struct netrt_resample_gradient *k = &s->shape.resample_gradient;
    k->in = in->view;
    k->out = out->view;
    k->c = type_c(&in->type);
    SET_OUTPUT(k, &in->type);
    SET_INPUT(k, &l->node->type);
    k->taps = attrs_taps(a);
    k->centers = a->mode != MODE_nearest && !a->align_corners;
    k->step_y = attrs_upsample_step(a, 0, k->ih, k->oh);
    k->step_x = attrs_upsample_step(a, 1, k->iw, k->ow);
    SET_BORDER(k, out);
}

void lower_sum_to(struct lowering *l)
{
    const struct type *from = &l->node->input[0]->type, *to = &l->node->type;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct netrt_sum_to *k = &step_add(l, KERNEL_sum_to, out, in)->shape.sum_to;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, from);
    SET_BORDER(k, out);
    k->over_images = type_n(to) < type_n(from);
    k->over_channels = type_c(to) < type_c(from);
    k->over_rows = type_h(to) < type_h(from);
    k->over_columns = type_w(to) < type_w(from);
}
