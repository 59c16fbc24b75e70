/* Gradient of a convolution's weights, or a linear layer's: products of its input and of its
 * result's gradient, summed over images and positions: some rows of an image apart, and then one
 * after the other, which bounds the error and is the same whatever the threads. */
#ifndef NETRT_KERNELS_WEIGHT_GRADIENT_H
#define NETRT_KERNELS_WEIGHT_GRADIENT_H

#include "border.h"

/* Register tile: outputs, and vectors of input channels; or as many sums of one vector of outputs.
 */
enum {
    NETRT_GRADIENT_OUTS = NETRT_VL == 16 ? NETRT_GRADIENT_WIDE : NETRT_GRADIENT_NARROW,
    NETRT_GRADIENT_SUMS = NETRT_GRADIENT_OUTS * NETRT_GRADIENT_VECTORS
};

/* Rows first .. end - 1 of an image's result: their products are summed in registers, then added to
 * those before. */
struct netrt_gradient_rows {
    long image, first, end;
};

NETRT_INLINE struct netrt_gradient_rows netrt_gradient_part(const struct netrt_weight_gradient *k,
                                                            long image, long first)
{
    const long end = first + k->part_rows;
    return (struct netrt_gradient_rows){image, first, end < k->oh ? end : k->oh};
}

/* What a task makes: outputs from o on, by blocks of input channels and rows of the kernel. */
struct netrt_gradient_task {
    long o, o_end, block, end, u, u_end;
};

NETRT_INLINE struct netrt_gradient_task netrt_gradient_task(const struct netrt_weight_gradient *k,
                                                            long task)
{
    const long blocks = netrt_ceil_div(k->group_ic, NETRT_BLOCK);
    const long across = netrt_ceil_div(blocks, k->task_blocks);
    const long down = netrt_ceil_div(k->kh, k->task_kh);
    const long o = task / down / across * k->task_oc, u = task % down * k->task_kh;
    const long block = task / down % across * k->task_blocks;
    return (struct netrt_gradient_task){
        o,     o + k->task_oc < k->oc ? o + k->task_oc : k->oc,
        block, block + k->task_blocks < blocks ? block + k->task_blocks : blocks,
        u,     u + k->task_kh < k->kh ? u + k->task_kh : k->kh};
}

/* Adds a vector to what lies at `to`, or begins with it. */
NETRT_INLINE void netrt_gradient_add(netrt_element *to, netrt_vec x, long lanes, int begins)
{
    const netrt_vec sum = begins ? x : x + netrt_load(to);
    netrt_store(to, lanes < NETRT_VL ? netrt_first(sum, lanes) : sum);
}

NETRT_INLINE int netrt_gradient_begins(const struct netrt_gradient_rows *rows)
{
    return rows->image == 0 && rows->first == 0;
}

/* What lies at position (y, 0) of a result's gradient, and under the window of it in the input. */
NETRT_INLINE const netrt_element *netrt_gradient_by(const struct netrt_weight_gradient *k,
                                                    const netrt_element *by, long image, long y)
{
    return by + NETRT_IMAGE(k, other, image) + y * k->other.row;
}
NETRT_INLINE const netrt_element *netrt_gradient_in(const struct netrt_weight_gradient *k,
                                                    const netrt_element *in, long image, long y)
{
    return in + NETRT_IMAGE(k, in, image) + y * k->sh * k->in.row;
}

/* ---- vectors of input channels ---- */

/* Vectors that a tile reads and makes: neighbouring taps, vectors of a block, or blocks. */
struct netrt_gradient_vectors {
    const netrt_element *in; /* the first, of position (0, 0) */
    netrt_element *out;      /* the same of the tile's first output */
    long in_step, out_step;  /* from a vector to the next */
    long lanes, lanes_step;  /* lanes of the first that hold channels, and fewer of the next */
};

/* `n` vectors and all outputs of a tile, the first `outs` of which there are; `by` points at the
 * gradient of the first output at position (0, 0). */
