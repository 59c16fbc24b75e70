/* Regions of a map in one size: see the table. */
#ifndef NETRT_KERNELS_ROI_H
#define NETRT_KERNELS_ROI_H

#include "resample.h"

/* ---- the largest ---- */

/* A number as an integer, held to what maps can have; NaN becomes 0. */
NETRT_INLINE long netrt_roi_integer(float x)
{
    const float most = 0x1p24f;
    return x != x ? 0 : x > most ? (long)most : x < -most ? -(long)most : (long)x;
}

/* The nearest integer, of two the one farther from 0. */
NETRT_INLINE long netrt_roi_round(float x)
{
    const long whole = netrt_roi_integer(x);
    const float rest = x - (float)whole;
    return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

/* Positions first .. end - 1 of an axis. */
struct netrt_roi_span {
    long first, end;
};

NETRT_INLINE long netrt_roi_within(long i, long size)
{
    return i < 0 ? 0 : i > size ? size : i;
}

/* What element `i` of `n` covers of a region from `from` to `to`, on an axis of `size` positions.
 */
NETRT_INLINE struct netrt_roi_span netrt_roi_part(const struct netrt_roi *k, float from, float to,
                                                  long i, long n, long size)
{
    const long first = netrt_roi_round(from * k->scale), last = netrt_roi_round(to * k->scale);
    const long length = last - first + 1 > 1 ? last - first + 1 : 1;
    const float each = (float)length / (float)n;
    const long begin = netrt_floor((float)i * each), end = -netrt_floor(-(float)(i + 1) * each);
    return (struct netrt_roi_span){netrt_roi_within(begin + first, size),
                                   netrt_roi_within(end + first, size)};
}

/* The largest of some rows and columns of a block, 0 of none. */
NETRT_INLINE void netrt_roi_max_at(const struct netrt_roi *k, netrt_element *out,
                                   const netrt_element *in, struct netrt_roi_span rows,
                                   struct netrt_roi_span columns)
{
    const int empty = rows.first >= rows.end || columns.first >= columns.end;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        netrt_vec max = netrt_all(empty ? 0 : -0x1.fffffep127f);
        for (long y = rows.first; y < rows.end; y++)
            for (long x = columns.first; x < columns.end; x++) {
                const netrt_vec here =
                    netrt_load(in + y * k->in.row + x * k->in.col + v * NETRT_VL);
                max = netrt_select(netrt_less(max, here), here, max);
            }
        netrt_store(out + v * NETRT_VL, max);
    }
}

NETRT_INLINE void netrt_roi_largest(const struct netrt_roi *k, netrt_element *out,
                                    const netrt_element *in, const netrt_element *roi, long y,
                                    long x)
{
    const struct netrt_roi_span rows = netrt_roi_part(k, roi[1], roi[3], y, k->oh, k->ih);
    const struct netrt_roi_span columns = netrt_roi_part(k, roi[0], roi[2], x, k->ow, k->iw);
    for (long c = 0; c < k->c; c += NETRT_BLOCK)
        netrt_roi_max_at(k, out + c / NETRT_BLOCK * k->out.plane,
                         in + c / NETRT_BLOCK * k->in.plane, rows, columns);
}

/* ---- the mean of samples ---- */

/* A region along an axis: where it begins, how long an element is, samples in it. */
struct netrt_roi_axis {
    float begin, each;
    long samples;
};

enum { NETRT_ROI_SAMPLES = 4096 }; /* at most, along an axis of an element */

NETRT_INLINE struct netrt_roi_axis netrt_roi_axis(const struct netrt_roi *k, float from, float to,
                                                  long n)
{
    const float begin = from * k->scale - k->offset, end = to * k->scale - k->offset;
    const float length = k->offset == 0 && end - begin < 1 ? 1 : end - begin;
    const float each = length / (float)n;
    const long ceil = each < (float)NETRT_ROI_SAMPLES && each > 0 ? -netrt_floor(-each) : 0;
    const long counted = each >= (float)NETRT_ROI_SAMPLES ? NETRT_ROI_SAMPLES : ceil;
    return (struct netrt_roi_axis){begin, each, k->samples ? k->samples : counted};
}

/* Two neighbours on an axis of `size` positions and their weights, 0 far outside. */
struct netrt_roi_sample {
    long low, high;
    float low_weight, high_weight;
};

NETRT_INLINE struct netrt_roi_sample netrt_roi_sample(const struct netrt_roi_axis *axis, long i,
                                                      long sample, long size)
{
    float at = axis->begin + (float)i * axis->each +
               ((float)sample + 0.5f) * axis->each / (float)axis->samples;
    if (!(at >= -1 && at <= (float)size))
        return (struct netrt_roi_sample){0};
    at = at <= 0 ? 0 : at;
    const long low = (long)at < size - 1 ? (long)at : size - 1;
    const float part = low < size - 1 ? at - (float)low : 0;
    return (struct netrt_roi_sample){low, low < size - 1 ? low + 1 : low, 1 - part, part};
}

