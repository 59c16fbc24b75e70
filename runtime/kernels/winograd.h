/*
 * Winograd's convolution F(m x n, kh x kw), stride 1 (Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks", 2015). A tile of m x n outputs is made of the m + kh - 1 by
 * n + kw - 1 inputs d that it reads as A'[(G g G') * (B' d B)]A: its products at as many points
 * stand for m n kh kw of them. Over channels they are a product of matrices for each point.
 *
 * The transforms are those of Toom and Cook: a row and a filter are polynomials, evaluated at 0, at
 * pairs such as 1 and -1, and at infinity. B' depends on the number of points alone. Points of
 * opposite sign share most of their sums: a group of one or two points is the unit of the
 * transforms.
 *
 * A task transforms the inputs of some tiles into its scratch memory, by points, and those by the
 * panels of `cols` tiles that a register tile reads: [point][panel][ic/16][tile][16]. For some
 * blocks of output channels at a time it multiplies, point after point, and transforms back.
 */
#ifndef NETRT_KERNELS_WINOGRAD_H
#define NETRT_KERNELS_WINOGRAD_H

#include "act.h"
#include "border.h"
#include "winograd_points.h"

/* ---- transforms of a row ---- */

/* Groups of n points, the first point of each, and how many they are. */
NETRT_INLINE long netrt_winograd_groups(const long n)
{
    return n == 1 ? 1 : (n + 3) / 2;
}

NETRT_INLINE long netrt_winograd_first(const long n, const long group)
{
    return group == 0 ? 0 : 2 * group < n ? 2 * group - 1 : n - 1;
}

NETRT_INLINE long netrt_winograd_pair(const long n, const long group)
{
    return group > 0 && 2 * group < n - 1;
}

/* Coefficients of the product of (x - point) over the finite ones of n points, but `group`. */
NETRT_INLINE void netrt_winograd_polynomial(const long n, const long group, float *q)
{
    const long first = netrt_winograd_first(n, group), pair = netrt_winograd_pair(n, group);
    NETRT_FOR (long j = 0; j < NETRT_WINOGRAD_MOST; j++)
        q[j] = j == 0;
    NETRT_FOR (long i = 0; i < n - 1; i++)
        if (i != first && (!pair || i != first + 1))
            NETRT_FOR (long j = NETRT_WINOGRAD_MOST - 1; j >= 0; j--)
                q[j] = (j > 0 ? q[j - 1] : 0) - netrt_winograd_point(n, i) * q[j];
}

/* The sum of q[j] d[j], of which the last is 1. */
NETRT_INLINE netrt_vec netrt_winograd_sum(const float *q, const netrt_vec *d, const long last)
{
    netrt_vec sum = d[last];
    NETRT_FOR (long j = 0; j < last; j++)
        if (q[j] != 0)
            sum += netrt_all(q[j]) * d[j];
    return sum;
}

/* A group's rows of B' d, by its polynomial. */
NETRT_INLINE void netrt_winograd_input(const long n, const long group, const float *q,
                                       const netrt_vec *d, netrt_vec *to)
{
    const long first = netrt_winograd_first(n, group);
    if (netrt_winograd_pair(n, group)) { /* (x + a) q and (x - a) q */
        const netrt_vec a = netrt_all(netrt_winograd_point(n, first));
        const netrt_vec shifted = netrt_winograd_sum(q, d + 1, n - 3);
        const netrt_vec plain = netrt_winograd_sum(q, d, n - 3);
        to[0] = shifted + a * plain;
        to[1] = shifted - a * plain;
    } else {
        to[0] = netrt_winograd_sum(q, d, first < n - 1 ? n - 2 : n - 1);
    }
}

NETRT_INLINE float netrt_winograd_power(float x, const long n)
{
    float power = 1;
    NETRT_FOR (long i = 0; i < n; i++)
        power *= x;
    return power;
}

/* A' m: `outs` outputs of n products. */
NETRT_INLINE void netrt_winograd_output(const long n, const long outs, const netrt_vec *m,
                                        netrt_vec *to)
{
    NETRT_FOR (long i = 0; i < outs; i++)
        to[i] = i == 0 ? m[0] : m[n - 1];
    NETRT_FOR (long group = 1; group < netrt_winograd_groups(n) - 1; group++) {
        const long first = netrt_winograd_first(n, group), pair = netrt_winograd_pair(n, group);
        const netrt_vec even = pair ? m[first] + m[first + 1] : m[first];
        const netrt_vec odd = pair ? m[first] - m[first + 1] : m[first];
        NETRT_FOR (long i = 0; i < outs; i++) {
            const netrt_vec term =
                netrt_all(netrt_winograd_power(netrt_winograd_point(n, first), i)) *
                (i % 2 ? odd : even);
            /* the product at infinity belongs to the last output alone */
            to[i] = group > 1 || i == 0 || i == outs - 1 ? to[i] + term : term;
        }
    }
    if (outs == 1 && n > 1)
        to[0] += m[n - 1];
}

