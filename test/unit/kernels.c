/*
 * Each kernel against its plain reference, over random shapes. To add a kernel: a row of
 * shapes.def, and a function try_<name> here.
 */
#define NETRT_FOR for /* shapes known only when run: the loops stay loops */
#include "kernels/kernels.h"

#include "kernel_case.h"

/* run_<name>(): the kernel with a shape known only now. */
#define KERNEL(name, doc)                                                                          \
    static void run_##name(const struct netrt_##name *k, const struct netrt_args *a, long task)    \
    {                                                                                              \
        netrt_##name(k, a, task);                                                                  \
    }
#include "kernels/shapes.def"

enum {
    LAST_ACT = -1
#define ACT(name, ...) +1
#include "kernels/acts.def"
};

/* An activation that does not magnify the rounding of what comes before it. */
static long draw_act(struct test *t)
{
    for (;;) {
        const long act = draw(t, 0, LAST_ACT);
        if (act != NETRT_ACT_exp && act != NETRT_ACT_log && act != NETRT_ACT_sqrt &&
            act != NETRT_ACT_pow)
            return act;
    }
}

/* ---- convolutions ---- */

/* Draws what all convolutions have, and the size of the input; returns 0 where it is too small. */
#define DRAW_WINDOW(t, k, ih, iw)                                                                  \
    ((k).images = draw(t, 1, 2), (k).kh = draw(t, 1, 4), (k).kw = draw(t, 1, 4),                   \
     (k).sh = draw(t, 1, 3), (k).sw = draw(t, 1, 3), (k).dh = draw(t, 1, 2),                       \
     (k).dw = draw(t, 1, 2), (k).pt = draw(t, 0, 3), (k).pl = draw(t, 0, 3),                       \
     (ih) = draw(t, 1, 12), (iw) = draw(t, 1, 20),                                                 \
     (k).oh = ((ih) + (k).pt + draw(t, 0, 3) - (k).dh * ((k).kh - 1) - 1 + (k).sh) / (k).sh,       \
     (k).ow = ((iw) + (k).pl + draw(t, 0, 3) - (k).dw * ((k).kw - 1) - 1 + (k).sw) / (k).sw,       \
     (k).oh > 0 && (k).ow > 0)

#define DRAW_EPILOGUE(t, k)                                                                        \
    ((k).bias = draw(t, 0, 1), (k).residual = draw(t, 0, 1), (k).act = draw_act(t),                \
     (k).act_arg = 0.1f, (k).act_arg2 = 0.7f)

/* The taps of the whole kernel that a convolution multiplies. */
static void take_part(const struct netrt_conv *k, const float *whole, float *part)
{
    for (long i = 0; i < k->oc * k->group_ic; i++)
        for (long y = 0; y < k->kh; y++)
            for (long x = 0; x < k->kw; x++)
                *part++ = whole[(i * k->all_h + k->skip_h + y) * k->all_w + k->skip_w + x];
}

/* The same with rows that are so many of the map's. */
static struct netrt_conv with_long_rows(const struct netrt_conv *k, long rows)
{
    struct netrt_conv made = *k;
    made.width = rows > 1 ? k->ow : 0;
    made.oh /= rows;
    made.ow *= rows;
    return made;
}

/* The kernel may be a part of the one whose weights were packed. */
static void check_conv(struct test *t, struct netrt_conv *k, long rows, long ih, long iw)
{
    const long ic = k->oc / k->group_oc * k->group_ic;
    const long all = k->all_h ? k->all_h * k->all_w : k->kh * k->kw;
    struct operands o = CONV_OPERANDS(t, k, ic, k->oc, ih, iw, k->ic_block != NETRT_BLOCK,
                                      k->oc * k->group_ic * k->kh * k->kw);
    const struct packing p = {k->oc,       k->ic, k->group_oc, k->group_ic,
                              k->ic_block, all,   0,           k->stored};
    SET_VIEWS(k, o);
    float *whole = new_uniform(t->seed, k->oc * k->group_ic * all);
    o.packed.weight = pack_weights(&p, k->all_h ? whole : o.dense.weight);
    if (k->all_h)
        take_part(k, whole, (float *)o.dense.weight);
    free(whole);
    netrt_reference_conv(k, &o.dense, ih, iw);
    const struct netrt_conv made = with_long_rows(k, rows);
    RUN(conv, &made, &o.packed, run_conv);
    JUDGE(t, conv, &made, o.out, o.dense.out);
    release_operands(&o);
}

