/*
 * Pairs of kernels against the plain references of the two, one after the other. Part of kernels.c,
 * whose macros it uses.
 */
#ifndef NETC_TEST_UNIT_KERNEL_PAIRS_H
#define NETC_TEST_UNIT_KERNEL_PAIRS_H

#include "kernel_case.h"

/* Draws a window over h x w positions that reads some of them everywhere; 0 where there is none. */
#define DRAW_THEN(t, k, h, w)                                                                      \
    ((k).kh = draw(t, 1, 4), (k).kw = draw(t, 1, 4), (k).sh = draw(t, 1, 3),                       \
     (k).sw = draw(t, 1, 3), (k).dh = draw(t, 1, 2), (k).dw = draw(t, 1, 2),                       \
     (k).pt = draw(t, 0, ((k).kh - 1) * (k).dh), (k).pl = draw(t, 0, ((k).kw - 1) * (k).dw),       \
     (k).oh =                                                                                      \
         ((h) + (k).pt + draw(t, 0, ((k).kh - 1) * (k).dh) - (k).dh * ((k).kh - 1) - 1 + (k).sh) / \
         (k).sh,                                                                                   \
     (k).ow =                                                                                      \
         ((w) + (k).pl + draw(t, 0, ((k).kw - 1) * (k).dw) - (k).dw * ((k).kw - 1) - 1 + (k).sw) / \
         (k).sw,                                                                                   \
     (k).oh > 0 && (k).ow > 0)

/* The border that a convolution `then` reads around h x w positions. */
#define BORDER_FOR(k, h, w)                                                                        \
    ((struct border){(k).pt, (k).pl, reach((k).oh, (k).kh, (k).sh, (k).dh, (k).pt, h),             \
                     reach((k).ow, (k).kw, (k).sw, (k).dw, (k).pl, w)})

/* Lays out the memory between the two, `blocks` deep, for w columns; and gives it to the kernel. */
#define SET_STRIP(t, k, a, blocks, w, rows)                                                        \
    do {                                                                                           \
        const long row_ =                                                                          \
            ((w) + (k)->first.border_left + (k)->first.border_right + draw(t, 0, 1)) *             \
            NETRT_BLOCK;                                                                           \
        (k)->first.out = (k)->then.in =                                                            \
            (struct netrt_view){0, NETRT_STRIP_ROWS(k, rows) * row_, row_, NETRT_BLOCK, 1};        \
        (a)->scratch = new_floats((blocks) * (k)->first.out.plane);                                \
        for (long i_ = 0; i_ < (blocks) * (k)->first.out.plane; i_++)                              \
            (a)->scratch[i_] = poison();                                                           \
    } while (0)

