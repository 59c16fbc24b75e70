/* Element types of inputs and outputs, by the numbers that a model has. */
#ifndef NETRT_HOST_DTYPE_H
#define NETRT_HOST_DTYPE_H

#include "../core/model.h"

#include <stdbool.h>

/* "i64"; bytes of an element; NumPy's descr: "<i8", or NULL. */
const char *netrt_dtype_name(enum netrt_dtype);
size_t netrt_dtype_bytes(enum netrt_dtype);
const char *netrt_dtype_numpy(enum netrt_dtype);
bool netrt_dtype_is_integer(enum netrt_dtype);

#endif
