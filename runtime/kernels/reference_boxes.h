/* Kernels of detection as plain loops: the oracle of the tests. Part of reference.h. */
#ifndef NETRT_KERNELS_REFERENCE_BOXES_H
#define NETRT_KERNELS_REFERENCE_BOXES_H

#include <stdlib.h>

/* A candidate: its box and which one that is, its score, class and group, and whether a better one
 * has left it out. */
struct netrt_reference_box {
    float side[4], moved[4], score;
    long index, class, group;
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
    b[n] = (struct netrt_reference_box){.index = i, .class = class};
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
    netrt_reference_put(more + k->indices_at, (int32_t)b->index);
}

/* Soft-NMS: the best is taken, and makes the others worse, until none is left. */
NETRT_REFERENCE long netrt_reference_soft(const struct netrt_nms *k, const struct netrt_args *a,
                                          long image, struct netrt_reference_box *b, long n)
{
    long found = 0;
    for (; found < n && found < k->detections; found++) {
        netrt_reference_sort(b + found, n - found);
        const struct netrt_reference_box *best = &b[found];
        if (found > 0 && !isinf(k->score_threshold) && !(best->score > k->score_threshold))
            break;
        netrt_reference_found(k, a, image, found, best);
        for (long j = found + 1; j < n; j++) {
            const float overlap = netrt_reference_overlap(best->moved, b[j].moved);
            if (overlap > 0 && (!k->grouped || n <= 1000 || best->group == b[j].group))
                b[j].score *= expf(-overlap * overlap / k->sigma);
        }
    }
    return found;
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
    memset(a->more + k->indices_at + image * k->more_image, 0,
           (size_t)k->more_image * sizeof *a->more);
    memset(count, 0, NETRT_BLOCK * sizeof *count);
    if (k->sigma > 0)
        found = netrt_reference_soft(k, a, image, b, n);
    for (long i = 0; i < n && found < k->detections && k->sigma == 0; i++) {
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

/* ---- anchors, deltas ---- */

NETRT_REFERENCE void netrt_reference_anchor(const struct netrt_anchors *k, long size, long ratio,
                                            float half[2])
{
    const float sizes[] = {k->size0, k->size1, k->size2, k->size3, k->size4, k->size5};
    const float ratios[] = {k->ratio0, k->ratio1, k->ratio2, k->ratio3, k->ratio4, k->ratio5};
    const float root = sqrtf(ratios[ratio]);
    half[0] = k->given ? sizes[size] / 2 : rintf(1 / root * sizes[size] / 2);
    half[1] = k->given ? ratios[size] / 2 : rintf(root * sizes[size] / 2);
}

NETRT_REFERENCE void netrt_reference_anchors(const struct netrt_anchors *k,
                                             const struct netrt_args *a)
{
    const long ratios = k->given ? 1 : k->ratios, each = ratios * k->sizes;
    for (long i = 0; i < k->rows * k->columns * each; i++) {
        const long position = i / each, ratio = i % each / k->sizes, size = i % k->sizes;
        const float x = (float)((double)(position % k->columns) + (double)k->position);
        const float y = (float)((double)(position / k->columns) + (double)k->position);
        float half[2];
        netrt_reference_anchor(k, size, ratio, half);
        float *out = a->out + i * k->out_box;
        memset(out, 0, (size_t)k->out_box * sizeof *out);
        out[0] = x * k->sw - half[0];
        out[1] = y * k->sh - half[1];
        out[2] = x * k->sw + half[0];
        out[3] = y * k->sh + half[1];
    }
}

/* What is added to a center along an axis, and what its side becomes. */
NETRT_REFERENCE void netrt_reference_changed(const struct netrt_decode *k, const float *d, int axis,
                                             double side, double *move, double *length)
{
    const float weights[] = {k->weight0, k->weight1, k->weight2, k->weight3};
    const double stride = axis ? k->stride_y : k->stride_x, reach = k->yolo == 2 ? 2 : 1;
    const double here = d[axis], factor = d[2 + axis], half = 2 / (1 + exp(-factor));
    const double log = factor / weights[2 + axis], most = 4.135166556742356;
    *move = k->yolo ? reach * stride * (1 / (1 + exp(-here)) - 0.5) : here / weights[axis] * side;
    *length = side * (k->yolo == 2   ? half * half
                      : k->yolo == 1 ? exp(factor)
                                     : exp(log > most ? most : log));
}

NETRT_REFERENCE float netrt_reference_clip(double x, float border)
{
    return (float)(border == 0 ? x : x < 0 ? 0 : x > (double)border ? (double)border : x);
}

NETRT_REFERENCE void netrt_reference_inside(const struct netrt_inside *k,
                                            const struct netrt_args *a)
{
    for (long i = 0; i < k->images * k->out_image; i++) {
        const long image = i / k->out_image, n = i % k->out_image;
        const float *box = a->in + image * k->in_image + n * k->in_box;
        a->out[i] = n < k->boxes && fminf(box[0], box[1]) >= 0 && box[2] <= k->right &&
                            box[3] <= k->bottom && !isnan(box[0]) && !isnan(box[1])
                        ? 1.0f
                        : 0.0f;
    }
}

NETRT_REFERENCE void netrt_reference_decode(const struct netrt_decode *k,
                                            const struct netrt_args *a)
{
    const float border[] = {k->right, k->bottom};
    for (long i = 0; i < k->images * k->boxes * k->classes; i++) {
        const long class = i % k->classes, box = i / k->classes % k->boxes;
        const long image = i / k->classes / k->boxes;
        const float *d = a->in + image * k->in_image + box * k->in_box + class * k->in_class;
        const float *from = a->other + image * k->other_image + box * k->other_box;
        float *out = a->out + image * k->out_image + box * k->out_box + class * k->out_class;
        memset(out, 0, (size_t)k->out_class * sizeof *out);
        for (int axis = 0; axis < 2; axis++) {
            const double side = (double)from[2 + axis] - (double)from[axis];
            double move, length;
            netrt_reference_changed(k, d, axis, side, &move, &length);
            const double center = from[axis] + side / 2 + move;
            out[axis] = netrt_reference_clip(center - length / 2, border[axis]);
            out[2 + axis] = netrt_reference_clip(center + length / 2, border[axis]);
        }
    }
}

/* ---- regions ---- */

/* One axis of a map and of a region: positions, elements, where the region begins and ends. */
struct netrt_reference_axis {
    long size, elements;
    float from, to;
};

/* The largest that element i, j of a region has. */
NETRT_REFERENCE float netrt_reference_roi_largest(const struct netrt_roi *k, const float *in,
                                                  const struct netrt_reference_axis axes[2],
                                                  const long at[2])
{
    long first[2], end[2];
    float largest = -0x1.fffffep127f;
    for (int i = 0; i < 2; i++) {
        const float begin = roundf(axes[i].from * k->scale);
        const float length = fmaxf(roundf(axes[i].to * k->scale) - begin + 1, 1);
        const float each = length / (float)axes[i].elements;
        const float low = floorf((float)at[i] * each) + begin;
        const float high = ceilf((float)(at[i] + 1) * each) + begin;
        first[i] = (long)fminf(fmaxf(low, 0), (float)axes[i].size);
        end[i] = (long)fminf(fmaxf(high, 0), (float)axes[i].size);
    }
    for (long y = first[0]; y < end[0]; y++)
        for (long x = first[1]; x < end[1]; x++)
            largest = fmaxf(largest, in[y * k->iw + x]);
    return first[0] < end[0] && first[1] < end[1] ? largest : 0;
}

/* Neighbours of a sample on an axis; weights are 0 where it lies far outside. */
struct netrt_reference_sample {
    long low, high;
    double low_weight, high_weight;
};

/* Sample number `sample` of element `i`. */
NETRT_REFERENCE struct netrt_reference_sample
netrt_reference_sample(const struct netrt_roi *k, const struct netrt_reference_axis *axis, long i,
                       float each, long samples, long sample)
{
    const float begin = axis->from * k->scale - k->offset;
    const float at = begin + (float)i * each + ((float)sample + 0.5f) * each / (float)samples;
    if (at < -1 || at > (float)axis->size)
        return (struct netrt_reference_sample){0};
    const double held = fmin(fmax(at, 0), (double)(axis->size - 1)), low = floor(held);
    return (struct netrt_reference_sample){(long)low, (long)fmin(low + 1, (double)(axis->size - 1)),
                                           1 - (held - low), held - low};
}

NETRT_REFERENCE float netrt_reference_length(const struct netrt_roi *k,
                                             const struct netrt_reference_axis *axis)
{
    const float length = (axis->to * k->scale - k->offset) - (axis->from * k->scale - k->offset);
    return (k->offset == 0 ? fmaxf(length, 1) : length) / (float)axis->elements;
}

/* A sample between two rows and two columns. */
NETRT_REFERENCE double netrt_reference_between(const struct netrt_roi *k, const float *in,
                                               const struct netrt_reference_sample *y,
                                               const struct netrt_reference_sample *x)
{
    const float *low = in + y->low * k->iw, *high = in + y->high * k->iw;
    if (y->low_weight + y->high_weight == 0 || x->low_weight + x->high_weight == 0)
        return 0;
    return y->low_weight *
               (x->low_weight * (double)low[x->low] + x->high_weight * (double)low[x->high]) +
           y->high_weight *
               (x->low_weight * (double)high[x->low] + x->high_weight * (double)high[x->high]);
}

/* The mean of samples of element i, j of a region. */
NETRT_REFERENCE float netrt_reference_roi_mean(const struct netrt_roi *k, const float *in,
                                               const struct netrt_reference_axis axes[2],
                                               const long at[2])
{
    float each[2];
    long samples[2];
    double sum = 0;
    for (int i = 0; i < 2; i++) {
        each[i] = netrt_reference_length(k, &axes[i]);
        samples[i] = k->samples ? k->samples : (long)ceilf(each[i]);
    }
    for (long i = 0; i < samples[0]; i++)
        for (long j = 0; j < samples[1]; j++) {
            const struct netrt_reference_sample y =
                netrt_reference_sample(k, &axes[0], at[0], each[0], samples[0], i);
            const struct netrt_reference_sample x =
                netrt_reference_sample(k, &axes[1], at[1], each[1], samples[1], j);
            sum += netrt_reference_between(k, in, &y, &x);
        }
    const long count = samples[0] * samples[1];
    return (float)(sum / (double)(count > 1 ? count : 1));
}

NETRT_REFERENCE void netrt_reference_roi(const struct netrt_roi *k, const struct netrt_args *a)
{
    for (long i = 0; i < k->images * k->regions * k->c * k->oh * k->ow; i++) {
        const long at[2] = {i / k->ow % k->oh, i % k->ow}, plane = i / k->ow / k->oh;
        const long region = plane / k->c, channel = plane % k->c, image = region / k->regions;
        const float *roi = a->other + image * k->other_image + region % k->regions * k->other_box;
        const float *in = a->in + (image * k->c + channel) * k->ih * k->iw;
        const float side = sqrtf((roi[2] - roi[0]) * (roi[3] - roi[1]));
        const struct netrt_reference_axis axes[2] = {{k->ih, k->oh, roi[1], roi[3]},
                                                     {k->iw, k->ow, roi[0], roi[2]}};
        if ((!k->first && !(side >= k->least)) || (!k->last && side >= k->most))
            continue;
        a->out[i] = k->align ? netrt_reference_roi_mean(k, in, axes, at)
                             : netrt_reference_roi_largest(k, in, axes, at);
    }
}

/* A mask between its positions, at a place along its rows and columns, those beyond it as at its
 * border; by distances up to 1, or Keys' cubic up to 2. */
NETRT_REFERENCE double netrt_reference_weight(double x, int cubic)
{
    const double a = -0.75;
    if (!cubic)
        return x < 1 ? 1 - x : 0;
    return x <= 1  ? ((a + 2) * x - (a + 3)) * x * x + 1
           : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
                   : 0;
}

NETRT_REFERENCE double netrt_reference_pixel(const float *in, long in_row, long h, long w, double y,
                                             double x, int cubic)
{
    double sum = 0;
    for (long i = (long)floor(y) - cubic; i <= (long)floor(y) + 1 + cubic; i++)
        for (long j = (long)floor(x) - cubic; j <= (long)floor(x) + 1 + cubic; j++) {
            const long row = i < 0 ? 0 : i < h ? i : h - 1, col = j < 0 ? 0 : j < w ? j : w - 1;
            sum += netrt_reference_weight(fabs(y - (double)i), cubic) *
                   netrt_reference_weight(fabs(x - (double)j), cubic) *
                   (double)in[row * in_row + col];
        }
    return sum;
}

NETRT_REFERENCE void netrt_reference_paste(const struct netrt_paste *k, const struct netrt_args *a)
{
    for (long i = 0; i < k->images * k->regions * k->oh * k->out_row; i++) {
        const long x = i % k->out_row, y = i / k->out_row % k->oh, all = i / k->out_row / k->oh;
        const long image = all / k->regions, region = all % k->regions;
        const float *box = a->other + image * k->other_image + region * k->other_box;
        const float *in = a->in + image * k->in_image + region * k->in_region;
        const long left = (long)box[0], top = (long)box[1];
        const long w = (long)fmax(1, (double)((long)box[2] - left + 1));
        const long h = (long)fmax(1, (double)((long)box[3] - top + 1));
        const int covered = x < k->ow && x >= left && x < left + w && y >= top && y < top + h;
        const double down = ((double)(y - top) + 0.5) * (double)k->ih / (double)h - 0.5;
        const double right = ((double)(x - left) + 0.5) * (double)k->iw / (double)w - 0.5;
        a->out[image * k->out_image + region * k->out_region + y * k->out_row + x] =
            covered ? (float)netrt_reference_pixel(in, k->in_row, k->ih, k->iw, down, right, 0) : 0;
    }
}

/* The largest pixel of a map: its column, its row, its value. */
NETRT_REFERENCE void netrt_reference_keypoint(const struct netrt_keypoints *k, const float *in,
                                              double h, double w, double best[3])
{
    best[2] = (double)-INFINITY;
    for (double y = 0; y < h; y++)
        for (double x = 0; x < w; x++) {
            const double here = netrt_reference_pixel(in, k->in_row, k->ih, k->iw,
                                                      (y + 0.5) * (double)k->ih / h - 0.5,
                                                      (x + 0.5) * (double)k->iw / w - 0.5, 1);
            if (!(here <= best[2]) && !isnan(best[2])) {
                best[0] = x;
                best[1] = y;
                best[2] = here;
            }
        }
}

NETRT_REFERENCE void netrt_reference_keypoints(const struct netrt_keypoints *k,
                                               const struct netrt_args *a)
{
    for (long i = 0; i < k->images * k->out_image; i++)
        a->out[i] = 0;
    for (long i = 0; i < k->images * k->more_image; i++)
        a->more[i] = 0;
    for (long i = 0; i < k->images * k->regions * k->points; i++) {
        const long point = i % k->points, region = i / k->points % k->regions;
        const long image = i / k->points / k->regions;
        const float *roi = a->other + image * k->other_image + region * k->other_box;
        const double w = fmax((double)roi[2] - (double)roi[0], 1);
        const double h = fmax((double)roi[3] - (double)roi[1], 1);
        float *out = a->out + image * k->out_image + region * k->out_region + point * k->out_point;
        double best[3] = {0};
        netrt_reference_keypoint(
            k, a->in + image * k->in_image + region * k->in_region + point * k->in_point, ceil(h),
            ceil(w), best);
        out[0] = (float)((best[0] + 0.5) * w / ceil(w) + (double)roi[0]);
        out[1] = (float)((best[1] + 0.5) * h / ceil(h) + (double)roi[1]);
        out[2] = 1;
        a->more[image * k->more_image + region * k->more_region + point] = (float)best[2];
    }
}

#endif
