/* Gradient of batch normalization in training: with M elements of a channel, xhat = (x - mean) /
 * sqrt(var + eps), sums over these, and g the result's gradient,
 *     input   weight / sqrt(var + eps) (g - sum(g) / M - xhat sum(g xhat) / M)
 *     weight  sum(g xhat)
 *     bias    sum(g)
 * The first is the result, the others are further ones. A task is a block of channels. */
#ifndef NETRT_KERNELS_BN_GRADIENT_H
#define NETRT_KERNELS_BN_GRADIENT_H

#include "act.h"
#include "border.h"

/* Sums of g, and of g (x - mean), over a plane. */
NETRT_INLINE void netrt_bn_gradient_plane(const struct netrt_bn_gradient *k,
                                          const netrt_element *gradient, const netrt_element *in,
                                          netrt_vec mean, netrt_vec sum[2])
{
    for (long y = 0; y < k->h; y++) {
        netrt_vec row[2] = {netrt_all(0), netrt_all(0)};
        for (long x = 0; x < k->w; x++) {
            const netrt_vec g = netrt_load(gradient + y * k->in.row + x * k->in.col);
            row[0] += g;
            row[1] += g * (netrt_load(in + y * k->other.row + x * k->other.col) - mean);
        }
        sum[0] += row[0];
        sum[1] += row[1];
    }
}

/* A plane of the result: factor (g - of_bias - (x - mean) of_weight). */
NETRT_INLINE void netrt_bn_gradient_write(const struct netrt_bn_gradient *k, netrt_element *out,
                                          const netrt_element *gradient, const netrt_element *in,
                                          netrt_vec mean, netrt_vec factor, netrt_vec of_bias,
                                          netrt_vec of_weight, long lanes)
{
    for (long y = 0; y < k->h; y++)
        for (long x = 0; x < k->w; x++) {
            const netrt_vec g = netrt_load(gradient + y * k->in.row + x * k->in.col);
            const netrt_vec d = netrt_load(in + y * k->other.row + x * k->other.col) - mean;
            netrt_store(out + y * k->out.row + x * k->out.col,
                        netrt_first(factor * (g - of_bias - d * of_weight), lanes));
        }
}

/* A vector of channels from c on, in all images. */
NETRT_INLINE void netrt_bn_gradient_vector(const struct netrt_bn_gradient *k,
                                           const struct netrt_args *a, netrt_element *out,
                                           const netrt_element *gradient, const netrt_element *in,
                                           long c)
{
    const float share = 1.0f / (float)(k->images * k->h * k->w);
    const netrt_vec mean = netrt_load(a->third + c);
    const netrt_vec inverse = 1.0f / netrt_sqrt(netrt_load(a->fourth + c) + k->eps);
    const netrt_vec factor = k->affine ? inverse * netrt_load(a->weight + c) : inverse;
    netrt_vec sum[2] = {netrt_all(0), netrt_all(0)};
    for (long n = 0; n < k->images; n++) {
        netrt_vec part[2] = {netrt_all(0), netrt_all(0)};
        netrt_bn_gradient_plane(k, gradient + n * k->in.image, in + n * k->other.image, mean, part);
        sum[0] += part[0];
        sum[1] += part[1];
    }
    const long lanes = netrt_lanes(k->c, c);
    netrt_store(a->more + c, netrt_first(sum[1] * inverse, lanes));
    netrt_store(a->more + k->more_bias + c, sum[0]);
    for (long n = 0; n < k->images; n++)
        netrt_bn_gradient_write(k, out + n * k->out.image, gradient + n * k->in.image,
                                in + n * k->other.image, mean, factor, sum[0] * share,
                                sum[1] * inverse * inverse * share, lanes);
}

NETRT_INLINE void netrt_bn_gradient(const struct netrt_bn_gradient *k, const struct netrt_args *a,
                                    long task)
{
    netrt_element *out = a->out + task * k->out.plane;
    for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL)
        netrt_bn_gradient_vector(k, a, out + lane, a->in + task * k->in.plane + lane,
                                 a->other + task * k->other.plane + lane,
                                 task * NETRT_BLOCK + lane);
    for (long n = 0; n < k->images; n++)
        NETRT_CLEAR_BORDER(k, out + n * k->out.image, k->h, k->w, 0, k->h);
}

#endif
