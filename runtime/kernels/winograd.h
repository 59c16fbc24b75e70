/*
 * Winograd's convolution F(4 x 4, 3 x 3): 3x3, stride 1. An output tile of 4 x 4 positions is made
 * of 6 x 6 inputs d as A'[(G g G') * (B' d B)]A (Lavin and Gray, "Fast Algorithms for Convolutional
 * Neural Networks", 2015), so that 36 products stand for 144. The products over channels are 36
 * matrix products. A task transforms the inputs of some tiles into its scratch memory, and for a
 * few blocks of output channels at a time multiplies and transforms back, all in cache.
 */
#ifndef NETRT_KERNELS_WINOGRAD_H
#define NETRT_KERNELS_WINOGRAD_H

#include "act.h"
#include "border.h"

enum { NETRT_WINOGRAD_OUT = 4, NETRT_WINOGRAD_IN = 6, NETRT_WINOGRAD_POINTS = 36 };

/* B' of Lavin and Gray, applied to six values `step` vectors apart. */
NETRT_INLINE void netrt_winograd_input(const netrt_vec *d, long step, netrt_vec *to, long to_step)
{
    const netrt_vec d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step],
                    d5 = d[5 * step];
    const netrt_vec four = netrt_all(4), five = netrt_all(5), two = netrt_all(2);
    const netrt_vec even = d4 - four * d2, odd = d3 - four * d1;
    const netrt_vec even2 = d4 - d2, odd2 = two * (d3 - d1);
    to[0] = four * d0 - five * d2 + d4;
    to[to_step] = even + odd;
    to[2 * to_step] = even - odd;
    to[3 * to_step] = even2 + odd2;
    to[4 * to_step] = even2 - odd2;
    to[5 * to_step] = four * d1 - five * d3 + d5;
}

/* A' of Lavin and Gray: six values to four. */
NETRT_INLINE void netrt_winograd_output(const netrt_vec *m, long step, netrt_vec *to, long to_step)
{
    const netrt_vec m1 = m[step], m2 = m[2 * step], m3 = m[3 * step], m4 = m[4 * step];
    const netrt_vec sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4;
    to[0] = m[0] + sum + sum2;
    to[to_step] = difference + netrt_all(2) * difference2;
    to[2 * to_step] = sum + netrt_all(4) * sum2;
    to[3 * to_step] = difference + netrt_all(8) * difference2 + m[5 * step];
}

/* The tiles of a task: [first, end) of the image's, row by row. */
struct netrt_winograd_part {
    long image, first, end, block, block_end;
};

/* One vector of lanes of a tile's 6 x 6 inputs at `in`, `rows` x `cols` of which there are; the
 * others only reach outputs that are not stored, and count as zeros. */
NETRT_INLINE void netrt_winograd_transform(const struct netrt_winograd *k, const float *in,
                                           long rows, long cols, float *to, long to_point)
{
    netrt_vec d[NETRT_WINOGRAD_POINTS], t[NETRT_WINOGRAD_POINTS];
    NETRT_UNROLL
    for (long y = 0; y < NETRT_WINOGRAD_IN; y++)
        NETRT_UNROLL
    for (long x = 0; x < NETRT_WINOGRAD_IN; x++)
        d[y * NETRT_WINOGRAD_IN + x] =
            y < rows && x < cols ? netrt_load(in + y * k->in.row + x * k->in.col) : netrt_all(0);
    NETRT_UNROLL
    for (long x = 0; x < NETRT_WINOGRAD_IN; x++)
        netrt_winograd_input(d + x, NETRT_WINOGRAD_IN, t + x, NETRT_WINOGRAD_IN);
    NETRT_UNROLL
    for (long y = 0; y < NETRT_WINOGRAD_IN; y++) {
        netrt_vec row[NETRT_WINOGRAD_IN];
        netrt_winograd_input(t + y * NETRT_WINOGRAD_IN, 1, row, 1);
        NETRT_UNROLL
        for (long x = 0; x < NETRT_WINOGRAD_IN; x++)
            netrt_store(to + (y * NETRT_WINOGRAD_IN + x) * to_point, row[x]);
    }
}

