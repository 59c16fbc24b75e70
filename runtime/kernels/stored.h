/* What weights of convolutions and linear layers are stored as. Kernels multiply floats: they widen
 * what is narrower as they load it. */
#ifndef NETRT_KERNELS_STORED_H
#define NETRT_KERNELS_STORED_H

#include <stdint.h>

enum netrt_stored {
#define STORED(name, c_type, over, others, doc) NETRT_STORED_##name,
#include "stored.def"
};

/* Bytes of an element. */
static inline long netrt_stored_bytes(long stored)
{
    switch (stored) {
#define STORED(name, c_type, over, others, doc)                                                    \
    case NETRT_STORED_##name:                                                                      \
        return (long)sizeof(c_type);
#include "stored.def"
    }
    return 0;
}

#endif
