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
    k->grouped = draw(t, 0, 3);
    for (int i = 0; i < 5; i++)
        *level[i] = k->grouped >= 2 ? draw(t, i ? *level[i - 1] : 0, k->boxes) : k->boxes;
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
    k.indices_at = 2 * k.classes_at;
    k.count_at = 3 * k.classes_at;
    k.iou_threshold = (float)draw(t, 0, 10) / 10;
    k.score_threshold = draw(t, 0, 1) ? -INFINITY : (float)draw(t, -6, 6);
    k.min_size = (float)draw(t, 0, 2);
    return k;
}

/* Without equal scores or infinite sides, so that the last bits of an exponential decide nothing.
 */
static void soften_nms(struct test *t, struct netrt_nms *k, float *boxes, float *scores)
{
    const long sides = k->images * k->in_image, n = k->images * k->other_image;
    k->sigma = (float)draw(t, 1, 8) / 8;
    k->score_threshold = draw(t, 0, 1) ? -INFINITY : 0.2f;
    for (long i = 0; i < sides; i++)
        boxes[i] = (float)draw(t, 0, 100000) / 10000 + (i % 4 < 2 ? 0 : boxes[i - 2]);
    for (long i = 0; i < n; i++)
        scores[i] = (float)(i * 7919 % n + 1) / (float)n;
}

/* Where scores were softened they are `n` numbers that are near. */
static void judge_nms(struct test *t, float *got, const float *want, long boxes, long n, long all)
{
    int near = 1;
    for (long i = boxes; i < boxes + n; i++) {
        near &= is_near(got[i], want[i], 1e-5);
        got[i] = want[i];
    }
    if (!near)
        got[boxes] = NAN;
    judge_bits(t, "nms", got, want, all);
}

static void try_nms(struct test *t)
{
    struct netrt_nms k = draw_nms(t);
    const long boxes = k.images * k.in_image / 4, scores = k.images * k.other_image;
    const long out = k.images * k.out_image, more = 3 * k.classes_at + k.images * NETRT_BLOCK;
    float *in = draw_boxes(t, boxes), *other = draw_levels(t, scores);
    float *counts = draw_integers(t, k.images * NETRT_BLOCK, 0, k.boxes);
    float *want = new_floats(out + more), *got = new_floats(out + more);
    if (draw(t, 0, 3) == 0)
        soften_nms(t, &k, in, other);
    float *scratch = new_floats(netrt_nms_scratch(&k));
    struct netrt_args a = {
        .in = in, .other = other, .third = counts, .out = want, .more = want + out};
    netrt_reference_nms(&k, &a);
    a.out = got;
    a.more = got + out;
    a.scratch = scratch;
    RUN(nms, &k, &a, run_nms);
    judge_nms(t, got, want, out, k.sigma > 0 ? k.classes_at : 0, out + more);
    free(in);
    free(other);
    free(counts);
    free(want);
    free(got);
    free(scratch);
}

static struct netrt_anchors draw_anchors(struct test *t)
{
    struct netrt_anchors k = {.given = draw(t, 0, 1)};
    float *const size[] = {&k.size0, &k.size1, &k.size2, &k.size3, &k.size4, &k.size5};
    float *const ratio[] = {&k.ratio0, &k.ratio1, &k.ratio2, &k.ratio3, &k.ratio4, &k.ratio5};
    k.rows = draw(t, 1, 20);
    k.columns = draw(t, 1, 9);
    k.sh = (float)draw(t, 1, 64) / 2;
    k.sw = (float)draw(t, 1, 64) / 2;
    k.sizes = draw(t, 1, 6);
    k.ratios = k.given ? k.sizes : draw(t, 1, 6);
    k.position = (float)draw(t, 0, 2) / 2;
    k.out_box = draw(t, 0, 1) ? 4 : NETRT_BLOCK;
    for (int i = 0; i < 6; i++) {
        *size[i] = (float)draw(t, 1, 600) / 4;
        *ratio[i] = (float)draw(t, 1, 16) / 4;
    }
    return k;
}

