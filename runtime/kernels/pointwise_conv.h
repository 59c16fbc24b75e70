/* Elementwise, part by part in the convolution that reads it: bn and an activation before it. */
#ifndef NETRT_KERNELS_POINTWISE_CONV_H
#define NETRT_KERNELS_POINTWISE_CONV_H

#include "conv.h"
#include "pointwise.h"
#include "strip.h"

NETRT_INLINE void netrt_pointwise_conv(const struct netrt_pointwise_conv *k,
                                       const struct netrt_args *a, long task)
{
    const long blocks = netrt_ceil_div(k->then.oc, NETRT_BLOCK);
    struct netrt_rows part =
        netrt_rows_of(task, netrt_ceil_div(blocks, k->then.task_blocks) * NETRT_BLOCK, k->then.oh,
                      k->then.task_rows);
    part.block *= k->then.task_blocks;
    const long end = part.block + k->then.task_blocks;
    const struct netrt_strip strip = NETRT_STRIP_OF(k, &part, k->first.h);
    const struct netrt_args first =
        netrt_args_of_first(a, &k->first.out, k->first.border_left, &strip, 0);
    const struct netrt_args then = netrt_args_of_then(a, &first);
    struct netrt_rows made = {part.image, 0, strip.first, strip.end};
    for (; made.block < netrt_ceil_div(k->first.c, NETRT_BLOCK); made.block++)
        netrt_pointwise_part(&k->first, &first, &made);
    netrt_conv_part(&k->then, &then, &part, end < blocks ? end : blocks);
}

#endif
