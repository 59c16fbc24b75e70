/* Sums, means, largest and least elements over positions, channels, or both. One sweep. */
#ifndef NETRT_KERNELS_REDUCE_H
#define NETRT_KERNELS_REDUCE_H

#include "border.h"

/* What the reduction starts from. */
NETRT_INLINE netrt_vec netrt_reduce_start(const struct netrt_reduce *k)
{
    return netrt_all(k->reduction == NETRT_REDUCTION_amax   ? -__builtin_inff()
                     : k->reduction == NETRT_REDUCTION_amin ? __builtin_inff()
                                                            : 0);
}

NETRT_INLINE netrt_vec netrt_reduce_two(const struct netrt_reduce *k, netrt_vec a, netrt_vec b)
{
    if (k->reduction == NETRT_REDUCTION_amax)
        return netrt_max(a, b);
    return k->reduction == NETRT_REDUCTION_amin ? netrt_min(a, b) : a + b;
}

/* Of one vector over all positions that are reduced: each run of the inner ones apart, which bounds
 * the error, and on four chains. */
NETRT_INLINE netrt_vec netrt_reduce_positions(const struct netrt_reduce *k, const netrt_element *in)
{
    enum { CHAINS = 4 };
    netrt_vec all = netrt_reduce_start(k);
    for (long i = 0; i < k->many0; i++) {
        const netrt_element *from = in + i * k->step0;
        netrt_vec part[CHAINS];
        long j = 0;
        for (long chain = 0; chain < CHAINS; chain++)
            part[chain] = netrt_reduce_start(k);
        for (; j + CHAINS <= k->many1; j += CHAINS)
            NETRT_FOR (long chain = 0; chain < CHAINS; chain++)
                part[chain] =
                    netrt_reduce_two(k, part[chain], netrt_load(from + (j + chain) * k->step1));
        for (; j < k->many1; j++)
            part[0] = netrt_reduce_two(k, part[0], netrt_load(from + j * k->step1));
        all = netrt_reduce_two(k, all,
                               netrt_reduce_two(k, netrt_reduce_two(k, part[0], part[1]),
                                                netrt_reduce_two(k, part[2], part[3])));
    }
    return all;
}

/* A block at one position of the output. */
NETRT_INLINE void netrt_reduce_block(const struct netrt_reduce *k, netrt_element *out,
                                     const netrt_element *in, long channels)
{
    const float scale =
        k->reduction == NETRT_REDUCTION_mean ? 1.0f / (float)(k->many0 * k->many1) : 1;
    NETRT_FOR (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL)
        netrt_store(out + lane,
                    netrt_first(netrt_reduce_positions(k, in + lane) * scale, channels - lane));
}

/* The one channel at a position of the output: of all blocks, then of their lanes. */
NETRT_INLINE void netrt_reduce_channels(const struct netrt_reduce *k, netrt_element *out,
                                        const netrt_element *in)
{
    const netrt_mask lanes = NETRT_LANES;
    const netrt_vec start = netrt_reduce_start(k);
    netrt_vec all[NETRT_VECS];
    float lane[NETRT_BLOCK];
    for (long v = 0; v < NETRT_VECS; v++)
        all[v] = start;
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const int32_t rest = (int32_t)(k->c - b * NETRT_BLOCK - v * NETRT_VL);
            const netrt_vec x = netrt_reduce_positions(k, in + b * k->in.plane + v * NETRT_VL);
            all[v] = netrt_reduce_two(
                k, all[v], netrt_select(NETRT_MASK(lanes < netrt_all_bits(rest)), x, start));
        }
    for (long v = 0; v < NETRT_VECS; v++)
        netrt_store(lane + v * NETRT_VL, all[v]);
    netrt_vec one = netrt_all(lane[0]);
    for (long i = 1; i < NETRT_BLOCK; i++)
        one = netrt_reduce_two(k, one, netrt_all(lane[i]));
    if (k->reduction == NETRT_REDUCTION_mean)
        one = one * (1.0f / (float)(k->c * k->many0 * k->many1));
    for (long i = 0; i < NETRT_BLOCK; i += NETRT_VL)
        netrt_store(out + i, netrt_first(one, 1 - i));
}

/* A task makes an image's one block of its one channel, or a block. */
NETRT_INLINE void netrt_reduce(const struct netrt_reduce *k, const struct netrt_args *a, long task)
{
    const long blocks = k->over_channels ? 1 : netrt_ceil_div(k->c, NETRT_BLOCK), b = task % blocks;
    const netrt_element *in = a->in + task / blocks * k->in.image + b * k->in.plane;
    netrt_element *out = a->out + task / blocks * k->out.image + b * k->out.plane;
    for (long i = 0; i < k->kept0; i++)
        for (long j = 0; j < k->kept1; j++) {
            const netrt_element *from = in + i * k->in0 + j * k->in1;
            netrt_element *to = out + i * k->out0 + j * k->out1;
            if (k->over_channels)
                netrt_reduce_channels(k, to, from);
            else
                netrt_reduce_block(k, to, from, k->c - b * NETRT_BLOCK);
        }
    NETRT_CLEAR_BORDER(k, out, k->oh, k->ow, 0, k->oh);
}

#endif
