/*
 * LSTM and GRU, a step after the other. What the input brings to each step was computed before, by
 * one product for all of them; a task goes through the steps of an image in one direction, and
 * multiplies its state with the weights at each. The products of a step lie in its scratch memory.
 */
#ifndef NETRT_KERNELS_RECURRENT_H
#define NETRT_KERNELS_RECURRENT_H

#include "vecmath.h"

/* Blocks of products at a time: as many sums as hide the latency of a multiply-add. */
enum { NETRT_RECURRENT_BLOCKS = NETRT_VECS > 8 ? 1 : 8 / NETRT_VECS };

/* The vector at `from` if it has all its lanes, else the first few, and zeros: nothing behind them
 * is read. */
NETRT_INLINE netrt_vec netrt_load_first(const netrt_element *from, long lanes)
{
    if (lanes >= NETRT_VL)
        return netrt_load(from);
    netrt_element x[NETRT_VL] = {0};
    for (long i = 0; i < lanes; i++)
        x[i] = from[i];
    return netrt_load(x);
}

/* The same to `to`. */
NETRT_INLINE void netrt_store_first(netrt_element *to, netrt_vec x, long lanes)
{
    netrt_element all[NETRT_VL];
    if (lanes >= NETRT_VL) {
        netrt_store(to, x);
        return;
    }
    netrt_store(all, x);
    for (long i = 0; i < lanes; i++)
        to[i] = all[i];
}

/* What a task works on. */
struct netrt_recurrent_cell {
    const netrt_element *in, *weight, *bias;
    netrt_element *out, *state, *memory, *products;
};

