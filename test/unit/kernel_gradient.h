/* Kernels of backward passes against their plain references. Part of kernels.c, whose macros it
 * uses. NaN is left out: what is selected and what is multiplied by 0 are not the same of it. */
#ifndef NETC_TEST_UNIT_KERNEL_GRADIENT_H
#define NETC_TEST_UNIT_KERNEL_GRADIENT_H

#include "kernel_case.h"
#include "kernels/reference_gradient.h"

/* A blocked tensor of such random numbers, whose dense array goes to *dense. */
static float *draw_elements(struct test *t, long n)
{
    return new_uniform(splitmix64(t->seed + (t->drawn++ << 20)), n);
}

static struct tensor draw_tensor(struct test *t, long n, long c, long h, long w, struct border b,
                                 const float **dense)
{
    *dense = draw_elements(t, n * c * h * w);
    return new_packed(*dense, n, c, h, w, b, 0);
}

/* Images as planes of a volume, some of each item; what an operand that is set in a shape has of
 * these steps. */
static void draw_depth(struct test *t, long *images, long *depth)
{
    *depth = draw(t, 0, 3);
    *images *= *depth ? *depth : 1;
}

#define SET_DEPTH(k, operand)                                                                      \
    do {                                                                                           \
        if ((k)->depth) {                                                                          \
            (k)->operand##_depth = (k)->operand.image;                                             \
            (k)->operand.image *= (k)->depth;                                                      \
        }                                                                                          \
    } while (0)

static void check_weight_gradient(struct test *t, struct netrt_weight_gradient *k, long ih, long iw)
{
    const long ic = k->oc / k->group_oc * k->group_ic;
    const struct border none = {0},
                        zeros = {k->pt, k->pl, reach(k->oh, k->kh, k->sh, k->dh, k->pt, ih),
                                 reach(k->ow, k->kw, k->sw, k->dw, k->pl, iw)};
    struct netrt_args dense = {.out = new_floats(k->oc * k->group_ic * k->kh * k->kw),
                               .in = draw_elements(t, k->images * ic * ih * iw)};
    const int planar = k->by_output && draw(t, 0, 1);
    struct tensor in = new_packed(dense.in, k->images, ic, ih, iw, zeros, planar);
    struct tensor other = draw_tensor(t, k->images, k->oc, k->oh, k->ow, none, &dense.other);
    struct tensor out = k->depthwise ? new_tensor(1, k->oc, k->kh, k->kw, none, 0)
                                     : new_tensor(k->oc, k->group_ic, k->kh, k->kw, none, 0);
    const struct netrt_args packed = {.out = out.at, .in = in.at, .other = other.at};
    k->in = in.view;
    k->other = other.view;
    k->out = out.view;
    SET_DEPTH(k, in);
    SET_DEPTH(k, other);
    netrt_reference_weight_gradient(k, &dense, ih, iw);
    RUN(weight_gradient, k, &packed, run_weight_gradient);
    JUDGE(t, weight_gradient, k, out, dense.out);
    free((void *)dense.in);
    free((void *)dense.other);
    free(in.base);
    free(other.base);
}

static void try_weight_gradient(struct test *t)
{
    struct netrt_weight_gradient k = {0};
    long ih, iw;
    if (!DRAW_WINDOW(t, k, ih, iw))
        return;
    enum { DEPTHWISE, GROUPED, WHOLE_GROUPS, FEW_CHANNELS, LAST = 6 };
    const long kind = draw(t, 0, LAST), groups = kind == GROUPED || kind == WHOLE_GROUPS;
    k.by_output = kind == FEW_CHANNELS;
    k.depthwise = kind == DEPTHWISE;
    k.group_oc = k.depthwise ? 1 : draw(t, 1, 40);
    k.group_ic = k.depthwise ? 1 : draw(t, 1, k.by_output ? NETRT_BLOCK - 1 : 70);
    if (kind == WHOLE_GROUPS) {
        k.group_oc = 8 * draw(t, 1, 5);
        k.group_ic = NETRT_BLOCK * draw(t, 1, 3);
    }
    k.oc = k.group_oc * (k.depthwise ? draw(t, 2, 40) : groups ? draw(t, 2, 3) : 1);
    k.task_oc = k.by_output ? NETRT_BLOCK : groups ? 8 : 8 * draw(t, 1, 3);
    k.task_blocks = draw(t, 1, 5);
    k.task_kh = draw(t, 1, k.kh);
    k.part_rows = draw(t, 1, k.oh);
    draw_depth(t, &k.images, &k.depth);
    check_weight_gradient(t, &k, ih, iw);
}