/* ---- tiles ---- */

/* What a task makes: tiles [first, end) of the image's, row by row, of blocks [block, block_end).
 */
struct netrt_winograd_part {
    long image, first, end, block, block_end;
};

/* Where a tile's outputs start, and how many of them there are: none, where fewer rows are left
 * than a dilation. */
struct netrt_winograd_tile {
    long row, col, rows, cols;
};

/* The first row, or column, of tile number i along one direction: neighbours are of neighbouring
 * rows, and those after as many as a dilation lie behind them. */
NETRT_INLINE long netrt_winograd_begin(long i, long tile, long dilation)
{
    return i / dilation * tile * dilation + i % dilation;
}

/* Outputs of `all` from `first` on, a dilation apart, that a tile holds. */
NETRT_INLINE long netrt_winograd_held(long first, long tile, long dilation, long all)
{
    const long left = first < all ? netrt_ceil_div(all - first, dilation) : 0;
    return left < tile ? left : tile;
}

NETRT_INLINE struct netrt_winograd_tile netrt_winograd_tile_of(const struct netrt_winograd *k,
                                                               long tile)
{
    const long across = netrt_winograd_across(k);
    const long row = netrt_winograd_begin(tile / across, k->tile_h, k->dh);
    const long col = netrt_winograd_begin(tile % across, k->tile_w, k->dw);
    return (struct netrt_winograd_tile){row, col, netrt_winograd_held(row, k->tile_h, k->dh, k->oh),
                                        netrt_winograd_held(col, k->tile_w, k->dw, k->ow)};
}

NETRT_INLINE long netrt_winograd_whole(const struct netrt_winograd *k,
                                       const struct netrt_winograd_tile *t)
{
    return t->rows == k->tile_h && t->cols == k->tile_w;
}

/* One vector of lanes of a tile, rows x cols of it, between operands of other strides. */
NETRT_INLINE void netrt_winograd_copy(const netrt_element *from, long row, long col,
                                      netrt_element *to, long to_row, long to_col, long rows,
                                      long cols)
{
    for (long y = 0; y < rows; y++)
        for (long x = 0; x < cols; x++)
            netrt_store(to + y * to_row + x * to_col, netrt_load(from + y * row + x * col));
}

/* B' d of n inputs, at all points. */
NETRT_INLINE void netrt_winograd_inputs_of(const long n, const netrt_vec *d, netrt_vec *to)
{
    float q[NETRT_WINOGRAD_MOST];
    NETRT_FOR (long i = 0; i < netrt_winograd_groups(n); i++) {
        netrt_winograd_polynomial(n, i, q);
        netrt_winograd_input(n, i, q, d, to + netrt_winograd_first(n, i));
    }
}

/* B' d B of one vector of lanes of a tile's inputs: of its columns, then of the rows of that. */
NETRT_INLINE void netrt_winograd_transform(const struct netrt_winograd *k, const netrt_element *in,
                                           long row, long col, netrt_element *to)
{
    const long down = k->tile_h + k->kh - 1, right = k->tile_w + k->kw - 1;
    const long point = netrt_winograd_in_point(k);
    netrt_vec half[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST];
    for (long x = 0; x < right; x++) {
        netrt_vec d[NETRT_WINOGRAD_MOST], made[NETRT_WINOGRAD_MOST];
        NETRT_FOR (long y = 0; y < down; y++)
            d[y] = netrt_load(in + y * row + x * col);
        netrt_winograd_inputs_of(down, d, made);
        NETRT_FOR (long y = 0; y < down; y++)
            half[y * right + x] = made[y];
    }
    for (long y = 0; y < down; y++) {
        netrt_vec made[NETRT_WINOGRAD_MOST];
        netrt_winograd_inputs_of(right, half + y * right, made);
        NETRT_FOR (long x = 0; x < right; x++)
            netrt_store(to + (y * right + x) * point, made[x]);
    }
}

/* The same, of a tile that may reach beyond what there is: zeros stand for the rest, which only
 * reaches outputs that are not stored. */
