/*
 * softmax(scale queries keys^T + mask) values. A task has some blocks of 16 queries. Of a group of
 * them, `blocks`, it packs the queries as a convolution's weights lie, whose positions are the
 * keys: the scores then have a query in each lane, so that the softmax works on whole vectors, and
 * lie as the weights of the second product, whose positions are the columns of the values. Keys and
 * values are read where they lie. They come a tile at a time: where there are several, sums and
 * results so far are scaled to the greatest score yet.
 */
#ifndef NETRT_KERNELS_ATTENTION_H
#define NETRT_KERNELS_ATTENTION_H

#include "conv.h"
#include "transpose.h"
#include "vecmath.h"

enum { NETRT_ATTENTION_CHAINS = 4 }; /* maxima and sums that do not wait for each other */

/* A group of queries at work. All parts of scratch memory have the queries in lanes. */
struct netrt_attention_group {
    long first, end;               /* blocks of queries */
    netrt_element *queries;        /* [block][E], scaled */
    netrt_element *scores;         /* [block][key of the tile] */
    netrt_element *result;         /* [block][column of the values], not divided yet */
    netrt_element *greatest, *sum; /* [block] */
};

NETRT_INLINE long netrt_attention_lanes(const struct netrt_attention *k, long block)
{
    const long left = k->scores.oc - block * NETRT_BLOCK;
    return left < NETRT_BLOCK ? left : NETRT_BLOCK;
}

/* Parts of the scratch memory, and results of nothing. */
NETRT_INLINE struct netrt_attention_group
netrt_attention_begin(const struct netrt_attention *k, netrt_element *scratch, long first, long end)
{
    const long lanes = k->blocks * NETRT_BLOCK, used = (end - first) * NETRT_BLOCK;
    struct netrt_attention_group g = {.first = first, .end = end, .queries = scratch};
    g.scores = g.queries + lanes * k->scores.ic;
    g.result = g.scores + lanes * k->scores.ow;
    g.greatest = g.result + lanes * k->product.ow;
    g.sum = g.greatest + lanes;
    for (long i = 0; i < used * k->product.ow; i += NETRT_VL)
        netrt_store(g.result + i, netrt_all(0));
    for (long i = 0; i < used; i += NETRT_VL) {
        netrt_store(g.greatest + i, netrt_all(-__builtin_inff()));
        netrt_store(g.sum + i, netrt_all(0));
    }
    return g;
}

/* A block of queries at `from`; lanes without one get zeros. */
NETRT_INLINE void netrt_attention_pack_block(const struct netrt_attention *k, netrt_element *to,
                                             const netrt_element *from, const long lanes)
{
    const long whole = k->in_col == 1 ? k->scores.ic / NETRT_VL * NETRT_VL : 0;
    for (long i = 0; i < whole; i += NETRT_VL)
        NETRT_FOR (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
            netrt_vec x[NETRT_VL];
            netrt_load_transposed(x, from + lane * k->in_row + i, k->in_row, lanes - lane);
            NETRT_FOR (long j = 0; j < NETRT_VL; j++)
                netrt_store(to + (i + j) * NETRT_BLOCK + lane, x[j] * netrt_all(k->scale));
        }
    for (long i = whole; i < k->scores.ic; i++)
        for (long lane = 0; lane < NETRT_BLOCK; lane++)
            to[i * NETRT_BLOCK + lane] =
                lane < lanes ? from[lane * k->in_row + i * k->in_col] * k->scale : 0;
}

NETRT_INLINE void netrt_attention_pack(const struct netrt_attention *k,
                                       const struct netrt_attention_group *g,
                                       const netrt_element *in)
{
    netrt_element *to = g->queries;
    for (long b = g->first; b < g->end; b++, to += k->scores.ic * NETRT_BLOCK) {
        const netrt_element *from = in + b * NETRT_BLOCK * k->in_row;
        const long lanes = netrt_attention_lanes(k, b);
        if (lanes == NETRT_BLOCK)
            netrt_attention_pack_block(k, to, from, NETRT_BLOCK);
        else
            netrt_attention_pack_block(k, to, from, lanes);
    }
}

/* Adds the mask at `mask`, of the first of some keys, to a block of scores. */
NETRT_INLINE void netrt_attention_mask_block(const struct netrt_attention *k, netrt_element *to,
                                             const netrt_element *mask, const long keys,
                                             const long lanes)
{
    const long whole = k->fourth_col == 1 ? keys / NETRT_VL * NETRT_VL : 0;
    for (long key = 0; key < whole; key += NETRT_VL)
        NETRT_FOR (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL) {
            netrt_vec x[NETRT_VL];
            netrt_load_transposed(x, mask + lane * k->fourth_row + key, k->fourth_row,
                                  lanes - lane);
            NETRT_FOR (long j = 0; j < NETRT_VL; j++) {
                netrt_element *at = to + (key + j) * NETRT_BLOCK + lane;
                netrt_store(at, netrt_load(at) + x[j]);
            }
        }
    for (long lane = 0; lane < lanes; lane++)
        for (long key = whole; key < keys; key++)
            to[key * NETRT_BLOCK + lane] += mask[lane * k->fourth_row + key * k->fourth_col];
}

