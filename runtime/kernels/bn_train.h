/* Batch normalization in training: by the mean and variance of each channel over the batch, which
 * are further results. A task is a block of channels in all images. */
#ifndef NETRT_KERNELS_BN_TRAIN_H
#define NETRT_KERNELS_BN_TRAIN_H

#include "act.h"
#include "border.h"

/* Sum over a plane of (x - mean)^power, power 1 or 2, row by row. */
NETRT_INLINE netrt_vec netrt_bn_plane(const struct netrt_bn_train *k, const netrt_element *in,
                                      netrt_vec mean, int power)
{
    netrt_vec sum = netrt_all(0);
    for (long y = 0; y < k->h; y++) {
        netrt_vec row = netrt_all(0);
        for (long x = 0; x < k->w; x++) {
            const netrt_vec d = netrt_load(in + y * k->in.row + x * k->in.col) - mean;
            row += power == 2 ? d * d : d;
        }
        sum += row;
    }
    return sum;
}

/* The mean over the batch of (x - mean)^power. */
NETRT_INLINE netrt_vec netrt_bn_moment(const struct netrt_bn_train *k, const netrt_element *in,
                                       netrt_vec mean, int power)
{
    netrt_vec sum = netrt_all(0);
    for (long n = 0; n < k->images; n++)
        sum += netrt_bn_plane(k, in + n * k->in.image, mean, power);
    return sum * (1.0f / (float)(k->images * k->h * k->w));
}

/* A vector of channels in all images: x * factor + shift, and what follows a sum. */
NETRT_INLINE void netrt_bn_write(const struct netrt_bn_train *k, netrt_element *out,
                                 const netrt_element *in, const netrt_element *other,
                                 netrt_vec mean, netrt_vec factor, netrt_vec shift, long lanes)
{
    for (long n = 0; n < k->images; n++)
        for (long y = 0; y < k->h; y++)
            for (long x = 0; x < k->w; x++) {
                const netrt_vec d =
                    netrt_load(in + n * k->in.image + y * k->in.row + x * k->in.col) - mean;
                const netrt_element *with =
                    other + n * k->other.image + y * k->other.row + x * k->other.col;
                netrt_store(out + n * k->out.image + y * k->out.row + x * k->out.col,
                            netrt_finish(d * factor + shift, k->residual, with, k->act, k->act_arg,
                                         k->act_arg2, lanes));
            }
}

NETRT_INLINE void netrt_bn_train(const struct netrt_bn_train *k, const struct netrt_args *a,
                                 long task)
{
    const netrt_element *other = k->residual ? a->other : a->in;
    for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
        const long c = task * NETRT_BLOCK + lane;
        const netrt_element *in = a->in + task * k->in.plane + lane;
        const netrt_vec mean = netrt_bn_moment(k, in, netrt_all(0), 1);
        const netrt_vec var = netrt_bn_moment(k, in, mean, 2);
        netrt_vec factor = 1.0f / netrt_sqrt(var + k->eps), shift = netrt_all(0);
        if (k->affine) {
            factor = factor * netrt_load(a->weight + c);
            shift = netrt_load(a->bias + c);
        }
        netrt_store(a->more + c, mean);
        netrt_store(a->more + k->more_var + c, var);
        netrt_bn_write(k, a->out + task * k->out.plane + lane, in,
                       other + task * k->other.plane + lane, mean, factor, shift,
                       netrt_lanes(k->c, c));
    }
    for (long n = 0; n < k->images; n++)
        NETRT_CLEAR_BORDER(k, a->out + n * k->out.image + task * k->out.plane, k->h, k->w, 0, k->h);
}

#endif
