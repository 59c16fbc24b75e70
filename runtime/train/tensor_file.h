/* Writing safetensors files: a header of JSON, then the tensors one after the other. */
#ifndef NETRT_TRAIN_TENSOR_FILE_H
#define NETRT_TRAIN_TENSOR_FILE_H

#include "../core/model.h"
#include "../host/message.h"

/* A tensor to write: dense, row-major, float. */
struct netrt_named_tensor {
    const struct netrt_tensor *tensor; /* its name and shape */
    const float *data;
};

/* Writes n tensors, in order; a file that is not complete never bears its name. */
int netrt_tensor_file_write(const char *path, const struct netrt_named_tensor *, int n,
                            struct netrt_message *);

#endif
