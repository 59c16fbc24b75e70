/* Memory for weights and activations: zeroed, 64-byte aligned, in huge pages where they fit. */
#ifndef NETRT_HOST_MEMORY_H
#define NETRT_HOST_MEMORY_H

#include <stddef.h>

/* NULL: no memory. Also for 0 bytes it returns memory. */
void *netrt_memory_new(size_t bytes);
/* The same `bytes`; NULL is nothing. */
void netrt_memory_free(void *, size_t bytes);

#endif
