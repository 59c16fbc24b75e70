/* Weights for a program that calls a compiled network as a library. */
#ifndef NETRT_CORE_BIND_H
#define NETRT_CORE_BIND_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Packed weights: the model's own, or memory that netrt_unbind() frees. Threads may share them. */
struct netrt_weights {
    const float *packed;
    void *owned;
};

/*
 * Binds the safetensors file at `path`, or with NULL the weights that the program carries. Returns
 * 0, or -1 with a message in error (cut to fit, error_size may be 0), and nothing to free.
 */
int netrt_bind(struct netrt_weights *, const struct netrt_model *, const char *path, char *error,
               size_t error_size);
void netrt_unbind(struct netrt_weights *);

#ifdef __cplusplus
}
#endif

#endif
