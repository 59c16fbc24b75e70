/* Attention against its plain reference. Part of kernels.c, whose macros it uses. */
#ifndef NETC_TEST_UNIT_KERNEL_ATTENTION_H
#define NETC_TEST_UNIT_KERNEL_ATTENTION_H

#include "kernel_matmul.h"

static void set_attention_product(struct test *t, struct netrt_conv *c, long queries,
                                  long positions, long terms)
{
    c->images = c->oh = c->kh = c->kw = c->sh = c->sw = c->dh = c->dw = c->task_rows = 1;
    c->oc = c->group_oc = queries;
    c->ow = positions;
    c->ic = c->ic_block = c->group_ic = terms;
    c->out.col = NETRT_BLOCK;
    c->out.plane = positions * NETRT_BLOCK;
    c->blocks = draw(t, 1, 3);
    c->cols = draw(t, 1, 14);
}

/* Queries, keys and values lie dense, or with as many elements behind each row; a tile has all
 * keys, or some. */
static void set_attention(struct test *t, struct netrt_attention *k)
{
    const long queries = draw(t, 1, 60), e = draw(t, 1, 40), v = draw(t, 1, 40);
    const long apart = draw(t, 0, 1) * 5;
    k->keys = draw(t, 1, 50);
    const long tile = draw(t, 0, 1) ? k->keys : draw(t, 1, k->keys);
    set_attention_product(t, &k->scores, queries, tile, e);
    set_attention_product(t, &k->product, queries, v, tile);
    k->product.residual = 1;
    k->product.other = k->product.out;
    k->in_col = k->scores.in.lane = k->product.in.col = 1;
    k->in_row = k->scores.in.col = e + apart;
    if (e % NETRT_BLOCK == 0)
        k->scores.ic_block = k->scores.in.plane = NETRT_BLOCK;
    k->product.in.lane = v + apart;
    k->out_row = whole_blocks(v);
    k->scale = 0.01F * (float)draw(t, 1, 100);
    k->masked = draw(t, 0, 1);
    k->blocks = k->scores.blocks * k->product.blocks;
    k->task_blocks = k->blocks * draw(t, 1, 2);
    k->safe = draw(t, 0, 1);
    long *const n[] = {&k->n0, &k->n1, &k->n2, &k->n3};
    for (int i = 0; i < 4; i++)
        *n[i] = draw(t, 1, 2);
}

/* A mask of rows and columns, or of one row or column for all; some elements are minus infinity,
 * and in some cases all of the first row. */
static float *draw_mask(struct test *t, struct netrt_attention *k, const long n[4])
{
    const long rows = draw(t, 0, 1) ? k->scores.oc : 1, columns = draw(t, 0, 1) ? k->keys : 1;
    const long most = draw(t, 0, 1) ? columns : 0;
    k->fourth_row = rows > 1 ? columns : 0;
    k->fourth_col = columns > 1;
    const long all =
        draw_matrices(t, n, (long *const[]){&k->fourth0, &k->fourth1, &k->fourth2, &k->fourth3},
                      rows * columns, 1);
    float *mask = draw_floats(t, all);
    for (long i = 0; i < all; i++)
        mask[i] = i < most || mask[i] > 0.5F ? -INFINITY : mask[i];
    return mask;
}

static void try_attention(struct test *t)
{
    struct netrt_attention k = {0};
    set_attention(t, &k);
    const long n[] = {k.n0, k.n1, k.n2, k.n3};
    const long ins = draw_matrices(t, n, (long *const[]){&k.in0, &k.in1, &k.in2, &k.in3},
                                   k.scores.oc * k.in_row, 1);
    const long others =
        draw_matrices(t, n, (long *const[]){&k.other0, &k.other1, &k.other2, &k.other3},
                      k.keys * k.scores.in.col, 1);
    const long thirds =
        draw_matrices(t, n, (long *const[]){&k.third0, &k.third1, &k.third2, &k.third3},
                      k.keys * k.product.in.lane, 1);
    const long outs = draw_matrices(t, n, (long *const[]){&k.out0, &k.out1, &k.out2, &k.out3},
                                    k.scores.oc * k.out_row, 0);
    float *in = draw_floats(t, ins), *other = draw_floats(t, others),
          *third = draw_floats(t, thirds);
    float *mask = draw_mask(t, &k, n);
    float *want = new_floats(outs), *line = new_floats(outs);
    struct netrt_args a = {.in = in, .other = other, .third = third, .fourth = mask, .out = want};
    for (long i = 0; i < outs; i++) {
        want[i] = 0;
        line[i] = poison();
    }
    netrt_reference_attention(&k, &a);
    a.out = line;
    a.scratch = new_floats(netrt_attention_scratch(&k));
    RUN(attention, &k, &a, run_attention);
    struct tensor got = new_packed(line, outs / k.out_row, k.out_row, 1, 1, (struct border){0}, 0);
    JUDGE(t, attention, &k, got, want);
    free(line);
    free(in);
    free(other);
    free(third);
    free(mask);
    free(a.scratch);
}

#endif
