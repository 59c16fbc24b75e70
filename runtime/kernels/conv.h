/*
 * Direct convolution. A register tile holds `blocks` blocks of output channels at `cols` columns;
 * each input element is broadcast once to the vectors of weights of all its blocks.
 *
 * Which tile (blocks x cols) is best, by measurement on one core of a Sapphire Rapids, as a share
 * of the peak of multiply-adds:
 *
 * - vectors of 16, 32 registers: 2 x 14, with 94 to 99 % on 1x1 and 3x3 layers from 56x56 to
 * 13x13, with stride 2, and on 7x7 over 3 planes; 1 x 28 with 90 to 98 % on 7x7, where fetching
 * weights is what binds; 4 x 7 and 3 x 9 are behind on some;
 * - vectors of 8, 16 registers: 1 x 6, with 86 to 96 %; 2 x 3 is close, 1 x 7 spills (65 %);
 * - vectors of 4, by count: 16 registers of SSE, whose products destroy an operand: 1 x 2, for of
 * 1 x 3, which measured 94 %, compilers keep 2 to 6 of 12 sums on the stack; 32 registers: 1 x 6
 * (24 sums, 4 weights);
 * - plain floats: 1 x 2;
 * - one column (linear): 8 x 1, or as many as fit, at the speed of memory; so is any where weights
 * are in cache.
 *
 * A width that leaves a rest is cut evenly: n = ceil(ow / cols) tiles of ceil(ow / n) columns;
 * where that makes tiles narrow, more blocks fill the registers (ow 9: 3 x 9). 1x1 convolutions
 * over planes without border are one long row; of others several rows are one, if that fills tiles
 * better (7 columns, tiles of 6), and each column of a tile has an address of its own. A task
 * passes over its rows once for each tile of blocks: take task_rows such that their inputs, all
 * channels, fill at most half of the L2 cache. Where a first cache does not hold the weights of a
 * tile, which the second then gives too slowly, these passes can be of some input channels each:
 * pass_ic.
 */
#ifndef NETRT_KERNELS_CONV_H
#define NETRT_KERNELS_CONV_H

#include "act.h"
#include "border.h"

enum {
    NETRT_TILE = NETRT_TILE_COLS * NETRT_VECS, /* most vectors in a register tile */
    /* Input lanes by which weights are fetched ahead: the processor's own fetching ends with each
     * page, and a network's weights come from memory. Those of one position, which are used once,
     * it reads faster by itself: 27 GB/s of a Zen 3, with this 21. */
    NETRT_AHEAD = 64,
    /* Columns of tiles that have time to fetch inputs: fewer load as often as they multiply, and so
     * do more, of one block. */
    NETRT_FETCH_LEAST = 8,
    NETRT_FETCH_MOST = 16
};

#ifndef NETRT_USES_REST
#define NETRT_USES_REST(rest) 1
#endif

/* The part of the output that a tile makes, and its size: all but image, block, row and col
 * constant. Tiles of the same blocks share the fetching of `next`, the weights of the blocks after
 * them, which otherwise come from memory in the time of the first tile that needs them, and
 * stall it. */
struct netrt_conv_tile {
    long image, block, row, col;
    long vecs, rows, cols;
    long channel;     /* of the input, the first of this pass */
    const void *next; /* NULL: none are left */
    long fetched;     /* lines of them, by the tiles before */
};

/* Where the tile starts in a plane whose steps down and right are given. Columns that go on in the
 * next row count from where the plane starts. */
NETRT_INLINE long netrt_conv_begin(const struct netrt_conv *k, const struct netrt_conv_tile *t,
                                   long down, long right)
{
    return k->width ? 0 : t->row * down + t->col * right;
}

/* Column p of the tile, from there. Of columns that go on in the next row, one division finds the
 * first; those after it end at most one row, if the map has as many. */
NETRT_INLINE long netrt_conv_at(const struct netrt_conv *k, const struct netrt_conv_tile *t, long p,
                                long down, long right)
{
    const long first = t->row * k->ow + t->col;
    if (!k->width)
        return p / t->cols * down + p % t->cols * right;
    if (down == k->width * right)
        return (first + p) * right;
    if (p > k->width)
        return (first + p) / k->width * down + (first + p) % k->width * right;
    const long row = first / k->width, col = first % k->width;
    const long end = col + p < k->width ? 0 : down - k->width * right;
    return row * down + (col + p) * right + end;
}

/* Where the tile starts in an output-shaped operand. */
NETRT_INLINE long netrt_conv_place(const struct netrt_conv *k, const struct netrt_conv_tile *t,
                                   const struct netrt_view *view)
{
    return t->image * view->image + t->block * view->plane +
           netrt_conv_begin(k, t, view->row, view->col);
}

/* Taps of an input channel in the weights, from the first that is multiplied to those of the next
 * row, and before the first. */
