/* Where heatmaps over regions are largest: see the table. */
#ifndef NETRT_KERNELS_KEYPOINTS_H
#define NETRT_KERNELS_KEYPOINTS_H

#include "resample.h"

/* A region along an axis: where it begins, its pixels, the length of one, and positions of the map
 * in one. */
struct netrt_keypoints_axis {
    float begin, pixel, step;
    long n;
};

NETRT_INLINE struct netrt_keypoints_axis netrt_keypoints_axis(float from, float to, long in)
{
    const float length = to - from > 1 && to - from <= 0x1.fffffep127f ? to - from : 1;
    const long n =
        length < (float)NETRT_KEYPOINTS_SIDE ? -netrt_floor(-length) : (long)NETRT_KEYPOINTS_SIDE;
    return (struct netrt_keypoints_axis){from, length / (float)n, (float)in / (float)n, n};
}

/* Of the maps of a region: a row of pixels as far as they are resized down, the largest value of
 * each so far, and its column and row. */
struct netrt_keypoints_run {
    netrt_element *row, *best, *column, *line;
};

NETRT_INLINE void netrt_keypoints_rows(const struct netrt_keypoints *k, netrt_element *row,
                                       const netrt_element *in, const struct netrt_between *down)
{
    for (long p = 0; p < k->points; p++)
        for (long x = 0; x < k->iw; x++) {
            const netrt_element *from = in + p * k->in_point + x;
            float sum = 0;
            NETRT_FOR (long t = 0; t < 4; t++)
                sum += down->weight[t] * from[down->at[t] * k->in_row];
            row[p * k->iw + x] = sum;
        }
}

/* Looks at a pixel of each map. NaN is larger than all numbers, as for PyTorch. */
NETRT_INLINE void netrt_keypoints_look(const struct netrt_keypoints *k,
                                       const struct netrt_keypoints_run *r, long y, long x,
                                       const struct netrt_between *across)
{
    for (long p = 0; p < k->points; p++) {
        const netrt_element *row = r->row + p * k->iw;
        float sum = 0;
        NETRT_FOR (long t = 0; t < 4; t++)
            sum += across->weight[t] * row[across->at[t]];
        const int is_nan = r->best[p] != r->best[p];
        if ((sum <= r->best[p] || is_nan) && (x || y))
            continue;
        r->best[p] = sum;
        r->column[p] = (float)x;
        r->line[p] = (float)y;
    }
}

NETRT_INLINE void netrt_keypoints_write(const struct netrt_keypoints *k,
                                        const struct netrt_keypoints_run *r, netrt_element *out,
                                        netrt_element *scores,
                                        const struct netrt_keypoints_axis *down,
                                        const struct netrt_keypoints_axis *right)
{
    for (long p = 0; p < k->points; p++, out += k->out_point) {
        out[0] = (r->column[p] + 0.5f) * right->pixel + right->begin;
        out[1] = (r->line[p] + 0.5f) * down->pixel + down->begin;
        out[2] = 1;
        for (long i = 3; i < k->out_point; i++)
            out[i] = 0;
        scores[p] = r->best[p];
    }
    for (long p = k->points; p < k->more_region; p++)
        scores[p] = 0;
}

/* A task does a region. */
NETRT_INLINE void netrt_keypoints(const struct netrt_keypoints *k, const struct netrt_args *a,
                                  long task)
{
    const long image = task / k->regions, region = task % k->regions;
    const netrt_element *roi = a->other + image * k->other_image + region * k->other_box;
    const netrt_element *in = a->in + image * k->in_image + region * k->in_region;
    const struct netrt_keypoints_axis down = netrt_keypoints_axis(roi[1], roi[3], k->ih);
    const struct netrt_keypoints_axis right = netrt_keypoints_axis(roi[0], roi[2], k->iw);
    netrt_element *const best = a->scratch + k->points * k->iw;
    const struct netrt_keypoints_run r = {a->scratch, best, best + k->points, best + 2 * k->points};
    const struct netrt_resample cubic = {.taps = 4, .centers = 1};
    for (long y = 0; y < down.n; y++) {
        const struct netrt_between rows = netrt_resample_between(&cubic, y, k->ih, down.step);
        netrt_keypoints_rows(k, r.row, in, &rows);
        for (long x = 0; x < right.n; x++) {
            const struct netrt_between columns =
                netrt_resample_between(&cubic, x, k->iw, right.step);
            netrt_keypoints_look(k, &r, y, x, &columns);
        }
    }
    netrt_keypoints_write(k, &r, a->out + image * k->out_image + region * k->out_region,
                          a->more + image * k->more_image + region * k->more_region, &down, &right);
}

#endif
