/* Gradients of activations (acts.def): g times the derivative, at the input or by the result, as
 * the table says; PyTorch's where there is none. */
#ifndef NETRT_KERNELS_ACT_GRADIENT_H
#define NETRT_KERNELS_ACT_GRADIENT_H

#include "act.h"

/* g where low < x < high, which NaN is not, else 0. */
NETRT_INLINE netrt_vec netrt_within(netrt_vec g, netrt_vec x, float low, float high)
{
    const netrt_mask inside = netrt_less(netrt_all(low), x) & netrt_less(x, netrt_all(high));
    return netrt_select(inside, g, netrt_all(0));
}

NETRT_INLINE netrt_vec netrt_gradient_none(netrt_vec g, netrt_vec y, float a, float b)
{
    (void)y, (void)a, (void)b;
    return g;
}

NETRT_INLINE netrt_vec netrt_gradient_relu(netrt_vec g, netrt_vec y, float a, float b)
{
    (void)a, (void)b;
    return netrt_select(netrt_less(netrt_all(0), y), g, netrt_all(0));
}

NETRT_INLINE netrt_vec netrt_gradient_relu6(netrt_vec g, netrt_vec y, float a, float b)
{
    (void)a, (void)b;
    return netrt_within(g, y, 0, 6);
}

NETRT_INLINE netrt_vec netrt_gradient_leaky_relu(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)b;
    return netrt_select(netrt_less(netrt_all(0), x), g, g * a);
}

NETRT_INLINE netrt_vec netrt_gradient_sigmoid(netrt_vec g, netrt_vec y, float a, float b)
{
    (void)a, (void)b;
    return g * y * (1.0f - y);
}

NETRT_INLINE netrt_vec netrt_gradient_tanh(netrt_vec g, netrt_vec y, float a, float b)
{
    (void)a, (void)b;
    return g * (1.0f - y * y);
}

/* The normal distribution's share below x, and x times its density. */
NETRT_INLINE netrt_vec netrt_gradient_gelu(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    const netrt_vec tail = 0.5f * netrt_erfc(netrt_abs(x) * 0x1.6a09e6p-1f);
    const netrt_vec share = netrt_select(netrt_less(x, netrt_all(0)), tail, 1.0f - tail);
    return g * (share + x * (netrt_exp(-0.5f * x * x) * 0x1.988454p-2f));
}

NETRT_INLINE netrt_vec netrt_gradient_silu(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    const netrt_vec s = netrt_sigmoid(x);
    return g * s * (1.0f + x * (1.0f - s));
}

NETRT_INLINE netrt_vec netrt_gradient_hardsigmoid(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return netrt_within(g * (1.0f / 6), x, -3, 3);
}

NETRT_INLINE netrt_vec netrt_gradient_hardswish(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    const netrt_vec between = netrt_within(g * (x * (1.0f / 3) + 0.5f), x, -3, 3);
    return netrt_select(netrt_less(x, netrt_all(3)), between, g);
}

/* At the ends themselves it is g. */
NETRT_INLINE netrt_vec netrt_gradient_clip(netrt_vec g, netrt_vec x, float a, float b)
{
    const netrt_mask outside = netrt_less(x, netrt_all(a)) | netrt_less(netrt_all(b), x);
    return netrt_select(outside, netrt_all(0), g);
}

NETRT_INLINE netrt_vec netrt_gradient_elu(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)b;
    const netrt_vec below = g * a * netrt_exp(netrt_at_most(x, 0));
    return netrt_select(netrt_less(netrt_all(0), x), g, below);
}

/* With t = tanh(softplus(x)): t + x sigmoid(x) (1 - t^2). */
NETRT_INLINE netrt_vec netrt_gradient_mish(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    const netrt_vec e = netrt_exp(netrt_at_most(x, 20)), n = e * (e + 2.0f), t = n / (n + 2.0f);
    return g * (t + x * netrt_sigmoid(x) * (1.0f - t * t));
}

NETRT_INLINE netrt_vec netrt_gradient_softplus(netrt_vec g, netrt_vec x, float a, float b)
{
    const netrt_vec y = x * a;
    return netrt_select(netrt_less(netrt_all(b), y), g, g * netrt_sigmoid(y));
}

NETRT_INLINE netrt_vec netrt_gradient_exp(netrt_vec g, netrt_vec y, float a, float b)
{
    (void)a, (void)b;
    return g * y;
}

NETRT_INLINE netrt_vec netrt_gradient_log(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    return g / x;
}

NETRT_INLINE netrt_vec netrt_gradient_sqrt(netrt_vec g, netrt_vec y, float a, float b)
{
    (void)a, (void)b;
    return g / (2.0f * y);
}

NETRT_INLINE netrt_vec netrt_gradient_abs(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)a, (void)b;
    const netrt_vec above = netrt_select(netrt_less(netrt_all(0), x), g, netrt_all(0));
    return netrt_select(netrt_less(x, netrt_all(0)), -g, above);
}

NETRT_INLINE netrt_vec netrt_gradient_neg(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)x, (void)a, (void)b;
    return -g;
}

NETRT_INLINE netrt_vec netrt_gradient_pow(netrt_vec g, netrt_vec x, float a, float b)
{
    (void)b;
    return a < 0 || a > 0 ? g * a * netrt_pow(x, a - 1) : netrt_all(0);
}

#define NETRT_SAVED_RESULT(act, a, b, x) netrt_activate(act, a, b, x)
#define NETRT_SAVED_INPUT(act, a, b, x)  (x)

/* Of an activation's input what its derivative is a function of. */
NETRT_INLINE netrt_vec netrt_act_saved(long act, float a, float b, netrt_vec x)
{
    switch (act) {
#define ACT(name, work, saved, doc)                                                                \
    case NETRT_ACT_##name:                                                                         \
        return NETRT_SAVED_##saved(act, a, b, x);
#include "acts.def"
    }
    return x;
}

/* g times the derivative of activation `act`, `saved` being its input or result. */
NETRT_INLINE netrt_vec netrt_act_gradient(long act, float a, float b, netrt_vec g, netrt_vec saved)
{
    switch (act) {
#define ACT(name, work, kept, doc)                                                                 \
    case NETRT_ACT_##name:                                                                         \
        return NETRT_USES_ACT(NETRT_ACT_##name) ? netrt_gradient_##name(g, saved, a, b) : g;
#include "acts.def"
    }
    return g;
}

#endif
