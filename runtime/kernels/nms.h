/* Non-maximum suppression: see the table. */
#ifndef NETRT_KERNELS_NMS_H
#define NETRT_KERNELS_NMS_H

#include "integer.h"
#include "vecmath.h"

/* A box, and the group in which it leaves others out. */
struct netrt_nms_box {
    float side[4], area;
    long group;
};

/* A task: the candidates of an image, by number, as far as they are known; the first of them are a
 * heap whose root is the best. A number is box x classes + class, or class x boxes + box. */
struct netrt_nms_run {
    const netrt_element *boxes, *scores;
    netrt_element *list, *kept; /* kept: or scores, as boxes before them have made these */
    long rows, n, found;
    float apart;  /* from a group to the next, or 0 */
    int together; /* 1: groups are not told apart by their numbers */
};

/* ---- candidates ---- */

NETRT_INLINE int netrt_nms_by_class(const struct netrt_nms *k)
{
    return k->candidates && k->grouped == 1;
}

NETRT_INLINE long netrt_nms_box_of(const struct netrt_nms *k, long number)
{
    return netrt_nms_by_class(k) ? number % k->boxes : number / k->classes;
}

NETRT_INLINE long netrt_nms_class_of(const struct netrt_nms *k, long number)
{
    return netrt_nms_by_class(k) ? number / k->boxes : number % k->classes;
}

NETRT_INLINE long netrt_nms_level_of(const struct netrt_nms *k, long box)
{
    return (box >= k->level1) + (box >= k->level2) + (box >= k->level3) + (box >= k->level4) +
           (box >= k->level5);
}

NETRT_INLINE long netrt_nms_level_begin(const struct netrt_nms *k, long level)
{
    const long begin[] = {0, k->level1, k->level2, k->level3, k->level4, k->level5, k->boxes};
    return begin[level];
}

NETRT_INLINE long netrt_nms_group_of(const struct netrt_nms *k, long number)
{
    return k->grouped == 2 ? netrt_nms_level_of(k, netrt_nms_box_of(k, number))
                           : netrt_nms_class_of(k, number);
}

NETRT_INLINE float netrt_nms_score(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                   long number)
{
    return r->scores[netrt_nms_box_of(k, number) * k->other_box +
                     netrt_nms_class_of(k, number) * k->other_class];
}

/* The sides of a candidate's box. */
NETRT_INLINE const netrt_element *netrt_nms_sides(const struct netrt_nms *k,
                                                  const struct netrt_nms_run *r, long number)
{
    return r->boxes + netrt_nms_box_of(k, number) * k->in_box +
           netrt_nms_class_of(k, number) * k->in_class;
}

NETRT_INLINE int netrt_nms_before(const struct netrt_nms *k, const struct netrt_nms_run *r, long a,
                                  long b)
{
    const float x = netrt_nms_score(k, r, a), y = netrt_nms_score(k, r, b);
    const int x_is_nan = x != x, y_is_nan = y != y;
    if (x_is_nan != y_is_nan)
        return x_is_nan;
    if (!x_is_nan && x != y)
        return x > y;
    return a < b;
}

/* Puts a candidate at i, or below it, in a heap of n. */
NETRT_INLINE void netrt_nms_sink(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                 netrt_element *heap, long i, long n, int32_t number)
{
    for (long below = 2 * i + 1; below < n; below = 2 * i + 1) {
        int32_t best = netrt_integer_at(heap + below);
        if (below + 1 < n) {
            const int32_t other = netrt_integer_at(heap + below + 1);
            if (netrt_nms_before(k, r, other, best)) {
                best = other;
                below++;
            }
        }
        if (netrt_nms_before(k, r, number, best))
            break;
        netrt_integer_put(heap + i, best);
        i = below;
    }
    netrt_integer_put(heap + i, number);
}

NETRT_INLINE void netrt_nms_heap(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                 netrt_element *heap, long n)
{
    for (long i = n / 2 - 1; i >= 0; i--)
        netrt_nms_sink(k, r, heap, i, n, netrt_integer_at(heap + i));
}

/* Takes the best of a heap of n, which becomes one of n - 1. */
NETRT_INLINE int32_t netrt_nms_pop(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                   netrt_element *heap, long n)
{
    const int32_t best = netrt_integer_at(heap);
    netrt_nms_sink(k, r, heap, 0, n - 1, netrt_integer_at(heap + n - 1));
    return best;
}