static void try_anchors(struct test *t)
{
    const struct netrt_anchors k = draw_anchors(t);
    const long n = k.rows * k.columns * k.sizes * (k.given ? 1 : k.ratios) * k.out_box;
    float *want = new_floats(n), *got = new_floats(n);
    struct netrt_args a = {.out = want};
    netrt_reference_anchors(&k, &a);
    a.out = got;
    RUN(anchors, &k, &a, run_anchors);
    t->cases++;
    for (long i = 0; i < n; i++)
        if (!is_near(got[i], want[i], 1e-4)) {
            printf("FAIL anchors, seed %llu\n", (unsigned long long)t->seed);
            t->failures++;
            break;
        }
    free(want);
    free(got);
}

static void try_inside(struct test *t)
{
    struct netrt_inside k = {.images = draw(t, 1, 3), .boxes = draw(t, 1, 40)};
    k.in_box = draw(t, 0, 1) ? 4 : NETRT_BLOCK;
    k.in_image = k.boxes * k.in_box;
    k.out_image = k.boxes + draw(t, 0, 1) * draw(t, 0, 15);
    k.bottom = (float)draw(t, 1, 24) / 2;
    k.right = (float)draw(t, 1, 24) / 2;
    float *in = draw_levels(t, k.images * k.in_image), *drawn = draw_boxes(t, k.images * k.boxes);
    for (long i = 0; i < k.images * k.boxes && draw(t, 0, 3); i++)
        memcpy(in + i * k.in_box, drawn + 4 * i, 4 * sizeof *in);
    float *want = new_floats(k.images * k.out_image), *got = new_floats(k.images * k.out_image);
    struct netrt_args a = {.in = in, .out = want};
    netrt_reference_inside(&k, &a);
    a.out = got;
    RUN(inside, &k, &a, run_inside);
    t->cases++;
    if (memcmp(want, got, (size_t)(k.images * k.out_image) * sizeof *want)) {
        printf("FAIL inside, seed %llu\n", (unsigned long long)t->seed);
        t->failures++;
    }
    free(in);
    free(drawn);
    free(want);
    free(got);
}

static struct netrt_decode draw_decode(struct test *t)
{
    struct netrt_decode k = {.images = draw(t, 1, 2), .classes = draw(t, 1, 3)};
    k.boxes = draw(t, 1, 9) > 1 ? draw(t, 1, 30) : draw(t, 250, 520);
    k.yolo = k.classes == 1 ? draw(t, 0, 2) : 0;
    k.in_class = 4;
    k.in_box = 4 * k.classes;
    k.in_image = k.boxes * k.in_box;
    k.other_box = draw(t, 0, 1) ? 4 : NETRT_BLOCK;
    k.other_image = draw(t, 0, 1) ? k.boxes * k.other_box : 0;
    k.out_class = draw(t, 0, 1) ? 4 : NETRT_BLOCK;
    k.out_box = k.classes * k.out_class;
    k.out_image = k.boxes * k.out_box;
    k.weight0 = (float)draw(t, 1, 10);
    k.weight1 = (float)draw(t, 1, 10);
    k.weight2 = (float)draw(t, 1, 5);
    k.weight3 = (float)draw(t, 1, 5);
    k.stride_y = (float)draw(t, 1, 32);
    k.stride_x = (float)draw(t, 1, 32);
    k.bottom = draw(t, 0, 1) ? (float)draw(t, 1, 20) : 0;
    k.right = draw(t, 0, 1) ? (float)draw(t, 1, 20) : 0;
    return k;
}

/* Deltas are -6 to 6, or NaN. */
static void try_decode(struct test *t)
{
    const struct netrt_decode k = draw_decode(t);
    const long out = k.images * k.out_image, boxes = k.boxes * k.images;
    float *in = draw_levels(t, k.images * k.in_image);
    float *other = new_floats(boxes * k.other_box), *drawn = draw_boxes(t, boxes);
    for (long i = 0; i < boxes; i++)
        memcpy(other + i * k.other_box, drawn + 4 * i, 4 * sizeof *other);
    float *want = new_floats(out), *got = new_floats(out);
    struct netrt_args a = {.in = in, .other = other, .out = want};
    netrt_reference_decode(&k, &a);
    a.out = got;
    RUN(decode, &k, &a, run_decode);
    t->cases++;
    for (long i = 0; i < out; i++)
        if (!is_near(got[i], want[i], 1e-5 * (100 + fabs((double)want[i])))) {
            printf("FAIL decode, seed %llu: %g, not %g\n", (unsigned long long)t->seed,
                   (double)got[i], (double)want[i]);
            t->failures++;
            break;
        }
    free(in);
    free(other);
    free(drawn);
    free(want);
    free(got);
}

