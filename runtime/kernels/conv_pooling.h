/* A convolution, part by part in the pool that reads it. */
#ifndef NETRT_KERNELS_CONV_POOLING_H
#define NETRT_KERNELS_CONV_POOLING_H

#include "conv_then.h"
#include "pooling.h"

NETRT_INLINE void netrt_conv_pooling(const struct netrt_conv_pooling *k, const struct netrt_args *a,
                                     long task)
{
    NETRT_CONV_THEN(k, a, task, netrt_pooling_part);
}

#endif
