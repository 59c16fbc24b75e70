/*
 * All kernels. Generated code includes this file and instantiates netrt_<name>() with constant
 * shapes: everything about a shape folds away, and only sizes, strides and tiles remain.
 */
#ifndef NETRT_KERNELS_KERNELS_H
#define NETRT_KERNELS_KERNELS_H

#include "adaptive_pooling.h"
#include "argmax.h"
#include "attention.h"
#include "channelnorm.h"
#include "conv.h"
#include "conv_depthwise.h"
#include "conv_pooling.h"
#include "conv_transpose.h"
#include "copy.h"
#include "depthwise.h"
#include "gather.h"
#include "grouped.h"
#include "groupnorm.h"
#include "integers.h"
#include "lrn.h"
#include "matmul.h"
#include "pixel_shuffle.h"
#include "pointwise.h"
#include "pointwise_conv.h"
#include "pointwise_pooling.h"
#include "pooling.h"
#include "recurrent.h"
#include "reduce.h"
#include "resample.h"
#include "softmax.h"
#include "strided.h"
#include "topk.h"
#include "winograd.h"

#endif
