/* What finds boxes, against the plain references, bit by bit. Part of kernels.c, whose macros it
 * uses. */
#ifndef NETC_TEST_UNIT_KERNEL_BOXES_H
#define NETC_TEST_UNIT_KERNEL_BOXES_H

#include "kernel_case.h"

/* Boxes on a grid, of which many overlap and some are equal; sides may be NaN or infinite. */
static float *draw_boxes(struct test *t, long n)
{
    float *x = new_floats(4 * n);
    const int wild = draw(t, 0, 3) == 0;
    for (long i = 0; i < n; i++)
        for (int axis = 0; axis < 2; axis++) {
            x[4 * i + axis] = (float)draw(t, -3, 20) * 0.7f;
            x[4 * i + 2 + axis] = x[4 * i + axis] + (float)draw(t, -1, 9) * 1.3f;
        }
    for (long i = 0; i < 4 * n && wild; i++)
        if (draw(t, 0, 40) == 0)
            x[i] = draw(t, 0, 1) ? NAN : draw(t, 0, 1) ? INFINITY : -INFINITY;
    return x;
}

/* Which boxes leave each other out, and how many there are. */
static void draw_groups(struct test *t, struct netrt_nms *k)
{
    long *const level[] = {&k->level1, &k->level2, &k->level3, &k->level4, &k->level5};
    k->grouped = draw(t, 0, 2);
    for (int i = 0; i < 5; i++)
        *level[i] = k->grouped == 2 ? draw(t, i ? *level[i - 1] : 0, k->boxes) : k->boxes;
    k->first_class = k->classes > 1 ? draw(t, 0, 1) : 0;
    k->candidates = draw(t, 0, 1) ? draw(t, 1, k->boxes) : 0;
    k->counted = draw(t, 0, 1);
}

/* Numbers of one case in ten are so many that groups are no longer moved apart. */
static struct netrt_nms draw_nms(struct test *t)
{
    struct netrt_nms k = {.images = draw(t, 1, 2), .classes = draw(t, 1, 4)};
    k.boxes = draw(t, 0, 9) ? draw(t, 1, 30) : draw(t, 300, 400);
    k.detections = draw(t, 1, k.boxes * k.classes);
    draw_groups(t, &k);
    k.in_class = draw(t, 0, 1) ? 4 : 0;
    k.in_box = k.in_class ? 4 * k.classes : 4;
    k.in_image = k.boxes * k.in_box;
    k.other_class = 1;
    k.other_box = k.classes;
    k.other_image = k.boxes * k.classes;
    k.out_box = 4;
    k.out_image = 4 * k.detections;
    k.more_image = k.detections;
    k.classes_at = k.images * k.detections;
    k.count_at = 2 * k.classes_at;
    k.iou_threshold = (float)draw(t, 0, 10) / 10;
    k.score_threshold = draw(t, 0, 1) ? -INFINITY : (float)draw(t, -6, 6);
    k.min_size = (float)draw(t, 0, 2);
    return k;
}

static void try_nms(struct test *t)
{
    const struct netrt_nms k = draw_nms(t);
    const long boxes = k.images * k.in_image / 4, scores = k.images * k.other_image;
    const long out = k.images * k.out_image, more = 2 * k.classes_at + k.images * NETRT_BLOCK;
    float *in = draw_boxes(t, boxes), *other = draw_levels(t, scores);
    float *counts = draw_integers(t, k.images * NETRT_BLOCK, 0, k.boxes);
    float *want = new_floats(out + more), *got = new_floats(out + more);
    float *scratch = new_floats(netrt_nms_scratch(&k));
    struct netrt_args a = {
        .in = in, .other = other, .third = counts, .out = want, .more = want + out};
    netrt_reference_nms(&k, &a);
    a.out = got;
    a.more = got + out;
    a.scratch = scratch;
    RUN(nms, &k, &a, run_nms);
    judge_bits(t, "nms", got, want, out + more);
    free(in);
    free(other);
    free(counts);
    free(want);
    free(got);
    free(scratch);
}

#endif
