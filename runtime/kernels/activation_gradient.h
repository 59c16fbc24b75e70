/* Gradients of activations, element by element. May be in place. */
#ifndef NETRT_KERNELS_ACTIVATION_GRADIENT_H
#define NETRT_KERNELS_ACTIVATION_GRADIENT_H

#include "act_gradient.h"
#include "border.h"

NETRT_INLINE void netrt_activation_gradient_row(const struct netrt_activation_gradient *k,
                                                netrt_element *out, const netrt_element *in,
                                                const netrt_element *saved, long block)
{
    for (long x = 0; x < k->w; x++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            const netrt_vec g = netrt_act_gradient(k->act, k->act_arg, k->act_arg2,
                                                   netrt_load(in + x * k->in.col + lane),
                                                   netrt_load(saved + x * k->other.col + lane));
            netrt_store(out + x * k->out.col + lane,
                        netrt_first(g, netrt_lanes(k->c, block * NETRT_BLOCK + lane)));
        }
}

NETRT_INLINE void netrt_activation_gradient(const struct netrt_activation_gradient *k,
                                            const struct netrt_args *a, long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->h, k->task_rows);
    for (long y = part.first; y < part.end; y++)
        netrt_activation_gradient_row(k, a->out + netrt_row(&k->out, &part, y),
                                      a->in + netrt_row(&k->in, &part, y),
                                      a->other + netrt_row(&k->other, &part, y), part.block);
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0), k->h, k->w, part.first, part.end);
}

#endif