/* Of the candidates from `first` on, only the best are left. */
NETRT_INLINE void netrt_nms_reduce(const struct netrt_nms *k, struct netrt_nms_run *r, long first)
{
    netrt_element *heap = r->list + first;
    const long n = r->n - first, most = k->candidates;
    if (!most || n <= most)
        return;
    netrt_nms_heap(k, r, heap, n);
    for (long i = 0; i < most; i++)
        netrt_integer_put(heap + n - 1 - i, netrt_nms_pop(k, r, heap, n - i));
    for (long i = 0; i < most; i++)
        heap[i] = heap[n - most + i];
    r->n = first + most;
}

/* Adds a candidate if its score is above the threshold; no score is left out by -inf. */
NETRT_INLINE void netrt_nms_offer(const struct netrt_nms *k, struct netrt_nms_run *r, long box,
                                  long c)
{
    const long number = netrt_nms_by_class(k) ? c * k->boxes + box : box * k->classes + c;
    if (k->score_threshold > -__builtin_inff() &&
        !(netrt_nms_score(k, r, number) > k->score_threshold))
        return;
    netrt_integer_put(r->list + r->n++, (int32_t)number);
}

/* The candidates of boxes and classes from the first on to before the end, and of them the best. */
NETRT_INLINE void netrt_nms_collect(const struct netrt_nms *k, struct netrt_nms_run *r, long box,
                                    long boxes, long first_class, long classes)
{
    const long first = r->n;
    for (; box < boxes && box < r->rows; box++)
        for (long c = first_class; c < classes; c++)
            netrt_nms_offer(k, r, box, c);
    netrt_nms_reduce(k, r, first);
}

NETRT_INLINE void netrt_nms_candidates(const struct netrt_nms *k, struct netrt_nms_run *r)
{
    if (netrt_nms_by_class(k)) {
        for (long c = k->first_class; c < k->classes; c++)
            netrt_nms_collect(k, r, 0, k->boxes, c, c + 1);
        return;
    }
    for (long i = 0; i < 6; i++)
        netrt_nms_collect(k, r, netrt_nms_level_begin(k, i), netrt_nms_level_begin(k, i + 1),
                          k->first_class, k->classes);
}

/* Leaves out boxes with a short side. */
NETRT_INLINE void netrt_nms_large(const struct netrt_nms *k, struct netrt_nms_run *r)
{
    long n = 0;
    for (long i = 0; i < r->n; i++) {
        const netrt_element *s = netrt_nms_sides(k, r, netrt_integer_at(r->list + i));
        if (s[2] - s[0] >= k->min_size && s[3] - s[1] >= k->min_size)
            r->list[n++] = r->list[i];
    }
    r->n = n;
}

/* Of at most 1000 candidates those of a group are moved by so much: 1 more than the largest side,
 * which is NaN if one is. */
NETRT_INLINE void netrt_nms_move_apart(const struct netrt_nms *k, struct netrt_nms_run *r)
{
    enum { FEW = 1000 };
    float largest = -__builtin_inff();
    r->together = !k->grouped;
    if (!k->grouped || r->n > FEW)
        return;
    for (long i = 0; i < r->n; i++) {
        const netrt_element *s = netrt_nms_sides(k, r, netrt_integer_at(r->list + i));
        for (int j = 0; j < 4; j++)
            largest = s[j] > largest || s[j] != s[j] ? s[j] : largest;
        if (largest != largest)
            break;
    }
    r->apart = largest + 1;
    r->together = 1;
}

/* ---- overlaps ---- */

/* A product on its way through memory is rounded, and not part of a multiply-add. */
NETRT_INLINE struct netrt_nms_box netrt_nms_box(const struct netrt_nms *k,
                                                const struct netrt_nms_run *r, long number)
{
    const netrt_element *s = netrt_nms_sides(k, r, number);
    struct netrt_nms_box b = {.group = netrt_nms_group_of(k, number)};
    const int moved = k->grouped && r->together;
    volatile float by = moved ? (float)b.group * r->apart : 0;
    for (int j = 0; j < 4; j++)
        b.side[j] = moved ? s[j] + by : s[j];
    volatile float area = (b.side[2] - b.side[0]) * (b.side[3] - b.side[1]);
    b.area = area;
    return b;
}

