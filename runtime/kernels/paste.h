/* Masks at the places of their boxes: see the table. */
#ifndef NETRT_KERNELS_PASTE_H
#define NETRT_KERNELS_PASTE_H

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

/* Two neighbours of the mask, and what the second one counts. */
struct netrt_paste_at {
    long low, high;
    float part;
};

NETRT_INLINE struct netrt_paste_at netrt_paste_at(const struct netrt_paste_axis *axis, long i,
                                                  long in)
{
    const float at = ((float)(i - axis->begin) + 0.5f) * axis->step - 0.5f;
    const float held = at > 0 ? at : 0;
    const long low = (long)held < in - 1 ? (long)held : in - 1;
    const long high = low < in - 1 ? low + 1 : low;
    return (struct netrt_paste_at){low, high, held - (float)low};
}

NETRT_INLINE float netrt_paste_between(float low, float high, float part)
{
    return (1 - part) * low + part * high;
}

/* A row of the picture between two of the mask. */
NETRT_INLINE void netrt_paste_row(const struct netrt_paste *k, netrt_element *out,
                                  const netrt_element *in, const struct netrt_paste_at *row,
                                  const struct netrt_paste_axis *columns)
{
    const netrt_element *above = in + row->low * k->in_row, *below = in + row->high * k->in_row;
    for (long x = columns->first; x < columns->end; x++) {
        const struct netrt_paste_at col = netrt_paste_at(columns, x, k->iw);
        const float high = netrt_paste_between(above[col.low], above[col.high], col.part);
        const float low = netrt_paste_between(below[col.low], below[col.high], col.part);
        out[x] = netrt_paste_between(high, low, row->part);
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
            const struct netrt_paste_at row = netrt_paste_at(&rows, y, k->ih);
            netrt_paste_row(k, out, in, &row, &columns);
        }
    }
}

#endif