NETRT_INLINE long netrt_conv_all(const struct netrt_conv *k)
{
    return k->all_h ? k->all_h * k->all_w : k->kh * k->kw;
}

NETRT_INLINE long netrt_conv_tap_row(const struct netrt_conv *k)
{
    return k->all_h ? k->all_w : k->kw;
}

NETRT_INLINE long netrt_conv_skipped(const struct netrt_conv *k)
{
    return k->skip_h * netrt_conv_tap_row(k) + k->skip_w;
}

/* Weights of a block of output channels. */
NETRT_INLINE long netrt_conv_weights(const struct netrt_conv *k)
{
    return k->ic * netrt_conv_all(k) * NETRT_BLOCK;
}

/* Input channels of a pass that is not cut. */
NETRT_INLINE long netrt_conv_pass(const struct netrt_conv *k)
{
    return k->pass_ic ? k->pass_ic : k->ic;
}

/* The input channel at which the tile's pass ends. */
NETRT_INLINE long netrt_conv_pass_end(const struct netrt_conv *k, const struct netrt_conv_tile *t)
{
    const long end = t->channel + k->pass_ic;
    return k->pass_ic && end < k->ic ? end : k->ic;
}

/* Taps of so many input channels: of each block of them, each element of the kernel. */
NETRT_INLINE long netrt_conv_taps(const struct netrt_conv *k, long channels)
{
    return netrt_ceil_div(channels, k->ic_block) * k->kh * k->kw;
}

/* Tiles of the same blocks in a task. */
NETRT_INLINE long netrt_conv_tiles(const struct netrt_conv *k)
{
    return netrt_ceil_div(k->ow, netrt_conv_tile_cols(k)) *
           netrt_ceil_div(k->task_rows < k->oh ? k->task_rows : k->oh, netrt_conv_tile_rows(k));
}

/* Lines of the next blocks' weights that a tap fetches to the second cache, and all of them: the
 * tiles of a task share those of a whole block of input channels. */
NETRT_INLINE long netrt_conv_share(const struct netrt_conv *k, long *lines)
{
    const long tap = k->ahead ? k->blocks * k->ic_block * NETRT_BLOCK / k->ahead : 0;
    *lines = k->ahead ? k->blocks * k->ic * k->kh * k->kw * NETRT_BLOCK / k->ahead : 0;
    return netrt_ceil_div(tap, netrt_conv_tiles(k));
}

/* acc[v][p] += sum over `depth` lanes of in[at[p]] w[v], at one tap. */
NETRT_INLINE void netrt_conv_tap(const struct netrt_conv *k, const struct netrt_conv_tile *t,
                                 netrt_vec *acc, const netrt_element *in, const long *at,
                                 const void *w, long depth)
{
    const long block_weights = netrt_conv_weights(k);
    const long down = k->sh * k->in.row, right = k->sw * k->in.col;
    const long columns = t->rows * t->cols;
    const int fetch_input = k->ic > k->ic_block && k->ic % NETRT_BLOCK == 0 && !k->width &&
                            columns >= NETRT_FETCH_LEAST && columns <= NETRT_FETCH_MOST;
    NETRT_ROLLED_FOR (long l = 0; l < depth; l++, w = netrt_stored_at(w, NETRT_BLOCK, k->stored)) {
        netrt_vec weight[NETRT_TILE];
        const netrt_element *lane = in + l * k->in.lane;
        if (k->width)
            NETRT_IN_REGISTER(lane);
        NETRT_FOR (long v = 0; v < t->vecs; v++) {
            const void *from = netrt_stored_at(
                w, v / NETRT_VECS * block_weights + v % NETRT_VECS * NETRT_VL, k->stored);
            if (v % NETRT_VECS == 0 && k->oh * k->ow > 1)
                __builtin_prefetch(
                    netrt_stored_at(from, (long)NETRT_AHEAD * NETRT_BLOCK, k->stored));
            weight[v] = netrt_load_stored(from, k->stored);
        }
        if (fetch_input) { /* column l of the next block of channels, at this tap */
            const long p = l < columns ? l : columns - 1;
            __builtin_prefetch(in + k->in.plane + netrt_conv_at(k, t, p, down, right));
        }
        NETRT_FOR (long p = 0; p < columns; p++) {
            netrt_vec x = netrt_all(lane[at[p]]);
            NETRT_FOR (long v = 0; v < t->vecs; v++)
                acc[v * columns + p] += x * weight[v];
        }
    }
}