/* Any groups; the tile as a schedule may choose it. */
static void draw_conv_channels(struct test *t, struct netrt_conv *k)
{
    const long kind = draw(t, 0, 5), groups = draw(t, 2, 3);
    k->group_oc = draw(t, 1, 70);
    k->group_ic = draw(t, 1, 40);
    if (kind == 0) { /* whole blocks */
        k->group_oc = NETRT_BLOCK * draw(t, 1, 3);
        k->group_ic = NETRT_BLOCK * draw(t, 1, 2);
    }
    k->oc = k->group_oc * (kind < 2 ? groups : 1);
    t->clean = kind == 1; /* groups in one block: 0 NaN is NaN */
    k->ic = channels_read(k->oc, k->group_oc, k->group_ic);
    k->ic_block = kind == 5 && k->ic != NETRT_BLOCK ? k->ic : NETRT_BLOCK;
    k->blocks = draw(t, 1, 4);
    if (kind < 2 && k->group_oc / NETRT_BLOCK % k->blocks)
        k->blocks = 1;
    if (kind == 1)
        k->blocks = 1;
}

static void try_conv(struct test *t)
{
    struct netrt_conv k = {0};
    long ih, iw;
    if (!DRAW_WINDOW(t, k, ih, iw))
        return;
    DRAW_EPILOGUE(t, k);
    SET_BORDER(k, draw_border(t));
    draw_conv_channels(t, &k);
    k.cols = draw(t, 1, 14);
    const long in_row = draw(t, 1, 3), rows = k.oh % in_row ? 1 : in_row;
    const long of_tile = k.cols >= 2 * k.ow * rows ? k.cols / (k.ow * rows) : 1;
    k.task_blocks = k.blocks * draw(t, 1, 2);
    k.task_rows = of_tile * draw(t, 1, 3);
    k.ahead = NETRT_BLOCK * draw(t, 0, 4);
    if (k.ic_block == NETRT_BLOCK)
        k.pass_ic = NETRT_BLOCK * draw(t, 0, 2);
    k.stored = draw(t, NETRT_STORED_f32, NETRT_STORED_f16);
    if (draw(t, 0, 3) == 0) {
        k.skip_h = draw(t, 0, 2);
        k.skip_w = draw(t, 0, 2);
        k.all_h = k.skip_h + k.kh + draw(t, 0, 2);
        k.all_w = k.skip_w + k.kw + draw(t, 0, 2);
        k.ahead = 0;
    }
    check_conv(t, &k, rows, ih, iw);
}

/* Winograd's convolution is the plain one; NaN is left out, as it spreads over tiles. */
static void check_winograd(struct test *t, struct netrt_winograd *k, long ih, long iw)
{
    struct netrt_conv plain = netrt_reference_of_winograd(k);
    SET_BORDER(plain, BORDER_OF(*k));
    struct operands o =
        CONV_OPERANDS(t, &plain, k->ic, k->oc, ih, iw, 0, k->oc * k->ic * k->kh * k->kw);
    SET_VIEWS(k, o);
    o.packed.weight = pack_winograd(k, o.dense.weight);
    o.packed.scratch = new_floats(netrt_winograd_scratch(k));
    netrt_reference_winograd(k, &o.dense, ih, iw);
    RUN(winograd, k, &o.packed, run_winograd);
    JUDGE(t, winograd, k, o.out, o.dense.out);
    free(o.packed.scratch);
    release_operands(&o);
}

/* A kernel's size, and a tile of 8 points at most; one row or column is left as it is. */
static void draw_winograd_tile(struct test *t, long *kernel, long *tile)
{
    *kernel = draw(t, 1, 7);
    *tile = *kernel == 1 ? 1 : draw(t, 1, NETRT_WINOGRAD_MOST + 1 - *kernel);
}

static void try_winograd(struct test *t)
{
    struct netrt_winograd k = {.images = draw(t, 1, 2),
                               .ic = draw(t, 1, 40),
                               .oc = draw(t, 1, 70),
                               .dh = draw(t, 0, 2) ? 1 : draw(t, 2, 9),
                               .dw = draw(t, 0, 2) ? 1 : draw(t, 2, 4),
                               .pt = draw(t, 0, 2),
                               .pl = draw(t, 0, 2)};
    draw_winograd_tile(t, &k.kh, &k.tile_h);
    draw_winograd_tile(t, &k.kw, &k.tile_w);
    const long high = (k.kh - 1) * k.dh + 1, wide = (k.kw - 1) * k.dw + 1;
    const long ih = high + draw(t, 0, 12), iw = wide + draw(t, 0, 18);
    t->clean = t->rounded = 1;
    k.oh = ih + k.pt + draw(t, 0, 2) - high + 1;
    k.ow = iw + k.pl + draw(t, 0, 2) - wide + 1;
    DRAW_EPILOGUE(t, k);
    k.act = draw(t, 0, 1) ? NETRT_ACT_relu : NETRT_ACT_none; /* no end of the scale hides sums */
    SET_BORDER(k, draw_border(t));
    k.blocks = draw(t, 1, 4);
    k.cols = draw(t, 1, 8);
    k.point_blocks = k.blocks * draw(t, 1, 2);
    k.task_tiles = draw(t, 1, 24);
    k.task_blocks = k.point_blocks * draw(t, 1, 2);
    check_winograd(t, &k, ih, iw);
}

