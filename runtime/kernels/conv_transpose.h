/*
 * Transposed convolution, gathered: an output position sums the taps that reach it. Columns whose
 * x + pl leave the same remainder mod sw share their taps, and read neighbouring inputs: a register
 * tile is made of these.
 */
#ifndef NETRT_KERNELS_CONV_TRANSPOSE_H
#define NETRT_KERNELS_CONV_TRANSPOSE_H

#include "act.h"
#include "border.h"

/* Columns of a tile. SSE has 16 registers, and a block is four of them. */
#if defined(__SSE__) && !defined(__AVX__)
enum { NETRT_TRANSPOSE_COLS = 2 };
#else
enum { NETRT_TRANSPOSE_COLS = NETRT_VL == 16 ? 8 : 4 };
#endif

/* Input position for output position `at` + padding at one tap, or -1: none reaches it. */
NETRT_INLINE long netrt_transpose_source(long at, long tap, long stride, long size)
{
    const long from = at - tap;
    return from >= 0 && from % stride == 0 && from / stride < size ? from / stride : -1;
}

/* acc[v][p] += sum over the input channels, of which there are `rest`, at tap number `tap`;
 * `weight` is the output block's. */
NETRT_INLINE void netrt_transpose_tap(const struct netrt_conv_transpose *k, netrt_vec *acc,
                                      const netrt_element *in, long rest, const void *weight,
                                      long tap, const long cols)
{
    for (long c = 0; c < k->ic && c < rest; c += NETRT_BLOCK, in += k->in.plane) {
        const long depth = k->ic - c < NETRT_BLOCK ? k->ic - c : NETRT_BLOCK;
        const void *from =
            netrt_stored_at(weight, (c * k->kh * k->kw + tap * depth) * NETRT_BLOCK, k->stored);
        for (long l = 0; l < depth; l++)
            NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
                netrt_vec w = netrt_load_stored(
                    netrt_stored_at(from, l * NETRT_BLOCK + v * NETRT_VL, k->stored), k->stored);
                NETRT_FOR (long p = 0; p < cols; p++)
                    acc[v * cols + p] += w * in[p * k->in.col + l];
            }
    }
}

NETRT_INLINE void netrt_transpose_store(const struct netrt_conv_transpose *k,
                                        const struct netrt_args *a, const struct netrt_rows *part,
                                        const netrt_vec *acc, long y, long x, const long cols)
{
    const netrt_element *other =
        k->residual ? a->other + netrt_row(&k->other, part, y) + x * k->other.col : a->in;
    netrt_element *out = a->out + netrt_row(&k->out, part, y) + x * k->out.col;
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
        const long lane = v * NETRT_VL;
        const long lanes = netrt_lanes(k->oc, part->block * NETRT_BLOCK + lane);
        NETRT_FOR (long p = 0; p < cols; p++)
            netrt_store(out + p * k->sw * k->out.col + lane,
                        netrt_finish(acc[v * cols + p], k->residual,
                                     other + p * k->sw * k->other.col + lane, k->act, k->act_arg,
                                     k->act_arg2, lanes));
    }
}

/* Columns x, x + sw, ...: inside or outside at each tap as the first of them is. */
NETRT_INLINE void netrt_transpose_tile(const struct netrt_conv_transpose *k,
                                       const struct netrt_args *a, const struct netrt_rows *part,
                                       long y, long x, const long cols)
{
    const struct netrt_channels from =
        netrt_channels_of(k->oc, k->group_oc, k->group_ic, part->block);
    const netrt_element *in = a->in + part->image * k->in.image + from.block * k->in.plane;
    const void *weight =
        netrt_stored_at(a->weight, part->block * k->ic * k->kh * k->kw * NETRT_BLOCK, k->stored);
    netrt_vec acc[(long)NETRT_TRANSPOSE_COLS * NETRT_VECS];
    NETRT_FOR (long i = 0; i < cols * NETRT_VECS; i++)
        acc[i] = k->bias ? netrt_load(a->bias + part->block * NETRT_BLOCK + i / cols * NETRT_VL)
                         : netrt_all(0);
    for (long ky = 0; ky < k->kh; ky++)
        for (long kx = 0; kx < k->kw; kx++) {
            const long row = netrt_transpose_source(y + k->pt, ky * k->dh, k->sh, k->ih);
            const long col = netrt_transpose_source(x + k->pl, kx * k->dw, k->sw, k->iw);
            if (row >= 0 && col >= 0)
                netrt_transpose_tap(k, acc, in + row * k->in.row + col * k->in.col, from.rest,
                                    weight, ky * k->kw + kx, cols);
        }
    netrt_transpose_store(k, a, part, acc, y, x, cols);
}

/* The columns of row y from `phase` on, sw apart: tiles where all taps stay inside, else singly. */
NETRT_INLINE void netrt_transpose_phase(const struct netrt_conv_transpose *k,
                                        const struct netrt_args *a, const struct netrt_rows *part,
                                        long y, long phase)
{
    const long span = (NETRT_TRANSPOSE_COLS - 1) * k->sw;
    for (long x = phase; x < k->ow;) {
        if (x + span < k->ow && x + k->pl >= (k->kw - 1) * k->dw &&
            x + span + k->pl < k->iw * k->sw) {
            netrt_transpose_tile(k, a, part, y, x, NETRT_TRANSPOSE_COLS);
            x += span + k->sw;
        } else {
            netrt_transpose_tile(k, a, part, y, x, 1);
            x += k->sw;
        }
    }
}

NETRT_INLINE void netrt_conv_transpose(const struct netrt_conv_transpose *k,
                                       const struct netrt_args *a, long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->oc, k->oh, k->task_rows);
    for (long y = part.first; y < part.end; y++)
        for (long phase = 0; phase < k->sw; phase++)
            netrt_transpose_phase(k, a, &part, y, phase);
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0), k->oh, k->ow, part.first,
                       part.end);
}

#endif
