/* Shape rules of what slides a window over rows, columns and depth; the formulas are those of
 * PyTorch's Conv2d, ConvTranspose2d, MaxPool2d, AvgPool2d and AdaptiveAvgPool2d, and of their 1-d
 * and 3-d kin. */
#include "ir/window.h"

#include "base/number.h"
#include "ir/shape.h"

/* One axis: 0 rows, 1 columns, 2 depth. */
struct axis {
    int number;
    int64_t in, kernel, stride, dilation, before, after, more;
    bool ceil;
    int64_t window; /* what the dilated kernel covers */
    int64_t padded; /* the input with its padding */
};

static bool axis_set(struct axis *t, const struct attrs *a, const struct type *in, int i)
{
    static const int sides[][2] = {{0, 2}, {1, 3}, {4, 5}};
    *t = (struct axis){.number = i,
                       .in = type_along(in, i),
                       .kernel = a->kernel[i],
                       .stride = a->stride[i],
                       .dilation = a->dilation[i] ? a->dilation[i] : 1,
                       .before = a->padding[sides[i][0]],
                       .after = a->padding[sides[i][1]],
                       .more = a->output_padding[i],
                       .ceil = a->ceil};
    t->padded = t->in + t->before + t->after;
    return checked_mul(t->kernel - 1, t->dilation, &t->window) &&
           checked_add(t->window, 1, &t->window);
}

static bool axis_init(struct axis *t, const struct shape_call *c, int i)
{
    return axis_set(t, c->attr, shape_in(c, 0), i) || shape_too_large(c);
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

/* ---- sizes, which know their formulas ---- */

static struct quantity kernel_of(struct formulas *f, const struct axis *t)
{
    static const enum formula_symbol kernels[] = {SYMBOL_kernel_rows, SYMBOL_kernel_columns,
                                                  SYMBOL_kernel_depth};
    return quantity_symbol(f, kernels[t->number], t->kernel);
}

static struct quantity input_of(struct formulas *f, const struct axis *t)
{
    static const enum formula_symbol inputs[] = {SYMBOL_rows, SYMBOL_columns, SYMBOL_depth};
    return quantity_symbol(f, inputs[t->number], t->in);
}

static struct quantity stride_of(struct formulas *f, const struct axis *t)
{
    return quantity_symbol(f, SYMBOL_stride, t->stride);
}

static struct quantity one(struct formulas *f)
{
    return quantity_number(f, 1);
}

/* The kernel, or what it covers where it is dilated: d (K - 1) + 1. */
static struct quantity window_of(struct formulas *f, const struct axis *t)
{
    const struct quantity kernel = kernel_of(f, t);
    const struct quantity dilation = quantity_symbol(f, SYMBOL_dilation, t->dilation);
    if (t->dilation == 1)
        return kernel;
    return quantity_plus(f, quantity_times(f, dilation, quantity_minus(f, kernel, one(f))), one(f));
}

/* 2 p, or p on each side where they differ; nothing where there is none. */
static struct quantity padding_of(struct formulas *f, const struct axis *t)
{
    if (!t->before && !t->after)
        return quantity_number(f, 0);
    if (t->before == t->after)
        return quantity_times(f, quantity_number(f, 2),
                              quantity_symbol(f, SYMBOL_padding, t->before));
    return quantity_plus(f, quantity_symbol(f, SYMBOL_padding_before, t->before),
                         quantity_symbol(f, SYMBOL_padding_after, t->after));
}

/* What a window can move by: H - KH + 2 p. */
static struct quantity room_of(struct formulas *f, const struct axis *t)
{
    return quantity_plus(f, quantity_minus(f, input_of(f, t), window_of(f, t)), padding_of(f, t));
}

/* Windows that fit. */
static struct quantity windows(struct formulas *f, const struct axis *t)
{
    return quantity_plus(f, quantity_over(f, room_of(f, t), stride_of(f, t)), one(f));
}

/* With `ceil` a last window may reach beyond the input, but must start inside it or in the padding
 * before it. */
static struct quantity pooled_size(struct formulas *f, const struct axis *t)
{
    if (t->padded - t->window + (t->ceil ? t->stride - 1 : 0) < 0)
        return quantity_number(f, 0);
    if (!t->ceil)
        return windows(f, t);
    const struct quantity steps = t->padded < t->window
                                      ? quantity_number(f, 0)
                                      : quantity_over_up(f, room_of(f, t), stride_of(f, t));
    const struct quantity size = quantity_plus(f, steps, one(f));
    const bool starts_behind = (size.value - 1) * t->stride >= t->in + t->before;
    return starts_behind ? quantity_minus(f, size, one(f)) : size;
}

/* (in - 1) stride + window + output_padding, less the padding; below 1: nothing is left. */
static struct quantity transposed_size(struct formulas *f, const struct axis *t)
{
    const struct quantity steps = quantity_minus(f, input_of(f, t), one(f));
    struct quantity size = quantity_times(f, steps, stride_of(f, t));
    size = quantity_plus(f, size, window_of(f, t));
    if (t->more)
        size = quantity_plus(f, size, quantity_symbol(f, SYMBOL_output_padding, t->more));
    return quantity_minus(f, size, padding_of(f, t));
}

bool window_size(struct formulas *f, enum op op, const struct attrs *a, const struct type *in,
                 int axis, struct quantity *size)
{
    struct axis t;
    if (!a->kernel[axis] || !axis_set(&t, a, in, axis))
        return false;
    *size = op == OP_conv             ? windows(f, &t)
            : op == OP_conv_transpose ? transposed_size(f, &t)
                                      : pooled_size(f, &t);
    return true;
}

/* ---- rules ---- */

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
    struct formulas f = {0};
    return shape_space(c, a->out, windows(&f, &axis[2]).value, windows(&f, &axis[0]).value,
                       windows(&f, &axis[1]).value);
}

/* -1: reported. */
static int64_t check_transposed(const struct shape_call *c, const struct axis *t)
{
    struct formulas f = {0};
    if (t->more >= t->stride && t->more >= t->dilation) {
        shape_fail(c, MESSAGE(err_output_padding), (long long)t->more, (long long)t->stride,
                   (long long)t->dilation);
        return -1;
    }
    const int64_t size = transposed_size(&f, t).value;
    if (f.overflow) {
        shape_too_large(c);
        return -1;
    }
    return int_max(size, 0);
}

bool shape_conv_transpose(const struct shape_call *c)
{
    const struct attrs *a = c->attr;
    struct axis axis[3];
    int64_t size[3];
    if (!shape_is_space(shape_in(c, 0)))
        return shape_needs_space(c);
    if (!check_groups(c) || !axes_init(axis, c))
        return false;
    for (int i = 0; i < 3; i++)
        if ((size[i] = check_transposed(c, &axis[i])) < 0)
            return false;
    if (!size[0] || !size[1] || !size[2])
        return shape_fail(c, MESSAGE(err_nothing_left), shape_dims(c, 0));
    kernel_param(c, shape_in(c, 0)->dim[1], a->out / a->groups);
    if (a->bias)
        shape_weight(c, ROLE_bias, 1, a->out, 0, 0, 0);
    return shape_space(c, a->out, size[2], size[0], size[1]);
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
    struct formulas f = {0};
    struct axis axis[3];
    int64_t size[3];
    if (!shape_is_space(in))
        return shape_needs_space(c);
    if (!axes_init(axis, c))
        return false;
    for (int i = 0; i < 3; i++) {
        if (!check_pool_padding(c, &axis[i]))
            return false;
        size[i] = pooled_size(&f, &axis[i]).value;
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
