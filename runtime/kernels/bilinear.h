/* Bilinear upsampling. */
#ifndef NETRT_KERNELS_BILINEAR_H
#define NETRT_KERNELS_BILINEAR_H

#include "border.h"

/* Two neighbours of an output position along one axis, and the weight of the second. */
struct netrt_between {
    long low, high;
    float weight;
};

/* Position i of `out` positions over `in`, in PyTorch's arithmetic. */
NETRT_INLINE struct netrt_between netrt_bilinear_at(const struct netrt_bilinear *k, long i, long in,
                                                    long out)
{
    float at;
    if (k->align_corners)
        at = out > 1 ? (float)i * ((float)(in - 1) / (float)(out - 1)) : 0;
    else
        at = ((float)i + 0.5f) * ((float)in / (float)out) - 0.5f;
    if (at < 0)
        at = 0;
    const long low = (long)at < in ? (long)at : in - 1;
    return (struct netrt_between){low, low + 1 < in ? low + 1 : low, at - (float)low};
}

NETRT_INLINE void netrt_bilinear_row(const struct netrt_bilinear *k, netrt_element *out,
                                     const netrt_element *top, const netrt_element *bottom,
                                     float weight)
{
    for (long x = 0; x < k->ow; x++) {
        const struct netrt_between col = netrt_bilinear_at(k, x, k->iw, k->ow);
        const long left = col.low * k->in.col, right = col.high * k->in.col;
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            netrt_vec above = netrt_load(top + left + lane) * (1 - col.weight) +
                              netrt_load(top + right + lane) * col.weight;
            netrt_vec below = netrt_load(bottom + left + lane) * (1 - col.weight) +
                              netrt_load(bottom + right + lane) * col.weight;
            netrt_store(out + x * k->out.col + lane, above * (1 - weight) + below * weight);
        }
    }
}

NETRT_INLINE void netrt_bilinear(const struct netrt_bilinear *k, const struct netrt_args *a,
                                 long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->oh, k->task_rows);
    for (long y = part.first; y < part.end; y++) {
        const struct netrt_between row = netrt_bilinear_at(k, y, k->ih, k->oh);
        netrt_bilinear_row(k, a->out + netrt_row(&k->out, &part, y),
                           a->in + netrt_row(&k->in, &part, row.low),
                           a->in + netrt_row(&k->in, &part, row.high), row.weight);
    }
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0), k->oh, k->ow, part.first,
                       part.end);
}

#endif