NETRT_INLINE void netrt_winograd_take(const struct netrt_winograd *k,
                                      const struct netrt_winograd_tile *t, const netrt_element *in,
                                      netrt_element *to)
{
    const long down = k->tile_h + k->kh - 1, right = k->tile_w + k->kw - 1;
    netrt_element edge[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST * NETRT_VL];
    long row = k->dh * k->in.row, col = k->dw * k->in.col;
    if (!netrt_winograd_whole(k, t)) {
        for (long i = 0; i < down * right; i++)
            netrt_store(edge + i * NETRT_VL, netrt_all(0));
        if (t->rows && t->cols)
            netrt_winograd_copy(in, row, col, edge, right * NETRT_VL, NETRT_VL, t->rows + k->kh - 1,
                                t->cols + k->kw - 1);
        in = edge;
        row = right * NETRT_VL;
        col = NETRT_VL;
    }
    netrt_winograd_transform(k, in, row, col, to);
}

/* Tiles in the panel that starts with tile t of a task's. */
NETRT_INLINE long netrt_winograd_width(const struct netrt_winograd *k,
                                       const struct netrt_winograd_part *part, long t)
{
    const long left = part->end - part->first - t;
    return left < k->cols ? left : k->cols;
}

NETRT_INLINE void netrt_winograd_inputs(const struct netrt_winograd *k, const netrt_element *from,
                                        const struct netrt_winograd_part *part, netrt_element *to)
{
    const long blocks = netrt_ceil_div(k->ic, NETRT_BLOCK);
    for (long t = 0; t < part->end - part->first; t++) {
        const struct netrt_winograd_tile tile = netrt_winograd_tile_of(k, part->first + t);
        const netrt_element *in = from + part->image * k->in.image +
                                  (tile.row - k->pt) * k->in.row + (tile.col - k->pl) * k->in.col;
        const long panel = t / k->cols * k->cols, width = netrt_winograd_width(k, part, panel);
        netrt_element *at = to + (panel * blocks + t - panel) * NETRT_BLOCK;
        for (long c = 0; c < blocks; c++)
            for (long v = 0; v < NETRT_BLOCK; v += NETRT_VL)
                netrt_winograd_take(k, &tile, in + c * k->in.plane + v,
                                    at + c * width * NETRT_BLOCK + v);
    }
}

/* A' m A of one vector of lanes of a tile's products, and what follows the sum. */
NETRT_INLINE void netrt_winograd_finish(const struct netrt_winograd *k, const netrt_element *m,
                                        netrt_vec bias, const netrt_element *other, long other_row,
                                        long other_col, netrt_element *out, long row, long col,
                                        long lanes)
{
    const long down = k->tile_h + k->kh - 1, right = k->tile_w + k->kw - 1;
    const long point = netrt_winograd_out_point(k);
    netrt_vec half[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST];
    for (long x = 0; x < right; x++) {
        netrt_vec column[NETRT_WINOGRAD_MOST], made[NETRT_WINOGRAD_MOST];
        NETRT_FOR (long y = 0; y < down; y++)
            column[y] = netrt_load(m + (y * right + x) * point);
        netrt_winograd_output(down, k->tile_h, column, made);
        NETRT_FOR (long y = 0; y < k->tile_h; y++)
            half[y * right + x] = made[y];
    }
    for (long y = 0; y < k->tile_h; y++) {
        netrt_vec made[NETRT_WINOGRAD_MOST];
        netrt_winograd_output(right, k->tile_w, half + y * right, made);
        NETRT_FOR (long x = 0; x < k->tile_w; x++)
            netrt_store(out + y * row + x * col,
                        netrt_finish(made[x] + bias, k->residual,
                                     other + y * other_row + x * other_col, k->act, k->act_arg,
                                     k->act_arg2, lanes));
    }
}

/* The same, of a tile that may reach beyond the output. */
NETRT_INLINE void netrt_winograd_give(const struct netrt_winograd *k,
                                      const struct netrt_winograd_tile *t, const netrt_element *m,
                                      netrt_vec bias, const netrt_element *other,
                                      netrt_element *out, long lanes)
{
    const long whole = netrt_winograd_whole(k, t), row = k->tile_w * NETRT_VL;
    const long other_row = k->dh * k->other.row, other_col = k->dw * k->other.col;
    const long out_row = k->dh * k->out.row, out_col = k->dw * k->out.col;
    netrt_element edge[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST * NETRT_VL];
    if (k->residual && !whole)
        netrt_winograd_copy(other, other_row, other_col, edge, row, NETRT_VL, t->rows, t->cols);
    netrt_winograd_finish(k, m, bias, whole ? other : edge, whole ? other_row : row,
                          whole ? other_col : NETRT_VL, whole ? out : edge, whole ? out_row : row,
                          whole ? out_col : NETRT_VL, lanes);
    if (!whole)
        netrt_winograd_copy(edge, row, NETRT_VL, out, out_row, out_col, t->rows, t->cols);
}

