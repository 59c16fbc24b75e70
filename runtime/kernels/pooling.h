/* Max and average pooling; windows are clipped to the input. */
#ifndef NETRT_KERNELS_POOLING_H
#define NETRT_KERNELS_POOLING_H

#include "border.h"

/* The part of a window along one axis: taps first .. end - 1, and how many positions an average
 * counts. */
struct netrt_window {
    long first, end, count;
};

/* Window of `taps` taps, `step` apart, from position `start`, over [0, size) padded to `padded`. */
NETRT_INLINE struct netrt_window netrt_clip(long start, long taps, long step, long size,
                                            long padded, long count_pad)
{
    const long outside = start < 0 ? netrt_ceil_div(-start, step) : 0;
    const long inside = size > start ? netrt_ceil_div(size - start, step) : 0;
    struct netrt_window w = {outside < taps ? outside : taps, inside < taps ? inside : taps, 0};
    if (w.end < w.first)
        w.end = w.first;
    w.count = w.end - w.first;
    if (count_pad)
        w.count = start + taps < padded ? taps : padded - start;
    return w;
}

/* One position of an output block with `lanes` channels; `in` points at tap (0, 0). */
NETRT_INLINE void netrt_pooling_at(const struct netrt_pooling *k, netrt_element *out,
                                   const netrt_element *in, long lanes,
                                   const struct netrt_window *rows, const struct netrt_window *cols)
{
    netrt_vec acc[NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        acc[v] = netrt_all(k->average ? 0 : -__builtin_inff());
    for (long y = rows->first; y < rows->end; y++)
        for (long x = cols->first; x < cols->end; x++)
            NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
                netrt_vec tap =
                    netrt_load(in + y * k->dh * k->in.row + x * k->dw * k->in.col + v * NETRT_VL);
                acc[v] = k->average ? acc[v] + tap : netrt_max(acc[v], tap);
            }
    const long count = rows->count * cols->count;
    const float scale = k->average && count > 0 ? 1.0f / (float)count : 1;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        netrt_vec x = k->average ? acc[v] * scale : acc[v];
        netrt_store(out + v * NETRT_VL,
                    k->c % NETRT_BLOCK ? netrt_first(x, lanes - v * NETRT_VL) : x);
    }
}

/* One more tap of a maximum or sum. */
NETRT_INLINE netrt_vec netrt_pooling_join(const struct netrt_pooling *k, netrt_vec a, netrt_vec b)
{
    return k->average ? a + b : netrt_max(a, b);
}

/* Output columns at once of windows that lie inside from left to right: the taps of an input column
 * are joined once for all of them. */
enum { NETRT_POOLING_COLS = NETRT_VL == 16 ? 8 : 4 };

/* One vector of so many columns; `in` points at tap (0, 0) of the first, `rows` is not empty. */
NETRT_INLINE void netrt_pooling_tile(const struct netrt_pooling *k, netrt_element *out,
                                     const netrt_element *in, long lanes,
                                     const struct netrt_window *rows)
{
    const long wide = (NETRT_POOLING_COLS - 1) * k->sw + (k->kw - 1) * k->dw + 1;
    const float scale = 1.0f / (float)(rows->count * k->kw);
    netrt_vec column[NETRT_TILE_COLS];
    NETRT_FOR (long x = 0; x < wide; x++) {
        const netrt_element *from = in + x * k->in.col;
        column[x] = netrt_load(from + rows->first * k->dh * k->in.row);
        for (long y = rows->first + 1; y < rows->end; y++)
            column[x] = netrt_pooling_join(k, column[x], netrt_load(from + y * k->dh * k->in.row));
    }
    NETRT_FOR (long p = 0; p < NETRT_POOLING_COLS; p++) {
        netrt_vec x = column[p * k->sw];
        NETRT_FOR (long tap = 1; tap < k->kw; tap++)
            x = netrt_pooling_join(k, x, column[p * k->sw + tap * k->dw]);
        if (k->average)
            x = x * scale;
        netrt_store(out + p * k->out.col, k->c % NETRT_BLOCK ? netrt_first(x, lanes) : x);
    }
}

