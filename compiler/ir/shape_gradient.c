/* Shape rules of what is made for training: losses, and gradients. */
#include "ir/loss.h"
#include "ir/shape.h"

#include <string.h>

static bool fail_operands(const struct shape_call *c, int i, int j)
{
    return shape_fail(c, MESSAGE(err_gradient_operands), op_info(c->op)->name, shape_dims(c, i),
                      shape_dims(c, j));
}

/* Scores [N, C, ...] and labels [N, 1, ...], or shares of classes [N, C, ...], and weights of C
 * classes, if of any. */
static bool check_cross_entropy(const struct shape_call *c)
{
    const struct type *scores = shape_in(c, 0);
    const int64_t weights = c->attr->class_weights.n, classes = scores->dim[1];
    if ((scores->rank != 2 && !shape_is_map(scores)) || !loss_classes_fit(scores, shape_in(c, 1)))
        return fail_operands(c, 0, 1);
    if (weights && weights != classes)
        return shape_fail(c, MESSAGE(err_class_weights), op_info(c->op)->name, (long long)weights,
                          (long long)classes);
    return true;
}

bool shape_cross_entropy_gradient(const struct shape_call *c)
{
    return check_cross_entropy(c) && shape_same(c);
}

/* To a number, as [1, 1]. */
bool shape_cross_entropy(const struct shape_call *c)
{
    if (!check_cross_entropy(c))
        return false;
    c->shape->type = (struct type){.rank = 2, .dim = {1, 1}};
    return true;
}

/* A vector for each further result. */
static void further_channels(const struct shape_call *c, int64_t channels)
{
    for (int i = 0; i < MAX_RESULTS - 1; i++)
        c->shape->further[i] = (struct type){.rank = 2, .dim = {1, channels}};
}

bool shape_bn_train(const struct shape_call *c)
{
    further_channels(c, shape_in(c, 0)->dim[1]);
    return shape_bn(c);
}

/* Of the result's gradient, the input, its means and its variances. */
bool shape_bn_gradient(const struct shape_call *c)
{
    const int64_t channels = shape_in(c, 0)->dim[1];
    if (!type_equal_dims(shape_in(c, 0), shape_in(c, 1)))
        return fail_operands(c, 0, 1);
    for (int i = 2; i < 4; i++)
        if (type_elements(shape_in(c, i)) != channels)
            return fail_operands(c, 0, i);
    if (c->attr->affine) {
        shape_weight(c, ROLE_weight, 1, channels, 0, 0, 0);
        shape_weight(c, ROLE_bias, 1, channels, 0, 0, 0);
    }
    further_channels(c, channels);
    return shape_same(c);
}

/* The weight of a convolution, as a map: an image for each output channel. One of as many groups as
 * channels, in and out, has one image, whose elements lie likewise. */
bool shape_weight_gradient(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0), *gradient = shape_in(c, 1);
    const struct attrs *a = c->attr;
    const int64_t ic = in->dim[1], oc = gradient->dim[1];
    const bool depthwise = a->groups > 1 && a->groups == ic && a->groups == oc;
    struct type *out = &c->shape->type;
    if (in->rank != gradient->rank || in->rank > VOLUME_RANK || in->dim[0] != gradient->dim[0] ||
        ic % a->groups || oc % a->groups)
        return fail_operands(c, 0, 1);
    *out = (struct type){.rank = in->rank, .dim = {oc, ic / a->groups}};
    if (depthwise) {
        out->dim[0] = 1;
        out->dim[1] = oc;
    }
    for (int i = 2; i < in->rank; i++)
        out->dim[i] = a->kernel[(i - in->rank + 5) % 3]; /* depth, rows, columns */
    return true;
}

/* The weight is that of the linear layer, which has as many outputs as the operand has features. */
bool shape_linear_transposed(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    shape_weight(c, ROLE_weight, 2, in->dim[in->rank - 1], c->attr->out, 0, 0);
    shape_same(c);
    c->shape->type.dim[in->rank - 1] = c->attr->out;
    return true;
}

/* The size is the input's: that of the second operand, or an attribute. */
bool shape_pool_gradient(const struct shape_call *c)
{
    const struct type *gradient = shape_in(c, 0);
    const struct type *in = shape_in(c, c->n_inputs - 1);
    const int64_t *size = c->attr->size;
    if (!shape_is_space(gradient) || (!shape_is_map(gradient) && !op_has(c->op, OP_VOLUME)))
        return shape_needs_image(c);
    if (c->n_inputs == 1)
        return shape_space(c, gradient->dim[1], size[2], size[0], size[1]);
    if (in->rank != gradient->rank || in->dim[0] != gradient->dim[0] ||
        in->dim[1] != gradient->dim[1])
        return fail_operands(c, 0, 1);
    return shape_space(c, in->dim[1], type_along(in, 2), type_along(in, 0), type_along(in, 1));
}

/* Of a gradient and positions of equal dimensions, those of what they are positions in: no less,
 * but along the one that is chosen from, and where one is for all images. */
bool shape_gather_gradient(const struct shape_call *c)
{
    const struct type *gradient = shape_in(c, 0);
    const struct dims *shape = &c->attr->shape;
    struct type type = {.dtype = gradient->dtype, .rank = (int)shape->n};
    memcpy(type.dim, shape->at, sizeof type.dim);
    c->shape->type = type;
    const int axis = attrs_axis(c->attr, &type);
    if (!type_equal_dims(gradient, shape_in(c, 1)) || !axis || type.rank != gradient->rank)
        return fail_operands(c, 0, 1);
    for (int i = 0; i < type.rank; i++)
        if (i != axis && type.dim[i] < gradient->dim[i] && (i || type.dim[i] != 1))
            return fail_operands(c, 0, 1);
    return true;
}

/* A vector, of the last dimension of the gradient, for each integer that there may be. */
bool shape_embedding_gradient(const struct shape_call *c)
{
    struct type rows = *shape_in(c, 0);
    const int64_t features = rows.dim[--rows.rank];
    if (!type_equal_dims(&rows, shape_in(c, 1)))
        return fail_operands(c, 0, 1);
    c->shape->type =
        (struct type){.dtype = rows.dtype, .rank = 2, .dim = {c->attr->num_embeddings, features}};
    return true;
}

bool shape_sum_to(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const struct dims *shape = &c->attr->shape;
    struct type *out = &c->shape->type;
    *out = (struct type){.dtype = in->dtype, .rank = (int)shape->n};
    memcpy(out->dim, shape->at, sizeof out->dim);
    for (int i = 0; i < in->rank; i++)
        if (shape->n != in->rank || (out->dim[i] != 1 && out->dim[i] != in->dim[i]))
            return shape_fail(c, MESSAGE(err_gradient_operands), op_info(c->op)->name,
                              shape_dims(c, 0), "its shape");
    return true;
}
