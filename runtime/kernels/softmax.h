/* Softmax over the channels at each position. May be in place. */
#ifndef NETRT_KERNELS_SOFTMAX_H
#define NETRT_KERNELS_SOFTMAX_H

#include "border.h"
#include "channels.h"
#include "vecmath.h"

/* Of the vector at `at`, what lies in channels. */
NETRT_INLINE netrt_vec netrt_softmax_first(const struct netrt_softmax *k, netrt_vec x, long b,
                                           long lane)
{
    return netrt_first(x, k->c - b * NETRT_BLOCK - lane);
}

/* One position: x - max - log(sum of exp(x - max)). */
NETRT_INLINE void netrt_log_softmax_at(const struct netrt_softmax *k, netrt_element *out,
                                       const netrt_element *in)
{
    const float max = netrt_greatest_channel(in, k->in.plane, k->c);
    netrt_vec sum[NETRT_VECS];
    for (long v = 0; v < NETRT_VECS; v++)
        sum[v] = netrt_all(0);
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            netrt_vec e = netrt_exp(netrt_load(in + b * k->in.plane + lane) - max);
            sum[v] += netrt_softmax_first(k, e, b, lane);
        }
    const netrt_vec shift = netrt_log(netrt_all(netrt_sum(sum)));
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
            netrt_vec x = netrt_load(in + b * k->in.plane + lane) - max - shift;
            netrt_store(out + b * k->out.plane + lane, netrt_softmax_first(k, x, b, lane));
        }
}

/* One position: exp(x - max) to `out`, then divided by the sum. */
NETRT_INLINE void netrt_softmax_at(const struct netrt_softmax *k, netrt_element *out,
                                   const netrt_element *in)
{
    const float max = netrt_greatest_channel(in, k->in.plane, k->c);
    netrt_vec sum[NETRT_VECS];
    for (long v = 0; v < NETRT_VECS; v++)
        sum[v] = netrt_all(0);
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            netrt_vec e = netrt_exp_share(netrt_load(in + b * k->in.plane + lane) - max);
            e = netrt_first(e, k->c - b * NETRT_BLOCK - lane);
            netrt_store(out + b * k->out.plane + lane, e);
            sum[v] += e;
        }
    const float scale = 1 / netrt_sum(sum);
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
            netrt_element *at = out + b * k->out.plane + lane;
            netrt_store(at, netrt_first(netrt_load(at) * scale, k->c - b * NETRT_BLOCK - lane));
        }
}

NETRT_INLINE void netrt_softmax_or_log_at(const struct netrt_softmax *k, netrt_element *out,
                                          const netrt_element *in)
{
    if (k->log)
        netrt_log_softmax_at(k, out, in);
    else
        netrt_softmax_at(k, out, in);
}

NETRT_INLINE void netrt_softmax(const struct netrt_softmax *k, const struct netrt_args *a,
                                long task)
{
    const struct netrt_positions part = netrt_positions_of(task, k->h * k->w, k->task_positions);
    const netrt_element *in = a->in + part.image * k->in.image;
    netrt_element *out = a->out + part.image * k->out.image;
    for (long i = part.first; i < part.end; i++)
        netrt_softmax_or_log_at(k, out + i / k->w * k->out.row + i % k->w * k->out.col,
                                in + i / k->w * k->in.row + i % k->w * k->in.col);
    for (long b = 0; part.first == 0 && b * NETRT_BLOCK < k->c; b++)
        NETRT_CLEAR_BORDER(k, out + b * k->out.plane, k->h, k->w, 0, k->h);
}

#endif