static void check_winograd_gradient(struct test *t, struct netrt_winograd_gradient *k, long ih,
                                    long iw)
{
    const struct border none = {0}, zeros = {k->pt, k->pl, reach(k->oh, k->kh, 1, 1, k->pt, ih),
                                             reach(k->ow, k->kw, 1, 1, k->pl, iw)};
    struct netrt_args dense = {.out = new_floats(k->oc * k->ic * k->kh * k->kw)};
    struct tensor in = draw_tensor(t, k->images, k->ic, ih, iw, zeros, &dense.in);
    struct tensor other = draw_tensor(t, k->images, k->oc, k->oh, k->ow, none, &dense.other);
    struct tensor out = new_tensor(k->oc, k->ic, k->kh, k->kw, none, 0);
    const struct netrt_args packed = {.out = out.at,
                                      .in = in.at,
                                      .other = other.at,
                                      .scratch = new_floats(netrt_winograd_gradient_scratch(k))};
    k->in = in.view;
    k->other = other.view;
    k->out = out.view;
    netrt_reference_winograd_gradient(k, &dense, ih, iw);
    RUN(winograd_gradient, k, &packed, run_winograd_gradient);
    JUDGE(t, winograd_gradient, k, out, dense.out);
    free(packed.scratch);
    free((void *)dense.in);
    free((void *)dense.other);
    free(in.base);
    free(other.base);
}

static void try_winograd_gradient(struct test *t)
{
    struct netrt_winograd_gradient k = {.images = draw(t, 1, 3),
                                        .ic = draw(t, 1, 70),
                                        .oc = draw(t, 1, 40),
                                        .pt = draw(t, 0, 2),
                                        .pl = draw(t, 0, 2)};
    draw_winograd_tile(t, &k.kh, &k.tile_h);
    draw_winograd_tile(t, &k.kw, &k.tile_w);
    const long ih = k.kh + draw(t, 0, 9), iw = k.kw + draw(t, 0, 13);
    k.oh = ih + k.pt + draw(t, 0, 2) - k.kh + 1;
    k.ow = iw + k.pl + draw(t, 0, 2) - k.kw + 1;
    k.task_out = draw(t, 1, 3);
    k.task_in = draw(t, 1, 5);
    k.part_tiles = draw(t, 1, 30);
    t->rounded = 1;
    check_winograd_gradient(t, &k, ih, iw);
}

static void try_sum_to(struct test *t)
{
    struct netrt_sum_to k = {.over_images = draw(t, 0, 1),
                             .over_channels = draw(t, 0, 1),
                             .over_rows = draw(t, 0, 1),
                             .over_columns = draw(t, 0, 1)};
    DRAW_SHAPE(t, k);
    SET_BORDER(k, draw_border(t));
    const long n = k.over_images ? 1 : k.images, c = k.over_channels ? 1 : k.c;
    const long h = k.over_rows ? 1 : k.h, w = k.over_columns ? 1 : k.w;
    struct netrt_args dense = {.out = new_floats(n * c * h * w)};
    struct tensor in =
        draw_tensor(t, k.images, k.c, k.h, k.w, (struct border){0, 1, 0, 0}, &dense.in);
    struct tensor out = new_tensor(n, c, h, w, BORDER_OF(k), 0);
    const struct netrt_args packed = {.out = out.at, .in = in.at};
    k.in = in.view;
    k.out = out.view;
    netrt_reference_sum_to(&k, &dense);
    RUN(sum_to, &k, &packed, run_sum_to);
    JUDGE(t, sum_to, &k, out, dense.out);
    free((void *)dense.in);
    free(in.base);
}