/* Linear over a batch: columns are images. */
static void check_linear(struct test *t, long n, long ic, long oc, long blocks, long cols,
                         enum netrt_stored stored)
{
    struct netrt_conv k = {.images = 1,
                           .ic = ic,
                           .ic_block = NETRT_BLOCK,
                           .oc = oc,
                           .group_oc = oc,
                           .group_ic = ic,
                           .oh = 1,
                           .ow = 1,
                           .kh = 1,
                           .kw = 1,
                           .sh = 1,
                           .sw = 1,
                           .dh = 1,
                           .dw = 1,
                           .bias = 1,
                           .residual = 1,
                           .act = NETRT_ACT_sigmoid,
                           .blocks = blocks,
                           .cols = cols,
                           .task_blocks = blocks,
                           .task_rows = 1,
                           .stored = stored};
    k.images = n;
    struct operands o = CONV_OPERANDS(t, &k, ic, oc, 1, 1, 0, oc * ic);
    const struct packing p = {oc, ic, oc, ic, NETRT_BLOCK, 1, 0, stored};
    o.packed.weight = pack_weights(&p, o.dense.weight);
    netrt_reference_conv(&k, &o.dense, 1, 1);
    SET_VIEWS(&k, o);
    k.images = 1;
    k.ow = n;
    k.in.col = k.in.image;
    k.out.col = k.out.image;
    k.other.col = k.other.image;
    RUN(conv, &k, &o.packed, run_conv);
    JUDGE(t, conv, &k, o.out, o.dense.out);
    release_operands(&o);
}

static void check_depthwise(struct test *t, struct netrt_depthwise *k, long ih, long iw)
{
    struct operands o = CONV_OPERANDS(t, k, k->c, k->c, ih, iw, 0, k->c * k->kh * k->kw);
    SET_VIEWS(k, o);
    o.packed.weight = pack_block_weights(o.dense.weight, k->c, 1, k->kh * k->kw);
    netrt_reference_depthwise(k, &o.dense, ih, iw);
    RUN(depthwise, k, &o.packed, run_depthwise);
    JUDGE(t, depthwise, k, o.out, o.dense.out);
    release_operands(&o);
}

static void try_depthwise(struct test *t)
{
    struct netrt_depthwise k = {0};
    long ih, iw;
    if (!DRAW_WINDOW(t, k, ih, iw))
        return;
    DRAW_EPILOGUE(t, k);
    SET_BORDER(k, draw_border(t));
    k.c = draw(t, 1, 40);
    k.cols = draw(t, 1, 9);
    k.task_rows = draw(t, 1, 5);
    check_depthwise(t, &k, ih, iw);
}

static void check_grouped(struct test *t, struct netrt_grouped *k, long ih, long iw)
{
    struct operands o = CONV_OPERANDS(t, k, k->c, k->c, ih, iw, 0, k->c * k->group * k->kh * k->kw);
    SET_VIEWS(k, o);
    o.packed.weight = pack_block_weights(o.dense.weight, k->c, k->group, k->kh * k->kw);
    netrt_reference_grouped(k, &o.dense, ih, iw);
    RUN(grouped, k, &o.packed, run_grouped);
    JUDGE(t, grouped, k, o.out, o.dense.out);
    release_operands(&o);
}

static void try_grouped(struct test *t)
{
    struct netrt_grouped k = {0};
    long ih, iw;
    if (!DRAW_WINDOW(t, k, ih, iw))
        return;
    DRAW_EPILOGUE(t, k);
    SET_BORDER(k, draw_border(t));
    k.group = 1L << draw(t, 1, 3);
    k.c = k.group * draw(t, 1, 40 / k.group);
    k.cols = draw(t, 1, 9);
    k.task_rows = draw(t, 1, 5);
    check_grouped(t, &k, ih, iw);
}

static void check_conv_transpose(struct test *t, struct netrt_conv_transpose *k)
{
    const long ic = k->oc / k->group_oc * k->group_ic;
    struct operands o = draw_operands(t, k->images, (const long[]){ic, k->ih, k->iw},
                                      (struct border){0}, 0, (const long[]){k->oc, k->oh, k->ow},
                                      BORDER_OF(*k), ic * k->group_oc * k->kh * k->kw);
    const struct packing p = {k->oc,       k->ic,         k->group_oc, k->group_ic,
                              NETRT_BLOCK, k->kh * k->kw, 1,           k->stored};
    SET_VIEWS(k, o);
    o.packed.weight = pack_weights(&p, o.dense.weight);
    netrt_reference_conv_transpose(k, &o.dense);
    RUN(conv_transpose, k, &o.packed, run_conv_transpose);
    JUDGE(t, conv_transpose, k, o.out, o.dense.out);
    release_operands(&o);
}

