/*
 * All kernels. Generated code includes this file and instantiates netrt_<name>() with constant
 * shapes: everything about a shape folds away, and only sizes, strides and tiles remain.
 */
#ifndef NETRT_KERNELS_KERNELS_H
#define NETRT_KERNELS_KERNELS_H

#include "activation_gradient.h"
#include "adaptive_pooling.h"
#include "argmax.h"
#include "adaptive_pooling_gradient.h"
#include "attention.h"
#include "bn_gradient.h"
#include "bn_train.h"
#include "channelnorm.h"
#include "conv.h"
#include "conv_depthwise.h"
#include "conv_pooling.h"
#include "conv_transpose.h"
#include "copy.h"
#include "cross_entropy.h"
#include "cross_entropy_gradient.h"
#include "depthwise.h"
#include "gather.h"
#include "dropout.h"
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
#include "pooling_gradient.h"
#include "recurrent.h"
#include "reduce.h"
#include "resample.h"
#include "softmax.h"
#include "strided.h"
#include "topk.h"
#include "nms.h"
#include "sum_to.h"
#include "weight_gradient.h"
#include "winograd.h"

#endif
