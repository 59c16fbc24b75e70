/* Shape rules of what slides a window over rows, columns and depth; the formulas are those of
 * PyTorch's Conv2d, ConvTranspose2d, MaxPool2d, AvgPool2d and AdaptiveAvgPool2d, and of their 1-d
 * and 3-d kin. */
#include "base/number.h"
#include "ir/shape.h"

/* One axis: 0 rows, 1 columns, 2 depth. */
struct axis {
    int64_t in, kernel, stride, dilation, before, after;
    int64_t window; /* what the dilated kernel covers */
    int64_t padded; /* the input with its padding */
};

static bool axis_init(struct axis *t, const struct shape_call *c, int i)
{
    const struct attrs *a = c->attr;
    static const int sides[][2] = {{0, 2}, {1, 3}, {4, 5}};
    *t = (struct axis){.in = type_along(shape_in(c, 0), i),
                       .kernel = a->kernel[i],
                       .stride = a->stride[i],
                       .dilation = a->dilation[i] ? a->dilation[i] : 1,
                       .before = a->padding[sides[i][0]],
                       .after = a->padding[sides[i][1]]};
    t->padded = t->in + t->before + t->after;
    return (checked_mul(t->kernel - 1, t->dilation, &t->window) &&
            checked_add(t->window, 1, &t->window)) ||
           shape_too_large(c);
}

static bool axes_init(struct axis axis[3], const struct shape_call *c)
{
    return axis_init(&axis[0], c, 0) && axis_init(&axis[1], c, 1) && axis_init(&axis[2], c, 2);
}

/* "3x3", of a volume "3x3x3": a number of each axis. */
static const char *sizes(const struct shape_call *c, int64_t h, int64_t w, int64_t d)
{
    struct arena *arena = c->shape->diags->arena;
    if (shape_in(c, 0)->rank == VOLUME_RANK)
        return arena_printf(arena, "%lldx%lldx%lld", (long long)d, (long long)h, (long long)w);
    return arena_printf(arena, "%lldx%lld", (long long)h, (long long)w);
}

static const char *sizes_of(const struct shape_call *c, const int64_t size[3])
{
    return sizes(c, size[0], size[1], size[2]);
}

static bool fail_window(const struct shape_call *c, const struct axis axis[3])
{
    shape_fail(c, MESSAGE(err_window_too_large),
               sizes(c, axis[0].window, axis[1].window, axis[2].window), op_info(c->op)->name,
               sizes(c, axis[0].padded, axis[1].padded, axis[2].padded));
    for (int i = 0; i < 3; i++)
        if (axis[i].window > axis[i].kernel) {
            diag_hint(c->shape->failure, "the kernel of %s is dilated by %s",
                      sizes_of(c, c->attr->kernel), sizes_of(c, c->attr->dilation));
            break;
        }
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
    if (shape_in(c, 0)->rank == VOLUME_RANK)
        shape_has_param(
            c, ROLE_weight,
            &(struct type){.rank = 5, .dim = {first, second, kernel[2], kernel[0], kernel[1]}});
    else if (shape_in(c, 0)->rank == 3)
        shape_weight(c, ROLE_weight, 3, first, second, kernel[1], 0);
    else
        shape_weight(c, ROLE_weight, 4, first, second, kernel[0], kernel[1]);
}

/* Windows that fit. */
static int64_t windows(const struct axis *t)
{
    return (t->padded - t->window) / t->stride + 1;
}

bool shape_conv(const struct shape_call *c)
{
    const struct attrs *a = c->attr;
    struct axis axis[3];
    if (!shape_is_space(shape_in(c, 0)))
        return shape_needs_space(c);
    if (!check_groups(c) || !axes_init(axis, c))
        return false;
    for (int i = 0; i < 3; i++)
        if (axis[i].window > axis[i].padded)
            return fail_window(c, axis);
    kernel_param(c, a->out, shape_in(c, 0)->dim[1] / a->groups);
    if (a->bias)
        shape_weight(c, ROLE_bias, 1, a->out, 0, 0, 0);
    return shape_space(c, a->out, windows(&axis[2]), windows(&axis[0]), windows(&axis[1]));
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
    struct axis axis[3];
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
    struct axis axis[3];
    int64_t size[3];
    if (!shape_is_space(in))
        return shape_needs_space(c);
    if (!axes_init(axis, c))
        return false;
    for (int i = 0; i < 3; i++) {
        if (!check_pool_padding(c, &axis[i]))
            return false;
        size[i] = pooled_size(&axis[i], c->attr->ceil);
    }
    if (!size[0] || !size[1] || !size[2])
        return fail_window(c, axis);
    return shape_space(c, in->dim[1], size[2], size[0], size[1]);
}

bool shape_adaptive_pool(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const int64_t *size = c->attr->size;
    if (!shape_is_space(in))
        return shape_needs_space(c);
    return shape_space(c, in->dim[1], size[2], size[0], size[1]);
}

bool shape_global_pool(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    return shape_is_space(in) ? shape_space(c, in->dim[1], 1, 1, 1) : shape_needs_space(c);
}