/* All tiles of a part: scratch [ic / 16][tile][lane], `point` floats between the points. */
NETRT_INLINE void netrt_winograd_inputs(const struct netrt_winograd *k, const float *from,
                                        const struct netrt_winograd_part *part, float *to,
                                        long point)
{
    const long across = netrt_ceil_div(k->ow, NETRT_WINOGRAD_OUT);
    for (long c = 0; c < netrt_ceil_div(k->ic, NETRT_BLOCK); c++)
        for (long tile = part->first; tile < part->end; tile++) {
            const long y = tile / across * NETRT_WINOGRAD_OUT,
                       x = tile % across * NETRT_WINOGRAD_OUT;
            const float *in = from + part->image * k->in.image + c * k->in.plane +
                              (y - k->pt) * k->in.row + (x - k->pl) * k->in.col;
            float *at = to + (c * k->task_tiles + tile - part->first) * NETRT_BLOCK;
            const long rows = k->oh + 2 - y, cols = k->ow + 2 - x;
            for (long v = 0; v < NETRT_BLOCK; v += NETRT_VL)
                if (rows >= NETRT_WINOGRAD_IN && cols >= NETRT_WINOGRAD_IN)
                    netrt_winograd_transform(k, in + v, NETRT_WINOGRAD_IN, NETRT_WINOGRAD_IN,
                                             at + v, point);
                else
                    netrt_winograd_transform(k, in + v, rows, cols, at + v, point);
        }
}

/* products[v][tile] of `cols` tiles at one point = sum over ic of in weight. */
NETRT_INLINE void netrt_winograd_multiply(const struct netrt_winograd *k, const float *in,
                                          const float *weight, float *products, const long vecs)
{
    const long plane = k->task_tiles * NETRT_BLOCK;
    const long block = NETRT_WINOGRAD_POINTS * k->ic * NETRT_BLOCK;
    netrt_vec acc[NETRT_TILE_COLS * NETRT_VECS];
    NETRT_UNROLL
    for (long i = 0; i < vecs * k->cols; i++)
        acc[i] = netrt_all(0);
    for (long c = 0; c < k->ic; c += NETRT_BLOCK, in += plane) {
        const long depth = k->ic - c < NETRT_BLOCK ? k->ic - c : NETRT_BLOCK;
        for (long l = 0; l < depth; l++, weight += NETRT_BLOCK) {
            netrt_vec w[8 * NETRT_VECS];
            NETRT_UNROLL
            for (long v = 0; v < vecs; v++) {
                const float *at = weight + v / NETRT_VECS * block + v % NETRT_VECS * NETRT_VL;
                __builtin_prefetch(at + 64 * NETRT_BLOCK);
                w[v] = netrt_load(at);
            }
            NETRT_UNROLL
            for (long p = 0; p < k->cols; p++) {
                const netrt_vec x = netrt_all(in[p * NETRT_BLOCK + l]);
                NETRT_UNROLL
                for (long v = 0; v < vecs; v++)
                    acc[v * k->cols + p] += x * w[v];
            }
        }
    }
    NETRT_UNROLL
    for (long v = 0; v < vecs; v++)
        NETRT_UNROLL
    for (long p = 0; p < k->cols; p++)
        netrt_store(products + v / NETRT_VECS * plane + p * NETRT_BLOCK + v % NETRT_VECS * NETRT_VL,
                    acc[v * k->cols + p]);
}

/* One vector of lanes of a tile's output, rows x cols of which are stored. */
NETRT_INLINE void netrt_winograd_store(const struct netrt_winograd *k, const float *m, long point,
                                       netrt_vec bias, const float *other, float *out, long rows,
                                       long cols, long lanes)
{
    netrt_vec d[NETRT_WINOGRAD_POINTS], t[NETRT_WINOGRAD_OUT * NETRT_WINOGRAD_IN];
    NETRT_UNROLL
    for (long i = 0; i < NETRT_WINOGRAD_POINTS; i++)
        d[i] = netrt_load(m + i * point);
    NETRT_UNROLL
    for (long x = 0; x < NETRT_WINOGRAD_IN; x++)
        netrt_winograd_output(d + x, NETRT_WINOGRAD_IN, t + x, NETRT_WINOGRAD_IN);
    NETRT_UNROLL
    for (long y = 0; y < NETRT_WINOGRAD_OUT; y++) {
        netrt_vec row[NETRT_WINOGRAD_OUT];
        netrt_winograd_output(t + y * NETRT_WINOGRAD_IN, 1, row, 1);
        NETRT_UNROLL
        for (long x = 0; x < NETRT_WINOGRAD_OUT; x++)
            if (y < rows && x < cols)
                netrt_store(out + y * k->out.row + x * k->out.col,
                            netrt_finish(row[x] + bias, k->residual,
                                         other + y * k->other.row + x * k->other.col, k->act,
                                         k->act_arg, lanes));
    }
}

