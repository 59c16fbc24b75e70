/* Gradient of upsampling: each position of the result gives its gradient to those that it was made
 * of, by their weights. */
#ifndef NETRT_KERNELS_RESAMPLE_GRADIENT_H
#define NETRT_KERNELS_RESAMPLE_GRADIENT_H

#include "pooling_gradient.h"
#include "resample.h"

/* A block of one position's gradient, to the rows and columns that it was made of. */
NETRT_INLINE void netrt_resample_give(const struct netrt_resample_gradient *k, netrt_element *out,
                                      const netrt_element *gradient,
                                      const struct netrt_between *row,
                                      const struct netrt_between *col)
{
    NETRT_FOR (long v = 0; v < NETRT_VL * NETRT_VECS; v += NETRT_VL) {
        const netrt_vec g = netrt_load(gradient + v);
        for (long i = 0; i < k->taps; i++)
            for (long j = 0; j < k->taps; j++) {
                netrt_element *to = out + row->at[i] * k->out.row + col->at[j] * k->out.col + v;
                netrt_store(to, netrt_load(to) + g * (row->weight[i] * col->weight[j]));
            }
    }
}

NETRT_INLINE void netrt_resample_gradient(const struct netrt_resample_gradient *k,
                                          const struct netrt_args *a, long task)
{
    const struct netrt_resample way = {.taps = k->taps, .centers = k->centers};
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK), n = task / blocks, b = task % blocks;
    const netrt_element *gradient = a->in + n * k->in.image + b * k->in.plane;
    netrt_element *out = a->out + n * k->out.image + b * k->out.plane;
    netrt_gradient_clear(out, &k->out, k->ih, k->iw);
    for (long y = 0; y < k->oh; y++) {
        const struct netrt_between row = netrt_resample_between(&way, y, k->ih, k->step_y);
        for (long x = 0; x < k->ow; x++) {
            const struct netrt_between col = netrt_resample_between(&way, x, k->iw, k->step_x);
            netrt_resample_give(k, out, gradient + y * k->in.row + x * k->in.col, &row, &col);
        }
    }
    NETRT_CLEAR_BORDER(k, out, k->ih, k->iw, 0, k->ih);
}

#endif
