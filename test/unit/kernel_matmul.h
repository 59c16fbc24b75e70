/* Products of matrices against their plain reference. Part of kernels.c, whose macros it uses. */
#ifndef NETC_TEST_UNIT_KERNEL_MATMUL_H
#define NETC_TEST_UNIT_KERNEL_MATMUL_H

#include "kernel_case.h"

/* Batches of matrices, of which the second may lie transposed, its rows padded to whole blocks,
 * with random dimensions of size 1; a step of 0 where one matrix serves a dimension. */
static long draw_matrices(struct test *t, const long n[4], long *const step[4], long matrix,
                          int spreads)
{
    long size = matrix;
    for (int i = 3; i >= 0; i--) {
        const int one = spreads && draw(t, 0, 2) == 0;
        *step[i] = one ? 0 : size;
        size *= one ? 1 : n[i];
    }
    return size;
}

static long whole_blocks(long n)
{
    return netrt_ceil_div(n, NETRT_BLOCK) * NETRT_BLOCK;
}

static void set_matmul(struct test *t, struct netrt_matmul *k)
{
    struct netrt_conv *c = &k->product;
    c->images = c->oh = c->kh = c->kw = c->sh = c->sw = c->dh = c->dw = 1;
    c->ow = draw(t, 1, 20);
    c->oc = c->group_oc = draw(t, 1, 70);
    c->ic = c->ic_block = c->group_ic = draw(t, 1, 40);
    c->blocks = draw(t, 1, 3);
    c->cols = draw(t, 1, 14);
    c->task_blocks = c->blocks * draw(t, 1, 2);
    c->task_rows = 1;
    k->n0 = draw(t, 1, 2);
    k->n1 = draw(t, 1, 2);
    k->n2 = draw(t, 1, 2);
    k->n3 = draw(t, 1, 3);
}

static void try_matmul(struct test *t)
{
    struct netrt_matmul k = {0};
    struct netrt_conv *c = &k.product;
    set_matmul(t, &k);
    const long n[] = {k.n0, k.n1, k.n2, k.n3}, pitch = whole_blocks(c->oc);
    const int transposed = (int)draw(t, 0, 1);
    c->in.col = transposed ? 1 : c->ic;
    c->in.lane = transposed ? c->ow : 1;
    k.other_row = transposed ? 1 : pitch;
    k.other_col = transposed ? whole_blocks(c->ic) : 1;
    c->out.col = pitch;
    c->out.plane = NETRT_BLOCK;
    float *in = draw_floats(
        t, draw_matrices(t, n, (long *const[]){&k.in0, &k.in1, &k.in2, &k.in3}, c->ow * c->ic, 1));
    const long others =
        draw_matrices(t, n, (long *const[]){&k.other0, &k.other1, &k.other2, &k.other3},
                      transposed ? c->oc * k.other_col : c->ic * pitch, 1);
    float *other = draw_floats(t, others);
    for (long i = 0; i < others && !transposed; i++)
        other[i] = i % pitch < c->oc ? other[i] : 0;
    const long outs =
        draw_matrices(t, n, (long *const[]){&k.out0, &k.out1, &k.out2, &k.out3}, c->ow * pitch, 0);
    float *want = new_floats(outs), *line = new_floats(outs);
    struct netrt_args a = {.in = in, .other = other, .out = want};
    for (long i = 0; i < outs; i++) {
        want[i] = 0;
        line[i] = poison();
    }
    netrt_reference_matmul(&k, &a);
    a.out = line;
    a.scratch = new_floats(netrt_matmul_scratch(&k));
    RUN(matmul, &k, &a, run_matmul);
    struct tensor got = new_packed(line, outs / pitch, pitch, 1, 1, (struct border){0}, 0);
    JUDGE(t, matmul, &k, got, want);
    free(line);
    free(in);
    free(other);
    free(a.scratch);
}

#endif
