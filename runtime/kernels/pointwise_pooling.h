/* Elementwise, part by part in the pool that reads it. */
#ifndef NETRT_KERNELS_POINTWISE_POOLING_H
#define NETRT_KERNELS_POINTWISE_POOLING_H

#include "pointwise.h"
#include "pooling.h"
#include "strip.h"

NETRT_INLINE void netrt_pointwise_pooling(const struct netrt_pointwise_pooling *k,
                                          const struct netrt_args *a, long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->then.c, k->then.oh, k->then.task_rows);
    const struct netrt_strip strip = NETRT_STRIP_OF(k, &part, k->first.h);
    const struct netrt_args first =
        netrt_args_of_first(a, &k->first.out, k->first.border_left, &strip, part.block);
    const struct netrt_args then = netrt_args_of_then(a, &first);
    const struct netrt_rows made = {part.image, part.block, strip.first, strip.end};
    netrt_pointwise_part(&k->first, &first, &made);
    netrt_pooling_part(&k->then, &then, &part);
}

#endif