/* A pair whose operands are `o`: runs it, judges it against o.dense.out. */
#define FINISH_PAIR(t, name, k, o, mid)                                                            \
    do {                                                                                           \
        RUN(name, k, &(o).packed, run_##name);                                                     \
        JUDGE(t, name, k, (o).out, (o).dense.out);                                                 \
        free((void *)(o).dense.first_weight);                                                      \
        free((void *)(o).dense.first_bias);                                                        \
        free((void *)(o).packed.first_weight);                                                     \
        free((void *)(o).packed.first_bias);                                                       \
        free((o).packed.scratch);                                                                  \
        free(mid);                                                                                 \
        release_operands(&(o));                                                                    \
    } while (0)

/* Makes the first's weights, dense, and what lies between the two. */
static float *draw_first(struct test *t, struct operands *o, long weights, long biases, long mid)
{
    o->dense.first_weight = new_uniform(t->seed + (t->drawn++ << 20), weights);
    o->dense.first_bias = new_uniform(t->seed + (t->drawn++ << 20), biases);
    return new_floats(mid);
}

static struct netrt_args first_of(const struct netrt_args *dense, float *mid)
{
    struct netrt_args a = *dense;
    a.weight = dense->first_weight;
    a.bias = dense->first_bias;
    a.out = mid;
    return a;
}

static struct netrt_args then_of(const struct netrt_args *dense, const float *mid)
{
    struct netrt_args a = *dense;
    a.in = mid;
    return a;
}

/* Of a smaller act_arg softplus makes numbers of 7 and more; what sums of these round, the
 * tolerance does not allow where the second's activation bounds its results. */
static struct netrt_pointwise draw_first_pointwise(struct test *t, long images)
{
    return (struct netrt_pointwise){.images = images,
                                    .c = draw(t, 1, 40),
                                    .h = draw(t, 1, 12),
                                    .w = draw(t, 1, 20),
                                    .scale = draw(t, 0, 1),
                                    .bias = draw(t, 0, 1),
                                    .act = draw_act(t),
                                    .act_arg = 0.5f,
                                    .act_arg2 = 0.7f,
                                    .task_rows = 1};
}

/* Runs the first's reference, and packs its weights. */
static float *make_pointwise(struct test *t, const struct netrt_pointwise *k, struct operands *o)
{
    float *mid = draw_first(t, o, k->c, k->c, k->images * k->c * k->h * k->w);
    const struct netrt_args a = first_of(&o->dense, mid);
    netrt_reference_pointwise(k, &a, 0, 0);
    o->packed.first_weight = pack_channels(o->dense.first_weight, k->c);
    o->packed.first_bias = pack_channels(o->dense.first_bias, k->c);
    return mid;
}

static void try_pointwise_conv(struct test *t)
{
    struct netrt_pointwise_conv k = {.first = draw_first_pointwise(t, draw(t, 1, 2))};
    struct netrt_conv *c = &k.then;
    const long ic = k.first.c, ih = k.first.h, iw = k.first.w;
    if (!DRAW_THEN(t, *c, ih, iw))
        return;
    c->images = k.first.images;
    c->ic = c->group_ic = ic;
    c->oc = c->group_oc = draw(t, 1, 70);
    c->ic_block = NETRT_BLOCK;
    c->blocks = draw(t, 1, 4);
    c->cols = draw(t, 1, 14);
    c->task_blocks = c->blocks * draw(t, 1, 2);
    c->task_rows = (c->cols >= 2 * c->ow ? c->cols / c->ow : 1) * draw(t, 1, 3);
    DRAW_EPILOGUE(t, *c);
    SET_BORDER(*c, draw_border(t));
    SET_BORDER(k.first, BORDER_FOR(*c, ih, iw));
    struct operands o = draw_operands(t, c->images, (const long[]){ic, ih, iw}, draw_border(t), 0,
                                      (const long[]){c->oc, c->oh, c->ow}, BORDER_OF(*c),
                                      c->oc * ic * c->kh * c->kw);
    float *mid = make_pointwise(t, &k.first, &o);
    const struct netrt_args then = then_of(&o.dense, mid);
    c->stored = draw(t, NETRT_STORED_f32, NETRT_STORED_f16);
    const struct packing p = {c->oc, ic, c->oc, ic, NETRT_BLOCK, c->kh * c->kw, 0, c->stored};
    o.packed.weight = pack_weights(&p, o.dense.weight);
    netrt_reference_conv(c, &then, ih, iw);
    SET_VIEWS(c, o);
    k.first.in = o.in.view;
    SET_STRIP(t, &k, &o.packed, netrt_ceil_div(ic, NETRT_BLOCK), iw, k.then.task_rows);
    FINISH_PAIR(t, pointwise_conv, &k, o, mid);
}

/* A pool over c channels of ih x iw. */
static int draw_pool(struct test *t, struct netrt_pooling *k, long images, long c, long ih, long iw)
{
    k->images = images;
    k->c = c;
    k->ih = ih;
    k->iw = iw;
    k->average = draw(t, 0, 1);
    k->count_include_pad = draw(t, 0, 1);
    if (!DRAW_THEN(t, *k, ih, iw))
        return 0;
    k->pb = draw(t, 0, 2);
    k->pr = draw(t, 0, 2);
    k->task_rows = draw(t, 1, 5);
    SET_BORDER(*k, draw_border(t));
    return k->average ? k->dh == 1 && k->dw == 1 : 1;
}

static void try_pointwise_pooling(struct test *t)
{
    struct netrt_pointwise_pooling k = {.first = draw_first_pointwise(t, draw(t, 1, 2))};
    const long c = k.first.c, ih = k.first.h, iw = k.first.w;
    if (!draw_pool(t, &k.then, k.first.images, c, ih, iw))
        return;
    struct operands o =
        draw_operands(t, k.then.images, (const long[]){c, ih, iw}, draw_border(t), 0,
                      (const long[]){c, k.then.oh, k.then.ow}, BORDER_OF(k.then), 1);
    float *mid = make_pointwise(t, &k.first, &o);
    const struct netrt_args then = then_of(&o.dense, mid);
    netrt_reference_pooling(&k.then, &then);
    SET_IN_OUT(&k.then, o);
    k.first.in = o.in.view;
    SET_STRIP(t, &k, &o.packed, 1, iw, k.then.task_rows);
    FINISH_PAIR(t, pointwise_pooling, &k, o, mid);
}

/* A dense convolution to come first, of ih x iw; 0 where the input is too small. */
static int draw_dense(struct test *t, struct netrt_conv *k, long *ih, long *iw)
{
    if (!DRAW_WINDOW(t, *k, *ih, *iw))
        return 0;
    k->group_ic = k->ic = draw(t, 1, 40);
    k->ic_block = draw(t, 0, 1) && k->ic != NETRT_BLOCK ? k->ic : NETRT_BLOCK;
    k->oc = k->group_oc = draw(t, 1, 70);
    k->blocks = draw(t, 1, 4);
    k->cols = draw(t, 1, 2 * k->ow - 1 < 14 ? 2 * k->ow - 1 : 14);
    k->task_blocks = k->blocks * draw(t, 1, 2);
    k->task_rows = draw(t, 1, 4);
    k->stored = draw(t, NETRT_STORED_f32, NETRT_STORED_f16);
    DRAW_EPILOGUE(t, *k);
    k->residual = 0;
    return 1;
}

/* Runs the first's reference, and packs its weights. */
static float *make_dense(struct test *t, const struct netrt_conv *k, struct operands *o, long ih,
                         long iw)
{
    const struct packing p = {k->oc, k->ic, k->oc, k->ic, k->ic_block, k->kh * k->kw, 0, k->stored};
    float *mid = draw_first(t, o, k->oc * k->ic * p.taps, k->oc, k->images * k->oc * k->oh * k->ow);
    const struct netrt_args a = first_of(&o->dense, mid);
    o->packed.first_weight = pack_weights(&p, o->dense.first_weight);
    netrt_reference_conv(k, &a, ih, iw);
    o->packed.first_bias = pack_channels(o->dense.first_bias, k->oc);
    return mid;
}

/* Operands of a pair with such a first. */
#define DENSE_OPERANDS(t, k, ih, iw, weights)                                                      \
    draw_operands(t, (k)->first.images, (const long[]){(k)->first.ic, ih, iw},                     \
                  BORDER_FOR((k)->first, ih, iw), (k)->first.ic_block != NETRT_BLOCK,              \
                  (const long[]){(k)->then.c, (k)->then.oh, (k)->then.ow}, BORDER_OF((k)->then),   \
                  weights)
static void try_conv_pooling(struct test *t)
{
    struct netrt_conv_pooling k = {0};
    const struct netrt_conv *c = &k.first;
    long ih, iw;
    if (!draw_dense(t, &k.first, &ih, &iw) ||
        !draw_pool(t, &k.then, c->images, c->oc, c->oh, c->ow))
        return;
    struct operands o = DENSE_OPERANDS(t, &k, ih, iw, 1);
    float *mid = make_dense(t, c, &o, ih, iw);
    const struct netrt_args then = then_of(&o.dense, mid);
    netrt_reference_pooling(&k.then, &then);
    SET_IN_OUT(&k.then, o);
    k.first.in = o.in.view;
    SET_STRIP(t, &k, &o.packed, k.first.task_blocks, c->ow, c->task_rows);
    FINISH_PAIR(t, conv_pooling, &k, o, mid);
}

static void try_conv_depthwise(struct test *t)
{
    struct netrt_conv_depthwise k = {0};
    struct netrt_depthwise *d = &k.then;
    long ih, iw;
    if (!draw_dense(t, &k.first, &ih, &iw) || !DRAW_THEN(t, *d, k.first.oh, k.first.ow))
        return;
    d->images = k.first.images;
    d->c = k.first.oc;
    d->cols = draw(t, 1, 9);
    d->task_rows = draw(t, 1, 5);
    DRAW_EPILOGUE(t, *d);
    SET_BORDER(*d, draw_border(t));
    SET_BORDER(k.first, BORDER_FOR(*d, k.first.oh, k.first.ow));
    struct operands o = DENSE_OPERANDS(t, &k, ih, iw, d->c * d->kh * d->kw);
    float *mid = make_dense(t, &k.first, &o, ih, iw);
    const struct netrt_args then = then_of(&o.dense, mid);
    netrt_reference_depthwise(d, &then, k.first.oh, k.first.ow);
    o.packed.weight = pack_block_weights(o.dense.weight, d->c, 1, d->kh * d->kw);
    SET_VIEWS(d, o);
    k.first.in = o.in.view;
    SET_STRIP(t, &k, &o.packed, k.first.task_blocks, k.first.ow, k.first.task_rows);
    FINISH_PAIR(t, conv_depthwise, &k, o, mid);
}

#endif