static void try_conv_transpose(struct test *t)
{
    struct netrt_conv_transpose k = {0};
    long unused;
    (void)DRAW_WINDOW(t, k, unused, unused);
    DRAW_EPILOGUE(t, k);
    SET_BORDER(k, draw_border(t));
    k.ih = draw(t, 1, 9);
    k.iw = draw(t, 1, 25);
    k.oh = (k.ih - 1) * k.sh + (k.kh - 1) * k.dh + 1 - k.pt - draw(t, 0, 2);
    k.ow = (k.iw - 1) * k.sw + (k.kw - 1) * k.dw + 1 - k.pl - draw(t, -1, 2);
    if (k.oh < 1 || k.ow < 1)
        return;
    k.group_oc = draw(t, 1, 40);
    k.group_ic = draw(t, 1, 40);
    k.oc = k.group_oc * draw(t, 1, 2);
    t->clean = k.oc > k.group_oc;
    k.ic = channels_read(k.oc, k.group_oc, k.group_ic);
    k.task_rows = draw(t, 1, 5);
    k.stored = draw(t, NETRT_STORED_f32, NETRT_STORED_f16);
    check_conv_transpose(t, &k);
}

/* ---- the others ---- */

/* The border becomes zero, and what is inside stays. */
static void try_border(struct test *t)
{
    struct netrt_border k = {
        .images = draw(t, 1, 2), .c = draw(t, 1, 40), .h = draw(t, 1, 5), .w = draw(t, 1, 9)};
    SET_BORDER(k, draw_border(t));
    float *inside = draw_floats(t, k.images * k.c * k.h * k.w);
    struct tensor out = new_packed(inside, k.images, k.c, k.h, k.w, BORDER_OF(k), 0);
    const long position = NETRT_BLOCK, rows = k.border_top + k.h + k.border_bottom;
    for (long i = 0; i < k.images * netrt_ceil_div(k.c, NETRT_BLOCK) * rows; i++)
        for (long x = -k.border_left; x < k.w + k.border_right; x++) {
            const long y = i % rows - k.border_top;
            float *at = out.at + i / rows * out.view.plane + y * out.view.row + x * position;
            for (long lane = 0; (y < 0 || y >= k.h || x < 0 || x >= k.w) && lane < position; lane++)
                at[lane] = 1;
        }
    struct netrt_args a = {.out = out.at};
    k.out = out.view;
    RUN(border, &k, &a, run_border);
    JUDGE(t, border, &k, out, inside);
}

/* The operands of a kernel without weights: the border of its input holds poison. */
static struct operands draw_plain(struct test *t, long n, const long in[3], const long out[3],
                                  struct border border)
{
    struct operands o = draw_operands(t, n, in, (struct border){0}, 0, out, border, 1);
    return o;
}

static void try_pooling(struct test *t)
{
    struct netrt_pooling k = {0};
    if (!DRAW_WINDOW(t, k, k.ih, k.iw))
        return;
    SET_BORDER(k, draw_border(t));
    k.average = draw(t, 0, 1);
    k.count_include_pad = draw(t, 0, 1);
    if (k.average)
        k.dh = k.dw = 1;
    k.c = draw(t, 1, 40);
    k.pt = draw(t, 0, k.kh / 2);
    k.pl = draw(t, 0, k.kw / 2);
    k.pb = draw(t, 0, k.kh / 2);
    k.pr = draw(t, 0, k.kw / 2);
    /* As with ceil: a last window may start in the input and end beyond its padding. */
    k.oh = (k.ih + k.pt - 1) / k.sh + 1;
    k.ow = (k.iw + k.pl - 1) / k.sw + 1;
    k.task_rows = draw(t, 1, 5);
    struct operands o = draw_plain(t, k.images, (const long[]){k.c, k.ih, k.iw},
                                   (const long[]){k.c, k.oh, k.ow}, BORDER_OF(k));
    SET_IN_OUT(&k, o);
    netrt_reference_pooling(&k, &o.dense);
    RUN(pooling, &k, &o.packed, run_pooling);
    JUDGE(t, pooling, &k, o.out, o.dense.out);
    release_operands(&o);
}

