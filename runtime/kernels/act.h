/* Activations (acts.def) and the end of a sum, on a vector in registers. */
#ifndef NETRT_KERNELS_ACT_H
#define NETRT_KERNELS_ACT_H

#include "vecmath.h"

NETRT_INLINE netrt_vec netrt_act_none(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return x;
}

NETRT_INLINE netrt_vec netrt_act_relu(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_at_least(x, 0);
}

NETRT_INLINE netrt_vec netrt_act_relu6(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_at_most(netrt_at_least(x, 0), 6);
}

NETRT_INLINE netrt_vec netrt_act_leaky_relu(netrt_vec x, float a, float b)
{
    (void)b;
    return netrt_select(netrt_less(x, netrt_all(0)), x * a, x);
}

NETRT_INLINE netrt_vec netrt_act_sigmoid(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_sigmoid(x);
}

NETRT_INLINE netrt_vec netrt_act_tanh(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_tanh(x);
}

NETRT_INLINE netrt_vec netrt_act_gelu(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_gelu(x);
}

NETRT_INLINE netrt_vec netrt_act_silu(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return x * netrt_sigmoid(x);
}

NETRT_INLINE netrt_vec netrt_act_hardsigmoid(netrt_vec x, float a, float b)
{
    return netrt_act_relu6(x + 3.0f, a, b) * (1.0f / 6);
}

NETRT_INLINE netrt_vec netrt_act_hardswish(netrt_vec x, float a, float b)
{
    return x * netrt_act_hardsigmoid(x, a, b);
}

NETRT_INLINE netrt_vec netrt_act_clip(netrt_vec x, float a, float b)
{
    return netrt_at_most(netrt_at_least(x, a), b);
}

/* exp(x) - 1 = 2 t / (1 - t), t = tanh(x / 2), which loses nothing near zero. */
NETRT_INLINE netrt_vec netrt_act_elu(netrt_vec x, float a, float b)
{
    (void)b;
    netrt_vec t = netrt_tanh(0.5f * x);
    return netrt_select(netrt_less(x, netrt_all(0)), 2 * a * t / (1.0f - t), x);
}

/* tanh(log(1 + e)) = n / (n + 2), n = e (e + 2), e = exp(x); from 20 on it is 1. */
NETRT_INLINE netrt_vec netrt_act_mish(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    netrt_vec e = netrt_exp(netrt_at_most(x, 20));
    netrt_vec n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}

/* log(1 + exp(y)) / a = (max(y, 0) + log(1 + exp(-|y|))) / a, y = a x. */
NETRT_INLINE netrt_vec netrt_act_softplus(netrt_vec x, float a, float b)
{
    netrt_vec y = x * a;
    netrt_vec soft = netrt_at_least(y, 0) + netrt_log1p(netrt_exp(-netrt_abs(y)));
    return netrt_select(netrt_less(netrt_all(b), y), x, soft * (1 / a));
}

NETRT_INLINE netrt_vec netrt_act_exp(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_exp_all(x);
}

NETRT_INLINE netrt_vec netrt_act_log(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_log_all(x);
}

NETRT_INLINE netrt_vec netrt_act_sqrt(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_sqrt(x);
}

NETRT_INLINE netrt_vec netrt_act_abs(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_abs(x);
}

NETRT_INLINE netrt_vec netrt_act_neg(netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return -x;
}

NETRT_INLINE netrt_vec netrt_act_pow(netrt_vec x, float a, float b)
{
    (void)b;
    return netrt_pow(x, a);
}

/* Whether any kernel of the file has this activation: the file may say so before. */
#ifndef NETRT_USES_ACT
#define NETRT_USES_ACT(act) 1
#endif

NETRT_INLINE netrt_vec netrt_activate(long act, float a, float b, netrt_vec x)
{
    switch (act) {
#define ACT(name, work, saved, doc)                                                                \
    case NETRT_ACT_##name:                                                                         \
        return NETRT_USES_ACT(NETRT_ACT_##name) ? netrt_act_##name(x, a, b) : x;
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
                                    long act, float a, float b, long lanes)
{
    if (residual)
        x += netrt_load(other);
    return netrt_first(netrt_activate(act, a, b, x), lanes);
}

#endif
