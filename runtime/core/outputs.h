/* Outputs by what they are for. */
#ifndef NETRT_CORE_OUTPUTS_H
#define NETRT_CORE_OUTPUTS_H

#include "model.h"

/* The number of the first output of that purpose, or -1. */
int netrt_find_output(const struct netrt_model *, enum netrt_purpose);

#endif
