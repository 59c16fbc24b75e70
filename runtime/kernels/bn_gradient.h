/* Gradient of batch normalization in training: with M elements of a channel, xhat = (x - mean) /
 * sqrt(var + eps), sums over these, and g the result's gradient,
 *     input   weight / sqrt(var + eps) (g - sum(g) / M - xhat sum(g xhat) / M)
 *     weight  sum(g xhat)
 *     bias    sum(g)
 * The first is the result, the others are further ones. Where an activation follows, its gradient
 * is given: g is that times the derivative at weight xhat + bias, which is made again. A task is a
 * block of channels. */
#ifndef NETRT_KERNELS_BN_GRADIENT_H
#define NETRT_KERNELS_BN_GRADIENT_H

#include "act_gradient.h"
#include "border.h"

/* Of each channel of a block: its mean, 1 / sqrt(var + eps), that times the weight, the bias. */
struct netrt_bn_channels {
    netrt_vec mean[NETRT_VECS], inverse[NETRT_VECS], factor[NETRT_VECS], shift[NETRT_VECS];
};

/* Sums of g, and of g (x - mean). */
struct netrt_bn_sums {
    netrt_vec bias[NETRT_VECS], weight[NETRT_VECS];
};

NETRT_INLINE struct netrt_bn_channels netrt_bn_channels(const struct netrt_bn_gradient *k,
                                                        const struct netrt_args *a, long block)
{
    struct netrt_bn_channels to;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        const long c = block * NETRT_BLOCK + v * NETRT_VL;
        to.mean[v] = netrt_load(a->third + c);
        to.inverse[v] = 1.0f / netrt_sqrt(netrt_load(a->fourth + c) + k->eps);
        to.factor[v] = k->affine ? to.inverse[v] * netrt_load(a->weight + c) : to.inverse[v];
        to.shift[v] = k->act && k->affine ? netrt_load(a->bias + c) : netrt_all(0);
    }
    return to;
}

/* The gradient of bn's own result at a vector of channels, number v of the block; and d, the input
 * less its mean. Both pointers are at the block. */
NETRT_INLINE netrt_vec netrt_bn_flows(const struct netrt_bn_gradient *k,
                                      const netrt_element *gradient, const netrt_element *in,
                                      const struct netrt_bn_channels *of, long v, netrt_vec *d)
{
    *d = netrt_load(in + v * NETRT_VL) - of->mean[v];
    const netrt_vec saved =
        netrt_act_saved(k->act, k->act_arg, k->act_arg2, *d * of->factor[v] + of->shift[v]);
    return netrt_act_gradient(k->act, k->act_arg, k->act_arg2, netrt_load(gradient + v * NETRT_VL),
                              saved);
}

NETRT_INLINE struct netrt_bn_sums netrt_bn_no_sums(void)
{
    struct netrt_bn_sums none;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        none.bias[v] = none.weight[v] = netrt_all(0);
    return none;
}

NETRT_INLINE void netrt_bn_add_sums(struct netrt_bn_sums *to, const struct netrt_bn_sums *more)
{
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        to->bias[v] += more->bias[v];
        to->weight[v] += more->weight[v];
    }
}

NETRT_INLINE struct netrt_bn_sums netrt_bn_gradient_row(const struct netrt_bn_gradient *k,
                                                        const netrt_element *gradient,
                                                        const netrt_element *in,
                                                        const struct netrt_bn_channels *of)
{
    struct netrt_bn_sums row = netrt_bn_no_sums();
    for (long x = 0; x < k->w; x++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            netrt_vec d;
            const netrt_vec g =
                netrt_bn_flows(k, gradient + x * k->in.col, in + x * k->other.col, of, v, &d);
            row.bias[v] += g;
            row.weight[v] += g * d;
        }
    return row;
}