/* Intersection over union; of NaN the comparisons are C++'s. */
NETRT_INLINE float netrt_nms_overlap(const struct netrt_nms_box *a, const struct netrt_nms_box *b)
{
    const float x1 = a->side[0] < b->side[0] ? b->side[0] : a->side[0];
    const float y1 = a->side[1] < b->side[1] ? b->side[1] : a->side[1];
    const float x2 = b->side[2] < a->side[2] ? b->side[2] : a->side[2];
    const float y2 = b->side[3] < a->side[3] ? b->side[3] : a->side[3];
    const float w = x2 - x1 > 0 ? x2 - x1 : 0, h = y2 - y1 > 0 ? y2 - y1 : 0;
    const float both = w * h > 0 ? w * h : 0;
    return both / (a->area + b->area - both);
}

/* Whether a result overlaps a box by more than the threshold. */
NETRT_INLINE int netrt_nms_overlaps(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                    const netrt_element *kept, const struct netrt_nms_box *b)
{
    const long n = k->detections;
    const struct netrt_nms_box result = {.side = {kept[0], kept[n], kept[2 * n], kept[3 * n]},
                                         .area = kept[4 * n]};
    return (netrt_nms_overlap(&result, b) > k->iou_threshold) &
           (r->together | (netrt_integer_at(kept + 5 * n) == b->group));
}

NETRT_INLINE int netrt_nms_is_left_out(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                       const struct netrt_nms_box *b)
{
    int overlaps = 0;
    for (long first = 0; first < r->found && !overlaps; first += NETRT_BLOCK) {
        const long rest = r->found - first, end = first + (rest < NETRT_BLOCK ? rest : NETRT_BLOCK);
        for (long i = first; i < end; i++)
            overlaps |= netrt_nms_overlaps(k, r, r->kept + i, b);
    }
    return overlaps;
}

/* ---- results ---- */

NETRT_INLINE void netrt_nms_keep(const struct netrt_nms *k, struct netrt_nms_run *r,
                                 const struct netrt_nms_box *b)
{
    netrt_element *kept = r->kept + r->found;
    for (int j = 0; j < 4; j++)
        kept[j * k->detections] = b->side[j];
    kept[4 * k->detections] = b->area;
    netrt_integer_put(kept + 5 * k->detections, (int32_t)b->group);
}

NETRT_INLINE void netrt_nms_write(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                  const struct netrt_args *a, long image, long number, float score)
{
    const netrt_element *sides = netrt_nms_sides(k, r, number);
    netrt_element *out = a->out + image * k->out_image + r->found * k->out_box;
    netrt_element *more = a->more + image * k->more_image + r->found;
    for (int j = 0; j < 4; j++)
        out[j] = sides[j];
    more[0] = score;
    netrt_integer_put(more + k->classes_at, (int32_t)netrt_nms_class_of(k, number));
    netrt_integer_put(more + k->indices_at, (int32_t)netrt_nms_box_of(k, number));
}

/* All results of an image are zero, to begin with. */
NETRT_INLINE void netrt_nms_clear(const struct netrt_nms *k, const struct netrt_args *a, long image)
{
    netrt_element *more = a->more + image * k->more_image;
    for (long i = 0; i < k->out_image; i++)
        a->out[image * k->out_image + i] = 0;
    for (long i = 0; i < k->more_image; i++)
        more[i] = more[k->classes_at + i] = more[k->indices_at + i] = 0;
    for (long i = 1; i < NETRT_BLOCK; i++)
        a->more[k->count_at + image * NETRT_BLOCK + i] = 0;
}

/* The best candidates that overlap no better one by more than the threshold. */
NETRT_INLINE void netrt_nms_hard(const struct netrt_nms *k, struct netrt_nms_run *r,
                                 const struct netrt_args *a, long image)
{
    netrt_nms_heap(k, r, r->list, r->n);
    for (; r->n > 0 && r->found < k->detections; r->n--) {
        const long number = netrt_nms_pop(k, r, r->list, r->n);
        const struct netrt_nms_box b = netrt_nms_box(k, r, number);
        if (netrt_nms_is_left_out(k, r, &b))
            continue;
        netrt_nms_keep(k, r, &b);
        netrt_nms_write(k, r, a, image, number, netrt_nms_score(k, r, number));
        r->found++;
    }
}

