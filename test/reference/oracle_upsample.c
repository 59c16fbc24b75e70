/* Upsampling by its definition. */
#include "oracle.h"

#include <math.h>

/* Input rows, or columns, from one of the result to the next: by a factor that is given, and not by
 * the sizes, but where these are equal, or one is twice the other, in modes where PyTorch copies.
 */
static double upsample_step(const struct attrs *a, int axis, long in, long out)
{
    if (a->align_corners)
        return out > 1 ? (double)(in - 1) / (double)(out - 1) : 0;
    if (a->size[axis] || (in == out && (a->mode == MODE_bilinear || a->mode == MODE_nearest)) ||
        (out == 2 * in && a->mode == MODE_nearest))
        return (double)in / (double)out;
    return 1 / a->scale[axis];
}

/* The nearest of n positions. */
static long within(long i, long n)
{
    return i < 0 ? 0 : i < n ? i : n - 1;
}

/* What a row or column `at` of the result takes of number i of the input, of which there are n: all
 * of the nearest one in PyTorch's floats, or shares by distance, beyond the edge of what is there.
 */
static double share_of(const struct attrs *a, double step, long at, long i, long n)
{
    const float product =
        (float)(((double)at + (a->mode != MODE_nearest) / 2.0) * (double)(float)step);
    const float floats = a->mode == MODE_nearest ? product : fmaxf(product - 0.5f, 0) + 0.5f;
    const double centered = a->align_corners ? step * (double)at : step * ((double)at + 0.5) - 0.5;
    const double place = a->mode == MODE_bilinear ? fmax(centered, 0) : centered;
    double share = 0;
    if (a->mode == MODE_nearest || a->mode == MODE_nearest_exact)
        return within((long)floorf(floats), n) == i;
    for (long t = (long)floor(place) - 1; t <= (long)floor(place) + 2; t++) {
        const double x = fabs(place - (double)t), cubic = x < 1 ? (1.25 * x - 2.25) * x * x + 1
                                                          : x < 2
                                                              ? ((-0.75 * x + 3.75) * x - 6) * x + 3
                                                              : 0;
        if (within(t, n) == i)
            share += a->mode == MODE_bilinear ? fmax(1 - x, 0) : cubic;
    }
    return share;
}

double oracle_upsample(const struct attrs *a, const struct tensor *in, const struct tensor *out,
                       long number)
{
    const double down = upsample_step(a, 0, in->h, out->h);
    const double right = upsample_step(a, 1, in->w, out->w);
    const double *row = &in->at[number / (out->h * out->w) * in->h * in->w];
    double sum = 0;
    for (long y = 0; y < in->h; y++, row += in->w) {
        const double share = share_of(a, down, number / out->w % out->h, y, in->h);
        for (long x = 0; share != 0 && x < in->w; x++)
            sum += share * share_of(a, right, number % out->w, x, in->w) * row[x];
    }
    return sum;
}