/* The outputs of a part, of `blocks` blocks from part->block on. */
NETRT_INLINE void netrt_winograd_outputs(const struct netrt_winograd *k, const struct netrt_args *a,
                                         const struct netrt_winograd_part *part,
                                         const netrt_element *m, long blocks)
{
    for (long tile = part->first; tile < part->end; tile++) {
        const struct netrt_winograd_tile t = netrt_winograd_tile_of(k, tile);
        for (long v = 0; v < blocks * NETRT_BLOCK; v += NETRT_VL) {
            const long block = part->block + v / NETRT_BLOCK, lane = v % NETRT_BLOCK;
            const netrt_element *at =
                m + (v / NETRT_BLOCK * k->task_tiles + tile - part->first) * NETRT_BLOCK + lane;
            netrt_element *out = a->out + part->image * k->out.image + block * k->out.plane +
                                 t.row * k->out.row + t.col * k->out.col + lane;
            const netrt_element *other =
                k->residual ? a->other + part->image * k->other.image + block * k->other.plane +
                                  t.row * k->other.row + t.col * k->other.col + lane
                            : out;
            const netrt_vec bias =
                k->bias ? netrt_load(a->bias + block * NETRT_BLOCK + lane) : netrt_all(0);
            netrt_winograd_give(k, &t, at, bias, other, out,
                                netrt_lanes(k->oc, block * NETRT_BLOCK + lane));
        }
    }
}

/* ---- products ---- */

/* What is multiplied at a point: a panel of inputs, which of the task's it is, weights, and the
 * ones that come next. */
struct netrt_winograd_product {
    const netrt_element *in, *weight, *next;
    netrt_element *out;
    long panel;
};

/* out[block][tile] = sum over channels of in weight, of `cols` tiles. The next weights are fetched
 * in order, by each panel its part: they may come from memory, which takes all the time there
 * is. */
NETRT_INLINE void netrt_winograd_multiply(const struct netrt_winograd *k,
                                          const struct netrt_winograd_product *p, const long vecs,
                                          const long cols)
{
    const long block = netrt_winograd_points(k) * k->ic * NETRT_BLOCK;
    const netrt_element *in = p->in, *weight = p->weight;
    const long panels = netrt_ceil_div(k->task_tiles, k->cols);
    const netrt_element *fetch = p->next + p->panel * netrt_ceil_div(k->ic, NETRT_BLOCK) *
                                               netrt_ceil_div(NETRT_BLOCK, panels) * NETRT_BLOCK;
    netrt_vec acc[NETRT_TILE_COLS * NETRT_VECS];
    NETRT_FOR (long i = 0; i < vecs * cols; i++)
        acc[i] = netrt_all(0);
    for (long c = 0; c < k->ic; c += NETRT_BLOCK, in += cols * NETRT_BLOCK) {
        const long depth = k->ic - c < NETRT_BLOCK ? k->ic - c : NETRT_BLOCK;
        for (long l = 0; l < depth; l++, weight += NETRT_BLOCK) {
            netrt_vec w[8 * NETRT_VECS];
            NETRT_FOR (long v = 0; v < vecs; v++) {
                const netrt_element *at =
                    weight + v / NETRT_VECS * block + v % NETRT_VECS * NETRT_VL;
                if (v % NETRT_VECS == 0 && l % panels == 0)
                    __builtin_prefetch(fetch + v / NETRT_VECS * block, 0, 2);
                w[v] = netrt_load(at);
            }
            if (l % panels == 0)
                fetch += NETRT_BLOCK;
            NETRT_FOR (long i = 0; i < cols; i++) {
                const netrt_vec x = netrt_all(in[i * NETRT_BLOCK + l]);
                NETRT_FOR (long v = 0; v < vecs; v++)
                    acc[v * cols + i] += x * w[v];
            }
        }
    }
    NETRT_FOR (long v = 0; v < vecs; v++)
        NETRT_FOR (long i = 0; i < cols; i++)
            netrt_store(p->out + (v / NETRT_VECS * k->task_tiles + i) * NETRT_BLOCK +
                            v % NETRT_VECS * NETRT_VL,
                        acc[v * cols + i]);
}

