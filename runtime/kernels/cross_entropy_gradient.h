/* Gradient of cross_entropy.h: of M positions, softmax less what the label wants, over M, times the
 * gradient of the loss, which is a number. */
#ifndef NETRT_KERNELS_CROSS_ENTROPY_GRADIENT_H
#define NETRT_KERNELS_CROSS_ENTROPY_GRADIENT_H

#include "border.h"
#include "cross_entropy.h"

NETRT_INLINE void netrt_cross_entropy_gradient_at(const struct netrt_cross_entropy_gradient *k,
                                                  netrt_element *out, const netrt_element *in,
                                                  long label, float gradient)
{
    const struct netrt_scores s = netrt_scores_of(in, k->in.plane, k->c);
    gradient = label < 0 ? __builtin_nanf("") : gradient;
    const float factor = gradient / s.exponentials;
    const float each = gradient * k->smoothing / (float)k->c;
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            const netrt_vec e = netrt_exp(netrt_load(in + b * k->in.plane + lane) - s.max);
            netrt_store(out + b * k->out.plane + lane,
                        netrt_first(e * factor - each, k->c - b * NETRT_BLOCK - lane));
        }
    if (label >= 0)
        out[label / NETRT_BLOCK * k->out.plane + label % NETRT_BLOCK] -=
            gradient * (1 - k->smoothing);
}

NETRT_INLINE void netrt_cross_entropy_gradient(const struct netrt_cross_entropy_gradient *k,
                                               const struct netrt_args *a, long task)
{
    const float gradient = a->third[0] / (float)(k->images * k->h * k->w);
    netrt_element *out = a->out + task * k->out.image;
    for (long i = 0; i < k->h * k->w; i++) {
        const long y = i / k->w, x = i % k->w;
        const netrt_element *label =
            a->other + task * k->other.image + y * k->other.row + x * k->other.col;
        netrt_cross_entropy_gradient_at(k, out + y * k->out.row + x * k->out.col,
                                        a->in + task * k->in.image + y * k->in.row + x * k->in.col,
                                        netrt_label(*label, k->c), gradient);
    }
    for (long b = 0; b * NETRT_BLOCK < k->c; b++)
        NETRT_CLEAR_BORDER(k, out + b * k->out.plane, k->h, k->w, 0, k->h);
}

#endif
