/*
 * Gradient of a convolution's weights by Winograd's algorithm. A tile of outputs is
 * A'[(G g G') * (B' d B)]A of its inputs d and the weights g; the transpose of that map takes the
 * gradient y of the tile to the gradient of the weights:
 *
 *     G' [(A y A') * (B' d B)] G
 *
 * Sums over tiles are made before G' and G, at each point. They are products of matrices, as those
 * of a 1x1 convolution whose positions are tiles.
 *
 * A task makes some blocks of outputs by some of inputs. It transforms a part of the tiles into its
 * scratch memory, [point][tile][block][16] of either operand, multiplies, and goes on with the next
 * part; its sums lie behind, [point][output][block][16].
 */
#ifndef NETRT_KERNELS_WINOGRAD_GRADIENT_H
#define NETRT_KERNELS_WINOGRAD_GRADIENT_H

#include "weight_gradient.h"
#include "winograd.h"

/* Blocks that a task makes: o of outputs by i of inputs, from these on. */
struct netrt_winograd_gradient_task {
    long o, outs, i, ins;
};

NETRT_INLINE struct netrt_winograd_gradient_task
netrt_winograd_gradient_task(const struct netrt_winograd_gradient *k, long task)
{
    const long outs = netrt_ceil_div(k->oc, NETRT_BLOCK), ins = netrt_ceil_div(k->ic, NETRT_BLOCK);
    const long across = netrt_ceil_div(ins, k->task_in);
    const long o = task / across * k->task_out, i = task % across * k->task_in;
    return (struct netrt_winograd_gradient_task){o, o + k->task_out < outs ? k->task_out : outs - o,
                                                 i, i + k->task_in < ins ? k->task_in : ins - i};
}

/* Where the gradients of the result lie in scratch memory, and the sums; the inputs stand first. */
NETRT_INLINE netrt_element *netrt_winograd_gradient_by(const struct netrt_winograd *w,
                                                       const struct netrt_args *a)
{
    return a->scratch + netrt_winograd_points(w) * netrt_winograd_in_point(w);
}
NETRT_INLINE netrt_element *netrt_winograd_gradient_sums(const struct netrt_winograd *w,
                                                         const struct netrt_args *a)
{
    return a->scratch + netrt_winograd_scratch(w);
}

/* ---- transforms ---- */

/* A y of `outs` outputs, at n points: the transpose of netrt_winograd_output(). */
NETRT_INLINE void netrt_winograd_spread(const long n, const long outs, const netrt_vec *y,
                                        netrt_vec *to)
{
    to[0] = y[0];
    for (long group = 1; group < netrt_winograd_groups(n) - 1; group++) {
        const long first = netrt_winograd_first(n, group);
        netrt_vec even = y[0], odd = netrt_all(0);
        NETRT_FOR (long i = 1; i < outs; i++) {
            const netrt_vec term =
                netrt_all(netrt_winograd_power(netrt_winograd_point(n, first), i)) * y[i];
            if (i % 2)
                odd += term;
            else
                even += term;
        }
        to[first] = even + odd;
        if (netrt_winograd_pair(n, group))
            to[first + 1] = even - odd;
    }
    if (n > 1)
        to[n - 1] = y[outs - 1];
}

/* G' m of n points: one of the `taps` weights. */
NETRT_INLINE netrt_vec netrt_winograd_weight(const long n, const long taps, const long tap,
                                             const netrt_vec *m)
{
    netrt_vec sum = tap == taps - 1 ? m[n - 1] : netrt_all(0);
    NETRT_FOR (long i = 0; i < n - 1; i++) {
        const float factor =
            netrt_winograd_power(netrt_winograd_point(n, i), tap) / netrt_winograd_divisor(n, i);
        if (factor != 0)
            sum += netrt_all(factor) * m[i];
    }
    return sum;
}

