/* Relayout and selection of elements: see the table for the map from output to input. */
#ifndef NETRT_KERNELS_COPY_H
#define NETRT_KERNELS_COPY_H

#include "border.h"

/* Offset of channel c of an operand. */
NETRT_INLINE long netrt_copy_channel(const struct netrt_view *view, long blocked, long c)
{
    return blocked ? c / NETRT_BLOCK * view->plane + c % NETRT_BLOCK * view->lane : c * view->lane;
}

/* Input channel of channel c of the copy; outside [0, ic) where it is all fill. */
NETRT_INLINE long netrt_copy_source(const struct netrt_copy *k, long c)
{
    return k->shuffle ? c % k->shuffle * (k->ic / k->shuffle) + c / k->shuffle : c + k->dc;
}

/* Row or column of the input, of so many, for row or column i, or -1 outside. */
NETRT_INLINE long netrt_copy_position(long i, long step, long shift, long up, long size)
{
    const long at = i * step + shift;
    return at >= 0 && at / up < size ? at / up : -1;
}

/* Channels c .. c + n - 1 of the copy, at most a block, all positions, to `out`
 * on: lanes of a block, or one plane. */
NETRT_INLINE void netrt_copy_channels(const struct netrt_copy *k, const netrt_element *in,
                                      netrt_element *out, long c, long n)
{
    long from[NETRT_BLOCK]; /* where each channel starts, or -1: all fill */
    for (long i = 0; i < n; i++) {
        const long source = netrt_copy_source(k, c + i);
        from[i] =
            source >= 0 && source < k->ic ? netrt_copy_channel(&k->in, k->in_blocked, source) : -1;
    }
    for (long y = 0; y < k->oh; y++) {
        const long row = netrt_copy_position(y, k->sy, k->dy, k->uy, k->ih);
        for (long x = 0; x < k->ow; x++) {
            const long col = netrt_copy_position(x, k->sx, k->dx, k->ux, k->iw);
            const netrt_element *at = in + row * k->in.row + col * k->in.col;
            const int inside = row >= 0 && col >= 0;
            for (long i = 0; i < n; i++)
                out[y * k->out.row + x * k->out.col + i] =
                    inside && from[i] >= 0 ? at[from[i]] : k->fill;
        }
    }
}

/* Whether whole blocks go to whole blocks, in order. */
NETRT_INLINE int netrt_copy_by_blocks(const struct netrt_copy *k)
{
    return k->in_blocked && k->out_blocked && k->shuffle == 0 && k->dc >= 0 &&
           k->dc + k->c <= k->ic && k->dc % NETRT_BLOCK == 0 && k->at % NETRT_BLOCK == 0;
}

/* One whole block; `from` and `out` point at its first lane. */
NETRT_INLINE void netrt_copy_block(const struct netrt_copy *k, const netrt_element *from,
                                   netrt_element *out)
{
    for (long y = 0; y < k->oh; y++) {
        const long row = netrt_copy_position(y, k->sy, k->dy, k->uy, k->ih);
        for (long x = 0; x < k->ow; x++) {
            const long col = netrt_copy_position(x, k->sx, k->dx, k->ux, k->iw);
            const int inside = row >= 0 && col >= 0;
            NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
                netrt_store(
                    out + y * k->out.row + x * k->out.col + v * NETRT_VL,
                    inside ? netrt_load(from + row * k->in.row + col * k->in.col + v * NETRT_VL)
                           : netrt_all(k->fill));
        }
    }
}

/* Clears lanes first .. 15 of the block at `out`. */
NETRT_INLINE void netrt_copy_clear(const struct netrt_copy *k, netrt_element *out, long first)
{
    for (long y = 0; y < k->oh; y++)
        for (long x = 0; x < k->ow; x++)
            for (long lane = first; lane < NETRT_BLOCK; lane++)
                out[y * k->out.row + x * k->out.col + lane] = 0;
}

/* Block `block` of the output, counted from the one that channel `at` lies in. */
NETRT_INLINE void netrt_copy_to_block(const struct netrt_copy *k, const netrt_element *in,
                                      netrt_element *image, long block)
{
    const long start = (k->at / NETRT_BLOCK + block) * NETRT_BLOCK; /* in channels of the output */
    const long first = start > k->at ? start : k->at;
    const long last = k->at + k->c;
    const long end = last < start + NETRT_BLOCK ? last : start + NETRT_BLOCK;
    netrt_element *out = image + start / NETRT_BLOCK * k->out.plane;
    if (netrt_copy_by_blocks(k) && end == start + NETRT_BLOCK) {
        netrt_copy_block(k, in + (start - k->at + k->dc) / NETRT_BLOCK * k->in.plane, out);
    } else {
        netrt_copy_channels(k, in, out + first - start, first - k->at, end - first);
        if (k->tail && end == last)
            netrt_copy_clear(k, out, end - start);
    }
    NETRT_CLEAR_BORDER(k, out, k->oh, k->ow, 0, k->oh);
}

NETRT_INLINE void netrt_copy_to_plane(const struct netrt_copy *k, const netrt_element *in,
                                      netrt_element *image, long c)
{
    const long end = (k->at + c + 1) * k->out.lane;
    netrt_element *out = image + (k->at + c) * k->out.lane;
    netrt_copy_channels(k, in, out, c, 1);
    if (k->tail && c == k->c - 1)
        for (long i = end; i % NETRT_BLOCK; i++)
            image[i] = 0;
    NETRT_CLEAR_BORDER(k, out, k->oh, k->ow, 0, k->oh);
}

NETRT_INLINE void netrt_copy(const struct netrt_copy *k, const struct netrt_args *a, long task)
{
    const long parts = netrt_copy_tasks(k) / k->images;
    netrt_element *out = a->out + task / parts * k->out.image;
    const netrt_element *in = k->ic ? a->in + task / parts * k->in.image : out; /* or all is fill */
    if (k->out_blocked)
        netrt_copy_to_block(k, in, out, task % parts);
    else
        netrt_copy_to_plane(k, in, out, task % parts);
}

#endif