/* The sums of a row, and of an image, are made for themselves, and then added. */
NETRT_INLINE struct netrt_bn_sums netrt_bn_gradient_sums(const struct netrt_bn_gradient *k,
                                                         const netrt_element *gradient,
                                                         const netrt_element *in,
                                                         const struct netrt_bn_channels *of)
{
    struct netrt_bn_sums all = netrt_bn_no_sums();
    for (long n = 0; n < k->images; n++) {
        struct netrt_bn_sums image = netrt_bn_no_sums();
        for (long y = 0; y < k->h; y++) {
            const struct netrt_bn_sums row =
                netrt_bn_gradient_row(k, gradient + NETRT_IMAGE(k, in, n) + y * k->in.row,
                                      in + NETRT_IMAGE(k, other, n) + y * k->other.row, of);
            netrt_bn_add_sums(&image, &row);
        }
        netrt_bn_add_sums(&all, &image);
    }
    return all;
}

/* A row of the result: factor (g - share.bias - (x - mean) share.weight); the block's channels from
 * c on. */
NETRT_INLINE void netrt_bn_gradient_write_row(const struct netrt_bn_gradient *k, netrt_element *out,
                                              const netrt_element *gradient,
                                              const netrt_element *in,
                                              const struct netrt_bn_channels *of,
                                              const struct netrt_bn_sums *share, long c)
{
    for (long x = 0; x < k->w; x++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            netrt_vec d;
            const netrt_vec g =
                netrt_bn_flows(k, gradient + x * k->in.col, in + x * k->other.col, of, v, &d);
            const netrt_vec to = of->factor[v] * (g - share->bias[v] - d * share->weight[v]);
            netrt_store(out + x * k->out.col + lane, netrt_first(to, netrt_lanes(k->c, c + lane)));
        }
}

/* The gradients of the weights and biases of a block's channels, from c on. */
NETRT_INLINE void netrt_bn_gradient_store(const struct netrt_bn_gradient *k, netrt_element *to,
                                          const struct netrt_bn_sums *sum,
                                          const struct netrt_bn_channels *of, long c)
{
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        const long at = c + v * NETRT_VL, lanes = netrt_lanes(k->c, at);
        netrt_store(to + at, netrt_first(sum->weight[v] * of->inverse[v], lanes));
        netrt_store(to + k->more_bias + at, netrt_first(sum->bias[v], lanes));
    }
}

/* The result, by these gradients. */
NETRT_INLINE void netrt_bn_gradient_write(const struct netrt_bn_gradient *k,
                                          const struct netrt_args *a, const netrt_element *gradient,
                                          const netrt_element *in,
                                          const struct netrt_bn_channels *of, long c)
{
    const float share = 1.0f / (float)(k->images * k->h * k->w);
    netrt_element *out = a->out + c / NETRT_BLOCK * k->out.plane;
    struct netrt_bn_sums shares;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        const netrt_element *more = a->more + c + v * NETRT_VL;
        shares.bias[v] = netrt_load(more + k->more_bias) * share;
        shares.weight[v] = netrt_load(more) * of->inverse[v] * share;
    }
    for (long n = 0; n < k->images; n++) {
        for (long y = 0; y < k->h; y++)
            netrt_bn_gradient_write_row(k, out + NETRT_IMAGE(k, out, n) + y * k->out.row,
                                        gradient + NETRT_IMAGE(k, in, n) + y * k->in.row,
                                        in + NETRT_IMAGE(k, other, n) + y * k->other.row, of,
                                        &shares, c);
        NETRT_CLEAR_BORDER(k, out + NETRT_IMAGE(k, out, n), k->h, k->w, 0, k->h);
    }
}

NETRT_INLINE void netrt_bn_gradient(const struct netrt_bn_gradient *k, const struct netrt_args *a,
                                    long task)
{
    const netrt_element *gradient = a->in + task * k->in.plane;
    const netrt_element *in = a->other + task * k->other.plane;
    const struct netrt_bn_channels of = netrt_bn_channels(k, a, task);
    if (k->part != NETRT_BN_USES) {
        const struct netrt_bn_sums sum = netrt_bn_gradient_sums(k, gradient, in, &of);
        netrt_bn_gradient_store(k, a->more, &sum, &of, task * NETRT_BLOCK);
        if (k->part == NETRT_BN_FINDS)
            netrt_bn_gradient_store(k, a->out, &sum, &of, task * NETRT_BLOCK);
    }
    if (k->part != NETRT_BN_FINDS)
        netrt_bn_gradient_write(k, a, gradient, in, &of, task * NETRT_BLOCK);
}

#endif
