/* Weights for a program that calls a compiled network as a library. */
#ifndef NETRT_CORE_BIND_H
#define NETRT_CORE_BIND_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Packed weights, and the code that runs here; threads may share them. */
struct netrt_weights {
    const struct netrt_code *code;
    const float *packed; /* the program's own, or the same as `owned` */
    void *owned;
};

/*
 * Binds the checkpoint (core/checkpoint.h) at `path`, or with NULL the weights that the program
 * carries, which a network without parameters always does. NULL with a message in error, cut to
 * fit; netrt_unbind() frees the result, and nothing for NULL.
 */
struct netrt_weights *netrt_bind(const struct netrt_model *, const char *path, char *error,
                                 size_t error_size);
void netrt_unbind(struct netrt_weights *);

#ifdef __cplusplus
}
#endif

#endif
