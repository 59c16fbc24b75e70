#include "dtype.h"

enum { KIND_REAL, KIND_INTEGER };

static const struct {
    const char *name, *numpy;
    size_t bytes;
    int kind;
} dtypes[] = {
#define DTYPE(id, bytes, safetensors, numpy, torch, widen, kind, c)                                \
    {#id, numpy, bytes, KIND_##kind},
#include "../core/dtypes.def"
};

const char *netrt_dtype_name(enum netrt_dtype dtype)
{
    return dtypes[dtype].name;
}

size_t netrt_dtype_bytes(enum netrt_dtype dtype)
{
    return dtypes[dtype].bytes;
}

const char *netrt_dtype_numpy(enum netrt_dtype dtype)
{
    return dtypes[dtype].numpy;
}

bool netrt_dtype_is_integer(enum netrt_dtype dtype)
{
    return dtypes[dtype].kind == KIND_INTEGER;
}
