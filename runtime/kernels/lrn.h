/* Local response normalization across channels. */
#ifndef NETRT_KERNELS_LRN_H
#define NETRT_KERNELS_LRN_H

#include "act.h"
#include "border.h"

enum {
    NETRT_LRN_HALO = 8,  /* most blocks that a window reaches beyond its own, either way */
    NETRT_LRN_COLS = 16, /* columns at a time: squares are stored well before they are read */
    NETRT_LRN_LANES = (2 * NETRT_LRN_HALO + 1) * NETRT_BLOCK
};

/* Squares of block `block` and its neighbours at one position; `in` points at block 0. */
NETRT_INLINE void netrt_lrn_squares(const struct netrt_lrn *k, netrt_element *square,
                                    const netrt_element *in, long block, long halo)
{
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK);
    for (long b = block - halo; b <= block + halo; b++)
        NETRT_FOR (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
            netrt_vec x = netrt_all(0);
            if (b >= 0 && b < blocks)
                x = netrt_load(in + b * k->in.plane + lane);
            netrt_store(square + (b - block + halo) * NETRT_BLOCK + lane, x * x);
        }
}

/* A block at one position, from its squares: `square` is that of its lane 0. */
NETRT_INLINE void netrt_lrn_block(const struct netrt_lrn *k, netrt_element *out,
                                  const netrt_element *in, const netrt_element *square,
                                  long channel)
{
    NETRT_FOR (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
        netrt_vec sum = netrt_all(0);
        for (long i = 0; i < k->size; i++)
            sum += netrt_load(square + lane + i - k->size / 2);
        sum = k->k + k->alpha / (float)k->size * sum;
        netrt_store(out + lane,
                    netrt_first(netrt_load(in + lane) * netrt_exp(-k->beta * netrt_log(sum)),
                                netrt_lanes(k->c, channel + lane)));
    }
}

/* `cols` columns of a block; `out` and `in` point at block 0 of the first. */
NETRT_INLINE void netrt_lrn_cols(const struct netrt_lrn *k, netrt_element *out,
                                 const netrt_element *in, long block, long cols)
{
    const long halo = netrt_ceil_div(k->size / 2, NETRT_BLOCK);
    netrt_element square[NETRT_LRN_COLS][NETRT_LRN_LANES];
    for (long x = 0; x < cols; x++)
        netrt_lrn_squares(k, square[x], in + x * k->in.col, block, halo);
    for (long x = 0; x < cols; x++)
        netrt_lrn_block(k, out + block * k->out.plane + x * k->out.col,
                        in + block * k->in.plane + x * k->in.col, square[x] + halo * NETRT_BLOCK,
                        block * NETRT_BLOCK);
}

NETRT_INLINE void netrt_lrn(const struct netrt_lrn *k, const struct netrt_args *a, long task)
{
    const struct netrt_rows part = netrt_rows_of(task, NETRT_BLOCK, k->h, k->task_rows);
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK);
    for (long y = part.first; y < part.end; y++)
        for (long x = 0; x < k->w; x += NETRT_LRN_COLS)
            for (long b = 0; b < blocks; b++)
                netrt_lrn_cols(k, a->out + netrt_row(&k->out, &part, y) + x * k->out.col,
                               a->in + netrt_row(&k->in, &part, y) + x * k->in.col, b,
                               x + NETRT_LRN_COLS < k->w ? NETRT_LRN_COLS : k->w - x);
    for (long b = 0; b < blocks; b++)
        NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0) + b * k->out.plane, k->h, k->w,
                           part.first, part.end);
}

#endif