NETRT_INLINE void netrt_weight_gradient_tile(const struct netrt_weight_gradient *k,
                                             const struct netrt_gradient_vectors *v,
                                             const netrt_element *by,
                                             const struct netrt_gradient_rows *rows, long outs,
                                             const long n)
{
    netrt_vec sum[NETRT_GRADIENT_OUTS][NETRT_GRADIENT_VECTORS], x[NETRT_GRADIENT_VECTORS];
    NETRT_FOR (long o = 0; o < NETRT_GRADIENT_OUTS; o++)
        NETRT_FOR (long i = 0; i < n; i++)
            sum[o][i] = netrt_all(0);
    for (long y = rows->first; y < rows->end; y++) {
        const netrt_element *from = netrt_gradient_in(k, v->in, rows->image, y);
        const netrt_element *with = netrt_gradient_by(k, by, rows->image, y);
        for (long c = 0; c < k->ow; c++, from += k->sw * k->in.col, with += k->other.col) {
            NETRT_FOR (long i = 0; i < n; i++) {
                x[i] = netrt_load(from + i * v->in_step);
                if (n < NETRT_GRADIENT_VECTORS) /* some registers are free */
                    NETRT_HOLD(x[i]);
            }
            NETRT_FOR (long o = 0; o < NETRT_GRADIENT_OUTS; o++)
                NETRT_FOR (long i = 0; i < n; i++)
                    sum[o][i] += x[i] * netrt_all(with[o]);
        }
    }
    NETRT_FOR (long o = 0; o < NETRT_GRADIENT_OUTS; o++)
        NETRT_FOR (long i = 0; i < n; i++)
            if (o < outs)
                netrt_gradient_add(v->out + o * k->out.image + i * v->out_step, sum[o][i],
                                   v->lanes - i * v->lanes_step, netrt_gradient_begins(rows));
}

/* The same of any number, `some` at a time. */
NETRT_INLINE void netrt_weight_gradient_vectors(const struct netrt_weight_gradient *k,
                                                struct netrt_gradient_vectors v,
                                                const netrt_element *by,
                                                const struct netrt_gradient_rows *rows, long outs,
                                                long all, long some)
{
    for (long i = 0; i < all; i += some) {
        const long n = i + some < all ? some : all - i;
        if (n == 3)
            netrt_weight_gradient_tile(k, &v, by, rows, outs, 3);
        else if (n == 2)
            netrt_weight_gradient_tile(k, &v, by, rows, outs, 2);
        else
            netrt_weight_gradient_tile(k, &v, by, rows, outs, 1);
        v.in += some * v.in_step;
        v.out += some * v.out_step;
        v.lanes -= some * v.lanes_step;
    }
}

/* A lane of the first vector of block `block`, at row u of the kernel of output o. The vectors are
 * the taps of a row; of a kernel one column wide those of the block, where it has several, or
 * blocks. */
NETRT_INLINE struct netrt_gradient_vectors
netrt_gradient_first(const struct netrt_weight_gradient *k, const struct netrt_args *a, long o,
                     long block, long u, long lane)
{
    const long before = o / k->group_oc * (k->group_ic / NETRT_BLOCK), wide = k->kw > 1;
    const long side = NETRT_VECS > 1;
    const long at = (u * k->dh - k->pt) * k->in.row - k->pl * k->in.col + lane;
    return (struct netrt_gradient_vectors){.in = a->in + (before + block) * k->in.plane + at,
                                           .out = a->out + o * k->out.image + block * k->out.plane +
                                                  u * k->out.row + lane,
                                           .in_step = wide   ? k->dw * k->in.col
                                                      : side ? NETRT_VL
                                                             : k->in.plane,
                                           .out_step = wide   ? k->out.col
                                                       : side ? NETRT_VL
                                                              : k->out.plane,
                                           .lanes = k->group_ic - block * NETRT_BLOCK - lane,
                                           .lanes_step = wide   ? 0
                                                         : side ? NETRT_VL
                                                                : NETRT_BLOCK};
}

/* A tile of outputs from o on, by the input channels of a task. */
NETRT_INLINE void netrt_weight_gradient_blocks(const struct netrt_weight_gradient *k,
                                               const struct netrt_args *a,
                                               const struct netrt_gradient_task *t,
                                               const struct netrt_gradient_rows *rows, long o)
{
    const long wide = k->kw > 1, side = !wide && NETRT_VECS > 1, blocks = t->end - t->block;
    const long all = wide ? k->kw : side ? NETRT_VECS : blocks;
    const long some = netrt_ceil_div(all, netrt_ceil_div(all, NETRT_GRADIENT_VECTORS));
    const netrt_element *by = a->other + o / NETRT_BLOCK * k->other.plane + o % NETRT_BLOCK;
    for (long block = t->block; block < t->end; block += wide || side ? 1 : blocks)
        for (long u = t->u; u < t->u_end; u++)
            for (long lane = 0; lane < NETRT_BLOCK; lane += side ? NETRT_BLOCK : NETRT_VL)
                netrt_weight_gradient_vectors(k, netrt_gradient_first(k, a, o, block, u, lane), by,
                                              rows, t->o_end - o, all, some);
}

/* Outputs by blocks of input channels, some of each, of a part of the rows before the next. */
NETRT_INLINE void netrt_weight_gradient_dense(const struct netrt_weight_gradient *k,
                                              const struct netrt_args *a,
                                              const struct netrt_gradient_task *t)
{
    for (long n = 0; n < k->images; n++)
        for (long y = 0; y < k->oh; y += k->part_rows) {
            const struct netrt_gradient_rows rows = netrt_gradient_part(k, n, y);
            for (long o = t->o; o < t->o_end; o += NETRT_GRADIENT_OUTS)
                netrt_weight_gradient_blocks(k, a, t, &rows, o);
        }
}