/* All tiles of a part at one point: whole panels, and the rest, of this part or of the last. */
NETRT_INLINE void netrt_winograd_panels(const struct netrt_winograd *k,
                                        struct netrt_winograd_product p, long tiles,
                                        const long blocks)
{
    const long step = netrt_ceil_div(k->ic, NETRT_BLOCK) * k->cols * NETRT_BLOCK;
    const long rest = k->task_tiles % k->cols;
    const long last = netrt_winograd_tiles(k) % k->task_tiles % k->cols;
    for (; tiles >= k->cols; tiles -= k->cols) {
        netrt_winograd_multiply(k, &p, blocks * NETRT_VECS, k->cols);
        p.in += step;
        p.panel++;
        p.out += k->cols * NETRT_BLOCK;
    }
    if (rest && tiles == rest)
        netrt_winograd_multiply(k, &p, blocks * NETRT_VECS, rest);
    else if (last && tiles == last)
        netrt_winograd_multiply(k, &p, blocks * NETRT_VECS, last);
}

/* The products of `blocks` blocks, from part->block on, at point `point`; `next` is the block whose
 * weights follow. */
NETRT_INLINE void netrt_winograd_point_blocks(const struct netrt_winograd *k,
                                              const struct netrt_args *a,
                                              const struct netrt_winograd_part *part, long point,
                                              long block, netrt_element *products,
                                              const long blocks)
{
    const long points = netrt_winograd_points(k), step = k->ic * NETRT_BLOCK;
    const long first = part->block, end = first + k->point_blocks;
    const long next = block + blocks < end && block + blocks < part->block_end
                          ? (block + blocks) * points + point
                          : first * points + point + 1;
    const struct netrt_winograd_product p = {.in = a->scratch + point * netrt_winograd_in_point(k),
                                             .weight = a->weight + (block * points + point) * step,
                                             .next = a->weight + next * step,
                                             .out = products + point * netrt_winograd_out_point(k) +
                                                    (block - first) * k->task_tiles * NETRT_BLOCK};
    netrt_winograd_panels(k, p, part->end - part->first, blocks);
}

/* `blocks` blocks of a part, point after point. */
NETRT_INLINE void netrt_winograd_blocks(const struct netrt_winograd *k, const struct netrt_args *a,
                                        const struct netrt_winograd_part *part,
                                        netrt_element *products, long blocks)
{
    const long rest = netrt_ceil_div(k->oc, NETRT_BLOCK) % k->blocks;
    for (long point = 0; point < netrt_winograd_points(k); point++) {
        long block = part->block;
        for (; block + k->blocks <= part->block + blocks; block += k->blocks)
            netrt_winograd_point_blocks(k, a, part, point, block, products, k->blocks);
        if (rest && block < part->block + blocks)
            netrt_winograd_point_blocks(k, a, part, point, block, products, rest);
    }
    netrt_winograd_outputs(k, a, part, products, blocks);
}

/* A share of the border of a part's blocks: as many rows as it ends rows of tiles. */
NETRT_INLINE void netrt_winograd_border(const struct netrt_winograd *k, const struct netrt_args *a,
                                        const struct netrt_winograd_part *part)
{
    const long across = netrt_winograd_across(k), down = netrt_winograd_down(k);
    const long first = part->first / across * k->oh / down, end = part->end / across * k->oh / down;
    if (first < end)
        for (long b = part->block; b < part->block_end; b++)
            NETRT_CLEAR_BORDER(k, a->out + part->image * k->out.image + b * k->out.plane, k->oh,
                               k->ow, first, end);
}

NETRT_INLINE void netrt_winograd(const struct netrt_winograd *k, const struct netrt_args *a,
                                 long task)
{
    const long tiles = netrt_winograd_tiles(k), blocks = netrt_ceil_div(k->oc, NETRT_BLOCK);
    const long points = netrt_winograd_points(k), parts = netrt_ceil_div(tiles, k->task_tiles);
    const long groups = netrt_ceil_div(blocks, k->task_blocks);
    struct netrt_winograd_part part = {.image = task / parts / groups,
                                       .first = task % parts * k->task_tiles,
                                       .block = task / parts % groups * k->task_blocks};
    part.end = part.first + k->task_tiles < tiles ? part.first + k->task_tiles : tiles;
    part.block_end = part.block + k->task_blocks < blocks ? part.block + k->task_blocks : blocks;
    netrt_element *products = a->scratch + points * netrt_winograd_in_point(k);
    netrt_winograd_border(k, a, &part);
    netrt_winograd_inputs(k, a->in, &part, a->scratch);
    for (; part.block < part.block_end; part.block += k->point_blocks)
        netrt_winograd_blocks(k, a, &part, products,
                              part.block + k->point_blocks < part.block_end
                                  ? k->point_blocks
                                  : part.block_end - part.block);
}

#endif
