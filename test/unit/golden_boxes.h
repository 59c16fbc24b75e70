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
    make_operands(g, k.images * k.in_image, 1, 1, 6 * n + k.images * NETRT_BLOCK);
    make_boxes((float *)g->a.in, k.images * k.in_image / 4);
    free((void *)g->a.other);
    float *other = new_uniform(8 * g->number + 3, scores);
    for (long i = 0; i < scores && g->levels > 0; i++)
        other[i] = (float)(floor((double)other[i] * g->levels) / g->levels);
    g->a.other = other;
    g->a.more = g->a.out + 4 * n;
    netrt_reference_nms(&k, &g->a);
    make_numbers(g->a.more + n, n + k.images * NETRT_BLOCK);
}

#endif
