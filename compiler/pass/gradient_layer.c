/* Gradients of layers with parameters, of activations, pools and losses. */
#include "ir/loss.h"
#include "pass/gradient_rules.h"

#include <string.h>

/* ---- convolutions and linear layers ---- */

/* The sums of the result's gradient, over all but the channels. */
static void give_bias(struct gradient *t)
{
    struct type channels = {.rank = t->result->type.rank};
    for (int i = 0; i < channels.rank; i++)
        channels.dim[i] = i == 1 ? t->result->type.dim[1] : 1;
    if (t->node->weight[ROLE_bias])
        gradient_give_param(t, ROLE_bias, gradient_sum_to(t, t->result, &channels));
}

/* The window of a convolution, as attributes of another operator. */
static struct attrs window_of(enum op op, const struct attrs *from)
{
    struct attrs a;
    attrs_init(&a, op);
    memcpy(a.kernel, from->kernel, sizeof a.kernel);
    memcpy(a.stride, from->stride, sizeof a.stride);
    memcpy(a.padding, from->padding, sizeof a.padding);
    memcpy(a.dilation, from->dilation, sizeof a.dilation);
    a.groups = from->groups;
    return a;
}

static void give_weight(struct gradient *t, struct node *in, struct node *gradient)
{
    const struct attrs a = window_of(OP_weight_gradient, &t->node->attr);
    struct node *operands[] = {in, gradient};
    gradient_give_param(t, ROLE_weight,
                        gradient_op(t, OP_weight_gradient, &a, operands, 2, "weight"));
}

/* What goes back through a layer's weights to its operand. */
static void give_input(struct gradient *t, enum op op, const struct attrs *a)
{
    struct node *n = gradient_op(t, op, a, &t->result, 1, "input");
    n->weight[ROLE_weight] = t->node->weight[ROLE_weight];
    gradient_give(t, 0, n);
}

/* The padding before and behind of axis 0, rows, 1, columns, or 2, depth. */
static const int before[] = {0, 1, 4}, behind[] = {2, 3, 5};

/* Positions of the input along an axis that the last window leaves over. */
static int64_t left_over(const struct node *conv, int axis)
{
    const struct attrs *a = &conv->attr;
    const int64_t size = type_along(&conv->input[0]->type, axis);
    const int64_t window = (a->kernel[axis] - 1) * a->dilation[axis] + 1;
    return (size + a->padding[before[axis]] + a->padding[behind[axis]] - window) % a->stride[axis];
}

/* The transposed convolution with the same weights, and the reverse. */
void gradient_conv(struct gradient *t)
{
    struct attrs a = window_of(OP_conv_transpose, &t->node->attr);
    a.out = t->node->input[0]->type.dim[1];
    a.bias = false;
    for (int axis = 0; axis < 3; axis++)
        a.output_padding[axis] = left_over(t->node, axis);
    if (gradient_wanted(t, 0))
        give_input(t, OP_conv_transpose, &a);
    give_weight(t, t->node->input[0], t->result);
    give_bias(t);
}

/* Rows and columns that are added to the result of a transposed convolution, its output_padding,
 * are of those that its padding cut, and have the bias alone beyond these: the gradient without
 * what its windows do not reach. The convolution back, of attributes `a`, pads as much less. */
static struct node *reached(struct gradient *t, struct attrs *a)
{
    const int64_t *added = t->node->attr.output_padding;
    int64_t first[3] = {0}, size[3];
    for (int axis = 0; axis < 3; axis++) {
        int64_t *cut = &a->padding[behind[axis]];
        const int64_t beyond = added[axis] > *cut ? added[axis] - *cut : 0;
        *cut = beyond ? 0 : *cut - added[axis];
        size[axis] = type_along(&t->node->type, axis) - beyond;
    }
    return gradient_crop_to(t, t->result, first, size);
}

void gradient_conv_transpose(struct gradient *t)
{
    struct attrs a = window_of(OP_conv, &t->node->attr);
    struct node *all = t->result;
    a.out = t->node->input[0]->type.dim[1];
    a.bias = false;
    t->result = reached(t, &a);
    if (gradient_wanted(t, 0))
        give_input(t, OP_conv, &a);
    give_weight(t, t->result, t->node->input[0]);
    t->result = all;
    give_bias(t);
}

/* The features of rows as channels of one row: what sums over positions reads. */
static struct node *as_channels(struct gradient *t, struct node *n)
{
    const int last = n->type.rank - 1;
    const int64_t features = n->type.dim[last];
    const struct type rows = {
        .rank = 3, .dim = {1, type_elements(&n->type) / n->type.dim[0] / features, features}};
    struct attrs a;
    if (n->type.rank == 2)
        return n;
    attrs_init(&a, OP_permute);
    a.dims = (struct dims){.n = 3, .at = {0, 2, 1}};
    n = gradient_reshaped(t, n, &rows);
    return gradient_op(t, OP_permute, &a, &n, 1, "channels");
}

