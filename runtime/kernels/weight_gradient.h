/* Gradient of a convolution's weights, or a linear layer's: products of its input and of its
 * result's gradient, summed over images and positions, each image apart and then one after the
 * other, which bounds the error and is the same whatever the threads. */
#ifndef NETRT_KERNELS_WEIGHT_GRADIENT_H
#define NETRT_KERNELS_WEIGHT_GRADIENT_H

#include "border.h"

/* Register tile: outputs, and neighbouring taps of a row of the kernel. */
enum { NETRT_GRADIENT_OUTS = NETRT_VL == 16 ? 8 : 4, NETRT_GRADIENT_TAPS = 3 };

/* Adds a vector to what lies at `to`, or begins with it. */
NETRT_INLINE void netrt_gradient_add(netrt_element *to, netrt_vec x, long lanes, int begins)
{
    const netrt_vec sum = begins ? x : x + netrt_load(to);
    netrt_store(to, netrt_first(sum, lanes));
}

/* Some taps of a row and all outputs of a tile, the first `outs` of which there are; `in` points at
 * the first tap of position (0, 0), `by` at the gradient of the first output there. */
NETRT_INLINE void netrt_weight_gradient_tile(const struct netrt_weight_gradient *k,
                                             netrt_element *out, const netrt_element *in,
                                             const netrt_element *by, long lanes, long outs,
                                             const long taps)
{
    for (long n = 0; n < k->images; n++) {
        netrt_vec sum[NETRT_GRADIENT_OUTS][NETRT_GRADIENT_TAPS], tap[NETRT_GRADIENT_TAPS];
        NETRT_FOR (long o = 0; o < NETRT_GRADIENT_OUTS; o++)
            NETRT_FOR (long t = 0; t < taps; t++)
                sum[o][t] = netrt_all(0);
        for (long y = 0; y < k->oh; y++)
            for (long x = 0; x < k->ow; x++) {
                const netrt_element *from =
                    in + n * k->in.image + y * k->sh * k->in.row + x * k->sw * k->in.col;
                const netrt_element *with =
                    by + n * k->other.image + y * k->other.row + x * k->other.col;
                NETRT_FOR (long t = 0; t < taps; t++)
                    tap[t] = netrt_load(from + t * k->dw * k->in.col);
                NETRT_FOR (long o = 0; o < NETRT_GRADIENT_OUTS; o++)
                    NETRT_FOR (long t = 0; t < taps; t++)
                        sum[o][t] += tap[t] * netrt_all(with[o]);
            }
        NETRT_FOR (long o = 0; o < NETRT_GRADIENT_OUTS; o++)
            NETRT_FOR (long t = 0; t < taps; t++)
                if (o < outs)
                    netrt_gradient_add(out + o * k->out.image + t * k->out.col, sum[o][t], lanes,
                                       n == 0);
    }
}

/* A row of the kernel, for a vector of input channels and a tile of outputs. */
NETRT_INLINE void netrt_weight_gradient_row(const struct netrt_weight_gradient *k,
                                            netrt_element *out, const netrt_element *in,
                                            const netrt_element *by, long lanes, long outs)
{
    const long rest = k->kw % NETRT_GRADIENT_TAPS, whole = k->kw - rest;
    for (long v = 0; v < whole; v += NETRT_GRADIENT_TAPS)
        netrt_weight_gradient_tile(k, out + v * k->out.col, in + v * k->dw * k->in.col, by, lanes,
                                   outs, NETRT_GRADIENT_TAPS);
    if (rest == 1)
        netrt_weight_gradient_tile(k, out + whole * k->out.col, in + whole * k->dw * k->in.col, by,
                                   lanes, outs, 1);
    if (rest == 2)
        netrt_weight_gradient_tile(k, out + whole * k->out.col, in + whole * k->dw * k->in.col, by,
                                   lanes, outs, 2);
}

/* Outputs first .. end - 1, which lie in one block, by the input channels of block `block`. */
NETRT_INLINE void netrt_weight_gradient_dense(const struct netrt_weight_gradient *k,
                                              const struct netrt_args *a, long first, long end,
                                              long block)
{
    const long origin = -k->pt * k->in.row - k->pl * k->in.col;
    const netrt_element *in = a->in + block * k->in.plane + origin;
    for (long o = first; o < end; o += NETRT_GRADIENT_OUTS) {
        const netrt_element *by = a->other + o / NETRT_BLOCK * k->other.plane + o % NETRT_BLOCK;
        netrt_element *out = a->out + o * k->out.image + block * k->out.plane;
        for (long u = 0; u < k->kh; u++)
            for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL)
                netrt_weight_gradient_row(k, out + u * k->out.row + lane,
                                          in + u * k->dh * k->in.row + lane, by,
                                          k->group_ic - block * NETRT_BLOCK - lane, end - o);
    }
}