/* Adds the mask of keys first .. first + keys - 1. */
NETRT_INLINE void netrt_attention_mask(const struct netrt_attention *k,
                                       const struct netrt_attention_group *g,
                                       const netrt_element *mask, long first, const long keys)
{
    netrt_element *to = g->scores;
    for (long b = g->first; b < g->end; b++, to += keys * NETRT_BLOCK) {
        const netrt_element *from = mask + b * NETRT_BLOCK * k->fourth_row + first * k->fourth_col;
        const long lanes = netrt_attention_lanes(k, b);
        if (lanes == NETRT_BLOCK)
            netrt_attention_mask_block(k, to, from, keys, NETRT_BLOCK);
        else
            netrt_attention_mask_block(k, to, from, keys, lanes);
    }
}

/* The greatest of a vector's scores and of `most`; NaN, which the sum will show, is passed over. */
NETRT_INLINE netrt_vec netrt_attention_greatest(const netrt_element *scores, const long keys,
                                                netrt_vec most)
{
    netrt_vec chain[NETRT_ATTENTION_CHAINS];
    NETRT_FOR (long i = 0; i < NETRT_ATTENTION_CHAINS; i++)
        chain[i] = most;
    long key = 0;
    for (; key + NETRT_ATTENTION_CHAINS <= keys; key += NETRT_ATTENTION_CHAINS)
        NETRT_FOR (long i = 0; i < NETRT_ATTENTION_CHAINS; i++)
            chain[i] = NETRT_GREATER(netrt_load(scores + (key + i) * NETRT_BLOCK), chain[i]);
    for (; key < keys; key++)
        chain[0] = NETRT_GREATER(netrt_load(scores + key * NETRT_BLOCK), chain[0]);
    NETRT_FOR (long i = 1; i < NETRT_ATTENTION_CHAINS; i++)
        chain[0] = NETRT_GREATER(chain[i], chain[0]);
    return chain[0];
}

/* exp(x - greatest), which of -infinity is 0, whatever the greatest is. */
NETRT_INLINE netrt_vec netrt_attention_exp(netrt_vec x, netrt_vec greatest)
{
    const netrt_mask hidden = netrt_less(x, netrt_all(-__FLT_MAX__));
    return netrt_select(hidden, netrt_all(0), netrt_exp_share(x - greatest));
}

/* The scores of a vector of queries become their exponentials. Returns their sum. */
NETRT_INLINE netrt_vec netrt_attention_weigh(netrt_element *scores, const long keys,
                                             netrt_vec greatest)
{
    netrt_vec sum = netrt_all(0);
    for (long key = 0; key < keys; key++) {
        const netrt_vec e = netrt_attention_exp(netrt_load(scores + key * NETRT_BLOCK), greatest);
        netrt_store(scores + key * NETRT_BLOCK, e);
        sum += e;
    }
    return sum;
}

/* One vector of queries: `at` is its place in the blocks. What was found before is scaled to the
 * new greatest score. */
NETRT_INLINE void netrt_attention_softmax(const struct netrt_attention *k,
                                          const struct netrt_attention_group *g, long b, long lane,
                                          const long keys)
{
    const long at = b * NETRT_BLOCK + lane;
    netrt_element *scores = g->scores + b * keys * NETRT_BLOCK + lane;
    netrt_element *result = g->result + b * k->product.ow * NETRT_BLOCK + lane;
    const netrt_vec before = netrt_load(g->greatest + at);
    const netrt_vec greatest = netrt_attention_greatest(scores, keys, before);
    const netrt_mask none = netrt_less(greatest, netrt_all(-__FLT_MAX__)); /* all are hidden */
    const netrt_vec from = netrt_select(none, netrt_all(0), greatest);
    const netrt_vec factor = netrt_attention_exp(before, from);
    const netrt_vec sum = netrt_attention_weigh(scores, keys, from);
    netrt_store(g->greatest + at, greatest);
    netrt_store(g->sum + at, netrt_load(g->sum + at) * factor + sum);
    for (long i = 0; i < k->product.ow && k->scores.ow < k->keys; i++)
        netrt_store(result + i * NETRT_BLOCK, netrt_load(result + i * NETRT_BLOCK) * factor);
}

