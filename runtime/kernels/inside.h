/* Which boxes lie within a picture: see the table. */
#ifndef NETRT_KERNELS_INSIDE_H
#define NETRT_KERNELS_INSIDE_H

#include "vec.h"

/* A task does an image. */
NETRT_INLINE void netrt_inside(const struct netrt_inside *k, const struct netrt_args *a, long task)
{
    const netrt_element *box = a->in + task * k->in_image;
    netrt_element *out = a->out + task * k->out_image;
    for (long i = 0; i < k->boxes; i++, box += k->in_box)
        out[i] = box[0] >= 0 && box[1] >= 0 && box[2] <= k->right && box[3] <= k->bottom ? 1 : 0;
    for (long i = k->boxes; i < k->out_image; i++)
        out[i] = 0;
}

#endif