void gradient_linear(struct gradient *t)
{
    struct node *in = t->node->input[0], *all = t->result;
    struct attrs a;
    attrs_init(&a, OP_linear_transposed);
    a.out = in->type.dim[in->type.rank - 1];
    if (gradient_wanted(t, 0))
        give_input(t, OP_linear_transposed, &a);
    attrs_init(&a, OP_weight_gradient);
    a.kernel[0] = a.kernel[1] = 1;
    t->result = as_channels(t, all);
    struct node *operands[] = {as_channels(t, in), t->result};
    gradient_give_param(t, ROLE_weight,
                        gradient_op(t, OP_weight_gradient, &a, operands, 2, "weight"));
    give_bias(t);
    t->result = all;
}

/* ---- bn, dropout ---- */

void gradient_bn_train(struct gradient *t)
{
    struct node *bn = t->node;
    struct attrs a;
    struct node *operands[] = {t->result, bn->input[0], gradient_result(t, bn, 1),
                               gradient_result(t, bn, 2)};
    attrs_init(&a, OP_bn_gradient);
    a.eps = bn->attr.eps;
    a.affine = bn->attr.affine;
    a.shared = bn->attr.shared;
    struct node *n = gradient_op(t, OP_bn_gradient, &a, operands, 4, "input");
    n->weight[ROLE_weight] = bn->weight[ROLE_weight];
    n->weight[ROLE_bias] = bn->weight[ROLE_bias];
    gradient_give(t, 0, n);
    if (!a.affine)
        return;
    gradient_give_param(t, ROLE_weight, gradient_result(t, n, 1));
    gradient_give_param(t, ROLE_bias, gradient_result(t, n, 2));
}

/* The same elements are dropped again; none are where p is 0. */
void gradient_dropout_train(struct gradient *t)
{
    const bool drops = t->node->op == OP_dropout_train;
    struct node *operands[] = {t->result, drops ? t->node->input[1] : NULL};
    gradient_give(t, 0,
                  drops ? gradient_op(t, OP_dropout_train, &t->node->attr, operands, 2, "input")
                        : t->result);
}

/* The parameter is the tensor itself. */
void gradient_param(struct gradient *t)
{
    gradient_give_param(t, ROLE_value, t->result);
}

/* ---- activations ---- */

void gradient_activation(struct gradient *t)
{
    struct node *node = t->node;
    const enum netrt_act act = op_act(node->op);
    struct node *n = gradient_op2(t, OP_activation_gradient, t->result,
                                  act_keeps_result(act) ? node : node->input[0], "input");
    n->act = act;
    for (int i = 0; i < 2; i++)
        n->act_arg[i] = op_act_arg(node->op, &node->attr, i);
    gradient_give(t, 0, n);
}

/* ---- pools ---- */

static void set_size(struct attrs *a, const struct type *in)
{
    for (int axis = 0; axis < 3; axis++)
        a->size[axis] = type_along(in, axis);
}

void gradient_pool(struct gradient *t)
{
    const bool average = t->node->op == OP_avgpool;
    const enum op op = average ? OP_avgpool_gradient : OP_maxpool_gradient;
    struct node *operands[] = {t->result, t->node->input[0]};
    struct attrs a = window_of(op, &t->node->attr);
    a.groups = 0;
    a.count_include_pad = t->node->attr.count_include_pad;
    if (average)
        set_size(&a, &t->node->input[0]->type);
    gradient_give(t, 0, gradient_op(t, op, &a, operands, average ? 1 : 2, "input"));
}

void gradient_adaptive_pool(struct gradient *t)
{
    const enum op of = t->node->op;
    const bool average = of == OP_adaptive_avgpool || of == OP_global_avgpool;
    const enum op op = average ? OP_adaptive_avgpool_gradient : OP_adaptive_maxpool_gradient;
    struct node *operands[] = {t->result, t->node->input[0]};
    struct attrs a;
    attrs_init(&a, op);
    if (average)
        set_size(&a, &t->node->input[0]->type);
    gradient_give(t, 0, gradient_op(t, op, &a, operands, average ? 1 : 2, "input"));
}

/* ---- losses ---- */

/* Shares get minus log(softmax), times what smoothing leaves of them, over the number of labels. */
static struct node *of_shares(struct gradient *t)
{
    struct node *scores = t->node->input[0];
    const int64_t labels = type_elements(&scores->type) / scores->type.dim[1];
    const double factor = -(1 - t->node->attr.label_smoothing) / (double)labels;
    struct attrs a;
    attrs_init(&a, OP_log_softmax);
    a.dim = (struct dims){.n = 1, .at = {1}};
    struct node *logs = gradient_op(t, OP_log_softmax, &a, &scores, 1, "logs");
    struct node *number = gradient_reshaped(
        t, t->result, &(struct type){.rank = scores->type.rank, .dim = {1, 1, 1, 1}});
    return gradient_op2(t, OP_mul, gradient_scaled(t, logs, factor, "shares"), number, "labels");
}

void gradient_cross_entropy(struct gradient *t)
{
    struct node *operands[] = {t->node->input[0], t->node->input[1], t->result};
    struct attrs a;
    attrs_init(&a, OP_cross_entropy_gradient);
    a.class_weights = t->node->attr.class_weights;
    a.ignore_index = t->node->attr.ignore_index;
    a.label_smoothing = t->node->attr.label_smoothing;
    if (gradient_wanted(t, 0))
        gradient_give(t, 0, gradient_op(t, OP_cross_entropy_gradient, &a, operands, 3, "input"));
    if (loss_has_shares(t->node) && gradient_wanted(t, 1))
        gradient_give(t, 1, of_shares(t));
}