/* Adds a sample, between four neighbours, of each block to an element. */
NETRT_INLINE void netrt_roi_add(const struct netrt_roi *k, netrt_element *out,
                                const netrt_element *in, const struct netrt_roi_sample *y,
                                const struct netrt_roi_sample *x)
{
    const long at[4] = {
        y->low * k->in.row + x->low * k->in.col, y->low * k->in.row + x->high * k->in.col,
        y->high * k->in.row + x->low * k->in.col, y->high * k->in.row + x->high * k->in.col};
    const float weight[4] = {y->low_weight * x->low_weight, y->low_weight * x->high_weight,
                             y->high_weight * x->low_weight, y->high_weight * x->high_weight};
    for (long c = 0; c < k->c; c += NETRT_BLOCK) {
        const netrt_element *from = in + c / NETRT_BLOCK * k->in.plane;
        netrt_element *to = out + c / NETRT_BLOCK * k->out.plane;
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            netrt_vec sum = netrt_load(to + v * NETRT_VL);
            NETRT_FOR (long i = 0; i < 4; i++)
                sum += weight[i] * netrt_load(from + at[i] + v * NETRT_VL);
            netrt_store(to + v * NETRT_VL, sum);
        }
    }
}

NETRT_INLINE void netrt_roi_clear(const struct netrt_roi *k, netrt_element *out)
{
    for (long c = 0; c < k->c; c += NETRT_BLOCK)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
            netrt_store(out + c / NETRT_BLOCK * k->out.plane + v * NETRT_VL, netrt_all(0));
}

NETRT_INLINE void netrt_roi_scale(const struct netrt_roi *k, netrt_element *out, float scale)
{
    for (long c = 0; c < k->c; c += NETRT_BLOCK)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            netrt_element *to = out + c / NETRT_BLOCK * k->out.plane + v * NETRT_VL;
            netrt_store(to, scale * netrt_load(to));
        }
}

NETRT_INLINE void netrt_roi_mean(const struct netrt_roi *k, netrt_element *out,
                                 const netrt_element *in, const netrt_element *roi, long y, long x)
{
    const struct netrt_roi_axis down = netrt_roi_axis(k, roi[1], roi[3], k->oh);
    const struct netrt_roi_axis right = netrt_roi_axis(k, roi[0], roi[2], k->ow);
    const long samples = down.samples * right.samples;
    netrt_roi_clear(k, out);
    for (long i = 0; samples > 0 && i < down.samples; i++)
        for (long j = 0; j < right.samples; j++) {
            const struct netrt_roi_sample sy = netrt_roi_sample(&down, y, i, k->ih);
            const struct netrt_roi_sample sx = netrt_roi_sample(&right, x, j, k->iw);
            if (sy.low_weight + sy.high_weight > 0 && sx.low_weight + sx.high_weight > 0)
                netrt_roi_add(k, out, in, &sy, &sx);
        }
    netrt_roi_scale(k, out, 1 / (float)(samples > 1 ? samples : 1));
}

/* ---- regions ---- */

NETRT_INLINE int netrt_roi_is_here(const struct netrt_roi *k, const netrt_element *roi)
{
    const float side = __builtin_sqrtf((roi[2] - roi[0]) * (roi[3] - roi[1]));
    return (k->first || side >= k->least) && (k->last || !(side >= k->most));
}

/* A task does a region. */
NETRT_INLINE void netrt_roi(const struct netrt_roi *k, const struct netrt_args *a, long task)
{
    const long image = task / k->regions;
    const netrt_element *roi = a->other + image * k->other_image + task % k->regions * k->other_box;
    const netrt_element *in = a->in + image * k->in.image;
    netrt_element *out = a->out + task * k->out.image;
    if (!netrt_roi_is_here(k, roi))
        return;
    for (long y = 0; y < k->oh; y++)
        for (long x = 0; x < k->ow; x++) {
            netrt_element *to = out + y * k->out.row + x * k->out.col;
            if (k->align)
                netrt_roi_mean(k, to, in, roi, y, x);
            else
                netrt_roi_largest(k, to, in, roi, y, x);
        }
    for (long c = 0; c < k->c; c += NETRT_BLOCK)
        NETRT_CLEAR_BORDER(k, out + c / NETRT_BLOCK * k->out.plane, k->oh, k->ow, 0, k->oh);
}

#endif
