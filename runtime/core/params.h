/* The tensors that a checkpoint of a network must have. */
#ifndef NETRT_CORE_PARAMS_H
#define NETRT_CORE_PARAMS_H

#include "model.h"

#include <stdio.h>

/* Prints their names, shapes and bytes in float32, and the sums. */
void netrt_params_print(const struct netrt_model *, FILE *);

#endif
