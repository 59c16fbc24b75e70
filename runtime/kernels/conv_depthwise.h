/* A convolution, part by part in the depthwise one that reads it. */
#ifndef NETRT_KERNELS_CONV_DEPTHWISE_H
#define NETRT_KERNELS_CONV_DEPTHWISE_H

#include "conv_then.h"
#include "depthwise.h"

NETRT_INLINE void netrt_conv_depthwise(const struct netrt_conv_depthwise *k,
                                       const struct netrt_args *a, long task)
{
    NETRT_CONV_THEN(k, a, task, netrt_depthwise_part);
}

#endif