static void try_adaptive_pooling(struct test *t)
{
    struct netrt_adaptive_pooling k = {.average = draw(t, 0, 1)};
    k.images = draw(t, 1, 2);
    k.c = draw(t, 1, 40);
    k.ih = draw(t, 1, 12);
    k.iw = draw(t, 1, 12);
    k.oh = draw(t, 1, 8);
    k.ow = draw(t, 1, 8);
    SET_BORDER(k, draw_border(t));
    struct operands o = draw_plain(t, k.images, (const long[]){k.c, k.ih, k.iw},
                                   (const long[]){k.c, k.oh, k.ow}, BORDER_OF(k));
    SET_IN_OUT(&k, o);
    netrt_reference_adaptive_pooling(&k, &o.dense);
    RUN(adaptive_pooling, &k, &o.packed, run_adaptive_pooling);
    JUDGE(t, adaptive_pooling, &k, o.out, o.dense.out);
    release_operands(&o);
}

/* An operand of a pointwise kernel that has one channel, row or column where `ones` says so;
 * returns its strides. */
static struct netrt_view respread(struct tensor *t, const float *dense,
                                  const struct netrt_pointwise *k, int ones)
{
    free(t->base);
    *t = new_packed(dense, k->images, ones & 1 ? 1 : k->c, ones & 2 ? 1 : k->h, ones & 4 ? 1 : k->w,
                    (struct border){0}, 0);
    struct netrt_view view = t->view;
    view.plane = ones & 1 ? 0 : view.plane;
    view.row = ones & 2 ? 0 : view.row;
    view.col = ones & 4 ? 0 : view.col;
    return view;
}

static void draw_pointwise(struct test *t, struct netrt_pointwise *k)
{
    k->images = draw(t, 1, 2);
    k->c = draw(t, 1, 40);
    k->h = draw(t, 1, 8);
    k->w = draw(t, 1, 8);
    k->bias = draw(t, 0, 1);
    k->join = draw(t, NETRT_JOIN_none, NETRT_JOIN_maximum);
    k->slope = draw(t, 0, 5) < 4 ? 0 : draw(t, 1, 2);
    k->scale = k->slope ? 0 : draw(t, 0, 1);
    k->act = k->scale || k->bias || k->join ? draw_act(t) : draw(t, 0, LAST_ACT);
    k->act_arg = (float)draw(t, 0, 9) / 2;
    k->act_arg2 = 0.7f;
    k->task_rows = draw(t, 1, 5);
    SET_BORDER(*k, draw_border(t));
}

static void try_pointwise(struct test *t)
{
    struct netrt_pointwise k = {0};
    const int in_ones = (int)draw(t, 0, 7), other_ones = (int)draw(t, 0, 7);
    draw_pointwise(t, &k);
    const long size[] = {k.c, k.h, k.w};
    struct operands o =
        draw_operands(t, k.images, size, (struct border){0}, 0, size, BORDER_OF(k), k.c);
    SET_VIEWS(&k, o);
    k.in = respread(&o.in, o.dense.in, &k, in_ones);
    k.other = respread(&o.other, o.dense.other, &k, other_ones);
    k.in_spread = in_ones & 1;
    k.other_spread = other_ones & 1;
    o.packed.in = o.in.at;
    o.packed.other = o.other.at;
    o.packed.weight = pack_channels(o.dense.weight, k.c);
    netrt_reference_pointwise(&k, &o.dense, in_ones, other_ones);
    RUN(pointwise, &k, &o.packed, run_pointwise);
    JUDGE(t, pointwise, &k, o.out, o.dense.out);
    release_operands(&o);
}

/* The ratio of the sizes, of the positions between their ends, or of another one that comes to
 * `out`. */
static float draw_step(struct test *t, long in, long out, long centers)
{
    if (draw(t, 0, 2) == 0)
        return (float)in / ((float)out + (float)draw(t, 1, 9) / 10);
    return centers || out == 1 ? (float)in / (float)out : (float)(in - 1) / (float)(out - 1);
}

static void try_resample(struct test *t)
{
    struct netrt_resample k = {0};
    k.images = draw(t, 1, 2);
    k.c = draw(t, 1, 40);
    k.ih = draw(t, 1, 7);
    k.iw = draw(t, 1, 7);
    k.oh = draw(t, 0, 1) ? k.ih * draw(t, 1, 4) : draw(t, 1, 20);
    k.ow = draw(t, 0, 1) ? k.iw * draw(t, 1, 4) : draw(t, 1, 20);
    k.taps = 1L << draw(t, 0, 2);
    k.centers = draw(t, 0, 1);
    k.step_y = draw_step(t, k.ih, k.oh, k.centers);
    k.step_x = draw_step(t, k.iw, k.ow, k.centers);
    t->clean = 1; /* a neighbour of weight 0 counts in one, not in the other */
    k.task_rows = draw(t, 1, 5);
    SET_BORDER(k, draw_border(t));
    struct operands o = draw_plain(t, k.images, (const long[]){k.c, k.ih, k.iw},
                                   (const long[]){k.c, k.oh, k.ow}, BORDER_OF(k));
    SET_IN_OUT(&k, o);
    netrt_reference_resample(&k, &o.dense);
    RUN(resample, &k, &o.packed, run_resample);
    JUDGE(t, resample, &k, o.out, o.dense.out);
    release_operands(&o);
}

