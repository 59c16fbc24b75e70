/* Depthwise convolution: a register tile of one block at `cols` columns. */
#ifndef NETRT_KERNELS_DEPTHWISE_H
#define NETRT_KERNELS_DEPTHWISE_H

#include "channelwise.h"

/* `cols` columns of a row; all pointers at the first column, `in` at tap (0, 0). The taps of a
 * kernel row are unrolled, so that inputs they share are loaded once. */
NETRT_INLINE void netrt_depthwise_tile(const struct netrt_depthwise *k, const struct netrt_args *a,
                                       netrt_element *out, const netrt_element *in,
                                       const netrt_element *other, long block, const long cols)
{
    const netrt_element *weight = a->weight + block * k->kh * k->kw * NETRT_BLOCK;
    for (long v = 0; v < NETRT_VECS; v++) {
        const long lane = v * NETRT_VL, channel = block * NETRT_BLOCK + lane;
        netrt_vec acc[NETRT_TILE_COLS];
        NETRT_FOR (long p = 0; p < cols; p++)
            acc[p] = k->bias ? netrt_load(a->bias + channel) : netrt_all(0);
        for (long y = 0; y < k->kh; y++)
            NETRT_FOR (long x = 0; x < k->kw; x++) {
                netrt_vec w = netrt_load(weight + (y * k->kw + x) * NETRT_BLOCK + lane);
                NETRT_FOR (long p = 0; p < cols; p++)
                    acc[p] += w * netrt_load(in + y * k->dh * k->in.row +
                                             (x * k->dw + p * k->sw) * k->in.col + lane);
            }
        NETRT_FOR (long p = 0; p < cols; p++)
            netrt_store(out + p * k->out.col + lane,
                        netrt_finish(acc[p], k->residual, other + p * k->other.col + lane, k->act,
                                     k->act_arg, k->act_arg2, netrt_lanes(k->c, channel)));
    }
}

NETRT_INLINE void netrt_depthwise_row(const struct netrt_depthwise *k, const struct netrt_args *a,
                                      const struct netrt_rows *part, long y)
{
    NETRT_CHANNELWISE_ROW(k, a, part, y, netrt_depthwise_tile);
}

NETRT_INLINE void netrt_depthwise_part(const struct netrt_depthwise *k, const struct netrt_args *a,
                                       const struct netrt_rows *part)
{
    for (long y = part->first; y < part->end; y++)
        netrt_depthwise_row(k, a, part, y);
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, part, 0), k->oh, k->ow, part->first,
                       part->end);
}

NETRT_INLINE void netrt_depthwise(const struct netrt_depthwise *k, const struct netrt_args *a,
                                  long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->oh, k->task_rows);
    netrt_depthwise_part(k, a, &part);
}

#endif
