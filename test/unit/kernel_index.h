/* What makes positions of elements, and takes elements by them, against the plain references, bit
 * by bit. Part of kernels.c, whose macros it uses. */
#ifndef NETC_TEST_UNIT_KERNEL_INDEX_H
#define NETC_TEST_UNIT_KERNEL_INDEX_H

#include "kernel_case.h"

/* Numbers of which some are equal, some NaN. */
static float *draw_levels(struct test *t, long n)
{
    float *x = new_floats(n);
    for (long i = 0; i < n; i++)
        x[i] = draw(t, 0, 15) ? (float)draw(t, -6, 6) : NAN;
    return x;
}

/* Integers from low to high. */
static float *draw_integers(struct test *t, long n, long low, long high)
{
    float *x = new_floats(n);
    for (long i = 0; i < n; i++)
        netrt_integer_put(x + i, (int32_t)draw(t, low, high));
    return x;
}

static void judge_bits(struct test *t, const char *name, const float *got, const float *want,
                       long n)
{
    const int same = memcmp(got, want, (size_t)n * sizeof *got) == 0;
    t->cases++;
    t->failures += !same;
    if (!same)
        printf("FAIL %s, seed %llu\n", name, (unsigned long long)t->seed);
}

/* Of floats with a fraction, of which some have no integer of 32 bits or are no numbers; or floats
 * of integers, of which some have more bits. */
static void try_integers_of_floats(struct test *t)
{
    static const float far[] = {NAN, INFINITY, -INFINITY, 2147483648.0f, -2147483648.0f, 1e30f};
    struct netrt_integers k = {.n = draw(t, 1, 60), .bytes = 8, .floats = 1};
    k.task_elements = draw(t, 1, k.n);
    k.outwards = draw(t, 0, 1);
    float *in = new_floats(k.n), *got = new_floats(k.n), *want = new_floats(k.n);
    for (long i = 0; i < k.n; i++)
        in[i] = draw(t, 0, 4) ? (float)draw(t, -9999, 9999) / 7 : far[draw(t, 0, 5)];
    for (long i = 0; i < k.n && k.outwards; i++)
        netrt_integer_put(in + i, (int32_t)draw(t, -99, 99) * (int32_t)draw(t, 1, 1 << 24));
    struct netrt_args a = {.in = in, .out = want};
    netrt_reference_integers(&k, &a);
    a.out = got;
    RUN(integers, &k, &a, run_integers);
    judge_bits(t, "integers of floats", got, want, k.n);
    free(in);
    free(got);
    free(want);
}

/* Integers of 4 or 8 bytes; in one case of two some have more than 32 bits, which is noted. */
static void try_integers(struct test *t)
{
    struct netrt_integers k = {.n = draw(t, 1, 60), .bytes = draw(t, 1, 2) * 4};
    if (draw(t, 0, 2) == 0) {
        try_integers_of_floats(t);
        return;
    }
    k.outwards = draw(t, 0, 1);
    k.task_elements = draw(t, 1, k.n);
    const int wide = k.bytes == 8 && !k.outwards && draw(t, 0, 1);
    float *in = draw_integers(t, 2 * k.n, -1000, 1000), *got = new_floats(2 * k.n);
    float *want = new_floats(2 * k.n);
    for (long i = 0; i < k.n && k.bytes == 8 && !k.outwards; i++)
        ((int64_t *)(void *)in)[i] = draw(t, -1000, 1000);
    if (wide)
        ((int64_t *)(void *)in)[k.n - 1] = draw(t, 0, 1) ? INT64_MIN : (int64_t)INT32_MAX + 1;
    memset(got, 0, (size_t)(2 * k.n) * sizeof *got);
    memset(want, 0, (size_t)(2 * k.n) * sizeof *want);
    struct netrt_fault fault = {0};
    struct netrt_args a = {.in = in, .out = want, .more = (float *)(void *)&fault};
    netrt_reference_integers(&k, &a);
    a.out = got;
    RUN(integers, &k, &a, run_integers);
    judge_bits(t, "integers", got, want, 2 * k.n);
    t->failures += (fault.kind == NETRT_FAULT_wide) != wide;
    free(in);
    free(got);
    free(want);
}