static void try_pixel_shuffle(struct test *t)
{
    struct netrt_pixel_shuffle k = {.side = draw(t, 1, 4), .inverse = draw(t, 0, 1)};
    const long c = draw(t, 1, 20), h = draw(t, 1, 5), w = draw(t, 1, 5), side = k.side;
    const long few[] = {c, h * side, w * side}, many[] = {c * side * side, h, w};
    const long *in = k.inverse ? few : many, *out = k.inverse ? many : few;
    k.images = draw(t, 1, 2);
    k.c = out[0];
    k.oh = out[1];
    k.ow = out[2];
    k.task_rows = draw(t, 1, 5);
    SET_BORDER(k, draw_border(t));
    struct operands o = draw_plain(t, k.images, in, out, BORDER_OF(k));
    SET_IN_OUT(&k, o);
    netrt_reference_pixel_shuffle(&k, &o.dense);
    RUN(pixel_shuffle, &k, &o.packed, run_pixel_shuffle);
    JUDGE(t, pixel_shuffle, &k, o.out, o.dense.out);
    release_operands(&o);
}

/* A kernel whose output has the shape of its input. */
#define TRY_SAME_SHAPE(t, name, k, o)                                                              \
    do {                                                                                           \
        SET_IN_OUT(&(k), o);                                                                       \
        netrt_reference_##name(&(k), &(o).dense);                                                  \
        RUN(name, &(k), &(o).packed, run_##name);                                                  \
        JUDGE(t, name, &(k), (o).out, (o).dense.out);                                              \
        release_operands(&(o));                                                                    \
    } while (0)
#define DRAW_SHAPE(t, k)                                                                           \
    ((k).images = draw(t, 1, 2), (k).c = draw(t, 1, 40), (k).h = draw(t, 1, 6),                    \
     (k).w = draw(t, 1, 6))

/* `over`: bits 1, 2 and 4 for channels, rows and columns that are reduced. */
static void set_loops(struct netrt_reduce *k, long h, long w, int over)
{
    k->kept0 = over & 2 ? 1 : h;
    k->kept1 = over & 4 ? 1 : w;
    k->many0 = over & 2 ? h : 1;
    k->many1 = over & 4 ? w : 1;
    k->in0 = k->step0 = k->in.row;
    k->in1 = k->step1 = k->in.col;
    k->out0 = k->out.row;
    k->out1 = k->out.col;
}

static void try_reduce(struct test *t)
{
    struct netrt_reduce k = {.reduction = draw(t, 0, 3), .images = draw(t, 1, 2)};
    const long h = draw(t, 1, 9), w = draw(t, 1, 9);
    const int over = (int)draw(t, 1, 7);
    k.c = draw(t, 1, 40);
    k.over_channels = over & 1;
    k.oh = over & 2 ? 1 : h;
    k.ow = over & 4 ? 1 : w;
    SET_BORDER(k, draw_border(t));
    const long in[] = {k.c, h, w}, out[] = {over & 1 ? 1 : k.c, k.oh, k.ow};
    struct operands o = draw_plain(t, k.images, in, out, BORDER_OF(k));
    SET_IN_OUT(&k, o);
    set_loops(&k, h, w, over);
    netrt_reference_reduce(&k, &o.dense, h, w, over);
    RUN(reduce, &k, &o.packed, run_reduce);
    JUDGE(t, reduce, &k, o.out, o.dense.out);
    release_operands(&o);
}

#include "kernel_norms.h"

#include "kernel_matmul.h"
#include "kernel_attention.h"

#include "kernel_gradient.h"
#include "kernel_recurrent.h"

/* ---- copy ---- */

/* Poisons what the copy must write: its channels, the borders of their blocks, the lanes after. */
static void poison_target(const struct netrt_copy *k, struct tensor *t)
{
    const long from = t->planar ? k->at : k->at / NETRT_BLOCK * NETRT_BLOCK;
    const long end =
        t->planar ? k->at + k->c : netrt_ceil_div(k->at + k->c, NETRT_BLOCK) * NETRT_BLOCK;
    const struct border *b = &t->border;
    for (long n = 0; n < t->n; n++)
        for (long c = from; c < end; c++)
            for (long y = -b->top; y < t->h + b->bottom; y++)
                for (long x = -b->left; x < t->w + b->right; x++) {
                    const int inside = y >= 0 && y < t->h && x >= 0 && x < t->w;
                    const int written = c >= k->at && (k->tail || c < k->at + k->c);
                    if (written || !inside)
                        *element(t, n, c, y, x) = poison();
                }
}

/* Copies between channels of a larger tensor, the others of which stay as they were. */
static void check_copy(struct test *t, struct netrt_copy *k, long channels)
{
    const long plane = k->oh * k->ow;
    float *in = draw_floats(t, k->images * k->ic * k->ih * k->iw);
    float *want = new_uniform(t->seed + (t->drawn++ << 20), k->images * channels * plane);
    float *part = new_floats(k->images * k->c * plane);
    struct netrt_args dense = {.in = in, .out = part};
    struct tensor from =
        new_packed(in, k->images, k->ic, k->ih, k->iw, (struct border){0}, !k->in_blocked);
    struct tensor to =
        new_packed(want, k->images, channels, k->oh, k->ow, BORDER_OF(*k), !k->out_blocked);
    struct netrt_args packed = {.in = from.at, .out = to.at};
    k->in = from.view;
    k->out = to.view;
    poison_target(k, &to);
    netrt_reference_copy(k, &dense);
    for (long n = 0; n < k->images; n++)
        memcpy(want + (n * channels + k->at) * plane, part + n * k->c * plane,
               (size_t)(k->c * plane) * sizeof *want);
    RUN(copy, k, &packed, run_copy);
    JUDGE(t, copy, k, to, want);
    free(in);
    free(part);
    free(from.base);
}

static void try_copy(struct test *t)
{
    struct netrt_copy k = {0};
    k.images = draw(t, 1, 2);
    k.ic = draw(t, 1, 50);
    k.ih = draw(t, 1, 6);
    k.iw = draw(t, 1, 6);
    k.in_blocked = draw(t, 0, 3) > 0;
    k.out_blocked = draw(t, 0, 3) > 0;
    k.uy = draw(t, 0, 2) ? 1 : draw(t, 2, 3);
    k.ux = draw(t, 0, 2) ? k.uy : draw(t, 1, 3);
    k.sy = draw(t, 0, 2) ? 1 : draw(t, -2, 2);
    k.sx = draw(t, 0, 2) ? 1 : draw(t, -2, 2);
    k.oh = draw(t, 1, k.ih * k.uy + 2);
    k.ow = draw(t, 1, k.iw * k.ux + 2);
    k.dy = draw(t, -2, 2) + (k.sy < 0 ? k.oh : 0);
    k.dx = draw(t, -2, 2) + (k.sx < 0 ? k.ow : 0);
    k.dc = draw(t, 0, 1) ? draw(t, -3, 3) : NETRT_BLOCK * draw(t, 0, 1);
    k.c = draw(t, 1, 50);
    k.at = draw(t, 0, 1) ? draw(t, 0, 20) : NETRT_BLOCK * draw(t, 0, 2);
    if (draw(t, 0, 3) == 0) {
        k.shuffle = draw(t, 1, 4);
        k.ic = k.c = k.shuffle * draw(t, 1, 12);
        k.dc = 0;
    }
    k.fill = draw(t, 0, 1) ? 0 : -1.5f;
    k.tail = k.out_blocked && draw(t, 0, 1);
    SET_BORDER(k, draw_border(t));
    check_copy(t, &k, k.at + k.c + (k.tail ? 0 : draw(t, 0, 20)));
}

/* Flatten: planes to one vector, cleared up to a whole block. */
static void check_flatten(struct test *t, long n, long c, long h, long w)
{
    const long size = c * h * w, whole = netrt_ceil_div(size, NETRT_BLOCK) * NETRT_BLOCK;
    float *in = draw_floats(t, n * size);
    struct tensor from = new_packed(in, n, c, h, w, (struct border){0, 1, 0, 0}, 0);
    struct tensor to = new_tensor(n, whole, 1, 1, (struct border){0}, 0);
    float *want = new_floats(n * whole), *line = new_floats(n * whole);
    const struct netrt_copy k = {.images = n,
                                 .in_blocked = 1,
                                 .ic = c,
                                 .ih = h,
                                 .iw = w,
                                 .c = c,
                                 .oh = h,
                                 .ow = w,
                                 .sy = 1,
                                 .sx = 1,
                                 .uy = 1,
                                 .ux = 1,
                                 .tail = 1,
                                 .in = from.view,
                                 .out = {whole, 0, w, 1, h * w}};
    const struct netrt_args a = {.in = from.at, .out = line};
    for (long i = 0; i < n * whole; i++) {
        want[i] = i % whole < size ? in[i / whole * size + i % whole] : 0;
        line[i] = poison();
    }
    RUN(copy, &k, &a, run_copy);
    pack(&to, line);
    JUDGE(t, copy, &k, to, want);
    free(in);
    free(line);
    free(from.base);
}

/* ---- strided ---- */

/* Steps of a dense order of the dimensions `order`, the last the innermost; returns the elements.
 */
static long dense_steps(const long n[6], const int order[6], long pad, long *const step[6])
{
    long size = 1;
    for (int i = 5; i >= 0; i--) {
        *step[order[i]] = size;
        size = size * n[order[i]] + (i == 5 ? pad : 0);
    }
    return size;
}

static void shuffle(struct test *t, int order[6])
{
    for (int i = 0; i < 6; i++)
        order[i] = i;
    for (int i = 5; i > 0; i--) {
        const int j = (int)draw(t, 0, i), at = order[i];
        order[i] = order[j];
        order[j] = at;
    }
}

static void try_strided(struct test *t)
{
    struct netrt_strided k = {0};
    const int plain[] = {0, 1, 2, 3, 4, 5};
    int order[6];
    long *const n[] = {&k.n0, &k.n1, &k.n2, &k.n3, &k.n4, &k.n5};
    long *const in[] = {&k.in0, &k.in1, &k.in2, &k.in3, &k.in4, &k.in5};
    long *const out[] = {&k.out0, &k.out1, &k.out2, &k.out3, &k.out4, &k.out5};
    for (int i = 0; i < 6; i++)
        *n[i] = draw(t, 1, i < 4 ? 3 : 40);
    const long size[] = {k.n0, k.n1, k.n2, k.n3, k.n4, k.n5};
    shuffle(t, order);
    k.pad = draw(t, 0, 3);
    k.task_rows = draw(t, 1, k.n4);
    float *from = draw_floats(t, dense_steps(size, order, 0, in));
    const long elements = dense_steps(size, plain, k.pad, out);
    float *want = new_floats(elements), *got = new_floats(elements);
    struct netrt_args a = {.in = from, .out = want};
    netrt_reference_strided(&k, &a);
    a.out = got;
    RUN(strided, &k, &a, run_strided);
    t->cases++;
    t->failures += memcmp(want, got, (size_t)elements * sizeof *got) != 0;
    free(from);
    free(want);
    free(got);
}

#include "kernel_index.h"
#include "kernel_boxes.h"
#include "kernel_pairs.h"

/* Every number of 16 bits is loaded as what its fields say. */
static void check_loads(struct test *t, enum netrt_stored stored)
{
    for (unsigned bits = 0; bits < 0x10000; bits += NETRT_VL) {
        uint16_t from[NETRT_VL];
        float to[NETRT_VL];
        for (unsigned i = 0; i < NETRT_VL; i++)
            from[i] = (uint16_t)(bits + i);
        netrt_store(to, netrt_load_stored(from, stored));
        for (unsigned i = 0; i < NETRT_VL; i++) {
            const double want = narrow_value(stored, bits + i), got = (double)to[i];
            const int same = isnan(want) ? isnan(got) : got == want;
            t->failures += !same || !signbit(got) != !signbit(want);
        }
    }
    t->cases++;
}

static void check_special(struct test *t)
{
    static const long linear[][5] = {{1, 50, 70, 3, 1}, {9, 50, 70, 2, 4}, {16, 64, 64, 4, 6}};
    for (int stored = NETRT_STORED_f32; stored <= NETRT_STORED_f16; stored++) {
        for (int i = 0; i < 3; i++)
            check_linear(t, linear[i][0], linear[i][1], linear[i][2], linear[i][3], linear[i][4],
                         (enum netrt_stored)stored);
        if (stored)
            check_loads(t, (enum netrt_stored)stored);
    }
    check_flatten(t, 2, 19, 3, 3);
    check_flatten(t, 1, 16, 2, 2);
}

int main(int argc, char **argv)
{
    enum { ROUNDS = 80 };
    static const struct {
        const char *name;
        void (*attempt)(struct test *);
    } kernels[] = {
#define KERNEL(name, doc) {#name, try_##name},
#include "kernels/shapes.def"
    };
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : ROUNDS;
    struct test t = {.seed = 1};
    check_special(&t);
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        const long before = t.failures, cases = t.cases;
        for (long round = 0; round < rounds;
             round++, t.seed++, t.drawn = 0, t.clean = t.rounded = 0)
            kernels[i].attempt(&t);
        printf("%s: %ld cases, %ld failed\n", kernels[i].name, t.cases - cases,
               t.failures - before);
        t.failures += t.cases == cases; /* a kernel that nothing tried */
    }
    return t.failures > 0;
}