/* ---- soft suppression ---- */

/* Where the best candidate is, by the scores in `kept`: NaN first, of equal ones the first number.
 */
NETRT_INLINE long netrt_nms_soft_best(const struct netrt_nms_run *r)
{
    long best = 0;
    for (long i = 1; i < r->n; i++) {
        const float x = r->kept[i], y = r->kept[best];
        const int equal = x == y || (x != x && y != y);
        if (equal ? netrt_integer_at(r->list + i) < netrt_integer_at(r->list + best)
                  : (x != x || x > y))
            best = i;
    }
    return best;
}

/* exp(-overlap^2 / sigma) of n candidates from `first` on with a result; 1 in other groups. */
NETRT_INLINE void netrt_nms_factors(const struct netrt_nms *k, const struct netrt_nms_run *r,
                                    const struct netrt_nms_box *result, long first, long n,
                                    float factor[NETRT_BLOCK])
{
    for (long i = 0; i < NETRT_BLOCK; i++)
        factor[i] = 0;
    for (long i = 0; i < n; i++) {
        const long number = netrt_integer_at(r->list + first + i);
        const struct netrt_nms_box b = netrt_nms_box(k, r, number);
        const float overlap = netrt_nms_overlap(result, &b);
        if (overlap > 0 && (r->together || b.group == result->group))
            factor[i] = -overlap * overlap / k->sigma;
    }
    for (long i = 0; i < NETRT_BLOCK; i += NETRT_VL)
        netrt_store(factor + i, netrt_exp_all(netrt_load(factor + i)));
}

/* What overlaps a result is worth less; what is not above the threshold any more is left out. */
NETRT_INLINE void netrt_nms_soften(const struct netrt_nms *k, struct netrt_nms_run *r,
                                   const struct netrt_nms_box *result)
{
    float factor[NETRT_BLOCK];
    long left = 0;
    for (long first = 0; first < r->n; first += NETRT_BLOCK) {
        const long rest = r->n - first, n = rest < NETRT_BLOCK ? rest : NETRT_BLOCK;
        netrt_nms_factors(k, r, result, first, n, factor);
        for (long i = 0; i < n; i++) {
            const float score = r->kept[first + i] * factor[i];
            r->list[left] = r->list[first + i];
            r->kept[left] = score;
            left += score > k->score_threshold || k->score_threshold == -__builtin_inff();
        }
    }
    r->n = left;
}

/* The best candidates, each of which makes those that it overlaps worse. */
NETRT_INLINE void netrt_nms_soft(const struct netrt_nms *k, struct netrt_nms_run *r,
                                 const struct netrt_args *a, long image)
{
    for (long i = 0; i < r->n; i++)
        r->kept[i] = netrt_nms_score(k, r, netrt_integer_at(r->list + i));
    for (; r->n > 0 && r->found < k->detections; r->found++) {
        const long best = netrt_nms_soft_best(r), number = netrt_integer_at(r->list + best);
        const struct netrt_nms_box b = netrt_nms_box(k, r, number);
        netrt_nms_write(k, r, a, image, number, r->kept[best]);
        r->list[best] = r->list[--r->n];
        r->kept[best] = r->kept[r->n];
        netrt_nms_soften(k, r, &b);
    }
}

/* A task does an image. */
NETRT_INLINE void netrt_nms(const struct netrt_nms *k, const struct netrt_args *a, long task)
{
    struct netrt_nms_run r = {.boxes = a->in + task * k->in_image,
                              .scores = a->other + task * k->other_image,
                              .list = a->scratch,
                              .kept = a->scratch + k->boxes * k->classes,
                              .rows = k->counted ? netrt_integer_at(a->third + task * NETRT_BLOCK)
                                                 : k->boxes};
    netrt_nms_clear(k, a, task);
    netrt_nms_candidates(k, &r);
    if (k->min_size > 0)
        netrt_nms_large(k, &r);
    netrt_nms_move_apart(k, &r);
    if (k->sigma > 0)
        netrt_nms_soft(k, &r, a, task);
    else
        netrt_nms_hard(k, &r, a, task);
    netrt_integer_put(a->more + k->count_at + task * NETRT_BLOCK, (int32_t)r.found);
}

#endif
