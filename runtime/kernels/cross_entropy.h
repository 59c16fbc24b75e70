/* Softmax and cross entropy as one: the mean over all positions of
 *     log(sum of exp(x)) - (1 - s) x[label] - s mean(x),
 * s being the label smoothing. One task: the sum has one order. */
#ifndef NETRT_KERNELS_CROSS_ENTROPY_H
#define NETRT_KERNELS_CROSS_ENTROPY_H

#include "vecmath.h"

/* What a position's scores sum up to: the greatest, the exponentials of the distances to it, and
 * the scores themselves, less that. */
struct netrt_scores {
    float max, exponentials, distances;
};

NETRT_INLINE struct netrt_scores netrt_scores_of(const netrt_element *in, long plane, long c)
{
    struct netrt_scores s = {.max = in[0]};
    netrt_vec exponentials[NETRT_VECS], distances[NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        exponentials[v] = distances[v] = netrt_all(0);
    for (long i = 0; i < c; i++) {
        const float x = in[i / NETRT_BLOCK * plane + i % NETRT_BLOCK];
        s.max = x > s.max || x != x ? x : s.max;
    }
    for (long b = 0; b * NETRT_BLOCK < c; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL, lanes = c - b * NETRT_BLOCK - lane;
            const netrt_vec d = netrt_load(in + b * plane + lane) - s.max;
            exponentials[v] += netrt_first(netrt_exp(d), lanes);
            distances[v] += netrt_first(d, lanes);
        }
    s.exponentials = netrt_sum(exponentials);
    s.distances = netrt_sum(distances);
    return s;
}

/* The number of a class; -1: it is none. */
NETRT_INLINE long netrt_label(float x, long classes)
{
    return x >= 0 && x < (float)classes ? (long)x : -1;
}

/* The loss at one position; NaN where the label is no class. */
NETRT_INLINE float netrt_cross_entropy_at(const struct netrt_cross_entropy *k,
                                          const netrt_element *in, long label)
{
    const struct netrt_scores s = netrt_scores_of(in, k->in.plane, k->c);
    if (label < 0)
        return __builtin_nanf("");
    const float own = in[label / NETRT_BLOCK * k->in.plane + label % NETRT_BLOCK] - s.max;
    float lanes[NETRT_VL];
    netrt_store(lanes, netrt_log(netrt_all(s.exponentials)));
    return lanes[0] - (1 - k->smoothing) * own - k->smoothing * s.distances / (float)k->c;
}

NETRT_INLINE void netrt_cross_entropy(const struct netrt_cross_entropy *k,
                                      const struct netrt_args *a, long task)
{
    const long positions = k->h * k->w;
    double sum = 0;
    (void)task;
    for (long i = 0; i < k->images * positions; i++) {
        const long n = i / positions, y = i % positions / k->w, x = i % k->w;
        const netrt_element *label =
            a->other + n * k->other.image + y * k->other.row + x * k->other.col;
        sum += (double)netrt_cross_entropy_at(
            k, a->in + n * k->in.image + y * k->in.row + x * k->in.col, netrt_label(*label, k->c));
    }
    a->out[0] = (float)(sum / (double)(k->images * positions));
    for (long lane = 1; lane < NETRT_BLOCK; lane++)
        a->out[lane] = 0;
}

#endif