/* Inputs between -8 and 8, or above 0 where the activation is defined there alone. */
static float *draw_inputs(struct test *t, long act, long n)
{
    float *x = new_uniform(splitmix64(t->seed + (t->drawn++ << 20)), n);
    for (long i = 0; i < n; i++)
        x[i] = act == NETRT_ACT_log || act == NETRT_ACT_sqrt || act == NETRT_ACT_pow ? 1.5f + x[i]
                                                                                     : 8 * x[i];
    return x;
}

static void try_activation_gradient(struct test *t)
{
    struct netrt_activation_gradient k = {
        .act = draw(t, 0, LAST_ACT), .act_arg = 0.3f, .act_arg2 = 0.7f};
    DRAW_SHAPE(t, k);
    k.task_rows = draw(t, 1, 5);
    SET_BORDER(k, draw_border(t));
    const long size[] = {k.c, k.h, k.w}, n = k.images * k.c * k.h * k.w;
    t->clean = 1;
    struct operands o = draw_plain(t, k.images, size, size, BORDER_OF(k));
    float *input = draw_inputs(t, k.act, n), *other = (float *)o.dense.other;
    for (long i = 0; i < n; i++)
        other[i] = netrt_reference_keeps_result(k.act)
                       ? (float)netrt_reference_act(k.act, (double)k.act_arg, (double)k.act_arg2,
                                                    (double)input[i])
                       : input[i];
    pack(&o.other, other);
    k.other = o.other.view;
    SET_IN_OUT(&k, o);
    netrt_reference_activation_gradient(&k, &o.dense, input);
    RUN(activation_gradient, &k, &o.packed, run_activation_gradient);
    JUDGE(t, activation_gradient, &k, o.out, o.dense.out);
    release_operands(&o);
    free(input);
}