/* Sizes of dimensions and a shuffled order of the input; one dimension more has `size` positions.
 */
static void draw_positions(struct test *t, long n[6], long *const in[6], long *along, long *size,
                           long *elements)
{
    int order[6];
    for (int i = 0; i < 6; i++)
        n[i] = draw(t, 1, i < 4 ? 2 : 20);
    *size = draw(t, 1, 20);
    shuffle(t, order);
    *elements = dense_steps(n, order, 0, in);
    *along = *elements;
    *elements *= *size;
}

static void try_gather(struct test *t)
{
    struct netrt_gather k = {.integers = draw(t, 0, 1)};
    const int plain[] = {0, 1, 2, 3, 4, 5};
    long n[6], elements;
    int order[6];
    long *const in[] = {&k.in0, &k.in1, &k.in2, &k.in3, &k.in4, &k.in5};
    long *const out[] = {&k.out0, &k.out1, &k.out2, &k.out3, &k.out4, &k.out5};
    long *const other[] = {&k.other0, &k.other1, &k.other2, &k.other3, &k.other4, &k.other5};
    draw_positions(t, n, in, &k.along, &k.size, &elements);
    k.n0 = n[0], k.n1 = n[1], k.n2 = n[2], k.n3 = n[3], k.n4 = n[4], k.n5 = n[5];
    k.pad = draw(t, 0, 3);
    k.task_rows = draw(t, 1, k.n4);
    shuffle(t, order);
    const long indices = dense_steps(n, order, 0, other);
    const long results = dense_steps(n, plain, k.pad, out);
    if (draw(t, 0, 1))
        k.other5 = 0; /* one for a run, as of an embedding */
    const int wild = (int)draw(t, 0, 1);
    float *from = draw_floats(t, elements);
    float *index = draw_integers(t, indices, wild ? -2 : 0, wild ? k.size + 1 : k.size - 1);
    if (wild)
        netrt_integer_put(index, draw(t, 0, 1) ? INT32_MIN : INT32_MAX);
    float *want = new_floats(results), *got = new_floats(results);
    struct netrt_fault fault = {0};
    struct netrt_args a = {
        .in = from, .other = index, .out = want, .more = (float *)(void *)&fault};
    netrt_reference_gather(&k, &a);
    a.out = got;
    RUN(gather, &k, &a, run_gather);
    judge_bits(t, "gather", got, want, results);
    t->failures += (fault.kind == NETRT_FAULT_position) != wild || (wild && fault.size != k.size);
    free(from);
    free(index);
    free(want);
    free(got);
}

/* Images of their own, or one for all; a row for each integer, or an element. */
static void try_scatter(struct test *t)
{
    const long n[6] = {draw(t, 1, 3), 1, draw(t, 1, 2), draw(t, 1, 3), draw(t, 1, 5),
                       draw(t, 1, 9)};
    struct netrt_scatter k = {.n0 = n[0],
                              .n1 = n[1],
                              .n2 = n[2],
                              .n3 = n[3],
                              .n4 = n[4],
                              .n5 = n[5],
                              .size = draw(t, 1, 6),
                              .along = n[5]};
    const long inputs = n[0] * n[2] * n[3] * n[4] * n[5];
    const int rows = (int)draw(t, 0, 1), one = (int)draw(t, 0, 1);
    long *const in[] = {&k.in0, &k.in1, &k.in2, &k.in3, &k.in4, &k.in5};
    const int plain[] = {0, 1, 2, 3, 4, 5};
    dense_steps(n, plain, 0, in);
    k.other0 = k.in0, k.other2 = k.in2, k.other3 = k.in3, k.other4 = k.in4;
    k.other5 = rows ? 0 : 1;
    k.out5 = 1;
    k.out2 = rows ? 0 : k.size * n[5];
    k.clear = k.size * n[5] * (rows ? 1 : n[2]);
    k.out0 = one ? 0 : k.clear;
    const long outputs = k.clear * (one ? 1 : n[0]);
    t->clean = 1;
    float *index = draw_integers(t, inputs, -1, k.size);
    float *from = draw_floats(t, inputs), *want = new_floats(outputs), *got = new_floats(outputs);
    struct netrt_args a = {.in = from, .other = index, .out = want};
    netrt_reference_scatter(&k, &a, outputs);
    a.out = got;
    RUN(scatter, &k, &a, run_scatter);
    int same = 1;
    for (long i = 0; i < outputs; i++)
        same = same && fabs((double)got[i] - (double)want[i]) <= 1e-5;
    t->cases++;
    t->failures += !same;
    free(index);
    free(from);
    free(want);
    free(got);
}