/* One weight of a group of channels, which may lie across blocks of both operands. */
NETRT_INLINE float netrt_weight_gradient_at(const struct netrt_weight_gradient *k,
                                            const struct netrt_args *a, long o, long i, long u,
                                            long v)
{
    const long c = o / k->group_oc * k->group_ic + i;
    const netrt_element *in = a->in + c / NETRT_BLOCK * k->in.plane + c % NETRT_BLOCK +
                              (u * k->dh - k->pt) * k->in.row + (v * k->dw - k->pl) * k->in.col;
    const netrt_element *by = a->other + o / NETRT_BLOCK * k->other.plane + o % NETRT_BLOCK;
    float sum = 0;
    for (long n = 0; n < k->images; n++) {
        float part = 0;
        for (long y = 0; y < k->oh; y++)
            for (long x = 0; x < k->ow; x++)
                part += in[n * k->in.image + y * k->sh * k->in.row + x * k->sw * k->in.col] *
                        by[n * k->other.image + y * k->other.row + x * k->other.col];
        sum += part;
    }
    return sum;
}

/* Outputs first .. end - 1 with groups, by the channels of their groups from 16 block on. */
NETRT_INLINE void netrt_weight_gradient_grouped(const struct netrt_weight_gradient *k,
                                                const struct netrt_args *a, long first, long end,
                                                long block)
{
    for (long o = first; o < end; o++)
        for (long i = block * NETRT_BLOCK; i < (block + 1) * NETRT_BLOCK; i++)
            for (long u = 0; u < k->kh; u++)
                for (long v = 0; v < k->kw; v++)
                    a->out[o * k->out.image + block * k->out.plane + u * k->out.row +
                           v * k->out.col + i % NETRT_BLOCK] =
                        i < k->group_ic ? netrt_weight_gradient_at(k, a, o, i, u, v) : 0;
}

/* Some taps of a row, of the channels of a vector. */
NETRT_INLINE void netrt_weight_gradient_depthwise_taps(const struct netrt_weight_gradient *k,
                                                       netrt_element *out, const netrt_element *in,
                                                       const netrt_element *by, long lanes,
                                                       const long taps)
{
    for (long n = 0; n < k->images; n++) {
        netrt_vec sum[NETRT_GRADIENT_TAPS];
        NETRT_FOR (long t = 0; t < taps; t++)
            sum[t] = netrt_all(0);
        for (long y = 0; y < k->oh; y++)
            for (long x = 0; x < k->ow; x++) {
                const netrt_element *from =
                    in + n * k->in.image + y * k->sh * k->in.row + x * k->sw * k->in.col;
                const netrt_vec with =
                    netrt_load(by + n * k->other.image + y * k->other.row + x * k->other.col);
                NETRT_FOR (long t = 0; t < taps; t++)
                    sum[t] += netrt_load(from + t * k->dw * k->in.col) * with;
            }
        NETRT_FOR (long t = 0; t < taps; t++)
            netrt_gradient_add(out + t * k->out.col, sum[t], lanes, n == 0);
    }
}

/* A block of channels, each convolved by itself. */
NETRT_INLINE void netrt_weight_gradient_depthwise(const struct netrt_weight_gradient *k,
                                                  const struct netrt_args *a, long block)
{
    const long origin = -k->pt * k->in.row - k->pl * k->in.col;
    const long rest = k->kw % NETRT_GRADIENT_TAPS, whole = k->kw - rest;
    for (long u = 0; u < k->kh; u++)
        for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
            const netrt_element *in =
                a->in + block * k->in.plane + origin + u * k->dh * k->in.row + lane;
            const netrt_element *by = a->other + block * k->other.plane + lane;
            netrt_element *out = a->out + block * k->out.plane + u * k->out.row + lane;
            const long lanes = k->oc - block * NETRT_BLOCK - lane;
            for (long v = 0; v < whole; v += NETRT_GRADIENT_TAPS)
                netrt_weight_gradient_depthwise_taps(k, out + v * k->out.col,
                                                     in + v * k->dw * k->in.col, by, lanes,
                                                     NETRT_GRADIENT_TAPS);
            for (long v = whole; v < k->kw; v++)
                netrt_weight_gradient_depthwise_taps(k, out + v * k->out.col,
                                                     in + v * k->dw * k->in.col, by, lanes, 1);
        }
}

NETRT_INLINE void netrt_weight_gradient(const struct netrt_weight_gradient *k,
                                        const struct netrt_args *a, long task)
{
    const long blocks = netrt_ceil_div(k->group_ic, NETRT_BLOCK);
    const long first = task / blocks * NETRT_GRADIENT_TASK;
    const long end = first + NETRT_GRADIENT_TASK < k->oc ? first + NETRT_GRADIENT_TASK : k->oc;
    if (k->depthwise)
        netrt_weight_gradient_depthwise(k, a, task);
    else if (k->group_oc < k->oc)
        netrt_weight_gradient_grouped(k, a, first, end, task % blocks);
    else
        netrt_weight_gradient_dense(k, a, first, end, task % blocks);
}

#endif