NETRT_INLINE void netrt_conv_sum(const struct netrt_conv *k, const struct netrt_args *a,
                                 const struct netrt_conv_tile *t, netrt_vec *acc)
{
    const struct netrt_channels from = netrt_channels_of(k->oc, k->group_oc, k->group_ic, t->block);
    const netrt_element *in = a->in + t->image * k->in.image +
                              (from.block + t->channel / k->ic_block) * k->in.plane +
                              netrt_conv_begin(k, t, k->sh * k->in.row, k->sw * k->in.col) -
                              k->pt * k->in.row - k->pl * k->in.col;
    const void *block = netrt_stored_at(a->weight, t->block * netrt_conv_weights(k), k->stored);
    const long end = netrt_conv_pass_end(k, t);
    long lines, line = t->fetched;
    const long share = netrt_conv_share(k, &lines);
    long at[NETRT_TILE_COLS];
    if (!t->next)
        lines = 0;
    NETRT_FOR (long p = 0; p < t->rows * t->cols; p++)
        at[p] = netrt_conv_at(k, t, p, k->sh * k->in.row, k->sw * k->in.col);
    for (long c = t->channel; c < end && c < from.rest; c += k->ic_block, in += k->in.plane) {
        const long left = k->ic - c, depth = left < k->ic_block ? left : k->ic_block;
        const long first = c * netrt_conv_all(k) + netrt_conv_skipped(k) * depth;
        const void *row = netrt_stored_at(block, first * NETRT_BLOCK, k->stored);
        for (long y = 0; y < k->kh;
             y++, row = netrt_stored_at(row, netrt_conv_tap_row(k) * depth * NETRT_BLOCK,
                                        k->stored)) {
            const void *w = row;
            for (long x = 0; x < k->kw;
                 x++, w = netrt_stored_at(w, depth * NETRT_BLOCK, k->stored)) {
                if (line < lines)
                    NETRT_FOR (long i = 0; i < share; i++, line++)
                        __builtin_prefetch(netrt_stored_at(t->next, line * k->ahead, k->stored), 0,
                                           2);
                netrt_conv_tap(k, t, acc, in + y * k->dh * k->in.row + x * k->dw * k->in.col, at, w,
                               depth);
            }
        }
    }
}

/* Where vector v of column p of the tile lies in an output-shaped operand, from where the tile
 * starts. */
NETRT_INLINE long netrt_conv_sum_at(const struct netrt_conv *k, const struct netrt_conv_tile *t,
                                    const struct netrt_view *view, long v, long p)
{
    return v / NETRT_VECS * view->plane + v % NETRT_VECS * NETRT_VL +
           netrt_conv_at(k, t, p, view->row, view->col);
}

/* The sums of a pass that others follow, and for them again. */
NETRT_INLINE void netrt_conv_keep(const struct netrt_conv *k, const struct netrt_conv_tile *t,
                                  netrt_element *out, const netrt_vec *acc)
{
    const long columns = t->rows * t->cols;
    NETRT_FOR (long v = 0; v < t->vecs; v++)
        NETRT_FOR (long p = 0; p < columns; p++)
            netrt_store(out + netrt_conv_sum_at(k, t, &k->out, v, p), acc[v * columns + p]);
}

NETRT_INLINE void netrt_conv_resume(const struct netrt_conv *k, const struct netrt_conv_tile *t,
                                    const netrt_element *out, netrt_vec *acc)
{
    const long columns = t->rows * t->cols;
    NETRT_FOR (long v = 0; v < t->vecs; v++)
        NETRT_FOR (long p = 0; p < columns; p++)
            acc[v * columns + p] = netrt_load(out + netrt_conv_sum_at(k, t, &k->out, v, p));
}

NETRT_INLINE void netrt_conv_store(const struct netrt_conv *k, const struct netrt_args *a,
                                   const struct netrt_conv_tile *t, netrt_element *out,
                                   const netrt_vec *acc)
{
    const long columns = t->rows * t->cols;
    const netrt_element *other = k->residual ? a->other + netrt_conv_place(k, t, &k->other) : a->in;
    NETRT_FOR (long v = 0; v < t->vecs; v++) {
        const long channel = t->block * NETRT_BLOCK + v * NETRT_VL;
        const long lanes = netrt_lanes(k->oc, channel);
        NETRT_FOR (long p = 0; p < columns; p++) {
            const netrt_element *residual = other + netrt_conv_sum_at(k, t, &k->other, v, p);
            netrt_store(out + netrt_conv_sum_at(k, t, &k->out, v, p),
                        netrt_finish(acc[v * columns + p], k->residual, residual, k->act,
                                     k->act_arg, k->act_arg2, lanes));
        }
    }
}

