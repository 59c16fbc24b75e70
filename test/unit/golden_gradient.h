/* Plain references of kernels of backward passes against PyTorch's gradients. Part of
 * kernels_reference.c, whose functions it uses. */
#ifndef NETC_TEST_UNIT_GOLDEN_GRADIENT_H
#define NETC_TEST_UNIT_GOLDEN_GRADIENT_H

#include "kernels/reference_gradient.h"

/* The same with so many elements in `other`, times `scale`, plus `shift`. */
static void make_two(struct golden *g, long in, long other, double scale, double shift,
                     long outputs)
{
    make_operands(g, in, 1, 1, outputs);
    free((void *)g->a.other);
    float *x = new_uniform(8 * g->number + 3, other);
    for (long i = 0; i < other; i++)
        x[i] = (float)((double)x[i] * scale + shift);
    g->a.other = x;
}

static void golden_weight_gradient(struct golden *g)
{
    struct netrt_weight_gradient k = {0};
    READ_SHAPE(weight_gradient, g, &k);
    const long ih = (long)g->ih, iw = (long)g->iw, ic = k.oc / k.group_oc * k.group_ic;
    make_two(g, k.images * ic * ih * iw, k.images * k.oc * k.oh * k.ow, 1, 0,
             k.oc * k.group_ic * k.kh * k.kw);
    netrt_reference_weight_gradient(&k, &g->a, ih, iw);
}

static void golden_winograd_gradient(struct golden *g)
{
    struct netrt_winograd_gradient k = {0};
    READ_SHAPE(winograd_gradient, g, &k);
    const long ih = (long)g->ih, iw = (long)g->iw;
    make_two(g, k.images * k.ic * ih * iw, k.images * k.oc * k.oh * k.ow, 1, 0,
             k.oc * k.ic * k.kh * k.kw);
    netrt_reference_winograd_gradient(&k, &g->a, ih, iw);
}

static void golden_resample_gradient(struct golden *g)
{
    struct netrt_resample_gradient k = {0};
    READ_SHAPE(resample_gradient, g, &k);
    make_operands(g, k.images * k.c * k.oh * k.ow, 1, 1, k.images * k.c * k.ih * k.iw);
    netrt_reference_resample_gradient(&k, &g->a);
}

/* Positions as of gather. */
static void golden_scatter(struct golden *g)
{
    struct netrt_scatter k = {0};
    READ_SHAPE(scatter, g, &k);
    const long inputs = k.n3 * k.n4 * k.n5, outputs = k.clear;
    make_operands(g, inputs, inputs, 1, outputs);
    float *index = (float *)g->a.other;
    for (long i = 0; i < inputs; i++)
        netrt_reference_put(index + i, (int32_t)(((double)index[i] + 1) / 2 * (double)k.size));
    netrt_reference_scatter(&k, &g->a, outputs);
}

static void golden_sum_to(struct golden *g)
{
    struct netrt_sum_to k = {0};
    READ_SHAPE(sum_to, g, &k);
    make_operands(g, k.images * k.c * k.h * k.w, 1, 1,
                  (k.over_images ? 1 : k.images) * (k.over_channels ? 1 : k.c) *
                      (k.over_rows ? 1 : k.h) * (k.over_columns ? 1 : k.w));
    netrt_reference_sum_to(&k, &g->a);
}

/* Field `weight` is what the inputs of the activation are multiplied by. */
static void golden_activation_gradient(struct golden *g)
{
    struct netrt_activation_gradient k = {0};
    READ_SHAPE(activation_gradient, g, &k);
    const double shift = g->shift;
    const long n = k.images * k.c * k.h * k.w;
    g->shift = 0;
    make_two(g, n, n, g->weight, shift, n);
    netrt_reference_activation_gradient(&k, &g->a, g->a.other);
}

static void golden_pooling_gradient(struct golden *g)
{
    struct netrt_pooling_gradient k = {0};
    READ_SHAPE(pooling_gradient, g, &k);
    const long planes = k.images * k.c;
    make_two(g, planes * k.oh * k.ow, planes * k.ih * k.iw, 1, 0, planes * k.ih * k.iw);
    netrt_reference_pooling_gradient(&k, &g->a);
}