/* A y A' of one vector of lanes of a tile's gradients. */
NETRT_INLINE void netrt_winograd_spread_tile(const struct netrt_winograd *w, const netrt_element *y,
                                             long row, long col, netrt_element *to)
{
    const long down = w->tile_h + w->kh - 1, right = w->tile_w + w->kw - 1;
    const long point = netrt_winograd_out_point(w);
    netrt_vec half[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST];
    for (long c = 0; c < w->tile_w; c++) {
        netrt_vec column[NETRT_WINOGRAD_MOST], made[NETRT_WINOGRAD_MOST];
        NETRT_FOR (long r = 0; r < w->tile_h; r++)
            column[r] = netrt_load(y + r * row + c * col);
        netrt_winograd_spread(down, w->tile_h, column, made);
        NETRT_FOR (long r = 0; r < down; r++)
            half[r * w->tile_w + c] = made[r];
    }
    for (long r = 0; r < down; r++) {
        netrt_vec made[NETRT_WINOGRAD_MOST];
        netrt_winograd_spread(right, w->tile_w, half + r * w->tile_w, made);
        NETRT_FOR (long c = 0; c < right; c++)
            netrt_store(to + (r * right + c) * point, made[c]);
    }
}

/* The same, of a tile that may reach beyond the output: the gradient there is 0. */
NETRT_INLINE void netrt_winograd_spread_part(const struct netrt_winograd *w,
                                             const struct netrt_winograd_tile *t,
                                             const netrt_element *y, netrt_element *to)
{
    netrt_element edge[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST * NETRT_VL];
    long row = w->other.row, col = w->other.col;
    if (!netrt_winograd_whole(w, t)) {
        for (long i = 0; i < w->tile_h * w->tile_w; i++)
            netrt_store(edge + i * NETRT_VL, netrt_all(0));
        netrt_winograd_copy(y, row, col, edge, w->tile_w * NETRT_VL, NETRT_VL, t->rows, t->cols);
        y = edge;
        row = w->tile_w * NETRT_VL;
        col = NETRT_VL;
    }
    netrt_winograd_spread_tile(w, y, row, col, to);
}

/* Transforms both operands of tile number `tile` of all images, to place t of scratch memory. */
NETRT_INLINE void netrt_winograd_gradient_tile(const struct netrt_winograd *w,
                                               const struct netrt_winograd_gradient_task *task,
                                               const struct netrt_args *a, long tile, long t)
{
    const long tiles = netrt_winograd_tiles(w), image = tile / tiles;
    const struct netrt_winograd_tile at = netrt_winograd_tile_of(w, tile % tiles);
    const netrt_element *in = a->in + image * w->in.image + task->i * w->in.plane +
                              (at.row - w->pt) * w->in.row + (at.col - w->pl) * w->in.col;
    const netrt_element *by = a->other + image * w->other.image + task->o * w->other.plane +
                              at.row * w->other.row + at.col * w->other.col;
    netrt_element *to_in = a->scratch + t * w->ic;
    netrt_element *to_by = netrt_winograd_gradient_by(w, a) + t * w->point_blocks * NETRT_BLOCK;
    for (long v = 0; v < task->ins * NETRT_BLOCK; v += NETRT_VL)
        netrt_winograd_take(w, &at, in + v / NETRT_BLOCK * w->in.plane + v % NETRT_BLOCK,
                            to_in + v);
    for (long v = 0; v < task->outs * NETRT_BLOCK; v += NETRT_VL)
        netrt_winograd_spread_part(w, &at, by + v / NETRT_BLOCK * w->other.plane + v % NETRT_BLOCK,
                                   to_by + v);
}

/* ---- products ---- */

/* Adds to the sums of a point, by register tiles that leave some registers free: their loops are
 * short, and the processor begins the next one before it ends one. Whole vectors are added: where
 * no channels are, they are 0. */
NETRT_INLINE void netrt_winograd_gradient_point(const struct netrt_winograd *w,
                                                const struct netrt_winograd_gradient_task *task,
                                                const struct netrt_args *at, long tiles)
{
    /* a 1x1 convolution of one row, whose columns are tiles */
    const struct netrt_weight_gradient k = {.in = {.col = w->ic},
                                            .other = {.col = w->point_blocks * NETRT_BLOCK},
                                            .out = {.image = w->ic},
                                            .ow = tiles,
                                            .sw = 1};
    const struct netrt_gradient_rows rows = {0, 1, 2}; /* not the first: these begin sums */
    for (long o = 0; o < task->outs * NETRT_BLOCK; o += NETRT_GRADIENT_OUTS) {
        const struct netrt_gradient_vectors v = {.in = at->in,
                                                 .out = at->out + o * w->ic,
                                                 .in_step = NETRT_VL,
                                                 .out_step = NETRT_VL,
                                                 .lanes = NETRT_VL};
        netrt_weight_gradient_vectors(&k, v, at->other + o, &rows, NETRT_GRADIENT_OUTS,
                                      task->ins * NETRT_VECS, 2);
    }
}

