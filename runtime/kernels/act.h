/* Activations (acts.def) and the end of a sum, on a vector in registers. */
#ifndef NETRT_KERNELS_ACT_H
#define NETRT_KERNELS_ACT_H

#include "vecmath.h"

NETRT_INLINE netrt_vec netrt_act_none(netrt_vec x, float arg)
{
    (void)arg;
    return x;
}

NETRT_INLINE netrt_vec netrt_act_relu(netrt_vec x, float arg)
{
    (void)arg;
    return netrt_at_least(x, 0);
}

NETRT_INLINE netrt_vec netrt_act_relu6(netrt_vec x, float arg)
{
    (void)arg;
    return netrt_at_most(netrt_at_least(x, 0), 6);
}

NETRT_INLINE netrt_vec netrt_act_leaky_relu(netrt_vec x, float arg)
{
    return netrt_select(netrt_less(x, netrt_all(0)), x * arg, x);
}

NETRT_INLINE netrt_vec netrt_act_sigmoid(netrt_vec x, float arg)
{
    (void)arg;
    return netrt_sigmoid(x);
}

NETRT_INLINE netrt_vec netrt_act_tanh(netrt_vec x, float arg)
{
    (void)arg;
    return netrt_tanh(x);
}

NETRT_INLINE netrt_vec netrt_act_gelu(netrt_vec x, float arg)
{
    (void)arg;
    return netrt_gelu(x);
}

NETRT_INLINE netrt_vec netrt_act_silu(netrt_vec x, float arg)
{
    (void)arg;
    return x * netrt_sigmoid(x);
}

NETRT_INLINE netrt_vec netrt_act_hardsigmoid(netrt_vec x, float arg)
{
    return netrt_act_relu6(x + 3.0f, arg) * (1.0f / 6);
}

NETRT_INLINE netrt_vec netrt_act_hardswish(netrt_vec x, float arg)
{
    return x * netrt_act_hardsigmoid(x, arg);
}

NETRT_INLINE netrt_vec netrt_activate(long act, float arg, netrt_vec x)
{
    switch (act) {
#define ACT(name, keeps_zero, doc)                                                                 \
    case NETRT_ACT_##name:                                                                         \
        return netrt_act_##name(x, arg);
#include "acts.def"
    }
    return x;
}

/* How many lanes hold channels in a vector that starts with `channel`: constant where all do. */
NETRT_INLINE long netrt_lanes(long channels, long channel)
{
    return channels % NETRT_BLOCK ? channels - channel : NETRT_BLOCK;
}

/* What follows a sum: the residual at `other`, the activation, zeros after the last channel. */
NETRT_INLINE netrt_vec netrt_finish(netrt_vec x, long residual, const netrt_element *other,
                                    long act, float arg, long lanes)
{
    if (residual)
        x += netrt_load(other);
    return netrt_first(netrt_activate(act, arg, x), lanes);
}

#endif