NETRT_INLINE void netrt_conv_compute(const struct netrt_conv *k, const struct netrt_args *a,
                                     const struct netrt_conv_tile *t)
{
    const long columns = t->rows * t->cols;
    netrt_element *out = a->out + netrt_conv_place(k, t, &k->out);
    netrt_vec acc[NETRT_TILE];
    NETRT_FOR (long v = 0; v < t->vecs; v++) {
        netrt_vec start = netrt_all(0);
        if (k->bias)
            start = netrt_load(a->bias + t->block * NETRT_BLOCK + v * NETRT_VL);
        NETRT_FOR (long p = 0; p < columns; p++)
            acc[v * columns + p] = start;
    }
    if (k->pass_ic && t->channel > 0)
        netrt_conv_resume(k, t, out, acc);
    netrt_conv_sum(k, a, t, acc);
    if (netrt_conv_pass_end(k, t) < k->ic)
        netrt_conv_keep(k, t, out, acc);
    else
        netrt_conv_store(k, a, t, out, acc);
}

/* The tiles of `rows` rows at t->row, `blocks` blocks of channels deep. */
NETRT_INLINE void netrt_conv_row(const struct netrt_conv *k, const struct netrt_args *a,
                                 struct netrt_conv_tile t, const long blocks, const long rows)
{
    t.vecs = blocks * NETRT_VECS;
    t.rows = rows;
    t.cols = netrt_conv_tile_cols(k);
    const long rest = netrt_conv_rest_cols(k);
    long lines;
    const long share = netrt_conv_share(k, &lines);
    for (t.col = 0; t.col + t.cols <= k->ow; t.col += t.cols) {
        netrt_conv_compute(k, a, &t);
        t.fetched += netrt_conv_taps(k, netrt_conv_pass_end(k, &t) - t.channel) * share;
    }
    if (NETRT_USES_REST(NETRT_REST_cols) && rest) {
        t.cols = rest;
        netrt_conv_compute(k, a, &t);
    }
}

/* The tiles of one pass over rows t.row to end - 1. */
NETRT_INLINE void netrt_conv_sweep(const struct netrt_conv *k, const struct netrt_args *a,
                                   struct netrt_conv_tile t, const long blocks, long end)
{
    const long rows = netrt_conv_tile_rows(k);
    const long tiles = netrt_ceil_div(k->ow, netrt_conv_tile_cols(k));
    const long taps = netrt_conv_taps(k, netrt_conv_pass_end(k, &t) - t.channel);
    long lines;
    const long share = netrt_conv_share(k, &lines);
    const long rest = netrt_conv_rest_rows(k);
    for (; t.row + rows <= end; t.row += rows) {
        netrt_conv_row(k, a, t, blocks, rows);
        t.fetched += tiles * taps * share;
    }
    if (NETRT_USES_REST(NETRT_REST_rows) && rest && t.row < end)
        netrt_conv_row(k, a, t, blocks, rest);
}

NETRT_INLINE void netrt_conv_rows(const struct netrt_conv *k, const struct netrt_args *a,
                                  struct netrt_conv_tile t, const long blocks, long end)
{
    const long width = k->width ? k->width : k->ow, in_row = k->ow / width;
    long lines;
    const long share = netrt_conv_share(k, &lines);
    for (; t.channel < k->ic; t.channel += netrt_conv_pass(k)) {
        netrt_conv_sweep(k, a, t, blocks, end);
        t.fetched += netrt_conv_tiles(k) * netrt_conv_taps(k, netrt_conv_pass(k)) * share;
    }
    for (long b = 0; b < blocks; b++)
        NETRT_CLEAR_BORDER(k, a->out + t.image * k->out.image + (t.block + b) * k->out.plane,
                           k->oh * in_row, width, t.row * in_row, end * in_row);
}

/* Rows part->first .. part->end - 1 of the blocks from part->block to `end`. */
NETRT_INLINE void netrt_conv_part(const struct netrt_conv *k, const struct netrt_args *a,
                                  const struct netrt_rows *part, long end)
{
    const long rest = netrt_conv_rest_blocks(k);
    struct netrt_conv_tile t = {.image = part->image, .block = part->block, .row = part->first};
    for (; t.block + k->blocks <= end; t.block += k->blocks) {
        const long next = t.block + k->blocks;
        t.next =
            next < end ? netrt_stored_at(a->weight, next * netrt_conv_weights(k), k->stored) : NULL;
        netrt_conv_rows(k, a, t, k->blocks, part->end);
    }
    t.next = NULL;
    if (NETRT_USES_REST(NETRT_REST_blocks) && rest && t.block < end)
        netrt_conv_rows(k, a, t, rest, part->end);
}

NETRT_INLINE void netrt_conv(const struct netrt_conv *k, const struct netrt_args *a, long task)
{
    const long blocks = netrt_ceil_div(k->oc, NETRT_BLOCK);
    struct netrt_rows part = netrt_rows_of(
        task, netrt_ceil_div(blocks, k->task_blocks) * NETRT_BLOCK, k->oh, k->task_rows);
    part.block *= k->task_blocks;
    const long end = part.block + k->task_blocks;
    netrt_conv_part(k, a, &part, end < blocks ? end : blocks);
}

#endif
