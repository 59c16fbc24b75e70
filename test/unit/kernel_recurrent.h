/* Recurrent layers against their plain reference. Part of kernels.c, whose macros it uses. */
#ifndef NETC_TEST_UNIT_KERNEL_RECURRENT_H
#define NETC_TEST_UNIT_KERNEL_RECURRENT_H

#include "kernel_case.h"

static long in_blocks(long n)
{
    return netrt_ceil_div(n, NETRT_BLOCK) * NETRT_BLOCK;
}

/* Runs of `n` numbers, each at the start of `pitch`: zeros fill it up. */
static void spread(float *to, const float *from, long runs, long n, long pitch)
{
    for (long i = 0; i < runs * pitch; i++)
        to[i] = i % pitch < n ? from[i / pitch * n + i % pitch] : 0;
}

static void set_recurrent(struct test *t, struct netrt_recurrent *k)
{
    k->lstm = draw(t, 0, 1);
    k->images = draw(t, 1, 2);
    k->steps = draw(t, 1, 5);
    k->h = draw(t, 1, 50);
    k->directions = draw(t, 1, 2);
    k->bias = draw(t, 0, 1);
    const long gates = NETRT_RECURRENT_GATES(k) * k->h;
    k->in_direction = in_blocks(gates);
    k->in_step = k->directions * k->in_direction;
    k->in_image = k->steps * k->in_step;
    k->out_step = in_blocks(k->directions * k->h);
    k->out_image = k->steps * k->out_step;
    k->state_direction = in_blocks(k->h);
    k->state_image = (k->directions + draw(t, 0, 1)) * k->state_direction;
    k->state_memory = k->images * k->state_image;
}

/* What the reference makes, as the kernel lays it out: the output, then the states, whose gap
 * between images no kernel touches. */
static float *laid_out(const struct netrt_recurrent *k, const struct netrt_args *dense)
{
    const long rows = k->images * k->steps, states = k->images * k->directions;
    float *all = new_floats(rows * k->out_step + 2 * k->state_memory);
    spread(all, dense->out, rows, k->directions * k->h, k->out_step);
    for (long i = 0; i < 2 * k->state_memory; i++)
        all[rows * k->out_step + i] = 1;
    for (long i = 0; i < (k->lstm ? 2 : 1) * states; i++) {
        const long image = i / k->directions % k->images, memory = i / states;
        spread(all + rows * k->out_step + memory * k->state_memory + image * k->state_image +
                   i % k->directions * k->state_direction,
               dense->more + i * k->h, 1, k->h, k->state_direction);
    }
    return all;
}

/* The operands of both, weights of two directions. */
struct recurrent_operands {
    struct netrt_args dense, packed;
};

static struct recurrent_operands draw_recurrent(struct test *t, const struct netrt_recurrent *k)
{
    const long gates = NETRT_RECURRENT_GATES(k) * k->h, runs = k->images * k->steps * k->directions;
    const long line = k->images * k->out_image + 2 * k->state_memory;
    const struct packing p = {gates, k->h, gates, k->h, k->h, 1, 0, 0};
    struct recurrent_operands o = {0};
    const float *const weight[] = {new_uniform(t->seed + (t->drawn++ << 20), gates * k->h),
                                   new_uniform(t->seed + (t->drawn++ << 20), gates * k->h)};
    const float *const bias[] = {new_uniform(t->seed + (t->drawn++ << 20), gates),
                                 new_uniform(t->seed + (t->drawn++ << 20), gates)};
    float *in = new_floats(runs * in_blocks(gates)), *out = new_floats(line);
    o.dense = (struct netrt_args){.in = draw_floats(t, runs * gates),
                                  .out = new_floats(runs * k->h),
                                  .more = new_floats(2 * k->images * k->directions * k->h),
                                  .weight = weight[0],
                                  .bias = bias[0],
                                  .first_weight = weight[1],
                                  .first_bias = bias[1]};
    spread(in, o.dense.in, runs, gates, k->in_direction);
    for (long i = 0; i < line; i++)
        out[i] = i < k->images * k->out_image ? poison() : 1;
    o.packed = (struct netrt_args){.in = in,
                                   .out = out,
                                   .more = out + k->images * k->out_image,
                                   .weight = pack_weights(&p, weight[0]),
                                   .bias = pack_channels(bias[0], gates),
                                   .first_weight = pack_weights(&p, weight[1]),
                                   .first_bias = pack_channels(bias[1], gates),
                                   .scratch = new_floats(netrt_recurrent_scratch(k))};
    return o;
}

static void release_args(const struct netrt_args *a)
{
    free((void *)a->in);
    free((void *)a->weight);
    free((void *)a->bias);
    free((void *)a->first_weight);
    free((void *)a->first_bias);
    free(a->scratch);
}

static void try_recurrent(struct test *t)
{
    struct netrt_recurrent k = {0};
    set_recurrent(t, &k);
    struct recurrent_operands o = draw_recurrent(t, &k);
    const long line = k.images * k.out_image + 2 * k.state_memory;
    double *states = malloc((size_t)(4 * k.h) * sizeof *states);
    netrt_reference_recurrent(&k, &o.dense, states, states + 2 * k.h);
    float *want = laid_out(&k, &o.dense);
    RUN(recurrent, &k, &o.packed, run_recurrent);
    struct tensor got =
        new_packed(o.packed.out, line / NETRT_BLOCK, NETRT_BLOCK, 1, 1, (struct border){0}, 0);
    JUDGE(t, recurrent, &k, got, want);
    free(states);
    free(o.dense.out);
    free(o.dense.more);
    free(o.packed.out);
    release_args(&o.dense);
    release_args(&o.packed);
}

#endif
