/* NumPy files (.npy, versions 1 to 3): hostile until parsed. Machines are little-endian. */
#ifndef NETRT_HOST_NPY_H
#define NETRT_HOST_NPY_H

#include "message.h"
#include "../core/npy_header.h"

/* A tensor, row-major, in float. */
struct netrt_npy {
    int rank;
    long dim[NETRT_NPY_MAX_RANK];
    long elements;
    float *data; /* in `owned` */
    void *owned; /* from malloc */
};

/* Reads f4, f8, u1, i4 and i8 in C order. netrt_npy_release() is the caller's. */
int netrt_npy_read(struct netrt_npy *, const char *path, struct netrt_message *);
void netrt_npy_release(struct netrt_npy *);
/* Writes f4; a file that is not complete never bears its name. */
int netrt_npy_write(const char *path, int rank, const long *dim, const float *data,
                    struct netrt_message *);

#endif
