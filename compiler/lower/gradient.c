/* Steps of what is made for training: losses, bn and dropout in training, gradients. */
#include "base/number.h"
#include "ir/loss.h"
#include "lower/lowering.h"

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

/* Floats from a vector of channels to the next, of further results. */
static int64_t whole_blocks(int64_t channels)
{
    return netrt_ceil_div(channels, NETRT_BLOCK) * NETRT_BLOCK;
}

void lower_bn_train(struct lowering *l)
{
    const struct node *node = l->node;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    struct operand more;
    if (!out || !value_make_more(l, &more))
        return;
    struct plan_step *s = step_add(l, KERNEL_bn_train, out, in);
    struct netrt_bn_train *k = &s->shape.bn_train;
    s->more = more;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &node->type);
    SET_BORDER(k, out);
    SET_ACT(k, node);
    k->residual = node->residual;
    if (node->residual) {
        s->other = value_in(l, node->n_inputs - 1)->at;
        k->other = value_in(l, node->n_inputs - 1)->view;
    }
    k->affine = node->attr.affine;
    k->eps = (float)node->attr.eps;
    k->more_var = whole_blocks(k->c);
    s->weight = weights_pack_channels(l, node->weight[ROLE_weight], k->c);
    s->bias = weights_pack_channels(l, node->weight[ROLE_bias], k->c);
}

void lower_bn_gradient(struct lowering *l)
{
    const struct node *node = l->node;
    const struct value *gradient = value_in(l, 0), *in = value_in(l, 1), *out = value_make(l);
    struct operand more;
    if (!out || !value_make_more(l, &more))
        return;
    struct plan_step *s = step_add(l, KERNEL_bn_gradient, out, gradient);
    struct netrt_bn_gradient *k = &s->shape.bn_gradient;
    s->more = more;
    s->other = in->at;
    s->third = value_in(l, 2)->at;
    s->fourth = value_in(l, 3)->at;
    k->in = gradient->view;
    k->other = in->view;
    k->out = out->view;
    SET_PLANES(k, &node->type);
    SET_BORDER(k, out);
    k->affine = node->attr.affine;
    k->eps = (float)node->attr.eps;
    k->more_bias = whole_blocks(k->c);
    SET_ACT(k, node);
    s->weight = weights_pack_channels(l, node->weight[ROLE_weight], k->c);
    if (k->act)
        s->bias = weights_pack_channels(l, node->weight[ROLE_bias], k->c);
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
    SET_BORDER(k, out);
    const bool rows = l->node->type.layout == LAYOUT_rows;
    k->channel_step = rows ? 1 : k->h * k->w;
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
    const struct attrs *a = &node->attr;
    const struct type *by = &node->input[1]->type, *of = &node->input[0]->type;
    const int64_t out[2] = {type_h(by), type_w(by)}, size[2] = {type_h(of), type_w(of)};
    for (int i = 0; i < 2; i++)
        if (in->border[i] < a->padding[i] ||
            in->border[2 + i] < (out[i] - 1) * a->stride[i] + (a->kernel[i] - 1) * a->dilation[i] +
                                    1 - size[i] - a->padding[i])
            return false;
    return true;
}

void lower_weight_gradient(struct lowering *l)
{
    const struct node *node = l->node;
    const struct type *of = &node->input[0]->type, *by = &node->input[1]->type;
    const struct value *in = value_in(l, 0), *gradient = value_in(l, 1), *out;
    if (!border_suffices(node, in)) {
        diag_add(l->diags, node->span, MESSAGE(err_plan_layout), node->name);
        return;
    }
    if (!(out = value_make(l)))
        return;
    struct plan_step *s = step_add(l, KERNEL_weight_gradient, out, in);
    struct netrt_weight_gradient *k = &s->shape.weight_gradient;
    s->other = gradient->at;
    k->in = in->view;
    k->other = gradient->view;
    k->out = out->view;
    SET_OUTPUT(k, by);
    SET_WINDOW(k, &node->attr);
    k->oc = type_c(by);
    k->group_oc = k->oc / node->attr.groups;
    k->group_ic = type_c(of) / node->attr.groups;
    k->depthwise = node->attr.groups > 1 && k->group_oc == 1 && k->group_ic == 1;
    s->macs = (double)type_elements(by) * (double)(k->group_ic * k->kh * k->kw);
    if (of->rank == 2)
        join_images(k);
    schedule_weight_gradient(&l->scheduling, k);
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

void lower_pool_gradient(struct lowering *l)
{
    const struct node *node = l->node;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_pooling_gradient, out, in);
    struct netrt_pooling_gradient *k = &s->shape.pooling_gradient;
    k->average = node->op == OP_avgpool_gradient;
    if (!k->average) {
        s->other = value_in(l, 1)->at;
        k->other = value_in(l, 1)->view;
    }
    k->in = in->view;
    k->out = out->view;
    k->count_include_pad = node->attr.count_include_pad;
    k->c = type_c(&node->type);
    SET_OUTPUT(k, &node->input[0]->type);
    SET_INPUT(k, &node->type);
    SET_WINDOW(k, &node->attr);
    k->pb = node->attr.padding[2];
    k->pr = node->attr.padding[3];
    SET_BORDER(k, out);
}

void lower_adaptive_pool_gradient(struct lowering *l)
{
    const struct node *node = l->node;
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_adaptive_pooling_gradient, out, in);
    struct netrt_adaptive_pooling_gradient *k = &s->shape.adaptive_pooling_gradient;
    k->average = node->op == OP_adaptive_avgpool_gradient;
    if (!k->average) {
        s->other = value_in(l, 1)->at;
        k->other = value_in(l, 1)->view;
    }
    k->in = in->view;
    k->out = out->view;
    k->c = type_c(&node->type);
    SET_OUTPUT(k, &node->input[0]->type);
    SET_INPUT(k, &node->type);
    SET_BORDER(k, out);
}

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
