/* NumPy files (.npy, versions 1 to 3): hostile until parsed. Machines are little-endian. */
#ifndef NETRT_HOST_NPY_H
#define NETRT_HOST_NPY_H

#include "dtype.h"
#include "message.h"
#include "../core/npy_header.h"

#include <stdbool.h>

/* A tensor, row-major. */
struct netrt_npy {
    const char *path; /* the caller's */
    enum netrt_dtype dtype;
    int rank;
    long dim[NETRT_NPY_MAX_RANK];
    long elements;
    void *data;  /* of the C type of dtype, in `owned` */
    void *owned; /* from malloc */
};

/* Whether a file begins as NumPy's do; false where it cannot be read. */
bool netrt_is_npy(const char *path);
/* Reads f4, f8, u1, i4 and i8 in C order, as f32; the integers among them also as i32 or i64, if
 * they fit. netrt_npy_release() is the caller's. */
int netrt_npy_read(struct netrt_npy *, const char *path, enum netrt_dtype, struct netrt_message *);
void netrt_npy_release(struct netrt_npy *);
/* Writes f32, i32 or i64; a file that is not complete never bears its name. */
int netrt_npy_write(const char *path, enum netrt_dtype, int rank, const long *dim, const void *data,
                    struct netrt_message *);

#endif
