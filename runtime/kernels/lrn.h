/* Local response normalization across channels. */
#ifndef NETRT_KERNELS_LRN_H
#define NETRT_KERNELS_LRN_H

#include "act.h"
#include "border.h"

enum { NETRT_LRN_HALO = 8 }; /* most blocks that a window reaches beyond its own, either way */

/* Block `block` of one position: `in` and `out` point at its block 0. */
NETRT_INLINE void netrt_lrn_at(const struct netrt_lrn *k, float *out, const float *in, long block)
{
    const long halo = netrt_ceil_div(k->size / 2, NETRT_BLOCK);
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK);
    float square[(2 * NETRT_LRN_HALO + 1) * NETRT_BLOCK];
    for (long b = -halo; b <= halo; b++)
        NETRT_UNROLL
    for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
        netrt_vec x = netrt_all(0);
        if (block + b >= 0 && block + b < blocks)
            x = netrt_load(in + (block + b) * k->in.plane + lane);
        netrt_store(square + (b + halo) * NETRT_BLOCK + lane, x * x);
    }
    NETRT_UNROLL
    for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
        netrt_vec sum = netrt_all(0);
        for (long i = 0; i < k->size; i++)
            sum += netrt_load(square + halo * NETRT_BLOCK + lane + i - k->size / 2);
        sum = k->k + k->alpha / (float)k->size * sum;
        netrt_vec x = netrt_load(in + block * k->in.plane + lane);
        netrt_store(out + block * k->out.plane + lane,
                    netrt_first(x * netrt_exp(-k->beta * netrt_log(sum)),
                                netrt_lanes(k->c, block * NETRT_BLOCK + lane)));
    }
}

NETRT_INLINE void netrt_lrn(const struct netrt_lrn *k, const struct netrt_args *a, long task)
{
    const struct netrt_rows part = netrt_rows_of(task, NETRT_BLOCK, k->h, k->task_rows);
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK);
    for (long y = part.first; y < part.end; y++)
        for (long x = 0; x < k->w; x++)
            for (long b = 0; b < blocks; b++)
                netrt_lrn_at(k, a->out + netrt_row(&k->out, &part, y) + x * k->out.col,
                             a->in + netrt_row(&k->in, &part, y) + x * k->in.col, b);
    for (long b = 0; b < blocks; b++)
        NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0) + b * k->out.plane, k->h, k->w,
                           part.first, part.end);
}

#endif
