/* Shape rules of what slides a window over rows and columns; the formulas are those of PyTorch's
 * Conv2d, ConvTranspose2d, MaxPool2d, AvgPool2d and AdaptiveAvgPool2d. */
#include "base/number.h"
#include "ir/shape.h"

/* One axis: 0 rows, 1 columns. */
struct axis {
    int64_t in, kernel, stride, dilation, before, after;
    int64_t window; /* what the dilated kernel covers */
    int64_t padded; /* the input with its padding */
};

static bool axis_init(struct axis *t, const struct shape_call *c, int i)
{
    const struct attrs *a = c->attr;
    *t = (struct axis){.in = i ? type_w(shape_in(c, 0)) : type_h(shape_in(c, 0)),
                       .kernel = a->kernel[i],
                       .stride = a->stride[i],
                       .dilation = a->dilation[i] ? a->dilation[i] : 1,
                       .before = a->padding[i],
                       .after = a->padding[2 + i]};
    t->padded = t->in + t->before + t->after;
    return (checked_mul(t->kernel - 1, t->dilation, &t->window) &&
            checked_add(t->window, 1, &t->window)) ||
           shape_too_large(c);
}

static bool axes_init(struct axis axis[2], const struct shape_call *c)
{
    return axis_init(&axis[0], c, 0) && axis_init(&axis[1], c, 1);
}

static bool fail_window(const struct shape_call *c, const struct axis axis[2])
{
    shape_fail(c, MESSAGE(err_window_too_large), (long long)axis[0].window,
               (long long)axis[1].window, op_info(c->op)->name, (long long)axis[0].padded,
               (long long)axis[1].padded);
    if (axis[0].window > axis[0].kernel || axis[1].window > axis[1].kernel)
        diag_hint(c->shape->failure, "the kernel of %lldx%lld is dilated by %lldx%lld",
                  PAIR(c->attr->kernel), PAIR(c->attr->dilation));
    return false;
}

static bool check_groups(const struct shape_call *c)
{
    int64_t channels = shape_in(c, 0)->dim[1], groups = c->attr->groups, out = c->attr->out;
    if (channels % groups)
        return shape_fail(c, MESSAGE(err_groups_input), (long long)channels, (long long)groups);
    if (out % groups)
        return shape_fail(c, MESSAGE(err_groups_output), (long long)out, (long long)groups);
    return true;
}

/* The weight of a convolution: of a map of one row it has no dimension for rows. */
static void kernel_param(const struct shape_call *c, int64_t first, int64_t second)
{
    const int64_t *kernel = c->attr->kernel;
    if (shape_in(c, 0)->rank == 3)
        shape_weight(c, ROLE_weight, 3, first, second, kernel[1], 0);
    else
        shape_weight(c, ROLE_weight, 4, first, second, kernel[0], kernel[1]);
}

bool shape_conv(const struct shape_call *c)
{
    const struct attrs *a = c->attr;
    struct axis axis[2];
    if (!shape_is_map(shape_in(c, 0)))
        return shape_needs_image(c);
    if (!check_groups(c) || !axes_init(axis, c))
        return false;
    if (axis[0].window > axis[0].padded || axis[1].window > axis[1].padded)
        return fail_window(c, axis);
    kernel_param(c, a->out, shape_in(c, 0)->dim[1] / a->groups);
    if (a->bias)
        shape_weight(c, ROLE_bias, 1, a->out, 0, 0, 0);
    return shape_image(c, a->out, (axis[0].padded - axis[0].window) / axis[0].stride + 1,
                       (axis[1].padded - axis[1].window) / axis[1].stride + 1);
}

/* (in - 1) stride + window + output_padding, less the padding; 0: nothing is left, -1: reported. */
static int64_t transposed_size(const struct shape_call *c, const struct axis *t, int i)
{
    int64_t more = c->attr->output_padding[i], size;
    if (more >= t->stride && more >= t->dilation) {
        shape_fail(c, MESSAGE(err_output_padding), (long long)more, (long long)t->stride,
                   (long long)t->dilation);
        return -1;
    }
    if (!checked_mul(t->in - 1, t->stride, &size) || !checked_add(size, t->window, &size) ||
        !checked_add(size, more, &size)) {
        shape_too_large(c);
        return -1;
    }
    size -= t->before + t->after;
    return size > 0 ? size : 0;
}

bool shape_conv_transpose(const struct shape_call *c)
{
    const struct attrs *a = c->attr;
    struct axis axis[2];
    if (!shape_is_map(shape_in(c, 0)))
        return shape_needs_image(c);
    if (!check_groups(c) || !axes_init(axis, c))
        return false;
    int64_t h = transposed_size(c, &axis[0], 0), w = h < 0 ? -1 : transposed_size(c, &axis[1], 1);
    if (w < 0)
        return false;
    if (!h || !w)
        return shape_fail(c, MESSAGE(err_nothing_left), shape_dims(c, 0));
    kernel_param(c, shape_in(c, 0)->dim[1], a->out / a->groups);
    if (a->bias)
        shape_weight(c, ROLE_bias, 1, a->out, 0, 0, 0);
    return shape_image(c, a->out, h, w);
}

/* With `ceil` a last window may reach beyond the input, but must start inside it or in the padding
 * before it. */
static int64_t pooled_size(const struct axis *t, bool ceil)
{
    int64_t room = t->padded - t->window + (ceil ? t->stride - 1 : 0);
    if (room < 0)
        return 0;
    int64_t size = room / t->stride + 1;
    return ceil && (size - 1) * t->stride >= t->in + t->before ? size - 1 : size;
}

static bool check_pool_padding(const struct shape_call *c, const struct axis *t)
{
    int64_t most = t->before > t->after ? t->before : t->after;
    return most <= t->kernel / 2 ||
           shape_fail(c, MESSAGE(err_pool_padding), (long long)most, (long long)t->kernel);
}

bool shape_pool(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    struct axis axis[2];
    if (!shape_is_map(in))
        return shape_needs_image(c);
    if (!axes_init(axis, c) || !check_pool_padding(c, &axis[0]) || !check_pool_padding(c, &axis[1]))
        return false;
    int64_t h = pooled_size(&axis[0], c->attr->ceil), w = pooled_size(&axis[1], c->attr->ceil);
    if (!h || !w)
        return fail_window(c, axis);
    return shape_image(c, in->dim[1], h, w);
}

bool shape_adaptive_pool(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    if (!shape_is_map(in))
        return shape_needs_image(c);
    return shape_image(c, in->dim[1], c->attr->size[0], c->attr->size[1]);
}

bool shape_global_pool(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    return shape_is_map(in) ? shape_image(c, in->dim[1], 1, 1) : shape_needs_image(c);
}
