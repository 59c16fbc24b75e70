/* Files of safetensors, as they are written. */
#ifndef NETRT_CORE_SAFETENSORS_H
#define NETRT_CORE_SAFETENSORS_H

#include "model.h"

#include <stddef.h>

/* The JSON at the head of a file of n tensors, dense, row-major and float, that follow each other:
 * *size bytes, a multiple of 8, to be freed. Before it stands its size in eight bytes. NULL: out of
 * memory. */
char *netrt_safetensors_header(const struct netrt_tensor *, int n, size_t *size);

#endif
