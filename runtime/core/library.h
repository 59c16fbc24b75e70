/*
 * A network in a shared library, for programs that load it by name: the function NAME_library() of
 * a library that `netc --emit=shared` made. Whoever reads it compares the version first, and takes
 * all else from there, so that two copies of the runtime never share a struct that differs.
 */
#ifndef NETRT_CORE_LIBRARY_H
#define NETRT_CORE_LIBRARY_H

#include "bind.h"
#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up with each change of struct netrt_model, netrt_weights or this one. */
enum { NETRT_LIBRARY_VERSION = 1 };

struct netrt_library {
    int version; /* stays the first */
    const struct netrt_model *model;
    struct netrt_weights *(*bind)(const struct netrt_model *, const char *path, char *error,
                                  size_t error_size);
    void (*unbind)(struct netrt_weights *);
    netrt_pool *(*pool_new)(int threads);
    void (*pool_free)(netrt_pool *);
};

#ifdef __cplusplus
}
#endif

#endif