/* Adds the products of a part's tiles to the sums of all points. */
NETRT_INLINE void netrt_winograd_gradient_multiply(const struct netrt_winograd *w,
                                                   const struct netrt_winograd_gradient_task *task,
                                                   const struct netrt_args *a, long tiles)
{
    const netrt_element *by = netrt_winograd_gradient_by(w, a);
    netrt_element *sums = netrt_winograd_gradient_sums(w, a);
    for (long p = 0; p < netrt_winograd_points(w); p++) {
        const struct netrt_args at = {.in = a->scratch + p * netrt_winograd_in_point(w),
                                      .other = by + p * netrt_winograd_out_point(w),
                                      .out = sums + p * netrt_winograd_sum_point(w)};
        netrt_winograd_gradient_point(w, task, &at, tiles);
    }
}

/* ---- weights ---- */

/* G' m G of one vector of input channels, of which `lanes` there are. */
NETRT_INLINE void netrt_winograd_gradient_give(const struct netrt_winograd *w,
                                               const netrt_element *m, netrt_element *out, long row,
                                               long col, long lanes)
{
    const long down = w->tile_h + w->kh - 1, right = w->tile_w + w->kw - 1;
    const long point = netrt_winograd_sum_point(w);
    netrt_vec half[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST];
    for (long x = 0; x < right; x++) {
        netrt_vec column[NETRT_WINOGRAD_MOST];
        NETRT_FOR (long y = 0; y < down; y++)
            column[y] = netrt_load(m + (y * right + x) * point);
        NETRT_FOR (long u = 0; u < w->kh; u++)
            half[u * right + x] = netrt_winograd_weight(down, w->kh, u, column);
    }
    for (long u = 0; u < w->kh; u++)
        NETRT_FOR (long v = 0; v < w->kw; v++)
            netrt_store(
                out + u * row + v * col,
                netrt_first(netrt_winograd_weight(right, w->kw, v, half + u * right), lanes));
}

NETRT_INLINE void netrt_winograd_gradient_weights(const struct netrt_winograd_gradient *k,
                                                  const struct netrt_winograd *w,
                                                  const struct netrt_winograd_gradient_task *task,
                                                  const struct netrt_args *a)
{
    const long first = task->o * NETRT_BLOCK, end = first + task->outs * NETRT_BLOCK;
    const netrt_element *sums = netrt_winograd_gradient_sums(w, a);
    for (long o = first; o < end && o < k->oc; o++)
        for (long v = 0; v < task->ins * NETRT_BLOCK; v += NETRT_VL) {
            const long block = task->i + v / NETRT_BLOCK, lane = v % NETRT_BLOCK;
            netrt_winograd_gradient_give(w, sums + (o - first) * w->ic + v,
                                         a->out + o * k->out.image + block * k->out.plane + lane,
                                         k->out.row, k->out.col,
                                         k->ic - block * NETRT_BLOCK - lane);
        }
}

NETRT_INLINE void netrt_winograd_gradient(const struct netrt_winograd_gradient *k,
                                          const struct netrt_args *a, long task)
{
    const struct netrt_winograd w = netrt_winograd_gradient_forward(k);
    const struct netrt_winograd_gradient_task t = netrt_winograd_gradient_task(k, task);
    const long all = k->images * netrt_winograd_tiles(&w);
    const long sums = netrt_winograd_points(&w) * netrt_winograd_sum_point(&w);
    for (long i = 0; i < sums; i += NETRT_VL)
        netrt_store(netrt_winograd_gradient_sums(&w, a) + i, netrt_all(0));
    for (long first = 0; first < all; first += k->part_tiles) {
        const long tiles = first + k->part_tiles < all ? k->part_tiles : all - first;
        for (long i = 0; i < tiles; i++)
            netrt_winograd_gradient_tile(&w, &t, a, first + i, i);
        netrt_winograd_gradient_multiply(&w, &t, a, tiles);
    }
    netrt_winograd_gradient_weights(k, &w, &t, a);
}

#endif
