/* Masks at the places of their boxes: see the table. */
#ifndef NETRT_KERNELS_PASTE_H
#define NETRT_KERNELS_PASTE_H

#include "resample.h"
#include "roi.h"

/* A box along an axis of a picture: where it begins, positions of the mask in one of its own, and
 * the positions of the picture that it covers. */
struct netrt_paste_axis {
    long begin, first, end;
    float step;
};

NETRT_INLINE struct netrt_paste_axis netrt_paste_axis(float from, float to, long in, long out)
{
    const long begin = netrt_roi_integer(from), last = netrt_roi_integer(to);
    const long length = last > begin ? last - begin + 1 : 1;
    const long first = netrt_roi_within(begin, out), end = netrt_roi_within(begin + length, out);
    return (struct netrt_paste_axis){begin, first, end, (float)in / (float)length};
}

/* What position i of the picture reads of the mask. */
NETRT_INLINE struct netrt_between netrt_paste_between(const struct netrt_paste_axis *axis, long i,
                                                      long in)
{
    const struct netrt_resample linear = {.taps = 2, .centers = 1};
    return netrt_resample_between(&linear, i - axis->begin, in, axis->step);
}

/* A row of the picture between two of the mask. */
NETRT_INLINE void netrt_paste_row(const struct netrt_paste *k, netrt_element *out,
                                  const netrt_element *in, const struct netrt_between *row,
                                  const struct netrt_paste_axis *columns)
{
    const netrt_element *above = in + row->at[0] * k->in_row, *below = in + row->at[1] * k->in_row;
    for (long x = columns->first; x < columns->end; x++) {
        const struct netrt_between col = netrt_paste_between(columns, x, k->iw);
        const float high = above[col.at[0]] * col.weight[0] + above[col.at[1]] * col.weight[1];
        const float low = below[col.at[0]] * col.weight[0] + below[col.at[1]] * col.weight[1];
        out[x] = high * row->weight[0] + low * row->weight[1];
    }
}

/* A task does a box. */
NETRT_INLINE void netrt_paste(const struct netrt_paste *k, const struct netrt_args *a, long task)
{
    const long image = task / k->regions, region = task % k->regions;
    const netrt_element *box = a->other + image * k->other_image + region * k->other_box;
    const netrt_element *in = a->in + image * k->in_image + region * k->in_region;
    netrt_element *out = a->out + image * k->out_image + region * k->out_region;
    const struct netrt_paste_axis rows = netrt_paste_axis(box[1], box[3], k->ih, k->oh);
    const struct netrt_paste_axis columns = netrt_paste_axis(box[0], box[2], k->iw, k->ow);
    for (long y = 0; y < k->oh; y++, out += k->out_row) {
        for (long x = 0; x < k->out_row; x++)
            out[x] = 0;
        if (y >= rows.first && y < rows.end) {
            const struct netrt_between row = netrt_paste_between(&rows, y, k->ih);
            netrt_paste_row(k, out, in, &row, &columns);
        }
    }
}

#endif
