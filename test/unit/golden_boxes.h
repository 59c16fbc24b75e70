/* What finds boxes, as PyTorch's and torchvision's functions do. Part of kernels_reference.c, whose
 * macros it uses. */
#ifndef NETC_TEST_UNIT_GOLDEN_BOXES_H
#define NETC_TEST_UNIT_GOLDEN_BOXES_H

/* Right and bottom are behind left and top. */
static void make_boxes(float *x, long n)
{
    for (long i = 0; i < 4 * n; i++)
        if (i % 4 >= 2)
            x[i] = x[i - 2] + fabsf(x[i]);
}

/* Scores are operand 3; results follow each other. */
static void golden_nms(struct golden *g)
{
    struct netrt_nms k = {0};
    READ_SHAPE(nms, g, &k);
    const long n = k.images * k.detections, scores = k.images * k.boxes * k.classes;
    k.out_box = 4;
    k.out_image = 4 * k.detections;
    k.more_image = k.detections;
    k.classes_at = n;
    k.count_at = 2 * n;
    k.indices_at = 2 * n + k.images * NETRT_BLOCK;
    make_operands(g, k.images * k.in_image, 1, 1, 7 * n + k.images * NETRT_BLOCK);
    make_boxes((float *)g->a.in, k.images * k.in_image / 4);
    free((void *)g->a.other);
    float *other = new_uniform(8 * g->number + 3, scores);
    for (long i = 0; i < scores && g->levels > 0; i++)
        other[i] = (float)(floor((double)other[i] * g->levels) / g->levels);
    g->a.other = other;
    g->a.more = g->a.out + 4 * n;
    netrt_reference_nms(&k, &g->a);
    make_numbers(g->a.more + n, 2 * n + k.images * NETRT_BLOCK);
}

static void golden_anchors(struct golden *g)
{
    struct netrt_anchors k = {0};
    READ_SHAPE(anchors, g, &k);
    k.out_box = 4;
    make_operands(g, 1, 1, 1, 4 * k.rows * k.columns * k.sizes * (k.given ? 1 : k.ratios));
    netrt_reference_anchors(&k, &g->a);
}

/* Boxes are operand 3. */
static void golden_inside(struct golden *g)
{
    struct netrt_inside k = {0};
    READ_SHAPE(inside, g, &k);
    const long n = k.images * k.boxes;
    k.in_box = 4;
    k.in_image = 4 * k.boxes;
    k.out_image = k.boxes;
    make_operands(g, 1, 1, 1, n);
    free((void *)g->a.in);
    float *boxes = new_uniform(8 * g->number + 3, 4 * n);
    make_boxes(boxes, n);
    g->a.in = boxes;
    netrt_reference_inside(&k, &g->a);
}

/* Boxes are operand 3. */
static void golden_decode(struct golden *g)
{
    struct netrt_decode k = {0};
    READ_SHAPE(decode, g, &k);
    const long n = k.images * k.boxes;
    k.in_class = k.out_class = k.other_box = 4;
    k.in_box = k.out_box = 4 * k.classes;
    k.in_image = k.out_image = k.boxes * k.in_box;
    k.other_image = 4 * k.boxes;
    make_operands(g, n * k.in_box, 1, 1, n * k.in_box);
    free((void *)g->a.other);
    float *boxes = new_uniform(8 * g->number + 3, 4 * n);
    make_boxes(boxes, n);
    g->a.other = boxes;
    netrt_reference_decode(&k, &g->a);
}

/* Regions are operand 3, over their scale: as large as the map, about. */
static void golden_roi(struct golden *g)
{
    struct netrt_roi k = {.first = 1, .last = 1};
    READ_SHAPE(roi, g, &k);
    const long n = k.images * k.regions;
    k.other_box = 4;
    k.other_image = 4 * k.regions;
    make_operands(g, k.images * k.c * k.ih * k.iw, 1, 1, n * k.c * k.oh * k.ow);
    free((void *)g->a.other);
    float *regions = new_uniform(8 * g->number + 3, 4 * n);
    make_boxes(regions, n);
    for (long i = 0; i < 4 * n; i++)
        regions[i] *= (float)k.ih / k.scale;
    g->a.other = regions;
    netrt_reference_roi(&k, &g->a);
}

/* As many boxes as regions, operand 3, that begin within a picture of `size` positions. */
static void make_pixels(struct golden *g, long n, float size)
{
    free((void *)g->a.other);
    float *boxes = new_uniform(8 * g->number + 3, 4 * n);
    for (long i = 0; i < 4 * n; i++)
        boxes[i] = fabsf(boxes[i]);
    make_boxes(boxes, n);
    for (long i = 0; i < 4 * n; i++)
        boxes[i] *= size;
    g->a.other = boxes;
}

static void golden_paste(struct golden *g)
{
    struct netrt_paste k = {0};
    READ_SHAPE(paste, g, &k);
    const long n = k.images * k.regions;
    k.in_row = k.iw;
    k.in_region = k.ih * k.iw;
    k.in_image = k.regions * k.in_region;
    k.other_box = 4;
    k.other_image = 4 * k.regions;
    k.out_row = k.ow;
    k.out_region = k.oh * k.ow;
    k.out_image = k.regions * k.out_region;
    make_operands(g, n * k.in_region, 1, 1, n * k.out_region);
    make_pixels(g, n, (float)(k.oh < k.ow ? k.oh : k.ow));
    netrt_reference_paste(&k, &g->a);
}

/* Points, and behind them their values. */
static void golden_keypoints(struct golden *g)
{
    struct netrt_keypoints k = {0};
    READ_SHAPE(keypoints, g, &k);
    const long n = k.images * k.regions;
    k.in_row = k.iw;
    k.in_point = k.ih * k.iw;
    k.in_region = k.points * k.in_point;
    k.in_image = k.regions * k.in_region;
    k.other_box = 4;
    k.other_image = 4 * k.regions;
    k.out_point = 3;
    k.out_region = 3 * k.points;
    k.out_image = k.regions * k.out_region;
    k.more_region = k.points;
    k.more_image = k.regions * k.points;
    make_operands(g, n * k.in_region, 1, 1, 4 * n * k.points);
    make_pixels(g, n, 2 * (float)k.iw);
    g->a.more = g->a.out + 3 * n * k.points;
    netrt_reference_keypoints(&k, &g->a);
}

#endif
