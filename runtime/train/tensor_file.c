#include "tensor_file.h"
#include "../core/safetensors.h"
#include "../host/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static size_t bytes_of(const struct netrt_tensor *t)
{
    return (size_t)netrt_tensor_elements(t) * sizeof(float);
}

static char *header_of(const struct netrt_named_tensor *tensors, int n, size_t *size)
{
    struct netrt_tensor *list = malloc(((size_t)n + 1) * sizeof *list);
    for (int i = 0; list && i < n; i++)
        list[i] = *tensors[i].tensor;
    char *header = list ? netrt_safetensors_header(list, n, size) : NULL;
    free(list);
    return header;
}

int netrt_tensor_file_write(const char *path, const struct netrt_named_tensor *tensors, int n,
                            struct netrt_message *m)
{
    struct netrt_writer out;
    size_t size = 0;
    char *header = header_of(tensors, n, &size);
    if (!header)
        return netrt_fail(m, "out of memory");
    int status = netrt_writer_open(&out, path, m);
    if (!status) {
        const uint64_t length = size;
        fwrite(&length, sizeof length, 1, out.file);
        fwrite(header, 1, size, out.file);
        for (int i = 0; i < n; i++)
            fwrite(tensors[i].data, 1, bytes_of(tensors[i].tensor), out.file);
        status = netrt_writer_close(&out, 0, m);
    }
    free(header);
    return status;
}
