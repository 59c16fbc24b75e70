/* Gradient of cross_entropy.h: softmax times the sum of wanted[], less wanted[], over the sum that
 * the mean is over, times the gradient of the loss, which is a number. */
#ifndef NETRT_KERNELS_CROSS_ENTROPY_GRADIENT_H
#define NETRT_KERNELS_CROSS_ENTROPY_GRADIENT_H

#include "border.h"
#include "cross_entropy.h"

NETRT_INLINE void netrt_cross_entropy_gradient_at(const struct netrt_cross_entropy_gradient *k,
                                                  const struct netrt_targets *t, netrt_element *out,
                                                  const netrt_element *in,
                                                  const netrt_element *label, float gradient)
{
    const struct netrt_scores s = netrt_scores_of(t, in, k->in.plane, label);
    const int ignored = netrt_is_ignored(t, label);
    const float factor = s.wanted / s.exponentials;
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL, first = b * NETRT_BLOCK + lane;
            const netrt_vec e = netrt_exp_share(netrt_load(in + b * k->in.plane + lane) - s.max);
            const netrt_vec all = (e * factor - netrt_wanted(t, label, first)) * gradient;
            netrt_store(out + b * k->out.plane + lane,
                        ignored ? netrt_all(0) : netrt_first(all, k->c - first));
        }
}

NETRT_INLINE void netrt_cross_entropy_gradient(const struct netrt_cross_entropy_gradient *k,
                                               const struct netrt_args *a, long task)
{
    const struct netrt_targets t = NETRT_TARGETS(k, a);
    const float gradient = (float)((double)a->third[0] / netrt_targets_weight(&t));
    netrt_element *out = a->out + task * k->out.image;
    for (long i = 0; i < k->h * k->w; i++) {
        const long y = i / k->w, x = i % k->w;
        netrt_cross_entropy_gradient_at(k, &t, out + y * k->out.row + x * k->out.col,
                                        a->in + task * k->in.image + y * k->in.row + x * k->in.col,
                                        netrt_target(&t, task, i), gradient);
    }
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        NETRT_CLEAR_BORDER(k, out + b * k->out.plane, k->h, k->w, 0, k->h);
}

#endif
