/* Steps of normalizations: what divides by what it finds in the tensor itself. */
#include "base/number.h"
#include "lower/lowering.h"

/* Positions of a task whose channels cost so much each. */
static long task_positions(const struct lowering *l, const struct type *t, double work)
{
    return schedule_rows(&l->scheduling, (long)type_n(t), (long)(type_h(t) * type_w(t)),
                         work * (double)type_c(t));
}

/* The fields of both kernels that say what a normalization does. */
#define SET_NORM(k, node)                                                                          \
    ((k)->centered = (node)->op != OP_rmsnorm, (k)->scale = (node)->weight[ROLE_weight] != NULL,   \
     (k)->bias = (node)->weight[ROLE_bias] != NULL, (k)->eps = (float)(node)->attr.eps)

/* Over the channels of each position, which of rows are the last dimension. */
static void lower_channelnorm(struct lowering *l)
{
    const struct node *node = l->node;
    const struct value *in = value_in(l, 0), *out = value_make_over(l, 0);
    if (!out)
        return;
    struct plan_step *s = step_add(l, KERNEL_channelnorm, out, in);
    struct netrt_channelnorm *k = &s->shape.channelnorm;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &node->type);
    SET_NORM(k, node);
    SET_BORDER(k, out);
    k->task_positions = task_positions(l, &node->type, 9);
    s->weight = weights_pack_channels(l, node->weight[ROLE_weight], k->c);
    s->bias = weights_pack_channels(l, node->weight[ROLE_bias], k->c);
}

/* Over groups of so many channels at all positions; the weights are for the caller. NULL: too large
 * (reported). */
static struct plan_step *groupnorm_add(struct lowering *l, int64_t group)
{
    const struct value *in = value_in(l, 0), *out = value_make_over(l, 0);
    if (!out)
        return NULL;
    struct plan_step *s = step_add(l, KERNEL_groupnorm, out, in);
    struct netrt_groupnorm *k = &s->shape.groupnorm;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &l->node->type);
    SET_NORM(k, l->node);
    SET_BORDER(k, out);
    k->group = group;
    k->weight_block = NETRT_BLOCK;
    return s;
}

static void pack_both(struct lowering *l, struct plan_step *s, struct netrt_packed packed)
{
    packed.group_oc = packed.group_ic = 1;
    packed.ic_block = NETRT_BLOCK;
    s->weight = weights_pack(l, l->node->weight[ROLE_weight], packed);
    s->bias = weights_pack(l, l->node->weight[ROLE_bias], packed);
}

/* Of a map: over all of an image. */
static void lower_imagenorm(struct lowering *l)
{
    struct plan_step *s = groupnorm_add(l, type_c(&l->node->type));
    if (!s)
        return;
    struct netrt_groupnorm *k = &s->shape.groupnorm;
    k->weight_block = k->h * k->w * NETRT_BLOCK;
    k->weight_position = NETRT_BLOCK;
    pack_both(l, s,
              (struct netrt_packed){
                  .layout = NETRT_LAYOUT_PLANES, .oc = k->c, .ic = 1, .kh = k->h, .kw = k->w});
}

/* Of rows: over some that follow each other, `n` elements, which are an image of their own. */
static void lower_rowsnorm(struct lowering *l, int64_t n)
{
    struct plan_step *s = groupnorm_add(l, type_c(&l->node->type));
    if (!s)
        return;
    struct netrt_groupnorm *k = &s->shape.groupnorm;
    const int64_t positions = n / k->c;
    k->images *= k->w / positions;
    k->w = positions;
    k->in.image = positions * k->in.col;
    k->out.image = positions * k->out.col;
    k->weight_position = k->in.col;
    pack_both(l, s,
              (struct netrt_packed){
                  .layout = NETRT_LAYOUT_ROWS, .oc = k->w, .ic = k->c, .kh = 1, .kw = 1});
}

void lower_layernorm(struct lowering *l)
{
    const struct type *t = &l->node->type;
    const unsigned axes = attrs_axes(&l->node->attr, t);
    if ((axes & (axes - 1)) == 0)
        lower_channelnorm(l);
    else if (t->layout == LAYOUT_rows)
        lower_rowsnorm(l, type_elements_along(t, axes));
    else
        lower_imagenorm(l);
}

/* instancenorm has a channel in each group. */
void lower_groupnorm(struct lowering *l)
{
    const int64_t groups = l->node->attr.groups;
    struct plan_step *s = groupnorm_add(l, groups ? type_c(&l->node->type) / groups : 1);
    if (!s)
        return;
    const int64_t channels = s->shape.groupnorm.c;
    s->weight = weights_pack_channels(l, l->node->weight[ROLE_weight], channels);
    s->bias = weights_pack_channels(l, l->node->weight[ROLE_bias], channels);
}

/* The kernel reaches so many channels either way; a window beyond all channels is cut to them. */
enum { LRN_REACH = 8 * NETRT_BLOCK };

void lower_lrn(struct lowering *l)
{
    const struct node *node = l->node;
    const int64_t wanted = node->attr.size[0];
    const int64_t size = int_min(wanted, 2 * type_c(&node->type) + 1);
    if (size / 2 > LRN_REACH) {
        diag_add(l->diags, node->span, MESSAGE(err_plan_lrn), 2 * LRN_REACH + 1, (long long)size);
        return;
    }
    const struct value *in = value_in(l, 0), *out = value_make(l);
    if (!out)
        return;
    struct netrt_lrn *k = &step_add(l, KERNEL_lrn, out, in)->shape.lrn;
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &node->type);
    k->size = size;
    k->alpha = (float)(node->attr.alpha * (double)size / (double)wanted);
    k->beta = (float)node->attr.beta;
    k->k = (float)node->attr.k;
    SET_BORDER(k, out);
    k->task_rows = schedule_rows(&l->scheduling, k->images, k->h,
                                 (double)k->w * (double)k->c * (double)(k->size + 20));
}

void lower_softmax(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make_over(l, 0);
    if (!out)
        return;
    if (attrs_axis(&l->node->attr, &in->type) != type_channel_axis(&in->type)) {
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
        return;
    }
    struct netrt_softmax *k = &step_add(l, KERNEL_softmax, out, in)->shape.softmax;
    k->log = l->node->op == OP_log_softmax;
    k->task_positions = task_positions(l, &l->node->type, 20);
    k->in = in->view;
    k->out = out->view;
    SET_PLANES(k, &l->node->type);
    SET_BORDER(k, out);
}
