/* Elementwise: scale and bias of each channel, a second operand, an activation. May be in place. */
#ifndef NETRT_KERNELS_POINTWISE_H
#define NETRT_KERNELS_POINTWISE_H

#include "act.h"
#include "border.h"

NETRT_INLINE netrt_vec netrt_joined(long join, netrt_vec x, netrt_vec other)
{
    switch (join) {
    case NETRT_JOIN_add:
        return x + other;
    case NETRT_JOIN_sub:
        return x - other;
    case NETRT_JOIN_mul:
        return x * other;
    case NETRT_JOIN_div:
        return x / other;
    case NETRT_JOIN_minimum:
        return netrt_min(x, other);
    case NETRT_JOIN_maximum:
        return netrt_max(x, other);
    }
    return x;
}

/* Lanes from `lane` on at a position, or its one channel in all of them. */
NETRT_INLINE netrt_vec netrt_pointwise_load(const netrt_element *at, long lane, long spread)
{
    return spread ? netrt_all(*at) : netrt_load(at + lane);
}

/* One vector; weight and bias are those of its channels. */
NETRT_INLINE netrt_vec netrt_pointwise_at(const struct netrt_pointwise *k, netrt_vec x,
                                          netrt_vec weight, netrt_vec bias, netrt_vec other)
{
    if (k->slope)
        x = netrt_select(netrt_less(x, netrt_all(0)), x * weight, x);
    if (k->scale)
        x *= weight;
    if (k->bias)
        x += bias;
    return netrt_activate(k->act, k->act_arg, k->act_arg2, netrt_joined(k->join, x, other));
}

NETRT_INLINE void netrt_pointwise_row(const struct netrt_pointwise *k, const struct netrt_args *a,
                                      netrt_element *out, const netrt_element *in,
                                      const netrt_element *other, long block)
{
    const long channel = block * NETRT_BLOCK;
    netrt_vec weight[NETRT_VECS], bias[NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        weight[v] = k->slope == 1          ? netrt_all(*a->weight)
                    : k->slope || k->scale ? netrt_load(a->weight + channel + v * NETRT_VL)
                                           : netrt_all(0);
        bias[v] = k->bias ? netrt_load(a->bias + channel + v * NETRT_VL) : netrt_all(0);
    }
    for (long x = 0; x < k->w; x++) {
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            const netrt_vec from = netrt_pointwise_load(in + x * k->in.col, lane, k->in_spread);
            const netrt_vec with =
                k->join ? netrt_pointwise_load(other + x * k->other.col, lane, k->other_spread)
                        : from;
            netrt_vec y = netrt_pointwise_at(k, from, weight[v], bias[v], with);
            if (k->c % NETRT_BLOCK)
                y = netrt_first(y, k->c - channel - lane);
            netrt_store(out + x * k->out.col + lane, y);
        }
    }
}

NETRT_INLINE void netrt_pointwise_part(const struct netrt_pointwise *k, const struct netrt_args *a,
                                       const struct netrt_rows *part)
{
    for (long y = part->first; y < part->end; y++)
        netrt_pointwise_row(
            k, a, a->out + netrt_row(&k->out, part, y), a->in + netrt_row(&k->in, part, y),
            k->join ? a->other + netrt_row(&k->other, part, y) : a->in, part->block);
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, part, 0), k->h, k->w, part->first, part->end);
}

NETRT_INLINE void netrt_pointwise(const struct netrt_pointwise *k, const struct netrt_args *a,
                                  long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->h, k->task_rows);
    netrt_pointwise_part(k, a, &part);
}

#endif
