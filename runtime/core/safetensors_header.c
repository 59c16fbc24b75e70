#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>

static size_t bytes_of(const struct netrt_tensor *t)
{
    return (size_t)netrt_tensor_elements(t) * sizeof(float);
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
static void write_header(FILE *out, const struct netrt_tensor *tensors, int n)
{
    size_t at = 0;
    fputc('{', out);
    for (int i = 0; i < n; i++) {
        const struct netrt_tensor *t = &tensors[i];
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

char *netrt_safetensors_header(const struct netrt_tensor *tensors, int n, size_t *size)
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
