/* Grouped convolution with 2, 4 or 8 channels a group: each input lane of a group is spread over
 * the lanes of its group's outputs. */
#ifndef NETRT_KERNELS_GROUPED_H
#define NETRT_KERNELS_GROUPED_H

#include "channelwise.h"

#if NETRT_VL == 1
#define NETRT_PERMUTE(x, lanes) ((void)(lanes), (x))
#elif defined(__clang__)
NETRT_INLINE netrt_vec netrt_permute(netrt_vec x, netrt_mask lanes)
{
    netrt_vec y;
    NETRT_FOR (long i = 0; i < NETRT_VL; i++)
        y[i] = x[lanes[i]];
    return y;
}
#define NETRT_PERMUTE(x, lanes) netrt_permute(x, lanes)
#else
#define NETRT_PERMUTE(x, lanes) __builtin_shuffle(x, lanes)
#endif

/* For each lane from `lane` on, channel `member` of the lane's group; `in` points at a block. */
NETRT_INLINE netrt_vec netrt_grouped_spread(const netrt_element *in, long lane, long member,
                                            long group)
{
    const netrt_mask lanes = NETRT_LANES;
    if (group >= NETRT_VL)
        return netrt_all(in[lane / group * group + member]);
    return NETRT_PERMUTE(netrt_load(in + lane), (lanes & (int32_t)-group) + (int32_t)member);
}

/* One channel of each group along a kernel row, to the vector of outputs that starts at `lane`. */
NETRT_INLINE void netrt_grouped_taps(const struct netrt_grouped *k, netrt_vec *acc,
                                     const netrt_element *in, const netrt_element *weight,
                                     long lane, long member, const long cols)
{
    NETRT_FOR (long x = 0; x < k->kw; x++) {
        netrt_vec w = netrt_load(weight + x * k->group * NETRT_BLOCK);
        NETRT_FOR (long p = 0; p < cols; p++)
            acc[p] += w * netrt_grouped_spread(in + (x * k->dw + p * k->sw) * k->in.col, lane,
                                               member, k->group);
    }
}

/* `cols` columns of a row; all pointers at the first column, `in` at tap (0, 0). The taps of a
 * kernel row are unrolled, so that spread inputs they share are made once. */
NETRT_INLINE void netrt_grouped_tile(const struct netrt_grouped *k, const struct netrt_args *a,
                                     netrt_element *out, const netrt_element *in,
                                     const netrt_element *other, long block, const long cols)
{
    const netrt_element *weight = a->weight + block * k->kh * k->kw * k->group * NETRT_BLOCK;
    for (long v = 0; v < NETRT_VECS; v++) {
        const long lane = v * NETRT_VL, channel = block * NETRT_BLOCK + lane;
        netrt_vec acc[NETRT_TILE_COLS];
        NETRT_FOR (long p = 0; p < cols; p++)
            acc[p] = k->bias ? netrt_load(a->bias + channel) : netrt_all(0);
        for (long y = 0; y < k->kh; y++)
            NETRT_FOR (long member = 0; member < k->group; member++)
                netrt_grouped_taps(k, acc, in + y * k->dh * k->in.row,
                                   weight + (y * k->kw * k->group + member) * NETRT_BLOCK + lane,
                                   lane, member, cols);
        NETRT_FOR (long p = 0; p < cols; p++)
            netrt_store(out + p * k->out.col + lane,
                        netrt_finish(acc[p], k->residual, other + p * k->other.col + lane, k->act,
                                     k->act_arg, k->act_arg2, netrt_lanes(k->c, channel)));
    }
}

NETRT_INLINE void netrt_grouped_row(const struct netrt_grouped *k, const struct netrt_args *a,
                                    const struct netrt_rows *part, long y)
{
    NETRT_CHANNELWISE_ROW(k, a, part, y, netrt_grouped_tile);
}

NETRT_INLINE void netrt_grouped(const struct netrt_grouped *k, const struct netrt_args *a,
                                long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->oh, k->task_rows);
    for (long y = part.first; y < part.end; y++)
        netrt_grouped_row(k, a, &part, y);
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0), k->oh, k->ow, part.first,
                       part.end);
}

#endif
