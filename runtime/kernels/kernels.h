/*
 * All kernels. Generated code includes this file and instantiates netrt_<name>() with constant
 * shapes: everything about a shape folds away, and only sizes, strides and tiles remain.
 */
#ifndef NETRT_KERNELS_KERNELS_H
#define NETRT_KERNELS_KERNELS_H

#include "adaptive_avgpool.h"
#include "conv.h"
#include "copy.h"
#include "pointwise.h"
#include "pool.h"
#include "softmax.h"

#endif