/* The outputs of a part, of `blocks` blocks from part->block on. */
NETRT_INLINE void netrt_winograd_outputs(const struct netrt_winograd *k, const struct netrt_args *a,
                                         const struct netrt_winograd_part *part, const float *m,
                                         long point, long blocks)
{
    const long across = netrt_ceil_div(k->ow, NETRT_WINOGRAD_OUT);
    for (long b = 0; b < blocks; b++)
        for (long tile = part->first; tile < part->end; tile++) {
            const long y = tile / across * NETRT_WINOGRAD_OUT,
                       x = tile % across * NETRT_WINOGRAD_OUT;
            const long rows = k->oh - y, cols = k->ow - x, block = part->block + b;
            for (long v = 0; v < NETRT_BLOCK; v += NETRT_VL) {
                const float *at = m + (b * k->task_tiles + tile - part->first) * NETRT_BLOCK + v;
                float *out = a->out + part->image * k->out.image + block * k->out.plane +
                             y * k->out.row + x * k->out.col + v;
                const float *other = k->residual ? a->other + part->image * k->other.image +
                                                       block * k->other.plane + y * k->other.row +
                                                       x * k->other.col + v
                                                 : out;
                const netrt_vec bias =
                    k->bias ? netrt_load(a->bias + block * NETRT_BLOCK + v) : netrt_all(0);
                const long lanes = netrt_lanes(k->oc, block * NETRT_BLOCK + v);
                if (rows >= NETRT_WINOGRAD_OUT && cols >= NETRT_WINOGRAD_OUT)
                    netrt_winograd_store(k, at, point, bias, other, out, NETRT_WINOGRAD_OUT,
                                         NETRT_WINOGRAD_OUT, lanes);
                else
                    netrt_winograd_store(k, at, point, bias, other, out, rows, cols, lanes);
            }
        }
}

NETRT_INLINE void netrt_winograd_blocks(const struct netrt_winograd *k, const struct netrt_args *a,
                                        const struct netrt_winograd_part *part, const float *in,
                                        float *products, const long blocks)
{
    const long in_point = netrt_ceil_div(k->ic, NETRT_BLOCK) * k->task_tiles * NETRT_BLOCK;
    const long point = k->blocks * k->task_tiles * NETRT_BLOCK;
    const float *weight = a->weight + part->block * NETRT_WINOGRAD_POINTS * k->ic * NETRT_BLOCK;
    for (long i = 0; i < NETRT_WINOGRAD_POINTS; i++, weight += k->ic * NETRT_BLOCK)
        for (long t = 0; t < part->end - part->first; t += k->cols)
            netrt_winograd_multiply(k, in + i * in_point + t * NETRT_BLOCK, weight,
                                    products + i * point + t * NETRT_BLOCK, blocks * NETRT_VECS);
    netrt_winograd_outputs(k, a, part, products, point, blocks);
}

/* The border of a part's rows of its blocks: the tile that ends a row of tiles clears it. */
NETRT_INLINE void netrt_winograd_border(const struct netrt_winograd *k, const struct netrt_args *a,
                                        const struct netrt_winograd_part *part)
{
    const long across = netrt_ceil_div(k->ow, NETRT_WINOGRAD_OUT);
    const long first = part->first / across * NETRT_WINOGRAD_OUT;
    const long end = part->end / across * NETRT_WINOGRAD_OUT;
    if (first < end)
        for (long b = part->block; b < part->block_end; b++)
            NETRT_CLEAR_BORDER(k, a->out + part->image * k->out.image + b * k->out.plane, k->oh,
                               k->ow, first, end < k->oh ? end : k->oh);
}

NETRT_INLINE void netrt_winograd(const struct netrt_winograd *k, const struct netrt_args *a,
                                 long task)
{
    const long tiles = netrt_winograd_tiles(k), blocks = netrt_ceil_div(k->oc, NETRT_BLOCK);
    const long parts = netrt_ceil_div(tiles, k->task_tiles);
    const long groups = netrt_ceil_div(blocks, k->task_blocks);
    struct netrt_winograd_part part = {.image = task / parts / groups,
                                       .first = task % parts * k->task_tiles,
                                       .block = task / parts % groups * k->task_blocks};
    part.end = part.first + k->task_tiles < tiles ? part.first + k->task_tiles : tiles;
    part.block_end = part.block + k->task_blocks < blocks ? part.block + k->task_blocks : blocks;
    float *products = a->scratch + NETRT_WINOGRAD_POINTS * netrt_ceil_div(k->ic, NETRT_BLOCK) *
                                       k->task_tiles * NETRT_BLOCK;
    netrt_winograd_border(k, a, &part);
    netrt_winograd_inputs(k, a->in, &part, a->scratch,
                          netrt_ceil_div(k->ic, NETRT_BLOCK) * k->task_tiles * NETRT_BLOCK);
    for (; part.block + k->blocks <= part.block_end; part.block += k->blocks)
        netrt_winograd_blocks(k, a, &part, a->scratch, products, k->blocks);
    if (blocks % k->blocks && part.block < part.block_end)
        netrt_winograd_blocks(k, a, &part, a->scratch, products, blocks % k->blocks);
}

#endif
