/* Normalizations. */
#include "onnx/export.h"

/* A weight, or a number for each channel where the operator has none. */
static const char *weight_or(struct exporting *e, enum role role, const char *what, double value)
{
    const char *name = export_weight(e, role);
    const int64_t channels = export_type(e, 0)->dim[1];
    return name ? name : export_filled(e, what, 1, &channels, value);
}

const char *export_bn(struct exporting *e)
{
    const char *scale = weight_or(e, ROLE_weight, "ones", 1);
    const char *shift = weight_or(e, ROLE_bias, "zeros", 0);
    const char *result =
        LAST(e, "BatchNormalization", export_in(e, 0), scale, shift,
             export_weight(e, ROLE_running_mean), export_weight(e, ROLE_running_var));
    export_attributes(e);
    export_real(e, "momentum", 1 - e->node->attr.momentum); /* the share that is kept */
    return result;
}

const char *export_instancenorm(struct exporting *e)
{
    const char *scale = weight_or(e, ROLE_weight, "ones", 1);
    const char *shift = weight_or(e, ROLE_bias, "zeros", 0);
    const char *result = LAST(e, "InstanceNormalization", export_in(e, 0), scale, shift);
    export_attributes(e);
    return result;
}

/* A number for each channel, to be spread over what follows them. */
static const char *along_channels(struct exporting *e, const char *what, const char *vector)
{
    static const int64_t axes[] = {1, 2, 3, 4};
    const int more = export_type(e, 0)->rank - 2;
    return more > 0 ? STEP(e, what, "Unsqueeze", vector, export_known_ints(e, "axes", more, axes))
                    : vector;
}

/* Before version 21 groups are channels for InstanceNormalization. */
static const char *groups_as_channels(struct exporting *e)
{
    const struct type *in = export_type(e, 0);
    const int64_t groups = e->node->attr.groups;
    const int64_t parts[3] = {in->dim[0], groups, -1};
    const char *x = export_reshape(e, "groups", export_in(e, 0), 3, parts);
    const char *ones = export_filled(e, "ones", 1, &groups, 1);
    x = STEP(e, "normal", "InstanceNormalization", x, ones,
             export_filled(e, "zeros", 1, &groups, 0));
    export_real(e, "epsilon", e->node->attr.eps);
    if (!e->node->attr.affine)
        return export_reshape(e, NULL, x, in->rank, in->dim);
    x = export_reshape(e, "channels", x, in->rank, in->dim);
    x = STEP(e, "scaled", "Mul", x, along_channels(e, "scale", export_weight(e, ROLE_weight)));
    return LAST(e, "Add", x, along_channels(e, "shift", export_weight(e, ROLE_bias)));
}

const char *export_groupnorm(struct exporting *e)
{
    if (e->x->options->opset < 21)
        return groups_as_channels(e);
    const char *scale = weight_or(e, ROLE_weight, "ones", 1);
    const char *shift = weight_or(e, ROLE_bias, "zeros", 0);
    const char *result = LAST(e, "GroupNormalization", export_in(e, 0), scale, shift);
    export_attributes(e);
    return result;
}

/* The first of the last dimensions that are normalized; 0: others are. */
static int first_axis(const struct exporting *e)
{
    const struct type *in = export_type(e, 0);
    const unsigned axes = attrs_axes(&e->node->attr, in), all = 1u << in->rank;
    int axis = in->rank;
    while (axis > 1 && axes >> (axis - 1) & 1)
        axis--;
    return axes == all - (1u << axis) ? axis : 0;
}

static const char *scale_of_last(struct exporting *e, int axis)
{
    const struct type *in = export_type(e, 0);
    const char *scale = export_weight(e, ROLE_weight);
    return scale ? scale : export_filled(e, "ones", in->rank - axis, in->dim + axis, 1);
}

/* A dimension that is not the last one changes places with those behind it. */
static const char *turn(struct exporting *e, const char *what, const char *x, int axis, bool back)
{
    const int last = export_type(e, 0)->rank - 1;
    int64_t perm[MAX_RANK];
    for (int i = 0; i <= last; i++)
        perm[i] = i < axis ? i : back ? (i == axis ? last : i - 1) : i == last ? axis : i + 1;
    const char *result = what ? STEP(e, what, "Transpose", x) : LAST(e, "Transpose", x);
    export_ints(e, "perm", last + 1, perm);
    return result;
}

const char *export_layernorm(struct exporting *e)
{
    const int axis = first_axis(e), one = attrs_axis(&e->node->attr, export_type(e, 0));
    const char *shift = export_weight(e, ROLE_bias);
    if (axis) {
        const char *result =
            LAST(e, "LayerNormalization", export_in(e, 0), scale_of_last(e, axis), shift);
        export_int(e, "axis", axis);
        export_attributes(e);
        return result;
    }
    if (!one)
        return export_lacks(e, "it normalizes neither the last dimensions nor one");
    const char *x = turn(e, "turned", export_in(e, 0), one, false);
    const int64_t size = export_type(e, 0)->dim[one];
    const char *scale = export_weight(e, ROLE_weight);
    x = STEP(e, "normal", "LayerNormalization", x,
             scale ? scale : export_filled(e, "ones", 1, &size, 1), shift);
    export_int(e, "axis", -1);
    export_attributes(e);
    return turn(e, NULL, x, one, true);
}

/* x over the root of the mean of its squares */
static const char *mean_square(struct exporting *e, const char *x, bool scaled)
{
    const char *t = STEP(e, "squares", "Mul", x, x);
    t = STEP(e, "mean", "ReduceMean", t, export_known_axes(e));
    t = STEP(e, "more", "Add", t, export_known_real(e, "eps", e->node->attr.eps));
    t = STEP(e, "root", "Sqrt", t);
    return scaled ? STEP(e, "normal", "Div", x, t) : LAST(e, "Div", x, t);
}

const char *export_rmsnorm(struct exporting *e)
{
    const int axis = first_axis(e);
    const struct type *in = export_type(e, 0);
    const char *x = export_in(e, 0), *scale = export_weight(e, ROLE_weight);
    if (axis && e->x->options->opset >= 23) {
        const char *result = LAST(e, "RMSNormalization", x, scale_of_last(e, axis));
        export_int(e, "axis", axis);
        export_real(e, "epsilon", e->node->attr.eps);
        return result;
    }
    x = mean_square(e, x, scale != NULL);
    if (!scale)
        return x;
    if (!axis) {
        int64_t dim[MAX_RANK];
        const unsigned axes = attrs_axes(&e->node->attr, in);
        for (int i = 0; i < in->rank; i++)
            dim[i] = axes >> i & 1 ? in->dim[i] : 1;
        scale =
            STEP(e, "scale", "Reshape", scale, export_known_ints(e, "scale.shape", in->rank, dim));
    }
    return LAST(e, "Mul", x, scale);
}

/* Of an even window ONNX has the odd channel behind, PyTorch before. */
const char *export_lrn(struct exporting *e)
{
    if (e->node->attr.size[0] % 2 == 0)
        return export_lacks(e, "a window of %lld channels, an even number",
                            (long long)e->node->attr.size[0]);
    return export_plain(e);
}