/* Outputs first .. end - 1 of a row, which lie inside from left to right. */
NETRT_INLINE void netrt_pooling_inside(const struct netrt_pooling *k, netrt_element *out,
                                       const netrt_element *in, long lanes,
                                       const struct netrt_window *rows, long first, long end)
{
    const struct netrt_window cols = {0, k->kw, k->kw};
    const long wide = (NETRT_POOLING_COLS - 1) * k->sw + (k->kw - 1) * k->dw + 1;
    const long tiles =
        wide <= NETRT_TILE_COLS && rows->first < rows->end ? (end - first) / NETRT_POOLING_COLS : 0;
    const long rest = first + tiles * NETRT_POOLING_COLS;
    for (long x = first; x < rest; x += NETRT_POOLING_COLS)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
            netrt_pooling_tile(k, out + x * k->out.col + v * NETRT_VL,
                               in + (x * k->sw - k->pl) * k->in.col + v * NETRT_VL,
                               lanes - v * NETRT_VL, rows);
    for (long x = rest; x < end; x++)
        netrt_pooling_at(k, out + x * k->out.col, in + (x * k->sw - k->pl) * k->in.col, lanes, rows,
                         &cols);
}

/* Outputs first .. end - 1 of a row, whose windows are clipped. */
NETRT_INLINE void netrt_pooling_edge(const struct netrt_pooling *k, netrt_element *out,
                                     const netrt_element *in, long lanes,
                                     const struct netrt_window *rows, long first, long end)
{
    for (long x = first; x < end; x++) {
        const long start = x * k->sw - k->pl;
        const struct netrt_window cols =
            netrt_clip(start, k->kw, k->dw, k->iw, k->iw + k->pr, k->count_include_pad);
        netrt_pooling_at(k, out + x * k->out.col, in + start * k->in.col, lanes, rows, &cols);
    }
}

/* A row of outputs: those whose window lies inside take the constant window. */
NETRT_INLINE void netrt_pooling_row(const struct netrt_pooling *k, netrt_element *out,
                                    const netrt_element *in, long lanes,
                                    const struct netrt_window *rows)
{
    const struct netrt_window all = {0, k->kh, k->kh};
    const long room = k->iw - 1 - (k->kw - 1) * k->dw + k->pl; /* of the last start inside */
    long first = netrt_ceil_div(k->pl, k->sw), end = room < 0 ? 0 : room / k->sw + 1;
    if (first > k->ow)
        first = k->ow;
    end = end < first ? first : end < k->ow ? end : k->ow;
    netrt_pooling_edge(k, out, in, lanes, rows, 0, first);
    if (rows->end - rows->first == k->kh && rows->count == k->kh)
        netrt_pooling_inside(k, out, in, lanes, &all, first, end);
    else
        netrt_pooling_inside(k, out, in, lanes, rows, first, end);
    netrt_pooling_edge(k, out, in, lanes, rows, end, k->ow);
}

NETRT_INLINE void netrt_pooling_part(const struct netrt_pooling *k, const struct netrt_args *a,
                                     const struct netrt_rows *part)
{
    const netrt_element *in = a->in + netrt_row(&k->in, part, 0);
    netrt_element *out = a->out + netrt_row(&k->out, part, 0);
    for (long y = part->first; y < part->end; y++) {
        const long start = y * k->sh - k->pt;
        const struct netrt_window rows =
            netrt_clip(start, k->kh, k->dh, k->ih, k->ih + k->pb, k->count_include_pad);
        netrt_pooling_row(k, out + y * k->out.row, in + start * k->in.row,
                          k->c - part->block * NETRT_BLOCK, &rows);
    }
    NETRT_CLEAR_BORDER(k, out, k->oh, k->ow, part->first, part->end);
}

NETRT_INLINE void netrt_pooling(const struct netrt_pooling *k, const struct netrt_args *a,
                                long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->oh, k->task_rows);
    netrt_pooling_part(k, a, &part);
}

#endif
