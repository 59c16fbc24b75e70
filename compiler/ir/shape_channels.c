/* Shape rules of what keeps rows and columns, or has none. */
#include "ir/shape.h"

bool shape_same(const struct shape_call *c)
{
    c->shape->type = *shape_in(c, 0);
    c->shape->type.layout = LAYOUT_dense;
    return true;
}

bool shape_dropout(const struct shape_call *c)
{
    return c->attr->p <= 1 ? shape_same(c) : shape_fail(c, MESSAGE(err_dropout), c->attr->p);
}

bool shape_planes(const struct shape_call *c)
{
    return shape_is_map(shape_in(c, 0)) ? shape_same(c) : shape_needs_image(c);
}

/* Whether the operand is a map, whose columns nobody means by features. */
static bool reads_map(const struct shape_call *c)
{
    const struct node *in = c->input[0];
    return node_layout(in) == LAYOUT_blocked || (in->op == OP_input && in->type.rank == 4);
}

bool shape_linear(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    if (in->rank == 3 && reads_map(c))
        return shape_fail(c, MESSAGE(err_needs_rows), op_info(c->op)->name, shape_dims(c, 0),
                          (long long)in->dim[1], (long long)in->dim[2]);
    if (in->rank > 2 && reads_map(c))
        return shape_fail(c, MESSAGE(err_needs_flat), op_info(c->op)->name, shape_dims(c, 0));
    shape_weight(c, ROLE_weight, 2, c->attr->out, in->dim[in->rank - 1], 0, 0);
    if (c->attr->bias)
        shape_weight(c, ROLE_bias, 1, c->attr->out, 0, 0, 0);
    shape_same(c);
    c->shape->type.dim[in->rank - 1] = c->attr->out;
    return true;
}

bool shape_bn(const struct shape_call *c)
{
    int64_t channels = shape_in(c, 0)->dim[1];
    if (c->attr->affine) {
        shape_weight(c, ROLE_weight, 1, channels, 0, 0, 0);
        shape_weight(c, ROLE_bias, 1, channels, 0, 0, 0);
    }
    shape_weight(c, ROLE_running_mean, 1, channels, 0, 0, 0);
    shape_weight(c, ROLE_running_var, 1, channels, 0, 0, 0);
    return shape_same(c);
}

bool shape_prelu(const struct shape_call *c)
{
    int64_t channels = shape_in(c, 0)->dim[1], slopes = c->attr->num_parameters;
    if (slopes != 1 && slopes != channels)
        return shape_fail(c, MESSAGE(err_slopes), (long long)slopes, (long long)channels);
    shape_weight(c, ROLE_weight, 1, slopes, 0, 0, 0);
    return shape_same(c);
}

bool shape_axes(const struct shape_call *c)
{
    return shape_axis(c) && shape_same(c);
}

/* Whether these are the last of `rank` dimensions. */
static bool are_last(unsigned axes, int rank)
{
    const unsigned from_first = axes & (~axes + 1);
    return axes && axes + from_first == 1u << rank;
}

/* The parameters up to `last` have the dimensions that are normalized over. */
static bool normalize_axes(const struct shape_call *c, enum role last)
{
    const struct type *in = shape_in(c, 0);
    const unsigned axes = attrs_axes(c->attr, in);
    struct type param = {0};
    if (axes != 1u << 1 && !are_last(axes, in->rank))
        return shape_fail(c, MESSAGE(err_last_axes), op_info(c->op)->name, in->rank - 1);
    for (int i = 1; i < in->rank; i++)
        if (axes >> i & 1)
            param.dim[param.rank++] = in->dim[i];
    for (enum role role = ROLE_weight; c->attr->affine && role <= last; role++)
        shape_has_param(c, role, &param);
    return shape_same(c);
}

bool shape_layernorm(const struct shape_call *c)
{
    return normalize_axes(c, ROLE_bias);
}

bool shape_rmsnorm(const struct shape_call *c)
{
    return normalize_axes(c, ROLE_weight);
}

/* A scale and a shift for each channel. */
static bool normalize_channels(const struct shape_call *c)
{
    for (enum role role = ROLE_weight; c->attr->affine && role <= ROLE_bias; role++)
        shape_weight(c, role, 1, shape_in(c, 0)->dim[1], 0, 0, 0);
    return shape_same(c);
}

bool shape_groupnorm(const struct shape_call *c)
{
    const int64_t channels = shape_in(c, 0)->dim[1], groups = c->attr->groups;
    if (channels % groups)
        return shape_fail(c, MESSAGE(err_groups_input), (long long)channels, (long long)groups);
    return normalize_channels(c);
}

bool shape_instancenorm(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    if (!shape_is_map(in))
        return shape_needs_image(c);
    if (type_elements(in) == in->dim[0] * in->dim[1])
        return shape_fail(c, MESSAGE(err_one_position), op_info(c->op)->name);
    return normalize_channels(c);
}

/* The input's own size was checked, so the product fits. */
bool shape_flatten(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    return shape_vector(c, type_elements(in) / in->dim[0]);
}

bool shape_channel_shuffle(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    if (!shape_is_map(in))
        return shape_needs_image(c);
    if (in->dim[1] % c->attr->groups)
        return shape_fail(c, MESSAGE(err_groups_input), (long long)in->dim[1],
                          (long long)c->attr->groups);
    return shape_same(c);
}
