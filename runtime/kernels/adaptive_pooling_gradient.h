/* Gradient of pooling to a size, by the windows of adaptive_pooling.h. */
#ifndef NETRT_KERNELS_ADAPTIVE_POOLING_GRADIENT_H
#define NETRT_KERNELS_ADAPTIVE_POOLING_GRADIENT_H

#include "pooling_gradient.h"

/* Window i of so many over `size` positions. */
NETRT_INLINE struct netrt_window netrt_adaptive_window(long i, long windows, long size)
{
    const long first = i * size / windows, end = netrt_ceil_div((i + 1) * size, windows);
    return (struct netrt_window){first, end, end - first};
}

NETRT_INLINE void netrt_adaptive_pooling_gradient(const struct netrt_adaptive_pooling_gradient *k,
                                                  const struct netrt_args *a, long task)
{
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK), n = task / blocks, b = task % blocks;
    const netrt_element *gradient = a->in + n * k->in.image + b * k->in.plane;
    const netrt_element *in =
        k->average ? a->in : a->other + n * k->other.image + b * k->other.plane;
    netrt_element *out = a->out + n * k->out.image + b * k->out.plane;
    netrt_gradient_clear(out, &k->out, k->ih, k->iw);
    for (long i = 0; i < k->oh * k->ow; i++) {
        const struct netrt_window rows = netrt_adaptive_window(i / k->ow, k->oh, k->ih);
        const struct netrt_window cols = netrt_adaptive_window(i % k->ow, k->ow, k->iw);
        netrt_gradient_of_window(out, k->out.row, k->out.col, in, k->other.row, k->other.col,
                                 gradient + i / k->ow * k->in.row + i % k->ow * k->in.col, &rows,
                                 &cols, k->average);
    }
    NETRT_CLEAR_BORDER(k, out, k->ih, k->iw, 0, k->ih);
}

#endif
