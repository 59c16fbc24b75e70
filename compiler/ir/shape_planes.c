/* Shape rules of what adds, removes or repeats rows and columns. */
#include "base/number.h"
#include "ir/shape.h"

bool shape_pad(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const struct attrs *a = c->attr;
    if (!shape_is_space(in))
        return shape_needs_space(c);
    return shape_space(c, in->dim[1] + a->channels[0] + a->channels[1],
                       type_along(in, 2) + a->padding[4] + a->padding[5],
                       type_along(in, 0) + a->padding[0] + a->padding[2],
                       type_along(in, 1) + a->padding[1] + a->padding[3]);
}

bool shape_crop(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    if (!shape_is_map(in))
        return shape_needs_image(c);
    for (int i = 0; i < 2; i++) {
        const int64_t size = i ? type_w(in) : type_h(in);
        if (attrs_crop_offset(c->attr, i, size) + c->attr->size[i] > size)
            return shape_fail(c, MESSAGE(err_crop), PAIR(c->attr->size), shape_dims(c, 0));
    }
    return shape_image(c, in->dim[1], c->attr->size[0], c->attr->size[1]);
}

/* So many positions by a factor, rounded down; false: more than any tensor has. */
static bool scaled(int64_t n, double factor, int64_t *result)
{
    const double most = 0x1p48, product = (double)n * factor;
    *result = product <= most ? (int64_t)product : 0;
    return product <= most;
}

bool shape_upsample(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const struct attrs *a = c->attr;
    const bool scales = a->scale[0] > 0 && a->scale[1] > 0, sizes = a->size[0] && a->size[1];
    int64_t h = a->size[0], w = a->size[1];
    if (!shape_is_map(in))
        return shape_needs_image(c);
    if (a->align_corners && attrs_taps(a) == 1)
        return shape_fail(c, MESSAGE(err_align_corners));
    if (scales == sizes)
        return shape_fail(c, MESSAGE(err_upsample));
    if (scales && (!scaled(type_h(in), in->rank == 3 ? 1 : a->scale[0], &h) ||
                   !scaled(type_w(in), a->scale[1], &w)))
        return shape_too_large(c);
    if (scales && (h < 1 || w < 1))
        return shape_fail(c, MESSAGE(err_upsample_nothing), a->scale[0], a->scale[1],
                          shape_dims(c, 0));
    return shape_image(c, in->dim[1], h, w);
}

/* The channels of a square of `side` rows and columns; false: more than any tensor has. */
static bool square_of(int64_t side, int64_t *square)
{
    return checked_mul(side, side, square);
}

bool shape_pixel_shuffle(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const int64_t side = c->attr->upscale_factor;
    int64_t square, h, w;
    if (in->rank != 4)
        return shape_needs_image(c);
    if (!square_of(side, &square) || !checked_mul(in->dim[2], side, &h) ||
        !checked_mul(in->dim[3], side, &w))
        return shape_too_large(c);
    if (in->dim[1] % square)
        return shape_fail(c, MESSAGE(err_squares), (long long)in->dim[1], (long long)side,
                          (long long)side);
    return shape_image(c, in->dim[1] / square, h, w);
}

bool shape_pixel_unshuffle(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const int64_t side = c->attr->downscale_factor;
    int64_t square, channels;
    if (in->rank != 4)
        return shape_needs_image(c);
    if (!square_of(side, &square) || !checked_mul(in->dim[1], square, &channels))
        return shape_too_large(c);
    if (in->dim[2] % side || in->dim[3] % side)
        return shape_fail(c, MESSAGE(err_unshuffle), shape_dims(c, 0), (long long)side,
                          (long long)side);
    return shape_image(c, channels, in->dim[2] / side, in->dim[3] / side);
}
