/* Boxes of some sizes at each position of a map: see the table. */
#ifndef NETRT_KERNELS_ANCHORS_H
#define NETRT_KERNELS_ANCHORS_H

#include "vec.h"

/* The nearest integer, the even one of two: adding so much leaves no bits for a fraction. */
NETRT_INLINE float netrt_round_even(float x)
{
    const float large = 0x1.8p23f;
    const float size = x < 0 ? -x : x;
    volatile float shifted = x + large;
    return size < 0x1p22f ? shifted - large : x;
}

/* Half the sides of the box of a size and a ratio. */
struct netrt_anchor {
    float w, h;
};

NETRT_INLINE struct netrt_anchor netrt_anchor_of(const struct netrt_anchors *k, long size,
                                                 long ratio)
{
    const float sizes[] = {k->size0, k->size1, k->size2, k->size3, k->size4, k->size5};
    const float ratios[] = {k->ratio0, k->ratio1, k->ratio2, k->ratio3, k->ratio4, k->ratio5};
    if (k->given)
        return (struct netrt_anchor){sizes[size] / 2, ratios[size] / 2};
    const float root = __builtin_sqrtf(ratios[ratio]);
    const float w = 1 / root * sizes[size], h = root * sizes[size];
    return (struct netrt_anchor){netrt_round_even(w / 2), netrt_round_even(h / 2)};
}

/* All boxes of a position with its center at x, y. */
NETRT_INLINE netrt_element *netrt_anchors_at(const struct netrt_anchors *k, netrt_element *out,
                                             float x, float y)
{
    for (long ratio = 0; ratio < (k->given ? 1 : k->ratios); ratio++)
        for (long size = 0; size < k->sizes; size++) {
            const struct netrt_anchor half = netrt_anchor_of(k, size, ratio);
            out[0] = x - half.w;
            out[1] = y - half.h;
            out[2] = x + half.w;
            out[3] = y + half.h;
            for (long i = 4; i < k->out_box; i++)
                out[i] = 0;
            out += k->out_box;
        }
    return out;
}

/* A task does some rows of the map. */
NETRT_INLINE void netrt_anchors(const struct netrt_anchors *k, const struct netrt_args *a,
                                long task)
{
    const long first = task * NETRT_ANCHOR_ROWS, rest = k->rows - first;
    const long end = first + (rest < NETRT_ANCHOR_ROWS ? rest : NETRT_ANCHOR_ROWS);
    const long each = k->sizes * (k->given ? 1 : k->ratios);
    netrt_element *out = a->out + first * k->columns * each * k->out_box;
    for (long y = first; y < end; y++)
        for (long x = 0; x < k->columns; x++)
            out = netrt_anchors_at(k, out, ((float)x + k->position) * k->sw,
                                   ((float)y + k->position) * k->sh);
}

#endif
