/*
 * exp and its kin on vectors, to about 1e-6 relative. NaN passes; beyond float's range the results
 * stop at its ends. Polynomials are minimax fits (relative error under 5e-8 before rounding), on
 * the intervals stated.
 */
#ifndef NETRT_KERNELS_VECMATH_H
#define NETRT_KERNELS_VECMATH_H

#include "vec.h"

enum { NETRT_POWER_BITS = 3 }; /* bits of exponents that are computed by products */

/* c[0] + c[1] x + ... + c[n - 1] x^(n - 1) */
NETRT_INLINE netrt_vec netrt_polynomial(netrt_vec x, const float *c, long n)
{
    netrt_vec sum = netrt_all(c[n - 1]);
    NETRT_FOR (long i = n - 2; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

/* n where a float has its exponent. (C shifts only numbers to the left that are not negative.) */
NETRT_INLINE netrt_mask netrt_shifted(netrt_mask n)
{
    return (netrt_mask)((netrt_words)n << 23);
}

/* exp(x) = 2^n exp(r), |r| <= log(2) / 2, for x held to [-87, 88]. */
NETRT_INLINE netrt_vec netrt_exp(netrt_vec x)
{
    static const float c[] = {
        1, 1, 0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558f2p-5f, 0x1.1239d4p-7f, 0x1.6a2448p-10f};
    const float round = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits */
    x = netrt_at_most(netrt_at_least(x, -87), 88);
    netrt_vec shifted = x * 0x1.715476p0f + round;
    netrt_vec n = shifted - round;
    netrt_vec r = x - n * 0x1.62ep-1f - n * 0x1.0bfbe8p-15f; /* log(2), the first part exact in n */
    netrt_vec power = netrt_from_bits(netrt_shifted(netrt_bits(shifted) + 127));
    return netrt_polynomial(r, c, 7) * power;
}

/* exp(x) of what is to be a share of a sum that has 1 in it: 0 where it would be hardly a normal
 * float, for some processors take a hundred times as long to multiply by smaller ones. */
NETRT_INLINE netrt_vec netrt_exp_share(netrt_vec x)
{
    return netrt_select(netrt_less(x, netrt_all(-87)), netrt_all(0), netrt_exp(x));
}

/* log(x) for normal x > 0, infinity and NaN: x = 2^n m, m in [sqrt(1/2), sqrt(2)). */
NETRT_INLINE netrt_vec netrt_log(netrt_vec x)
{
    static const float c[] = {-0.49999988f, 0.33333325f,  -0.25001585f, 0.20001985f, -0.16609056f,
                              0.14181635f,  -0.13242981f, 0.12905502f,  -0.07623061f};
    const int32_t half = 0x3f3504f3; /* bits of sqrt(1/2) */
    netrt_mask n = (netrt_bits(x) - half) >> 23;
    netrt_vec m = netrt_from_bits(netrt_bits(x) - netrt_shifted(n)) - 1.0f;
    netrt_vec exponent = netrt_from_bits(n + 0x4b400000) - 0x1.8p23f; /* n as a float */
    netrt_vec log = exponent * 0x1.62e43p-1f + (m + m * m * netrt_polynomial(m, c, 9));
    return netrt_select(netrt_less(x, netrt_all(__builtin_inff())), log, x);
}

NETRT_INLINE netrt_vec netrt_abs(netrt_vec x)
{
    return netrt_from_bits(netrt_bits(x) & 0x7fffffff);
}

/* exp(x) from 0 to infinity: the square of exp(x / 2) leaves the range of floats where exp(x) does.
 */
NETRT_INLINE netrt_vec netrt_exp_all(netrt_vec x)
{
    netrt_vec root = netrt_exp(0.5f * x);
    return root * root;
}

/* log(x) of any x: below the least normal float by 2^24 x; -infinity at 0, NaN below. */
NETRT_INLINE netrt_vec netrt_log_all(netrt_vec x)
{
    netrt_mask small = netrt_less(x, netrt_all(0x1p-126f));
    netrt_vec log = netrt_log(netrt_select(small, x * 0x1p24f, x));
    log = netrt_select(small, log - 0x1.0a2b24p4f, log);
    log = netrt_select(netrt_less(netrt_all(0), x), log, netrt_all(-__builtin_inff()));
    netrt_mask defined = ~(netrt_less(x, netrt_all(0)) | netrt_is_nan(x));
    return netrt_select(defined, log, netrt_all(__builtin_nanf("")));
}

/* log(1 + x) for x in [0, 1]: what rounding 1 + x takes away or adds, the quotient restores. */
NETRT_INLINE netrt_vec netrt_log1p(netrt_vec x)
{
    netrt_vec sum = 1.0f + x, rounded = sum - 1.0f;
    netrt_vec log = netrt_log(sum) * (x / rounded);
    return netrt_select(netrt_less(netrt_all(0), rounded), log, x);
}

NETRT_INLINE netrt_vec netrt_sqrt(netrt_vec x)
{
    float lanes[NETRT_VL];
    netrt_store(lanes, x);
    for (long i = 0; i < NETRT_VL; i++)
        lanes[i] = __builtin_sqrtf(lanes[i]);
    return netrt_load(lanes);
}

/* x^n by squares, n >= 0. */
NETRT_INLINE netrt_vec netrt_power(netrt_vec x, long n)
{
    netrt_vec power = netrt_all(1);
    NETRT_FOR (long bit = 0; bit < NETRT_POWER_BITS; bit++) {
        power = n >> bit & 1 ? power * x : power;
        x *= x;
    }
    return power;
}

/* |x|^p = exp(p log|x|), with the sign of x where p is odd, NaN below zero where p is no integer.
 */
NETRT_INLINE netrt_vec netrt_pow_by_log(netrt_vec x, float p)
{
    const float half = 0.5f * p;
    const int whole = p == __builtin_truncf(p), odd = whole && half != __builtin_truncf(half);
    netrt_vec power = netrt_exp_all(p * netrt_log_all(netrt_abs(x)));
    if (odd)
        return netrt_from_bits(netrt_bits(power) | (netrt_bits(x) & INT32_MIN));
    netrt_mask undefined = netrt_less(x, netrt_all(0));
    return whole ? power : netrt_select(undefined, netrt_all(__builtin_nanf("")), power);
}

/* x^p of a constant p: small multiples of 1/2 by products and a root. */
NETRT_INLINE netrt_vec netrt_pow(netrt_vec x, float p)
{
    const float size = p < 0 ? -p : p, twice = 2 * size;
    if (!(twice < 2 << NETRT_POWER_BITS) || twice != __builtin_truncf(twice))
        return netrt_pow_by_log(x, p);
    netrt_vec power = netrt_power(x, (long)size);
    if ((long)twice % 2)
        power *= netrt_sqrt(x);
    return p < 0 ? 1.0f / power : power;
}

NETRT_INLINE netrt_vec netrt_sigmoid(netrt_vec x)
{
    return 1.0f / (1.0f + netrt_exp(-x));
}

/* A polynomial in x^2 to |x| = 0.625, then from exp(-2 |x|). */
NETRT_INLINE netrt_vec netrt_tanh(netrt_vec x)
{
    static const float c[] = {-0.33333284f, 0.13331491f, -0.053743497f, 0.020650579f,
                              -0.005717037f};
    netrt_vec square = x * x, size = netrt_abs(x);
    netrt_vec near = x + x * square * netrt_polynomial(square, c, 5);
    netrt_vec decay = netrt_exp(-2.0f * size);
    netrt_vec far = (1.0f - decay) / (1.0f + decay);
    far = netrt_from_bits(netrt_bits(far) | (netrt_bits(x) & INT32_MIN));
    return netrt_select(netrt_less(size, netrt_all(0.625f)), near, far);
}

/* erfc(z) for z >= 0: exp(-z^2) t p(t), t = 1 / (1 + z / 2), fitted to z = 10. */
NETRT_INLINE netrt_vec netrt_erfc(netrt_vec z)
{
    static const float c[] = {0.28208640f, 0.28237534f,  0.24310361f, 0.20268756f,  -0.026627384f,
                              0.27806979f, -0.48720229f, 0.28457618f, -0.059069216f};
    netrt_vec t = 1.0f / (1.0f + 0.5f * z);
    return netrt_exp(-z * z) * t * netrt_polynomial(t, c, 9);
}

/* x Phi(x), by erfc of |x|, which loses nothing where x is negative. */
NETRT_INLINE netrt_vec netrt_gelu(netrt_vec x)
{
    netrt_vec tail = 0.5f * netrt_erfc(netrt_abs(x) * 0x1.6a09e6p-1f);
    return x * netrt_select(netrt_less(x, netrt_all(0)), tail, 1.0f - tail);
}

#endif
