/* The inputs and outputs of a network, as the protocol speaks of them. */
#ifndef NETRT_SERVE_TENSOR_H
#define NETRT_SERVE_TENSOR_H

#include "../core/model.h"

/* An input or output, without regard to the batch. */
struct serve_tensor {
    const char *name;
    enum netrt_dtype dtype;
    int rank;
    long dim[NETRT_MAX_RANK]; /* dim[0] is that of one image: 1, or the rows of each */
    size_t bytes;             /* of one image */
};

/* What the protocol calls an element type: "FP32"; NULL: no input or output is of it. */
const char *serve_datatype(enum netrt_dtype);
/* The number of the tensor of that name, or -1. */
int serve_tensor_find(const struct serve_tensor *, int n, const char *name);

#endif