/* Regions inside of the map and beyond it, some of them empty or turned around. */
static float *draw_regions(struct test *t, long n, long step)
{
    float *x = new_floats(n * step);
    for (long i = 0; i < n; i++)
        for (int j = 0; j < 4; j++)
            x[i * step + j] = (float)draw(t, -30, 130) * (draw(t, 0, 1) ? 0.37f : 0.5f);
    return x;
}

static struct netrt_roi draw_roi(struct test *t)
{
    struct netrt_roi k = {.images = draw(t, 1, 2), .regions = draw(t, 1, 7)};
    k.c = draw(t, 1, 40);
    k.ih = draw(t, 1, 14);
    k.iw = draw(t, 1, 14);
    k.oh = draw(t, 1, 5);
    k.ow = draw(t, 1, 5);
    k.align = draw(t, 0, 1);
    k.samples = draw(t, 0, 3);
    k.offset = draw(t, 0, 1) ? 0.5f : 0;
    k.scale = 1.0f / (float)draw(t, 1, 8);
    k.least = k.most = (float)draw(t, 1, 20);
    k.other_box = draw(t, 0, 1) ? 4 : NETRT_BLOCK;
    k.other_image = k.regions * k.other_box;
    SET_BORDER(k, draw_border(t));
    return k;
}

/* No number ends a run, nor makes it long: NaN and infinities, whatever they give. */
static void try_wild_regions(struct test *t, struct netrt_roi *k, struct netrt_args *a,
                             float *regions)
{
    for (long i = 0; i < k->images * k->other_image; i++)
        if (draw(t, 0, 2) == 0)
            regions[i] = draw(t, 0, 2) ? NAN : draw(t, 0, 1) ? INFINITY : -1e30f;
    k->first = k->last = 1;
    RUN(roi, k, a, run_roi);
}

/* The small regions in one run, the others in a second one. */
static void try_roi(struct test *t)
{
    struct netrt_roi k = draw_roi(t);
    const long all = k.images * k.regions;
    float *in = draw_floats(t, k.images * k.c * k.ih * k.iw);
    float *regions = draw_regions(t, all, k.other_box), *want = new_floats(all * k.c * k.oh * k.ow);
    struct tensor packed = new_packed(in, k.images, k.c, k.ih, k.iw, (struct border){0}, 0);
    struct tensor out = new_tensor(all, k.c, k.oh, k.ow, BORDER_OF(k), 0);
    struct netrt_args a = {.in = in, .other = regions, .out = want};
    k.in = packed.view;
    k.out = out.view;
    struct netrt_args b = a;
    b.in = packed.at;
    b.out = out.at;
    for (int large = 0; large < 2; large++) {
        k.last = large;
        k.first = !large;
        netrt_reference_roi(&k, &a);
        RUN(roi, &k, &b, run_roi);
    }
    struct tensor other = new_tensor(all, k.c, k.oh, k.ow, BORDER_OF(k), 0);
    JUDGE(t, roi, &k, out, want);
    b.out = other.at;
    try_wild_regions(t, &k, &b, regions);
    free(other.base);
    free(packed.base);
    free(regions);
    free(in);
}

/* Boxes of a picture of so many positions and beyond it, the corners in order. */
static float *draw_pixels(struct test *t, long n, long step, long size)
{
    float *x = new_floats(n * step);
    for (long i = 0; i < n; i++)
        for (int j = 0; j < 2; j++) {
            x[i * step + j] = (float)draw(t, -4 * size, 3 * size) * 0.25f;
            x[i * step + 2 + j] = x[i * step + j] + (float)draw(t, 0, 5 * size) * 0.25f;
        }
    return x;
}

static void judge_regions(struct test *t, const char *kernel, const float *got, const float *want,
                          long n)
{
    t->cases++;
    for (long i = 0; i < n; i++)
        if (!is_near(got[i], want[i], 2e-5 * (10 + fabs((double)want[i])))) {
            printf("FAIL %s, seed %llu, element %ld: %g, not %g\n", kernel,
                   (unsigned long long)t->seed, i, (double)got[i], (double)want[i]);
            t->failures++;
            break;
        }
}