/* ---- vectors of outputs ---- */

/* Adds each lane of a vector to an element, or begins with it; these lie `step` apart. */
NETRT_INLINE void netrt_gradient_add_lanes(netrt_element *to, long step, netrt_vec x, long lanes,
                                           int begins)
{
    netrt_element lane[NETRT_VL];
    netrt_store(lane, x);
    for (long i = 0; i < NETRT_VL && i < lanes; i++)
        to[i * step] = begins ? lane[i] : to[i * step] + lane[i];
}

/* The lanes behind the channels, of an output's rows u .. u_end - 1 of the kernel. */
NETRT_INLINE void netrt_gradient_clear_lanes(const struct netrt_weight_gradient *k,
                                             netrt_element *out, long u, long u_end)
{
    for (; u < u_end; u++)
        for (long v = 0; v < k->kw; v++)
            for (long i = k->group_ic; i < NETRT_BLOCK; i++)
                out[u * k->out.row + v * k->out.col + i] = 0;
}

/* Where number `i` of a kernel's elements lies, tap by tap its channels, in a tensor whose taps and
 * channels lie so far apart. */
NETRT_INLINE long netrt_gradient_place(const struct netrt_weight_gradient *k, long row, long col,
                                       long channel, long i)
{
    const long tap = i / k->group_ic;
    return tap / k->kw * row + tap % k->kw * col + i % k->group_ic * channel;
}

/* Sums over some rows of the products of a vector of outputs with `n` elements of a kernel from
 * number `first` on: each is one number of the input; or with `own`, where channels are by
 * themselves, the vector that lies there. `in` points at number 0. */
NETRT_INLINE void netrt_gradient_sum(const struct netrt_weight_gradient *k, netrt_vec *sum,
                                     const netrt_element *in, const netrt_element *by,
                                     const struct netrt_gradient_rows *rows, const long first,
                                     const long n, const int own)
{
    NETRT_FOR (long i = 0; i < n; i++)
        sum[i] = netrt_all(0);
    for (long y = rows->first; y < rows->end; y++) {
        const netrt_element *from = netrt_gradient_in(k, in, rows->image, y);
        const netrt_element *with = netrt_gradient_by(k, by, rows->image, y);
        for (long c = 0; c < k->ow; c++, from += k->sw * k->in.col, with += k->other.col) {
            const netrt_vec x = netrt_load(with);
            NETRT_LOAD_AGAIN();
            NETRT_FOR (long i = 0; i < n; i++) {
                const netrt_element *at =
                    from + netrt_gradient_place(k, k->dh * k->in.row, k->dw * k->in.col, k->in.lane,
                                                first + i);
                sum[i] += x * (own ? netrt_load(at) : netrt_all(*at));
            }
        }
    }
}

/* `n` elements of a kernel from number `first` on, for a vector of outputs, of which `lanes` hold
 * channels; `in` and `out` point at number 0, `by` at the gradient of the outputs. */
NETRT_INLINE void netrt_weight_gradient_elements(const struct netrt_weight_gradient *k,
                                                 netrt_element *out, const netrt_element *in,
                                                 const netrt_element *by,
                                                 const struct netrt_gradient_rows *rows, long lanes,
                                                 const long first, const long n)
{
    netrt_vec sum[NETRT_GRADIENT_SUMS];
    netrt_gradient_sum(k, sum, in, by, rows, first, n, 0);
    NETRT_FOR (long i = 0; i < n; i++)
        netrt_gradient_add_lanes(out +
                                     netrt_gradient_place(k, k->out.row, k->out.col, 1, first + i),
                                 k->out.image, sum[i], lanes, netrt_gradient_begins(rows));
}

/* A vector of outputs from o on, by `rows` rows of the kernel from u on. */
NETRT_INLINE void netrt_weight_gradient_kernel(const struct netrt_weight_gradient *k,
                                               const struct netrt_args *a, long o, long u,
                                               const struct netrt_gradient_rows *part,
                                               const long rows)
{
    const long all = rows * k->kw * k->group_ic;
    const long some = netrt_ceil_div(all, netrt_ceil_div(all, NETRT_GRADIENT_SUMS));
    const netrt_element *in = a->in + (u * k->dh - k->pt) * k->in.row - k->pl * k->in.col;
    const netrt_element *by = a->other + o / NETRT_BLOCK * k->other.plane + o % NETRT_BLOCK;
    netrt_element *out = a->out + o * k->out.image + u * k->out.row;
    NETRT_FOR (long i = 0; i < all; i += some)
        netrt_weight_gradient_elements(k, out, in, by, part, k->oc - o, i,
                                       i + some < all ? some : all - i);
}

