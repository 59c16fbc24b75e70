#include "tensor.h"

#include <string.h>

const char *serve_datatype(enum netrt_dtype dtype)
{
    switch (dtype) {
    case NETRT_DTYPE_f32:
        return "FP32";
    case NETRT_DTYPE_i64:
        return "INT64";
    case NETRT_DTYPE_i32:
        return "INT32";
    default:
        return NULL;
    }
}

int serve_tensor_find(const struct serve_tensor *tensors, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(tensors[i].name, name))
            return i;
    return -1;
}