/* The operands of a pool's gradient; of the elements some are equal. */
#define CHECK_POOLING_GRADIENT(t, name, k)                                                         \
    do {                                                                                           \
        struct netrt_args dense = {.out = new_floats((k)->images * (k)->c * (k)->ih * (k)->iw)};   \
        const struct border none = {0, 1, 0, 0};                                                   \
        struct tensor in = draw_tensor(t, (k)->images, (k)->c, (k)->oh, (k)->ow, none, &dense.in); \
        struct tensor other =                                                                      \
            draw_tensor(t, (k)->images, (k)->c, (k)->ih, (k)->iw, none, &dense.other);             \
        struct tensor out = new_tensor((k)->images, (k)->c, (k)->ih, (k)->iw, BORDER_OF(*(k)), 0); \
        const struct netrt_args packed = {.out = out.at, .in = in.at, .other = other.at};          \
        for (long i = 0; i < (k)->images * (k)->c * (k)->ih * (k)->iw; i++)                        \
            ((float *)dense.other)[i] = roundf(4 * dense.other[i]);                                \
        pack(&other, dense.other);                                                                 \
        (k)->in = in.view;                                                                         \
        (k)->other = other.view;                                                                   \
        (k)->out = out.view;                                                                       \
        netrt_reference_##name(k, &dense);                                                         \
        RUN(name, k, &packed, run_##name);                                                         \
        JUDGE(t, name, k, out, dense.out);                                                         \
        free((void *)dense.in);                                                                    \
        free((void *)dense.other);                                                                 \
        free(in.base);                                                                             \
        free(other.base);                                                                          \
    } while (0)

static void try_pooling_gradient(struct test *t)
{
    struct netrt_pooling_gradient k = {0};
    if (!DRAW_WINDOW(t, k, k.ih, k.iw))
        return;
    SET_BORDER(k, draw_border(t));
    k.average = draw(t, 0, 1);
    k.count_include_pad = k.average ? draw(t, 0, 1) : 0;
    if (k.average)
        k.dh = k.dw = 1;
    k.c = draw(t, 1, 40);
    k.pt = draw(t, 0, k.kh / 2);
    k.pl = draw(t, 0, k.kw / 2);
    k.pb = draw(t, 0, k.kh / 2);
    k.pr = draw(t, 0, k.kw / 2);
    k.oh = (k.ih + k.pt - 1) / k.sh + 1;
    k.ow = (k.iw + k.pl - 1) / k.sw + 1;
    CHECK_POOLING_GRADIENT(t, pooling_gradient, &k);
}

static void try_adaptive_pooling_gradient(struct test *t)
{
    struct netrt_adaptive_pooling_gradient k = {.average = draw(t, 0, 1)};
    k.images = draw(t, 1, 2);
    k.c = draw(t, 1, 40);
    k.ih = draw(t, 1, 12);
    k.iw = draw(t, 1, 12);
    k.oh = draw(t, 1, 8);
    k.ow = draw(t, 1, 8);
    SET_BORDER(k, draw_border(t));
    CHECK_POOLING_GRADIENT(t, adaptive_pooling_gradient, &k);
}

static void try_resample_gradient(struct test *t)
{
    struct netrt_resample_gradient k = {.taps = 1L << draw(t, 0, 2), .centers = draw(t, 0, 1)};
    k.images = draw(t, 1, 2);
    k.c = draw(t, 1, 40);
    k.ih = draw(t, 1, 7);
    k.iw = draw(t, 1, 7);
    k.oh = draw(t, 1, 15);
    k.ow = draw(t, 1, 15);
    k.step_y = draw_step(t, k.ih, k.oh, k.centers);
    k.step_x = draw_step(t, k.iw, k.ow, k.centers);
    SET_BORDER(k, draw_border(t));
    struct netrt_args dense = {.out = new_floats(k.images * k.c * k.ih * k.iw)};
    struct tensor in =
        draw_tensor(t, k.images, k.c, k.oh, k.ow, (struct border){0, 1, 0, 0}, &dense.in);
    struct tensor out = new_tensor(k.images, k.c, k.ih, k.iw, BORDER_OF(k), 0);
    const struct netrt_args packed = {.out = out.at, .in = in.at};
    k.in = in.view;
    k.out = out.view;
    netrt_reference_resample_gradient(&k, &dense);
    RUN(resample_gradient, &k, &packed, run_resample_gradient);
    JUDGE(t, resample_gradient, &k, out, dense.out);
    free((void *)dense.in);
    free(in.base);
}

/* Whether two vectors of c channels, further results one after the other, are those of a dense
 * array, with zeros behind the channels. */
static void judge_more(struct test *t, const float *more, const float *dense, long c)
{
    const long whole = netrt_ceil_div(c, NETRT_BLOCK) * NETRT_BLOCK;
    const double most = magnitude(dense, 2 * c);
    for (long i = 0; i < 2 * whole; i++) {
        const float want = i % whole < c ? dense[i / whole * c + i % whole] : 0;
        if (is_near(more[i], want, TOLERANCE * most))
            continue;
        printf("  further result %ld is %g, not %g\n", i, (double)more[i], (double)want);
        t->failures++;
        return;
    }
}

static void try_bn_train(struct test *t)
{
    struct netrt_bn_train k = {.affine = draw(t, 0, 1), .residual = draw(t, 0, 1), .eps = 1e-2f};
    DRAW_SHAPE(t, k);
    draw_depth(t, &k.images, &k.depth);
    k.act = draw(t, 0, 1) ? NETRT_ACT_relu : NETRT_ACT_none;
    SET_BORDER(k, draw_border(t));
    t->clean = 1;
    const long size[] = {k.c, k.h, k.w}, whole = netrt_ceil_div(k.c, NETRT_BLOCK) * NETRT_BLOCK;
    struct operands o =
        draw_operands(t, k.images, size, (struct border){0}, 0, size, BORDER_OF(k), k.c);
    float *more = new_floats(2 * whole), *dense_more = new_floats(2 * k.c);
    o.packed.weight = pack_channels(o.dense.weight, k.c);
    o.dense.more = dense_more;
    o.packed.more = more;
    k.more_var = whole;
    SET_VIEWS(&k, o);
    SET_DEPTH(&k, in);
    SET_DEPTH(&k, out);
    SET_DEPTH(&k, other);
    netrt_reference_bn_train(&k, &o.dense);
    if (draw(t, 0, 1)) {
        struct netrt_args finds = o.packed;
        finds.out = more;
        k.part = NETRT_BN_FINDS;
        RUN(bn_train, &k, &finds, run_bn_train);
        k.part = NETRT_BN_USES;
    }
    RUN(bn_train, &k, &o.packed, run_bn_train);
    JUDGE(t, bn_train, &k, o.out, o.dense.out);
    judge_more(t, more, dense_more, k.c);
    release_operands(&o);
    free(more);
    free(dense_more);
}

static void try_bn_gradient(struct test *t)
{
    static const long acts[] = {NETRT_ACT_none, NETRT_ACT_silu, NETRT_ACT_tanh};
    struct netrt_bn_gradient k = {.affine = draw(t, 0, 1), .eps = 1e-2f};
    DRAW_SHAPE(t, k);
    draw_depth(t, &k.images, &k.depth);
    k.act = acts[draw(t, 0, 2)];
    SET_BORDER(k, draw_border(t));
    t->clean = 1;
    const long size[] = {k.c, k.h, k.w}, whole = netrt_ceil_div(k.c, NETRT_BLOCK) * NETRT_BLOCK;
    struct operands o =
        draw_operands(t, k.images, size, (struct border){0}, 0, size, BORDER_OF(k), k.c);
    float *more = new_floats(2 * whole), *dense_more = new_floats(2 * k.c);
    float *mean = new_uniform(t->seed + (t->drawn++ << 20), k.c);
    float *var = new_uniform(t->seed + (t->drawn++ << 20), k.c);
    for (long i = 0; i < k.c; i++)
        var[i] = 1.5f + var[i];
    o.dense.third = mean;
    o.dense.fourth = var;
    o.packed.third = pack_channels(mean, k.c);
    o.packed.fourth = pack_channels(var, k.c);
    o.packed.weight = pack_channels(o.dense.weight, k.c);
    o.dense.more = dense_more;
    o.packed.more = more;
    k.more_bias = whole;
    SET_VIEWS(&k, o);
    SET_DEPTH(&k, in);
    SET_DEPTH(&k, out);
    SET_DEPTH(&k, other);
    netrt_reference_bn_gradient(&k, &o.dense);
    float *found = new_floats(2 * whole);
    struct netrt_args uses = o.packed;
    if (draw(t, 0, 1)) {
        struct netrt_args finds = o.packed;
        finds.out = uses.more = found;
        k.part = NETRT_BN_FINDS;
        RUN(bn_gradient, &k, &finds, run_bn_gradient);
        k.part = NETRT_BN_USES;
    }
    RUN(bn_gradient, &k, &uses, run_bn_gradient);
    free(found);
    JUDGE(t, bn_gradient, &k, o.out, o.dense.out);
    judge_more(t, more, dense_more, k.c);
    free((void *)o.packed.third);
    free((void *)o.packed.fourth);
    release_operands(&o);
    free(mean);
    free(var);
    free(more);
    free(dense_more);
}

/* A mean of losses: among so many classes labels, or shares of them, and weights. */
static void draw_loss(struct test *t, struct netrt_cross_entropy *k, struct netrt_args *dense,
                      struct netrt_args *packed, struct tensor *labels)
{
    *k = (struct netrt_cross_entropy){.smoothing = draw(t, 0, 1) ? 0 : 0.1f,
                                      .ignored = draw(t, 0, 1) ? -100 : 0,
                                      .shares = draw(t, 0, 3) == 0,
                                      .weighted = draw(t, 0, 1)};
    DRAW_SHAPE(t, *k);
    *labels = draw_tensor(t, k->images, k->shares ? k->c : 1, k->h, k->w, (struct border){0},
                          &dense->other);
    for (long i = 0; i < k->images * k->h * k->w && !k->shares; i++)
        ((float *)dense->other)[i] = (float)draw(t, 0, k->c - 1);
    pack(labels, dense->other);
    float *weight = draw_floats(t, k->c);
    for (long i = 0; i < k->c; i++)
        weight[i] += 1.5f;
    k->other = labels->view;
    dense->weight = weight;
    packed->other = labels->at;
    packed->weight = pack_channels(weight, k->c);
}

static void release_loss(struct netrt_args *dense, struct netrt_args *packed, struct tensor *in,
                         struct tensor *labels)
{
    free((void *)dense->in);
    free((void *)dense->other);
    free((void *)dense->weight);
    free((void *)packed->weight);
    free(in->base);
    free(labels->base);
}

static void try_cross_entropy(struct test *t)
{
    struct netrt_cross_entropy k;
    struct netrt_args dense = {.out = new_floats(1)}, packed = {0};
    struct tensor labels;
    draw_loss(t, &k, &dense, &packed, &labels);
    struct tensor in = draw_tensor(t, k.images, k.c, k.h, k.w, (struct border){0}, &dense.in);
    struct tensor out = new_tensor(1, 1, 1, 1, (struct border){0}, 0);
    packed.out = out.at;
    packed.in = in.at;
    k.in = in.view;
    netrt_reference_cross_entropy(&k, &dense);
    RUN(cross_entropy, &k, &packed, run_cross_entropy);
    JUDGE(t, cross_entropy, &k, out, dense.out);
    release_loss(&dense, &packed, &in, &labels);
}

static void try_cross_entropy_gradient(struct test *t)
{
    struct netrt_cross_entropy of;
    const float gradient = 0.5f + (float)draw(t, 1, 8);
    struct netrt_args dense = {.third = &gradient}, packed = {.third = &gradient};
    struct tensor labels;
    draw_loss(t, &of, &dense, &packed, &labels);
    struct netrt_cross_entropy_gradient k = {.images = of.images,
                                             .c = of.c,
                                             .h = of.h,
                                             .w = of.w,
                                             .other = of.other,
                                             .smoothing = of.smoothing,
                                             .ignored = of.ignored,
                                             .shares = of.shares,
                                             .weighted = of.weighted};
    SET_BORDER(k, draw_border(t));
    struct tensor in = draw_tensor(t, k.images, k.c, k.h, k.w, (struct border){0}, &dense.in);
    struct tensor out = new_tensor(k.images, k.c, k.h, k.w, BORDER_OF(k), 0);
    dense.out = new_floats(k.images * k.c * k.h * k.w);
    packed.out = out.at;
    packed.in = in.at;
    k.in = in.view;
    k.out = out.view;
    netrt_reference_cross_entropy_gradient(&k, &dense);
    RUN(cross_entropy_gradient, &k, &packed, run_cross_entropy_gradient);
    JUDGE(t, cross_entropy_gradient, &k, out, dense.out);
    release_loss(&dense, &packed, &in, &labels);
}

static void try_dropout(struct test *t)
{
    struct netrt_dropout k = {.p = (float)draw(t, 0, 9) / 10, .stream = draw(t, 0, 5)};
    const float seed = (float)draw(t, 0, 1 << 20);
    const long rows = draw(t, 0, 1);
    DRAW_SHAPE(t, k);
    k.h = rows ? 1 : k.h;
    if (!rows)
        draw_depth(t, &k.images, &k.depth);
    k.channel_step = rows ? 1 : (k.depth ? k.depth : 1) * k.h * k.w;
    k.column_step = rows ? k.c : 1;
    k.task_rows = draw(t, 1, 5);
    SET_BORDER(k, draw_border(t));
    const long size[] = {k.c, k.h, k.w};
    t->clean = 1;
    struct operands o = draw_plain(t, k.images, size, size, BORDER_OF(k));
    free((void *)o.dense.other);
    o.dense.other = o.packed.other = &seed;
    SET_IN_OUT(&k, o);
    SET_DEPTH(&k, in);
    SET_DEPTH(&k, out);
    netrt_reference_dropout(&k, &o.dense);
    RUN(dropout, &k, &o.packed, run_dropout);
    JUDGE(t, dropout, &k, o.out, o.dense.out);
    o.dense.other = NULL;
    release_operands(&o);
}

#endif