static void golden_adaptive_pooling_gradient(struct golden *g)
{
    struct netrt_adaptive_pooling_gradient k = {0};
    READ_SHAPE(adaptive_pooling_gradient, g, &k);
    const long planes = k.images * k.c;
    make_two(g, planes * k.oh * k.ow, planes * k.ih * k.iw, 1, 0, planes * k.ih * k.iw);
    netrt_reference_adaptive_pooling_gradient(&k, &g->a);
}

/* Means and variances follow the output. */
static void golden_bn_train(struct golden *g)
{
    struct netrt_bn_train k = {0};
    READ_SHAPE(bn_train, g, &k);
    const long n = k.images * k.c * k.h * k.w;
    make_operands(g, n, k.c, k.c, n + 2 * k.c);
    g->a.more = g->a.out + n;
    netrt_reference_bn_train(&k, &g->a);
}

/* The statistics are those of the input; gradients of weights and biases follow the output. */
static void golden_bn_gradient(struct golden *g)
{
    struct netrt_bn_gradient k = {0};
    READ_SHAPE(bn_gradient, g, &k);
    const long n = k.images * k.c * k.h * k.w;
    make_two(g, n, n, 1, 0, n + 2 * k.c);
    free((void *)g->a.weight);
    g->a.weight = new_uniform(8 * g->number + 1, k.c);
    free((void *)g->a.bias);
    g->a.bias = new_uniform(8 * g->number + 2, k.c);
    const struct netrt_bn_train forward = {.images = k.images, .c = k.c, .h = k.h, .w = k.w};
    float *statistics = new_floats(2 * k.c), *out = new_floats(n);
    const struct netrt_args a = {.in = g->a.other, .out = out, .more = statistics};
    netrt_reference_bn_train(&forward, &a);
    g->a.more = g->a.out + n;
    g->a.third = statistics;
    g->a.fourth = statistics + k.c;
    netrt_reference_bn_gradient(&k, &g->a);
    g->a.fourth = NULL;
    free(out);
}

/* Labels are spread over the c classes, and weights are above 0. */
static void make_scores(struct golden *g, const struct netrt_cross_entropy *k, long outputs)
{
    const long positions = k->images * k->h * k->w;
    make_two(g, positions * k->c, positions * (k->shares ? k->c : 1), (double)k->c / 2,
             (double)k->c / 2, outputs);
    float *weight = new_uniform(8 * g->number + 1, k->c);
    for (long i = 0; i < k->c; i++)
        weight[i] += 1.5f;
    free((void *)g->a.weight);
    g->a.weight = weight;
}

static void golden_cross_entropy(struct golden *g)
{
    struct netrt_cross_entropy k = {0};
    READ_SHAPE(cross_entropy, g, &k);
    make_scores(g, &k, 1);
    netrt_reference_cross_entropy(&k, &g->a);
}

static void golden_cross_entropy_gradient(struct golden *g)
{
    struct netrt_cross_entropy_gradient k = {0};
    READ_SHAPE(cross_entropy_gradient, g, &k);
    const struct netrt_cross_entropy of = {
        .images = k.images, .c = k.c, .h = k.h, .w = k.w, .shares = k.shares};
    make_scores(g, &of, k.images * k.c * k.h * k.w);
    float *gradient = new_floats(1);
    *gradient = 2.5f;
    g->a.third = gradient;
    netrt_reference_cross_entropy_gradient(&k, &g->a);
}

/* Field `weight` is the seed. */
static void golden_dropout(struct golden *g)
{
    struct netrt_dropout k = {0};
    READ_SHAPE(dropout, g, &k);
    k.channel_step = k.h * k.w;
    k.column_step = 1;
    const long n = k.images * k.c * k.h * k.w;
    make_two(g, n, 1, 0, g->weight, n);
    netrt_reference_dropout(&k, &g->a);
}

#endif