static void try_argmax(struct test *t)
{
    struct netrt_argmax k = {.least = draw(t, 0, 1)};
    const int plain[] = {0, 1, 2, 3, 4, 5};
    long n[6], elements;
    long *const in[] = {&k.in0, &k.in1, &k.in2, &k.in3, &k.in4, &k.in5};
    long *const out[] = {&k.out0, &k.out1, &k.out2, &k.out3, &k.out4, &k.out5};
    draw_positions(t, n, in, &k.along, &k.size, &elements);
    k.n0 = n[0], k.n1 = n[1], k.n2 = n[2], k.n3 = n[3], k.n4 = n[4], k.n5 = n[5];
    k.pad = draw(t, 0, 3);
    k.task_rows = draw(t, 1, k.n4);
    const long results = dense_steps(n, plain, k.pad, out);
    float *from = draw_levels(t, elements);
    float *want = new_floats(results), *got = new_floats(results);
    struct netrt_args a = {.in = from, .out = want};
    netrt_reference_argmax(&k, &a);
    a.out = got;
    RUN(argmax, &k, &a, run_argmax);
    judge_bits(t, "argmax", got, want, results);
    free(from);
    free(want);
    free(got);
}

/* Steps of both results, with the chosen elements as their last dimension, or the one before. */
static long set_chosen(struct netrt_topk *k, const long n[6])
{
    const long row = (k->last ? k->k : n[5]) + k->pad, rows = k->last ? n[5] : k->k;
    const long steps[] = {row * rows * n[4] * n[3] * n[2], row * rows * n[4] * n[3],
                          row * rows * n[4], row * rows, k->last ? row : 1};
    k->out0 = k->more0 = steps[0];
    k->out1 = k->more1 = steps[1];
    k->out2 = k->more2 = steps[2];
    k->out3 = k->more3 = steps[3];
    k->out4 = k->more4 = steps[4];
    k->out_step = k->more_step = k->last ? 1 : row;
    return steps[0] * n[1];
}

static void try_topk(struct test *t)
{
    struct netrt_topk k = {.largest = draw(t, 0, 1), .last = draw(t, 0, 1)};
    long n[6], unused, elements;
    long *const in[] = {&unused, &k.in0, &k.in1, &k.in2, &k.in3, &k.in4};
    draw_positions(t, n, in, &k.along, &k.size, &elements);
    k.n0 = n[1], k.n1 = n[2], k.n2 = n[3], k.n3 = n[4], k.n4 = n[5];
    k.k = draw(t, 1, k.size);
    k.pad = draw(t, 0, 3);
    const long results = set_chosen(&k, n);
    float *from = draw_levels(t, elements);
    float *want = new_floats(2 * results), *got = new_floats(2 * results);
    struct netrt_args a = {.in = from, .out = want, .more = want + results};
    netrt_reference_topk(&k, &a);
    a.out = got;
    a.more = got + results;
    RUN(topk, &k, &a, run_topk);
    judge_bits(t, "topk", got, want, 2 * results);
    free(from);
    free(want);
    free(got);
}

#endif
