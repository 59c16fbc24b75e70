/* Batch normalization in training: by the mean and variance of each channel over the batch, which
 * are further results. A task is a block of channels in all images. */
#ifndef NETRT_KERNELS_BN_TRAIN_H
#define NETRT_KERNELS_BN_TRAIN_H

#include "act.h"
#include "border.h"

enum { NETRT_BN_PIECE = 256 }; /* positions whose statistics are made at a time: 16 KB */

/* Of the n elements of each channel that were seen: their mean, and the sum of (x - mean)^2. */
struct netrt_bn_moments {
    netrt_vec mean[NETRT_VECS], squares[NETRT_VECS];
    long n;
};

NETRT_INLINE netrt_vec netrt_bn_power(const netrt_element *in, netrt_vec mean, int power)
{
    const netrt_vec d = netrt_load(in) - mean;
    return power == 2 ? d * d : d;
}

/* Adds (x - mean)^power over a row, power 1 or 2, to sums. */
NETRT_INLINE void netrt_bn_add_row(const struct netrt_bn_train *k, const netrt_element *in,
                                   const netrt_vec *mean, int power, netrt_vec *sum)
{
    netrt_vec part[2][NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        part[0][v] = part[1][v] = netrt_all(0);
    for (long x = 0; x + 1 < k->w; x += 2)
        NETRT_FOR (long i = 0; i < 2; i++)
            NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
                part[i][v] +=
                    netrt_bn_power(in + (x + i) * k->in.col + v * NETRT_VL, mean[v], power);
    for (long x = k->w - k->w % 2; x < k->w; x++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
            part[0][v] += netrt_bn_power(in + x * k->in.col + v * NETRT_VL, mean[v], power);
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        sum[v] += part[0][v] + part[1][v];
}

/* Sums of (x - mean)^power over rows first .. end - 1 of an image. */
NETRT_INLINE void netrt_bn_sum(const struct netrt_bn_train *k, const netrt_element *in, long first,
                               long end, const netrt_vec *mean, int power, netrt_vec *sum)
{
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        sum[v] = netrt_all(0);
    for (long y = first; y < end; y++)
        netrt_bn_add_row(k, in + y * k->in.row, mean, power, sum);
}

/* Joins rows first .. end - 1 of an image to what was seen, while they are in cache (Chan, Golub
 * and LeVeque, 1979). */
NETRT_INLINE void netrt_bn_join(const struct netrt_bn_train *k, const netrt_element *in, long first,
                                long end, struct netrt_bn_moments *m)
{
    netrt_vec mean[NETRT_VECS], squares[NETRT_VECS];
    const long n = (end - first) * k->w;
    const float share = (float)n / (float)(m->n + n), one = 1.0f / (float)n;
    netrt_bn_sum(k, in, first, end, m->mean, 1, mean);
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        const netrt_vec apart = mean[v] * one;
        mean[v] = m->mean[v] + apart;
        m->squares[v] += apart * apart * (share * (float)m->n);
        m->mean[v] += apart * share;
    }
    netrt_bn_sum(k, in, first, end, mean, 2, squares);
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        m->squares[v] += squares[v];
    m->n += n;
}

NETRT_INLINE struct netrt_bn_moments netrt_bn_moments(const struct netrt_bn_train *k,
                                                      const netrt_element *in)
{
    const long rows = NETRT_BN_PIECE > k->w ? NETRT_BN_PIECE / k->w : 1;
    struct netrt_bn_moments m = {.n = 0};
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        m.mean[v] = m.squares[v] = netrt_all(0);
    for (long n = 0; n < k->images; n++)
        for (long y = 0; y < k->h; y += rows)
            netrt_bn_join(k, in + NETRT_IMAGE(k, in, n), y, y + rows < k->h ? y + rows : k->h, &m);
    return m;
}

/* A row: (x - mean) * factor + shift, and what follows a sum; channels of the block, from c on. */
NETRT_INLINE void netrt_bn_write_row(const struct netrt_bn_train *k, netrt_element *out,
                                     const netrt_element *in, const netrt_element *other,
                                     const netrt_vec *mean, const netrt_vec *factor,
                                     const netrt_vec *shift, long c)
{
    for (long x = 0; x < k->w; x++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            const netrt_vec d = netrt_load(in + x * k->in.col + lane) - mean[v];
            netrt_store(out + x * k->out.col + lane,
                        netrt_finish(d * factor[v] + shift[v], k->residual,
                                     other + x * k->other.col + lane, k->act, k->act_arg,
                                     k->act_arg2, netrt_lanes(k->c, c + lane)));
        }
}

/* The mean and variance of each channel of a block. */
NETRT_INLINE void netrt_bn_find(const struct netrt_bn_train *k, const netrt_element *in,
                                netrt_element *mean, netrt_element *var)
{
    const struct netrt_bn_moments m = netrt_bn_moments(k, in);
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        netrt_store(mean + v * NETRT_VL, m.mean[v]);
        netrt_store(var + v * NETRT_VL, m.squares[v] * (1.0f / (float)m.n));
    }
}

/* The result, of the block's channels from c on. */
NETRT_INLINE void netrt_bn_write(const struct netrt_bn_train *k, const struct netrt_args *a,
                                 const netrt_element *in, const netrt_element *moments, long c)
{
    const netrt_element *other = k->residual ? a->other + c / NETRT_BLOCK * k->other.plane : in;
    netrt_element *out = a->out + c / NETRT_BLOCK * k->out.plane;
    netrt_vec mean[NETRT_VECS], factor[NETRT_VECS], shift[NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        const long at = c + v * NETRT_VL;
        mean[v] = netrt_load(moments + at);
        factor[v] = 1.0f / netrt_sqrt(netrt_load(moments + k->more_var + at) + k->eps);
        factor[v] = k->affine ? factor[v] * netrt_load(a->weight + at) : factor[v];
        shift[v] = k->affine ? netrt_load(a->bias + at) : netrt_all(0);
    }
    for (long n = 0; n < k->images; n++) {
        for (long y = 0; y < k->h; y++)
            netrt_bn_write_row(k, out + NETRT_IMAGE(k, out, n) + y * k->out.row,
                               in + NETRT_IMAGE(k, in, n) + y * k->in.row,
                               other + NETRT_IMAGE(k, other, n) + y * k->other.row, mean, factor,
                               shift, c);
        NETRT_CLEAR_BORDER(k, out + NETRT_IMAGE(k, out, n), k->h, k->w, 0, k->h);
    }
}

NETRT_INLINE void netrt_bn_train(const struct netrt_bn_train *k, const struct netrt_args *a,
                                 long task)
{
    const netrt_element *in = a->in + task * k->in.plane;
    netrt_element *moments = k->part == NETRT_BN_FINDS ? a->out : a->more;
    const long c = task * NETRT_BLOCK;
    if (k->part != NETRT_BN_USES)
        netrt_bn_find(k, in, moments + c, moments + k->more_var + c);
    if (k->part != NETRT_BN_FINDS)
        netrt_bn_write(k, a, in, moments, c);
}

#endif
