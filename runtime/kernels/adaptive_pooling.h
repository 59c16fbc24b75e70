/* Adaptive and global average pooling. */
#ifndef NETRT_KERNELS_ADAPTIVE_POOLING_H
#define NETRT_KERNELS_ADAPTIVE_POOLING_H

#include "border.h"

/* The largest of rows y .. y_end - 1, columns x .. x_end - 1 of a block. */
NETRT_INLINE void netrt_adaptive_max_at(const struct netrt_adaptive_pooling *k, netrt_element *out,
                                        const netrt_element *in, long y, long y_end, long x,
                                        long x_end)
{
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        netrt_vec max = netrt_load(in + y * k->in.row + x * k->in.col + v * NETRT_VL);
        for (long row = y; row < y_end; row++)
            for (long col = x; col < x_end; col++)
                max = netrt_max(max,
                                netrt_load(in + row * k->in.row + col * k->in.col + v * NETRT_VL));
        netrt_store(out + v * NETRT_VL, max);
    }
}

/* The mean of rows y .. y_end - 1, columns x .. x_end - 1 of a block: each row apart, which bounds
 * the error, and on four chains. */
NETRT_INLINE void netrt_adaptive_mean_at(const struct netrt_adaptive_pooling *k, netrt_element *out,
                                         const netrt_element *in, long y, long y_end, long x,
                                         long x_end)
{
    enum { CHAINS = 4 };
    const float scale = 1.0f / (float)((y_end - y) * (x_end - x));
    const long rest = (x_end - x) % CHAINS, whole = x_end - rest;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        netrt_vec sum = netrt_all(0);
        for (long row = y; row < y_end; row++) {
            const netrt_element *from = in + row * k->in.row + v * NETRT_VL;
            netrt_vec part[CHAINS] = {netrt_all(0), netrt_all(0), netrt_all(0), netrt_all(0)};
            for (long col = x; col < whole; col += CHAINS)
                NETRT_FOR (long i = 0; i < CHAINS; i++)
                    part[i] += netrt_load(from + (col + i) * k->in.col);
            for (long i = 0; i < rest; i++)
                part[0] += netrt_load(from + (whole + i) * k->in.col);
            sum += (part[0] + part[1]) + (part[2] + part[3]);
        }
        netrt_store(out + v * NETRT_VL, sum * scale);
    }
}

/* The result at row y and column x of a block. (Not by a pointer to one of the two: without
 * optimization no compiler sees through that, and inlines.) */
NETRT_INLINE void netrt_adaptive_at(const struct netrt_adaptive_pooling *k, netrt_element *out,
                                    const netrt_element *in, long y, long x)
{
    const long first_y = y * k->ih / k->oh, end_y = netrt_ceil_div((y + 1) * k->ih, k->oh);
    const long first_x = x * k->iw / k->ow, end_x = netrt_ceil_div((x + 1) * k->iw, k->ow);
    netrt_element *at = out + y * k->out.row + x * k->out.col;
    if (k->average)
        netrt_adaptive_mean_at(k, at, in, first_y, end_y, first_x, end_x);
    else
        netrt_adaptive_max_at(k, at, in, first_y, end_y, first_x, end_x);
}

NETRT_INLINE void netrt_adaptive_pooling(const struct netrt_adaptive_pooling *k,
                                         const struct netrt_args *a, long task)
{
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK);
    const netrt_element *in = a->in + task / blocks * k->in.image + task % blocks * k->in.plane;
    netrt_element *out = a->out + task / blocks * k->out.image + task % blocks * k->out.plane;
    for (long y = 0; y < k->oh; y++)
        for (long x = 0; x < k->ow; x++)
            netrt_adaptive_at(k, out, in, y, x);
    NETRT_CLEAR_BORDER(k, out, k->oh, k->ow, 0, k->oh);
}

#endif
