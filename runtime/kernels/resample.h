/* Upsampling, and its like to smaller sizes: nearest, bilinear, bicubic. */
#ifndef NETRT_KERNELS_RESAMPLE_H
#define NETRT_KERNELS_RESAMPLE_H

#include "border.h"

enum { NETRT_RESAMPLE_TAPS = 4 }; /* at most */

/* What an output position reads along one axis: positions of the input, each with its weight. */
struct netrt_between {
    long at[NETRT_RESAMPLE_TAPS];
    float weight[NETRT_RESAMPLE_TAPS];
};

/* Keys' cubic at a distance up to 1, and of 1 to 2, with a = -3/4. */
NETRT_INLINE float netrt_cubic_near(float x)
{
    return ((-0.75f + 2) * x - (-0.75f + 3)) * x * x + 1;
}

NETRT_INLINE float netrt_cubic_far(float x)
{
    return ((-0.75f * x + 5 * 0.75f) * x - 8 * 0.75f) * x + 4 * 0.75f;
}

/* Where output position i lies among those of the input. The product is rounded before a half is
 * taken away, also where the machine does both at once: the nearest position depends on it. */
NETRT_INLINE float netrt_resample_at(const struct netrt_resample *k, long i, float step)
{
    if (!k->centers)
        return (float)i * step;
    const float at = (float)(((double)i + 0.5) * (double)step) - 0.5f;
    return k->taps < 4 && at < 0 ? 0 : at;
}

NETRT_INLINE long netrt_floor(float x)
{
    const long whole = (long)x;
    return whole - ((float)whole > x);
}

/* The weights of `taps` positions, of which the one before `part` of the way to the next is number
 * taps / 2 - 1. */
NETRT_INLINE void netrt_resample_weights(long taps, float part, float *weight)
{
    if (taps == 1) {
        weight[0] = 1;
    } else if (taps == 2) {
        weight[0] = 1 - part;
        weight[1] = part;
    } else {
        weight[0] = netrt_cubic_far(part + 1);
        weight[1] = netrt_cubic_near(part);
        weight[2] = netrt_cubic_near(1 - part);
        weight[3] = netrt_cubic_far(2 - part);
    }
}

/* Output position i, of an axis with so many positions in the input. */
NETRT_INLINE struct netrt_between netrt_resample_between(const struct netrt_resample *k, long i,
                                                         long in, float step)
{
    struct netrt_between b;
    const float at = netrt_resample_at(k, i, step);
    const long whole = netrt_floor(k->taps == 1 && k->centers ? at + 0.5f : at);
    const long low = whole < in ? whole : in - 1;
    const float part = at - (float)low;
    netrt_resample_weights(k->taps, part < 1 ? part : 1, b.weight);
    NETRT_FOR (long t = 0; t < k->taps; t++) {
        const long to = low + t - (k->taps - 1) / 2;
        b.at[t] = to < 0 ? 0 : to < in ? to : in - 1;
    }
    return b;
}

/* The row of the output that lies between these rows of the input. */
NETRT_INLINE void netrt_resample_row(const struct netrt_resample *k, netrt_element *out,
                                     const netrt_element *in, const struct netrt_between *row)
{
    for (long x = 0; x < k->ow; x++) {
        const struct netrt_between col = netrt_resample_between(k, x, k->iw, k->step_x);
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            netrt_vec sum = netrt_all(0);
            NETRT_FOR (long i = 0; i < k->taps; i++) {
                const netrt_element *from = in + row->at[i] * k->in.row + v * NETRT_VL;
                netrt_vec across = netrt_load(from + col.at[0] * k->in.col) * col.weight[0];
                NETRT_FOR (long j = 1; j < k->taps; j++)
                    across += netrt_load(from + col.at[j] * k->in.col) * col.weight[j];
                sum = i ? sum + across * row->weight[i] : across * row->weight[i];
            }
            netrt_store(out + x * k->out.col + v * NETRT_VL, sum);
        }
    }
}

NETRT_INLINE void netrt_resample(const struct netrt_resample *k, const struct netrt_args *a,
                                 long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->oh, k->task_rows);
    for (long y = part.first; y < part.end; y++) {
        const struct netrt_between row = netrt_resample_between(k, y, k->ih, k->step_y);
        netrt_resample_row(k, a->out + netrt_row(&k->out, &part, y),
                           a->in + netrt_row(&k->in, &part, 0), &row);
    }
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0), k->oh, k->ow, part.first,
                       part.end);
}

#endif