/* Keys first .. first + keys - 1. */
NETRT_INLINE void netrt_attention_tile(const struct netrt_attention *k,
                                       const struct netrt_attention_group *g,
                                       const struct netrt_args *a, long first, const long keys)
{
    const struct netrt_rows part = {.block = g->first, .end = 1};
    struct netrt_conv scores = k->scores, product = k->product;
    scores.ow = product.ic = product.group_ic = product.ic_block = keys;
    scores.out.plane = keys * NETRT_BLOCK;
    /* a convolution counts from block 0 */
    const long skipped = g->first * NETRT_BLOCK;
    netrt_element *from = g->scores - skipped * keys, *to = g->result - skipped * product.ow;
    const struct netrt_args multiply = {.in = a->other + first * scores.in.col,
                                        .out = from,
                                        .weight = g->queries - skipped * scores.ic};
    const struct netrt_args collect = {
        .in = a->third + first * product.in.lane, .other = to, .out = to, .weight = from};
    netrt_conv_part(&scores, &multiply, &part, g->end);
    if (k->masked)
        netrt_attention_mask(k, g, a->fourth, first, keys);
    for (long b = 0; b < g->end - g->first; b++)
        for (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL)
            netrt_attention_softmax(k, g, b, lane, keys);
    netrt_conv_part(&product, &collect, &part, g->end);
}

/* 1 over the sums of a vector of queries. Where all keys are hidden, sums and results are 0. */
NETRT_INLINE netrt_vec netrt_attention_factor(const struct netrt_attention *k, netrt_vec sum)
{
    const netrt_vec factor = netrt_all(1) / sum;
    const netrt_mask some = netrt_less(netrt_all(0), sum) | netrt_is_nan(sum);
    return k->safe ? netrt_select(some, factor, netrt_all(0)) : factor;
}

/* Columns i .. i + NETRT_VL - 1 of the queries in a vector's lanes, as rows, with zeros behind the
 * last column. */
NETRT_INLINE void netrt_attention_store_part(const struct netrt_attention *k,
                                             const netrt_element *from, netrt_vec factor,
                                             netrt_element *to, long i, long lanes)
{
    netrt_vec x[NETRT_VL];
    NETRT_FOR (long j = 0; j < NETRT_VL; j++)
        x[j] = i + j < k->product.ow ? netrt_load(from + (i + j) * NETRT_BLOCK) * factor
                                     : netrt_all(0);
    netrt_transpose(x);
    NETRT_FOR (long j = 0; j < NETRT_VL; j++)
        if (j < lanes)
            netrt_store(to + j * k->out_row + i, x[j]);
}

/* Results, divided by the sums, as rows that end with zeros. */
NETRT_INLINE void netrt_attention_store(const struct netrt_attention *k,
                                        const struct netrt_attention_group *g, netrt_element *out)
{
    const long columns = netrt_ceil_div(k->product.ow, NETRT_BLOCK) * NETRT_BLOCK;
    const netrt_element *from = g->result, *sum = g->sum;
    for (long b = g->first; b < g->end; b++, from += k->product.ow * NETRT_BLOCK)
        for (long lane = 0; lane < netrt_attention_lanes(k, b); lane += NETRT_VL, sum += NETRT_VL) {
            const netrt_vec factor = netrt_attention_factor(k, netrt_load(sum));
            netrt_element *to = out + (b * NETRT_BLOCK + lane) * k->out_row;
            const long lanes = netrt_attention_lanes(k, b) - lane;
            for (long i = 0; i < columns; i += NETRT_VL)
                netrt_attention_store_part(k, from + lane, factor, to, i, lanes);
        }
}

NETRT_INLINE void netrt_attention_group(const struct netrt_attention *k, const struct netrt_args *a,
                                        long first, long end)
{
    const struct netrt_attention_group g = netrt_attention_begin(k, a->scratch, first, end);
    netrt_attention_pack(k, &g, a->in);
    long key = 0;
    for (; key + k->scores.ow <= k->keys; key += k->scores.ow)
        netrt_attention_tile(k, &g, a, key, k->scores.ow);
    if (k->keys % k->scores.ow)
        netrt_attention_tile(k, &g, a, key, k->keys % k->scores.ow);
    netrt_attention_store(k, &g, a->out);
}

NETRT_INLINE void netrt_attention(const struct netrt_attention *k, const struct netrt_args *a,
                                  long task)
{
    const long blocks = netrt_ceil_div(k->scores.oc, NETRT_BLOCK);
    const long parts = netrt_ceil_div(blocks, k->task_blocks), matrix = task / parts;
    long first = task % parts * k->task_blocks;
    const long end = first + k->task_blocks < blocks ? first + k->task_blocks : blocks;
    struct netrt_args of = *a;
    of.in += NETRT_ELEMENT_AT(k, in, matrix);
    of.other += NETRT_ELEMENT_AT(k, other, matrix);
    of.third += NETRT_ELEMENT_AT(k, third, matrix);
    if (k->masked)
        of.fourth += NETRT_ELEMENT_AT(k, fourth, matrix);
    of.out += NETRT_ELEMENT_AT(k, out, matrix);
    for (; first < end; first += k->blocks)
        netrt_attention_group(k, &of, first, first + k->blocks < end ? first + k->blocks : end);
}

#endif
