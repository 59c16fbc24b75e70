/* Softmax and cross entropy as one. At a position with scores x the loss is
 *     sum over classes of wanted[c] (log(sum of exp(x)) - x[c]),
 *     wanted[c] = weight[c] ((1 - s) share[c] + s / C),
 * s being the label smoothing, and share[c] 1 for the class that the label names and 0 for the
 * others, or what the label gives for each class. The result is the sum over all positions but
 * those that are ignored, over the sum of the weights of their classes, or over their number where
 * labels are shares: PyTorch's means. One task: the sum has one order. */
#ifndef NETRT_KERNELS_CROSS_ENTROPY_H
#define NETRT_KERNELS_CROSS_ENTROPY_H

#include "channels.h"
#include "vecmath.h"

/* What labels and weights say, for either kernel. */
struct netrt_targets {
    struct netrt_view view; /* of the labels */
    const netrt_element *labels, *weight;
    long images, h, w, classes, ignored;
    int shares, weighted;
    float smoothing;
};

#define NETRT_TARGETS(k, a)                                                                        \
    {                                                                                              \
        (k)->other, (a)->other, (a)->weight, (k)->images, (k)->h, (k)->w, (k)->c, (k)->ignored,    \
            (int)(k)->shares, (int)(k)->weighted, (k)->smoothing                                   \
    }

/* The label of position i of image n; of shares that of class 0. */
NETRT_INLINE const netrt_element *netrt_target(const struct netrt_targets *t, long n, long i)
{
    return t->labels + n * t->view.image + i / t->w * t->view.row + i % t->w * t->view.col;
}

NETRT_INLINE int netrt_is_ignored(const struct netrt_targets *t, const netrt_element *label)
{
    return !t->shares && *label == (float)t->ignored;
}

/* The class that a label names; -1: it names none. */
NETRT_INLINE long netrt_class(const struct netrt_targets *t, const netrt_element *label)
{
    return !t->shares && *label >= 0 && *label < (float)t->classes ? (long)*label : -1;
}

/* What a position counts in the mean; NaN where the label is no class. */
NETRT_INLINE float netrt_target_weight(const struct netrt_targets *t, const netrt_element *label)
{
    const long number = netrt_class(t, label);
    if (t->shares)
        return 1;
    if (netrt_is_ignored(t, label))
        return 0;
    if (number < 0)
        return __builtin_nanf("");
    return t->weighted ? t->weight[number] : 1;
}

/* The sum of these. */
NETRT_INLINE double netrt_targets_weight(const struct netrt_targets *t)
{
    double sum = 0;
    for (long n = 0; n < t->images; n++)
        for (long i = 0; i < t->h * t->w; i++)
            sum += (double)netrt_target_weight(t, netrt_target(t, n, i));
    return sum;
}

/* wanted[] of a vector of classes from `first` on. */
NETRT_INLINE netrt_vec netrt_wanted(const struct netrt_targets *t, const netrt_element *label,
                                    long first)
{
    const netrt_vec one = netrt_all(1);
    const long place = netrt_class(t, label) - first;
    netrt_vec wanted = netrt_first(one, place + 1) - netrt_first(one, place);
    if (t->shares)
        wanted = netrt_load(label + first / NETRT_BLOCK * t->view.plane + first % NETRT_BLOCK);
    wanted = wanted * (1 - t->smoothing) + t->smoothing / (float)t->classes;
    if (t->weighted)
        wanted *= netrt_load(t->weight + first);
    return netrt_first(wanted, t->classes - first);
}

/* What a position's scores sum up to: the greatest; of the distances to it the exponentials, and
 * the products with wanted[]; and wanted[]. */
struct netrt_scores {
    float max, exponentials, products, wanted;
};

NETRT_INLINE struct netrt_scores netrt_scores_of(const struct netrt_targets *t,
                                                 const netrt_element *in, long plane,
                                                 const netrt_element *label)
{
    struct netrt_scores s = {.max = netrt_greatest_channel(in, plane, t->classes)};
    netrt_vec exponentials[NETRT_VECS], products[NETRT_VECS], all[NETRT_VECS];
    NETRT_FOR (long v = 0; v < NETRT_VECS; v++)
        exponentials[v] = products[v] = all[v] = netrt_all(0);
    for (long b = 0; b * NETRT_BLOCK < t->classes; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL, lanes = t->classes - b * NETRT_BLOCK - lane;
            const netrt_vec d = netrt_load(in + b * plane + lane) - s.max;
            const netrt_vec wanted = netrt_wanted(t, label, b * NETRT_BLOCK + lane);
            exponentials[v] += netrt_first(netrt_exp(d), lanes);
            products[v] += netrt_first(d, lanes) * wanted;
            all[v] += wanted;
        }
    s.exponentials = netrt_sum(exponentials);
    s.products = netrt_sum(products);
    s.wanted = netrt_sum(all);
    return s;
}

/* The loss at one position. */
NETRT_INLINE float netrt_cross_entropy_at(const struct netrt_targets *t, const netrt_element *in,
                                          long plane, const netrt_element *label)
{
    const struct netrt_scores s = netrt_scores_of(t, in, plane, label);
    float lanes[NETRT_VL];
    netrt_store(lanes, netrt_log(netrt_all(s.exponentials)));
    return s.wanted * lanes[0] - s.products;
}

NETRT_INLINE void netrt_cross_entropy(const struct netrt_cross_entropy *k,
                                      const struct netrt_args *a, long task)
{
    const struct netrt_targets t = NETRT_TARGETS(k, a);
    double sum = 0;
    (void)task;
    for (long n = 0; n < k->images; n++)
        for (long i = 0; i < k->h * k->w; i++) {
            const netrt_element *label = netrt_target(&t, n, i);
            const netrt_element *in =
                a->in + n * k->in.image + i / k->w * k->in.row + i % k->w * k->in.col;
            if (!netrt_is_ignored(&t, label))
                sum += (double)netrt_cross_entropy_at(&t, in, k->in.plane, label);
        }
    a->out[0] = (float)(sum / netrt_targets_weight(&t));
    for (long lane = 1; lane < NETRT_BLOCK; lane++)
        a->out[lane] = 0;
}

#endif
