#include "tensor_file.h"
#include "../host/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static size_t bytes_of(const struct netrt_tensor *t)
{
    size_t n = sizeof(float);
    for (int i = 0; i < t->rank; i++)
        n *= (size_t)t->dim[i];
    return n;
}

/* A string of JSON. */
static void write_name(FILE *out, const char *name)
{
    fputc('"', out);
    for (; *name; name++) {
        const unsigned char c = (unsigned char)*name;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

/* Padded with spaces, so that the tensors start at a multiple of 8. */
static void write_header(FILE *out, const struct netrt_named_tensor *tensors, int n)
{
    size_t at = 0;
    fputc('{', out);
    for (int i = 0; i < n; i++) {
        const struct netrt_tensor *t = tensors[i].tensor;
        fputs(i ? "," : "", out);
        write_name(out, t->name);
        fputs(":{\"dtype\":\"F32\",\"shape\":[", out);
        for (int k = 0; k < t->rank; k++)
            fprintf(out, k ? ",%ld" : "%ld", t->dim[k]);
        fprintf(out, "],\"data_offsets\":[%zu,%zu]}", at, at + bytes_of(t));
        at += bytes_of(t);
    }
    fputc('}', out);
    for (fflush(out); ftell(out) % 8; fflush(out))
        fputc(' ', out);
}

static char *header_of(const struct netrt_named_tensor *tensors, int n, size_t *size)
{
    char *header = NULL;
    FILE *out = open_memstream(&header, size);
    if (!out)
        return NULL;
    write_header(out, tensors, n);
    if (!fclose(out))
        return header;
    free(header);
    return NULL;
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
