/* The header of NumPy's files (.npy, versions 1 to 3): hostile until parsed. */
#ifndef NETRT_CORE_NPY_HEADER_H
#define NETRT_CORE_NPY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum { NETRT_NPY_MAX_RANK = 8 };

struct netrt_npy_header {
    char type[8]; /* NumPy's descr: "<f4" */
    bool fortran;
    int rank;
    long dim[NETRT_NPY_MAX_RANK];
    bool has_type, has_order, has_shape;
};

/* Where the data starts in a file that begins with `size` bytes `d`, having parsed the header into
 * a zeroed one; 0: it is none. */
size_t netrt_npy_start(const unsigned char *d, size_t size, struct netrt_npy_header *);

#endif
