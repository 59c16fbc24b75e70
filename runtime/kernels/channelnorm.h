/* Normalization over the channels of each position. May be in place. */
#ifndef NETRT_KERNELS_CHANNELNORM_H
#define NETRT_KERNELS_CHANNELNORM_H

#include "border.h"

/* Sum over the channels of a position of (x - mean)^power, power 1 or 2. */
NETRT_INLINE float netrt_channelnorm_sum(const struct netrt_channelnorm *k, const netrt_element *in,
                                         float mean, int power)
{
    netrt_vec sum[NETRT_VECS];
    for (long v = 0; v < NETRT_VECS; v++)
        sum[v] = netrt_all(0);
    for (long b = 0; b * NETRT_BLOCK < k->c; b++) {
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            const netrt_vec d = netrt_load(in + b * k->in.plane + lane) - mean;
            sum[v] += netrt_first(power == 2 ? d * d : d, k->c - b * NETRT_BLOCK - lane);
        }
    }
    return netrt_sum(sum);
}

NETRT_INLINE void netrt_channelnorm_at(const struct netrt_channelnorm *k,
                                       const struct netrt_args *a, netrt_element *out,
                                       const netrt_element *in)
{
    const float n = (float)k->c;
    const float mean = k->centered ? netrt_channelnorm_sum(k, in, 0, 1) / n : 0;
    const float variance = netrt_channelnorm_sum(k, in, mean, 2) / n;
    const float scale = 1 / __builtin_sqrtf(variance + k->eps);
    for (long b = 0; b * NETRT_BLOCK < k->c; b++) {
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL, channel = b * NETRT_BLOCK + lane;
            netrt_vec x = (netrt_load(in + b * k->in.plane + lane) - mean) * scale;
            if (k->scale)
                x = x * netrt_load(a->weight + channel);
            if (k->bias)
                x = x + netrt_load(a->bias + channel);
            netrt_store(out + b * k->out.plane + lane, netrt_first(x, k->c - channel));
        }
    }
}

NETRT_INLINE void netrt_channelnorm(const struct netrt_channelnorm *k, const struct netrt_args *a,
                                    long task)
{
    const struct netrt_positions part = netrt_positions_of(task, k->h * k->w, k->task_positions);
    const netrt_element *in = a->in + part.image * k->in.image;
    netrt_element *out = a->out + part.image * k->out.image;
    for (long i = part.first; i < part.end; i++)
        netrt_channelnorm_at(k, a, out + i / k->w * k->out.row + i % k->w * k->out.col,
                             in + i / k->w * k->in.row + i % k->w * k->in.col);
    for (long b = 0; part.first == 0 && b * NETRT_BLOCK < k->c; b++)
        NETRT_CLEAR_BORDER(k, out + b * k->out.plane, k->h, k->w, 0, k->h);
}

#endif