/* Masks are finite: which neighbours count by 0 is a matter of rounding. */
static void try_paste(struct test *t)
{
    struct netrt_paste k = {.images = draw(t, 1, 2), .regions = draw(t, 1, 5)};
    k.ih = draw(t, 1, 12);
    k.iw = draw(t, 1, 12);
    k.oh = draw(t, 1, 20);
    k.ow = draw(t, 1, 20);
    k.in_row = k.iw + draw(t, 0, 3);
    k.in_region = k.ih * k.in_row;
    k.in_image = k.regions * k.in_region;
    k.other_box = draw(t, 0, 1) ? 4 : NETRT_BLOCK;
    k.other_image = k.regions * k.other_box;
    k.out_row = k.ow + draw(t, 0, 5);
    k.out_region = k.oh * k.out_row;
    k.out_image = k.regions * k.out_region;
    const long n = k.images * k.out_image;
    float *in = draw_floats(t, k.images * k.in_image), *want = new_floats(n);
    float *boxes = draw_pixels(t, k.images * k.regions, k.other_box, k.ow);
    float *got = draw_floats(t, n);
    for (long i = 0; i < k.images * k.in_image; i++)
        in[i] = isfinite(in[i]) ? in[i] : 0;
    struct netrt_args a = {.in = in, .other = boxes, .out = want};
    netrt_reference_paste(&k, &a);
    a.out = got;
    RUN(paste, &k, &a, run_paste);
    judge_regions(t, "paste", got, want, n);
    for (long i = 0; i < k.images * k.other_image; i++)
        if (draw(t, 0, 2) == 0)
            boxes[i] = draw(t, 0, 2) ? NAN : draw(t, 0, 1) ? INFINITY : -1e30f;
    RUN(paste, &k, &a, run_paste);
    free(in);
    free(boxes);
    free(want);
    free(got);
}

static struct netrt_keypoints draw_keypoints(struct test *t)
{
    struct netrt_keypoints k = {.images = draw(t, 1, 2), .regions = draw(t, 1, 3)};
    k.points = draw(t, 1, 4);
    k.ih = draw(t, 2, 9);
    k.iw = draw(t, 2, 9);
    k.in_row = k.iw + draw(t, 0, 3);
    k.in_point = k.ih * k.in_row;
    k.in_region = k.points * k.in_point;
    k.in_image = k.regions * k.in_region;
    k.other_box = draw(t, 0, 1) ? 4 : NETRT_BLOCK;
    k.other_image = k.regions * k.other_box;
    k.out_point = draw(t, 0, 1) ? 3 : NETRT_BLOCK;
    k.out_region = k.points * k.out_point;
    k.out_image = k.regions * k.out_region;
    k.more_region = k.points + draw(t, 0, 3);
    k.more_image = k.regions * k.more_region;
    return k;
}

/* Numbers are finite and moved apart, so that none is the largest in two places. */
static void try_keypoints(struct test *t)
{
    const struct netrt_keypoints k = draw_keypoints(t);
    const long n = k.images * k.out_image, more = k.images * k.more_image;
    float *in = draw_floats(t, k.images * k.in_image), *want = new_floats(n + more);
    float *rois = draw_pixels(t, k.images * k.regions, k.other_box, 12);
    float *got = draw_floats(t, n + more), *scratch = new_floats(netrt_keypoints_scratch(&k));
    for (long i = 0; i < k.images * k.in_image; i++)
        in[i] = (isfinite(in[i]) ? in[i] : 0) + 0.013f * (float)(i * 7919 % 1009);
    struct netrt_args a = {.in = in, .other = rois, .out = want, .more = want + n};
    netrt_reference_keypoints(&k, &a);
    a.out = got;
    a.more = got + n;
    a.scratch = scratch;
    RUN(keypoints, &k, &a, run_keypoints);
    judge_regions(t, "keypoints", got, want, n + more);
    for (long i = 0; i < k.images * k.other_image; i++)
        if (draw(t, 0, 2) == 0)
            rois[i] = draw(t, 0, 1) ? NAN : -INFINITY;
    RUN(keypoints, &k, &a, run_keypoints);
    free(in);
    free(rois);
    free(want);
    free(got);
    free(scratch);
}

#endif