/* A block of outputs, by some rows of the kernel. */
NETRT_INLINE void netrt_weight_gradient_outputs(const struct netrt_weight_gradient *k,
                                                const struct netrt_args *a,
                                                const struct netrt_gradient_task *t)
{
    for (long o = t->o; o < t->o_end; o++)
        netrt_gradient_clear_lanes(k, a->out + o * k->out.image, t->u, t->u_end);
    for (long n = 0; n < k->images; n++)
        for (long y = 0; y < k->oh; y += k->part_rows) {
            const struct netrt_gradient_rows rows = netrt_gradient_part(k, n, y);
            for (long o = t->o; o < t->o_end; o += NETRT_VL)
                if (t->u_end - t->u == k->task_kh)
                    netrt_weight_gradient_kernel(k, a, o, t->u, &rows, k->task_kh);
                else
                    netrt_weight_gradient_kernel(k, a, o, t->u, &rows, k->kh % k->task_kh);
        }
}

/* ---- groups ---- */

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
                part += in[NETRT_IMAGE(k, in, n) + y * k->sh * k->in.row + x * k->sw * k->in.col] *
                        by[NETRT_IMAGE(k, other, n) + y * k->other.row + x * k->other.col];
        sum += part;
    }
    return sum;
}

/* Outputs with groups, by the channels of their groups. */
NETRT_INLINE void netrt_weight_gradient_grouped(const struct netrt_weight_gradient *k,
                                                const struct netrt_args *a,
                                                const struct netrt_gradient_task *t)
{
    for (long o = t->o; o < t->o_end; o++)
        for (long i = t->block * NETRT_BLOCK; i < t->end * NETRT_BLOCK; i++)
            for (long u = t->u; u < t->u_end; u++)
                for (long v = 0; v < k->kw; v++)
                    a->out[o * k->out.image + i / NETRT_BLOCK * k->out.plane + u * k->out.row +
                           v * k->out.col + i % NETRT_BLOCK] =
                        i < k->group_ic ? netrt_weight_gradient_at(k, a, o, i, u, v) : 0;
}

/* Whether tiles of outputs read whole blocks of input channels. */
NETRT_INLINE int netrt_weight_gradient_whole(const struct netrt_weight_gradient *k)
{
    return k->group_oc == k->oc ||
           (k->group_ic % NETRT_BLOCK == 0 && k->group_oc % NETRT_GRADIENT_OUTS == 0);
}

/* ---- channels by themselves ---- */

/* `n` taps from number `first` on, of the channels of a vector; `in` and `out` point at tap 0. */
NETRT_INLINE void netrt_weight_gradient_taps(const struct netrt_weight_gradient *k,
                                             netrt_element *out, const netrt_element *in,
                                             const netrt_element *by,
                                             const struct netrt_gradient_rows *rows, long lanes,
                                             const long first, const long n)
{
    netrt_vec sum[NETRT_GRADIENT_SUMS];
    netrt_gradient_sum(k, sum, in, by, rows, first, n, 1);
    NETRT_FOR (long i = 0; i < n; i++)
        netrt_gradient_add(out + netrt_gradient_place(k, k->out.row, k->out.col, 1, first + i),
                           sum[i], lanes, netrt_gradient_begins(rows));
}

/* A block of channels, each convolved by itself. */
NETRT_INLINE void netrt_weight_gradient_depthwise(const struct netrt_weight_gradient *k,
                                                  const struct netrt_args *a, long block)
{
    const long all = k->kh * k->kw;
    const long some = netrt_ceil_div(all, netrt_ceil_div(all, NETRT_GRADIENT_SUMS));
    const netrt_element *in = a->in + block * k->in.plane - k->pt * k->in.row - k->pl * k->in.col;
    for (long n = 0; n < k->images; n++)
        for (long y = 0; y < k->oh; y += k->part_rows) {
            const struct netrt_gradient_rows rows = netrt_gradient_part(k, n, y);
            for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL)
                NETRT_FOR (long i = 0; i < all; i += some)
                    netrt_weight_gradient_taps(k, a->out + block * k->out.plane + lane, in + lane,
                                               a->other + block * k->other.plane + lane, &rows,
                                               k->oc - block * NETRT_BLOCK - lane, i,
                                               i + some < all ? some : all - i);
        }
}

NETRT_INLINE void netrt_weight_gradient(const struct netrt_weight_gradient *k,
                                        const struct netrt_args *a, long task)
{
    const struct netrt_gradient_task t = netrt_gradient_task(k, task);
    if (k->depthwise)
        netrt_weight_gradient_depthwise(k, a, task);
    else if (k->by_output)
        netrt_weight_gradient_outputs(k, a, &t);
    else if (netrt_weight_gradient_whole(k))
        netrt_weight_gradient_dense(k, a, &t);
    else
        netrt_weight_gradient_grouped(k, a, &t);
}

#endif
