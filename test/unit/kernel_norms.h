/* Softmax and normalizations against their plain references. Part of kernels.c, whose macros it
 * uses. */
#ifndef NETC_TEST_UNIT_KERNEL_NORMS_H
#define NETC_TEST_UNIT_KERNEL_NORMS_H

#include "kernel_case.h"

static void try_softmax(struct test *t)
{
    struct netrt_softmax k = {.log = draw(t, 0, 1)};
    DRAW_SHAPE(t, k);
    k.task_positions = draw(t, 1, 9);
    SET_BORDER(k, draw_border(t));
    const long size[] = {k.c, k.h, k.w};
    struct operands o = draw_plain(t, k.images, size, size, BORDER_OF(k));
    TRY_SAME_SHAPE(t, softmax, k, o);
}

#define DRAW_NORM(t, k)                                                                            \
    ((k).centered = draw(t, 0, 1), (k).scale = draw(t, 0, 1), (k).bias = draw(t, 0, 1),            \
     (k).eps = 1e-2f)

static void try_channelnorm(struct test *t)
{
    struct netrt_channelnorm k = {0};
    DRAW_SHAPE(t, k);
    DRAW_NORM(t, k);
    k.task_positions = draw(t, 1, 9);
    SET_BORDER(k, draw_border(t));
    const long size[] = {k.c, k.h, k.w};
    struct operands o =
        draw_operands(t, k.images, size, (struct border){0}, 0, size, BORDER_OF(k), k.c);
    o.packed.weight = pack_channels(o.dense.weight, k.c);
    TRY_SAME_SHAPE(t, channelnorm, k, o);
}

static void try_lrn(struct test *t)
{
    struct netrt_lrn k = {0};
    DRAW_SHAPE(t, k);
    k.size = draw(t, 1, 40);
    k.alpha = (float)draw(t, 1, 100) / 10;
    k.beta = (float)draw(t, 1, 8) / 4;
    k.k = (float)draw(t, 1, 4) / 2;
    k.task_rows = draw(t, 1, 4);
    SET_BORDER(k, draw_border(t));
    const long size[] = {k.c, k.h, k.w};
    struct operands o = draw_plain(t, k.images, size, size, BORDER_OF(k));
    TRY_SAME_SHAPE(t, lrn, k, o);
}

/* Weights by channel; by channel and position, of which either may be the inner one. */
static void draw_norm_weights(struct test *t, struct netrt_groupnorm *k)
{
    const long whole = netrt_ceil_div(k->c, NETRT_BLOCK) * NETRT_BLOCK;
    k->weight_block = NETRT_BLOCK;
    switch (draw(t, 0, 2)) {
    case 1:
        k->weight_block = k->h * k->w * NETRT_BLOCK;
        k->weight_position = NETRT_BLOCK;
        break;
    case 2:
        k->weight_position = whole;
    }
}

static void pack_norm_weights(const struct netrt_groupnorm *k, struct operands *o)
{
    const long plane = k->weight_position ? k->h * k->w : 1;
    free((void *)o->packed.bias);
    o->packed.bias = pack_planes(o->dense.bias, k->c, plane, k->weight_block, k->weight_position);
    o->packed.weight =
        pack_planes(o->dense.weight, k->c, plane, k->weight_block, k->weight_position);
}

static void try_groupnorm(struct test *t)
{
    static const long groups[] = {1, 2, 4, 8, 16, 32, 3, 6, 12, 24, 40};
    struct netrt_groupnorm k = {0};
    DRAW_SHAPE(t, k);
    DRAW_NORM(t, k);
    k.group = groups[draw(t, 0, sizeof groups / sizeof *groups - 1)];
    k.c = draw(t, 0, 2) ? k.group * draw(t, 1, 3) : k.c;
    k.group = k.c % k.group ? k.c : k.group;
    draw_norm_weights(t, &k);
    SET_BORDER(k, draw_border(t));
    const long size[] = {k.c, k.h, k.w}, elements = k.c * k.h * k.w;
    struct operands o =
        draw_operands(t, k.images, size, (struct border){0}, 0, size, BORDER_OF(k), elements);
    free((void *)o.dense.bias);
    o.dense.bias = new_uniform(t->seed + (t->drawn++ << 20), elements);
    pack_norm_weights(&k, &o);
    TRY_SAME_SHAPE(t, groupnorm, k, o);
}

#endif
