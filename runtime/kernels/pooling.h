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
    struct netrt_window w = {0, taps, 0};
    if (start < 0)
        w.first = netrt_ceil_div(-start, step);
    if (start + (taps - 1) * step >= size)
        w.end = size > start ? netrt_ceil_div(size - start, step) : 0;
    if (w.end < w.first)
        w.end = w.first;
    w.count = w.end - w.first;
    if (count_pad)
        w.count = start + taps < padded ? taps : padded - start;
    return w;
}

/* One position of an output block with `lanes` channels; `in` points at tap (0, 0). */
NETRT_INLINE void netrt_pooling_at(const struct netrt_pooling *k, float *out, const float *in,
                                   long lanes, const struct netrt_window *rows,
                                   const struct netrt_window *cols)
{
    netrt_vec acc[NETRT_VECS];
    NETRT_UNROLL
    for (long v = 0; v < NETRT_VECS; v++)
        acc[v] = netrt_all(k->average ? 0 : -__builtin_inff());
    for (long y = rows->first; y < rows->end; y++)
        for (long x = cols->first; x < cols->end; x++)
            NETRT_UNROLL
    for (long v = 0; v < NETRT_VECS; v++) {
        netrt_vec tap =
            netrt_load(in + y * k->dh * k->in.row + x * k->dw * k->in.col + v * NETRT_VL);
        acc[v] = k->average ? acc[v] + tap : netrt_max(acc[v], tap);
    }
    const long count = rows->count * cols->count;
    const float scale = k->average && count > 0 ? 1.0f / (float)count : 1;
    NETRT_UNROLL
    for (long v = 0; v < NETRT_VECS; v++) {
        netrt_vec x = k->average ? acc[v] * scale : acc[v];
        netrt_store(out + v * NETRT_VL,
                    k->c % NETRT_BLOCK ? netrt_first(x, lanes - v * NETRT_VL) : x);
    }
}

/* A row of outputs: columns whose window lies inside take the constant window. */
NETRT_INLINE void netrt_pooling_row(const struct netrt_pooling *k, float *out, const float *in,
                                    long lanes, const struct netrt_window *rows)
{
    const struct netrt_window all_rows = {0, k->kh, k->kh}, all_cols = {0, k->kw, k->kw};
    const long reach = (k->kw - 1) * k->dw;
    for (long x = 0; x < k->ow; x++, out += k->out.col) {
        const long start = x * k->sw - k->pl;
        const float *from = in + start * k->in.col;
        if (rows->end - rows->first == k->kh && rows->count == k->kh && start >= 0 &&
            start + reach < k->iw) {
            netrt_pooling_at(k, out, from, lanes, &all_rows, &all_cols);
        } else {
            const struct netrt_window cols =
                netrt_clip(start, k->kw, k->dw, k->iw, k->iw + k->pr, k->count_include_pad);
            netrt_pooling_at(k, out, from, lanes, rows, &cols);
        }
    }
}

NETRT_INLINE void netrt_pooling_part(const struct netrt_pooling *k, const struct netrt_args *a,
                                     const struct netrt_rows *part)
{
    const float *in = a->in + netrt_row(&k->in, part, 0);
    float *out = a->out + netrt_row(&k->out, part, 0);
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
