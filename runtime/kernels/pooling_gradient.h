/* Gradient of max and average pooling: each window gives its gradient to its first largest element,
 * found once more, or a share of it to all. */
#ifndef NETRT_KERNELS_POOLING_GRADIENT_H
#define NETRT_KERNELS_POOLING_GRADIENT_H

#include "pooling.h"

/* Zeros in all rows of a plane of the result. */
NETRT_INLINE void netrt_gradient_clear(netrt_element *plane, const struct netrt_view *view, long h,
                                       long w)
{
    for (long y = 0; y < h; y++)
        __builtin_memset(plane + y * view->row, 0, (size_t)(w * view->col) * sizeof *plane);
}

/* A window's gradient to the first of its largest, lane by lane; `out` and `in` point at its tap
 * (0, 0), `down` and `right` elements apart from the next. */
NETRT_INLINE void netrt_gradient_of_max(netrt_element *out, long out_down, long out_right,
                                        const netrt_element *in, long in_down, long in_right,
                                        netrt_vec gradient, const struct netrt_window *rows,
                                        const struct netrt_window *cols)
{
    netrt_vec max = netrt_all(-__builtin_inff());
    netrt_mask open = netrt_all_bits(-1);
    for (long y = rows->first; y < rows->end; y++)
        for (long x = cols->first; x < cols->end; x++)
            max = netrt_max(max, netrt_load(in + y * in_down + x * in_right));
    for (long y = rows->first; y < rows->end; y++)
        for (long x = cols->first; x < cols->end; x++) {
            const netrt_mask is =
                open & NETRT_MASK(netrt_load(in + y * in_down + x * in_right) == max);
            netrt_element *to = out + y * out_down + x * out_right;
            netrt_store(to, netrt_load(to) + netrt_select(is, gradient, netrt_all(0)));
            open = open & ~is;
        }
}

/* The same share to all of a window. */
NETRT_INLINE void netrt_gradient_of_mean(netrt_element *out, long down, long right, netrt_vec share,
                                         const struct netrt_window *rows,
                                         const struct netrt_window *cols)
{
    for (long y = rows->first; y < rows->end; y++)
        for (long x = cols->first; x < cols->end; x++) {
            netrt_element *to = out + y * down + x * right;
            netrt_store(to, netrt_load(to) + share);
        }
}

/* The gradient of one window, a share of it to all where `average` is 1; `out` and `in` point at
 * its tap (0, 0). */
NETRT_INLINE void netrt_gradient_of_window(netrt_element *out, long out_down, long out_right,
                                           const netrt_element *in, long in_down, long in_right,
                                           const netrt_element *gradient,
                                           const struct netrt_window *rows,
                                           const struct netrt_window *cols, const long average)
{
    const long count = rows->count * cols->count;
    const float share = count > 0 ? 1.0f / (float)count : 0;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        const long lane = v * NETRT_VL;
        const netrt_vec g = netrt_load(gradient + lane);
        if (average)
            netrt_gradient_of_mean(out + lane, out_down, out_right, g * share, rows, cols);
        else
            netrt_gradient_of_max(out + lane, out_down, out_right, in + lane, in_down, in_right, g,
                                  rows, cols);
    }
}

NETRT_INLINE void netrt_pooling_gradient(const struct netrt_pooling_gradient *k,
                                         const struct netrt_args *a, long task)
{
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK), n = task / blocks, b = task % blocks;
    const netrt_element *gradient = a->in + n * k->in.image + b * k->in.plane;
    const netrt_element *in =
        k->average ? a->in : a->other + n * k->other.image + b * k->other.plane;
    netrt_element *out = a->out + n * k->out.image + b * k->out.plane;
    netrt_gradient_clear(out, &k->out, k->ih, k->iw);
    for (long i = 0; i < k->oh * k->ow; i++) {
        const long y = i / k->ow, x = i % k->ow, top = y * k->sh - k->pt, left = x * k->sw - k->pl;
        const struct netrt_window rows =
            netrt_clip(top, k->kh, k->dh, k->ih, k->ih + k->pb, k->count_include_pad);
        const struct netrt_window cols =
            netrt_clip(left, k->kw, k->dw, k->iw, k->iw + k->pr, k->count_include_pad);
        netrt_gradient_of_window(out + top * k->out.row + left * k->out.col, k->dh * k->out.row,
                                 k->dw * k->out.col, in + top * k->other.row + left * k->other.col,
                                 k->dh * k->other.row, k->dw * k->other.col,
                                 gradient + y * k->in.row + x * k->in.col, &rows, &cols,
                                 k->average);
    }
    NETRT_CLEAR_BORDER(k, out, k->ih, k->iw, 0, k->ih);
}

#endif
