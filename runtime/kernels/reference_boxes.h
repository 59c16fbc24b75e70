/* Kernels of detection as plain loops: the oracle of the tests. Part of reference.h. */
#ifndef NETRT_KERNELS_REFERENCE_BOXES_H
#define NETRT_KERNELS_REFERENCE_BOXES_H

#include <stdlib.h>

/* A candidate: its box, score, class and group, and whether a better one has left it out. */
struct netrt_reference_box {
    float side[4], moved[4], score;
    long class, group;
    int out;
};

/* Whether x comes before y: NaN is the largest. */
NETRT_REFERENCE int netrt_reference_better(float x, float y)
{
    return isnan(x) ? !isnan(y) : x > y;
}

/* In order of their scores, equal ones as they stood. */
NETRT_REFERENCE void netrt_reference_sort(struct netrt_reference_box *b, long n)
{
    for (long i = 1; i < n; i++)
        for (long j = i; j > 0 && netrt_reference_better(b[j].score, b[j - 1].score); j--) {
            const struct netrt_reference_box swapped = b[j];
            b[j] = b[j - 1];
            b[j - 1] = swapped;
        }
}

NETRT_REFERENCE long netrt_reference_level(const struct netrt_nms *k, long box)
{
    const long begin[] = {k->level1, k->level2, k->level3, k->level4, k->level5};
    long level = 0;
    for (int i = 0; i < 5; i++)
        level += box >= begin[i];
    return level;
}

/* Appends box `i` of an image with a class, if its score suffices; returns how many there are. */
NETRT_REFERENCE long netrt_reference_offer(const struct netrt_nms *k, const struct netrt_args *a,
                                           long image, long i, long class,
                                           struct netrt_reference_box *b, long n)
{
    const float *box = a->in + image * k->in_image + i * k->in_box + class * k->in_class;
    b[n] = (struct netrt_reference_box){.class = class};
    memcpy(b[n].side, box, sizeof b[n].side);
    b[n].score = a->other[image * k->other_image + i * k->other_box + class * k->other_class];
    b[n].group = k->grouped == 2 ? netrt_reference_level(k, i) : class;
    return n + (isinf(k->score_threshold) || b[n].score > k->score_threshold);
}

/* All candidates, in the order in which equal ones stand. */
NETRT_REFERENCE long netrt_reference_candidates(const struct netrt_nms *k,
                                                const struct netrt_args *a, long image,
                                                struct netrt_reference_box *b)
{
    const long rows =
        k->counted ? netrt_reference_integer(a->third + image * NETRT_BLOCK) : k->boxes;
    const int by_class = k->candidates && k->grouped == 1;
    const long groups = by_class ? k->classes : 6;
    long n = 0;
    for (long g = 0; g < groups; g++) {
        const long first = n;
        for (long i = 0; i < rows; i++)
            for (long c = k->first_class; c < k->classes; c++)
                if ((by_class ? c : netrt_reference_level(k, i)) == g)
                    n = netrt_reference_offer(k, a, image, i, c, b, n);
        if (k->candidates && n > first + k->candidates) {
            netrt_reference_sort(b + first, n - first);
            n = first + k->candidates;
        }
    }
    return n;
}

NETRT_REFERENCE long netrt_reference_large(const struct netrt_nms *k, struct netrt_reference_box *b,
                                           long n)
{
    long left = 0;
    for (long i = 0; i < n; i++)
        if (k->min_size == 0 || (b[i].side[2] - b[i].side[0] >= k->min_size &&
                                 b[i].side[3] - b[i].side[1] >= k->min_size))
            b[left++] = b[i];
    return left;
}

/* A product on its way through memory is rounded by itself. */
NETRT_REFERENCE float netrt_reference_product(float x, float y)
{
    volatile float z = x * y;
    return z;
}

/* torchvision's way to keep the groups of few boxes apart. */
NETRT_REFERENCE void netrt_reference_apart(const struct netrt_nms *k, struct netrt_reference_box *b,
                                           long n)
{
    float largest = -INFINITY;
    for (long i = 0; i < 4 * n; i++) {
        const float x = b[i / 4].side[i % 4];
        if (netrt_reference_better(x, largest))
            largest = x;
    }
    for (long i = 0; i < 4 * n; i++) {
        struct netrt_reference_box *box = &b[i / 4];
        const float by = netrt_reference_product((float)box->group, largest + 1);
        box->moved[i % 4] = k->grouped && n <= 1000 ? box->side[i % 4] + by : box->side[i % 4];
    }
}

NETRT_REFERENCE float netrt_reference_area(const float side[4])
{
    return netrt_reference_product(side[2] - side[0], side[3] - side[1]);
}

/* std::max and std::min are not symmetric of NaN. */
NETRT_REFERENCE float netrt_reference_overlap(const float a[4], const float b[4])
{
    const float x1 = a[0] < b[0] ? b[0] : a[0], y1 = a[1] < b[1] ? b[1] : a[1];
    const float x2 = b[2] < a[2] ? b[2] : a[2], y2 = b[3] < a[3] ? b[3] : a[3];
    const float w = 0 < x2 - x1 ? x2 - x1 : 0, h = 0 < y2 - y1 ? y2 - y1 : 0;
    const float both = netrt_reference_product(w, h);
    return both / (netrt_reference_area(a) + netrt_reference_area(b) - both);
}

/* Writes result number `at` of an image. */
NETRT_REFERENCE void netrt_reference_found(const struct netrt_nms *k, const struct netrt_args *a,
                                           long image, long at, const struct netrt_reference_box *b)
{
    float *more = a->more + image * k->more_image + at;
    memcpy(a->out + image * k->out_image + at * k->out_box, b->side, sizeof b->side);
    *more = b->score;
    netrt_reference_put(more + k->classes_at, (int32_t)b->class);
}

NETRT_REFERENCE void netrt_reference_nms_image(const struct netrt_nms *k,
                                               const struct netrt_args *a, long image,
                                               struct netrt_reference_box *b)
{
    float *const count = a->more + k->count_at + image * NETRT_BLOCK;
    long n = netrt_reference_candidates(k, a, image, b), found = 0;
    n = netrt_reference_large(k, b, n);
    netrt_reference_apart(k, b, n);
    netrt_reference_sort(b, n);
    memset(a->out + image * k->out_image, 0, (size_t)k->out_image * sizeof *a->out);
    memset(a->more + image * k->more_image, 0, (size_t)k->more_image * sizeof *a->more);
    memset(a->more + k->classes_at + image * k->more_image, 0,
           (size_t)k->more_image * sizeof *a->more);
    memset(count, 0, NETRT_BLOCK * sizeof *count);
    for (long i = 0; i < n && found < k->detections; i++) {
        if (b[i].out)
            continue;
        netrt_reference_found(k, a, image, found++, &b[i]);
        for (long j = i + 1; j < n; j++)
            if (!k->grouped || n <= 1000 || b[i].group == b[j].group)
                b[j].out |= netrt_reference_overlap(b[i].moved, b[j].moved) > k->iou_threshold;
    }
    netrt_reference_put(count, (int32_t)found);
}

NETRT_REFERENCE void netrt_reference_nms(const struct netrt_nms *k, const struct netrt_args *a)
{
    struct netrt_reference_box *b = calloc((size_t)(k->boxes * k->classes + 1), sizeof *b);
    for (long image = 0; image < k->images; image++)
        netrt_reference_nms_image(k, a, image, b);
    free(b);
}

#endif