/* Products of the state with `n` blocks of rows of its weights, from row `row` on. */
NETRT_INLINE void netrt_recurrent_product(const struct netrt_recurrent *k,
                                          const struct netrt_recurrent_cell *cell, long row, long n)
{
    const netrt_element *weight = cell->weight + row * k->h;
    netrt_vec sum[NETRT_RECURRENT_BLOCKS][NETRT_VECS];
    NETRT_FOR (long b = 0; b < n; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
            sum[b][v] = k->bias ? netrt_load(cell->bias + row + b * NETRT_BLOCK + v * NETRT_VL)
                                : netrt_all(0);
    for (long i = 0; i < k->h; i++)
        NETRT_FOR (long b = 0; b < n; b++)
            NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
                sum[b][v] += cell->state[i] *
                             netrt_load(weight + (b * k->h + i) * NETRT_BLOCK + v * NETRT_VL);
    NETRT_FOR (long b = 0; b < n; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
            netrt_store(cell->products + row + b * NETRT_BLOCK + v * NETRT_VL, sum[b][v]);
}

NETRT_INLINE void netrt_recurrent_products(const struct netrt_recurrent *k,
                                           const struct netrt_recurrent_cell *cell)
{
    const long rows = NETRT_RECURRENT_GATES(k) * k->h;
    const long many = (long)NETRT_RECURRENT_BLOCKS * NETRT_BLOCK;
    long row = 0;
    for (; row + many <= rows; row += many)
        netrt_recurrent_product(k, cell, row, NETRT_RECURRENT_BLOCKS);
    for (; row < rows; row += NETRT_BLOCK)
        netrt_recurrent_product(k, cell, row, 1);
}

/* Of gate `gate`, what the input brings to numbers `at` on, and what the state does. */
NETRT_INLINE netrt_vec netrt_recurrent_in(const struct netrt_recurrent *k, const netrt_element *in,
                                          long gate, long at)
{
    return netrt_load_first(in + gate * k->h + at, k->h - at);
}

NETRT_INLINE netrt_vec netrt_recurrent_sum(const struct netrt_recurrent *k,
                                           const struct netrt_recurrent_cell *cell,
                                           const netrt_element *in, long gate, long at)
{
    return netrt_recurrent_in(k, in, gate, at) + netrt_recurrent_in(k, cell->products, gate, at);
}

/* PyTorch's gates: input, forget, cell, output. */
NETRT_INLINE netrt_vec netrt_lstm_next(const struct netrt_recurrent *k,
                                       const struct netrt_recurrent_cell *cell,
                                       const netrt_element *in, long at)
{
    const netrt_vec input = netrt_sigmoid(netrt_recurrent_sum(k, cell, in, 0, at));
    const netrt_vec forget = netrt_sigmoid(netrt_recurrent_sum(k, cell, in, 1, at));
    const netrt_vec fresh = netrt_tanh(netrt_recurrent_sum(k, cell, in, 2, at));
    const netrt_vec output = netrt_sigmoid(netrt_recurrent_sum(k, cell, in, 3, at));
    const netrt_vec memory = forget * netrt_load(cell->memory + at) + input * fresh;
    netrt_store(cell->memory + at, memory);
    return output * netrt_tanh(memory);
}

/* PyTorch's gates: reset, update, new. */
NETRT_INLINE netrt_vec netrt_gru_next(const struct netrt_recurrent *k,
                                      const struct netrt_recurrent_cell *cell,
                                      const netrt_element *in, long at)
{
    const netrt_vec reset = netrt_sigmoid(netrt_recurrent_sum(k, cell, in, 0, at));
    const netrt_vec update = netrt_sigmoid(netrt_recurrent_sum(k, cell, in, 1, at));
    const netrt_vec fresh = netrt_tanh(netrt_recurrent_in(k, in, 2, at) +
                                       reset * netrt_recurrent_in(k, cell->products, 2, at));
    return fresh + update * (netrt_load(cell->state + at) - fresh);
}

/* Step `step`: the new state, and the output, which is the same. Lanes behind the state stay 0. */
NETRT_INLINE void netrt_recurrent_step(const struct netrt_recurrent *k,
                                       const struct netrt_recurrent_cell *cell, long step)
{
    const netrt_element *in = cell->in + step * k->in_step;
    netrt_element *out = cell->out + step * k->out_step;
    netrt_recurrent_products(k, cell);
    for (long at = 0; at < k->h; at += NETRT_VL) {
        const netrt_vec next =
            k->lstm ? netrt_lstm_next(k, cell, in, at) : netrt_gru_next(k, cell, in, at);
        netrt_store(cell->state + at, next);
        netrt_store_first(out + at, next, k->h - at);
    }
}

/* The first state is zero. */
NETRT_INLINE void netrt_recurrent_start(const struct netrt_recurrent *k, netrt_element *state)
{
    for (long i = 0; i < k->h; i += NETRT_BLOCK)
        NETRT_FOR (long lane = 0; lane < NETRT_BLOCK; lane += NETRT_VL)
            netrt_store(state + i + lane, netrt_all(0));
}

/* Zeros up to a whole block behind the last direction's part of each row of the output. */
NETRT_INLINE void netrt_recurrent_end_rows(const struct netrt_recurrent *k, netrt_element *out)
{
    for (long i = 0; i < k->steps; i++)
        for (long at = k->directions * k->h; at % NETRT_BLOCK; at++)
            out[i * k->out_step + at] = 0;
}

NETRT_INLINE void netrt_recurrent(const struct netrt_recurrent *k, const struct netrt_args *a,
                                  long task)
{
    const long image = task / k->directions, direction = task % k->directions;
    netrt_element *out = a->out + image * k->out_image;
    netrt_element *state = a->more + image * k->state_image + direction * k->state_direction;
    const struct netrt_recurrent_cell cell = {
        .in = a->in + image * k->in_image + direction * k->in_direction,
        .weight = direction ? a->first_weight : a->weight,
        .bias = direction ? a->first_bias : a->bias,
        .out = out + direction * k->h,
        .state = state,
        .memory = state + k->state_memory,
        .products = a->scratch,
    };
    netrt_recurrent_start(k, cell.state);
    if (k->lstm)
        netrt_recurrent_start(k, cell.memory);
    for (long i = 0; i < k->steps; i++)
        netrt_recurrent_step(k, &cell, direction ? k->steps - 1 - i : i);
    if (direction == k->directions - 1)
        netrt_recurrent_end_rows(k, out);
}

#endif
