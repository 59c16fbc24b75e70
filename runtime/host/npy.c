#include "npy.h"
#include "file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static float npy_from_f4(const unsigned char *at)
{
    float x;
    memcpy(&x, at, sizeof x);
    return x;
}

static float npy_from_f8(const unsigned char *at)
{
    double x;
    memcpy(&x, at, sizeof x);
    return (float)x;
}

static float npy_from_u1(const unsigned char *at)
{
    return *at;
}

static float npy_from_i4(const unsigned char *at)
{
    int32_t x;
    memcpy(&x, at, sizeof x);
    return (float)x;
}

static float npy_from_i8(const unsigned char *at)
{
    int64_t x;
    memcpy(&x, at, sizeof x);
    return (float)x;
}

struct npy_type {
    const char *name;
    size_t size;
    float (*widen)(const unsigned char *);
};

static const struct npy_type npy_types[] = {
    {"<f4", 4, npy_from_f4}, {"<f8", 8, npy_from_f8}, {"|u1", 1, npy_from_u1},
    {"<u1", 1, npy_from_u1}, {"<i4", 4, npy_from_i4}, {"<i8", 8, npy_from_i8},
};

static const struct npy_type *find_npy_type(const char *name)
{
    for (size_t i = 0; i < sizeof npy_types / sizeof *npy_types; i++)
        if (!strcmp(npy_types[i].name, name))
            return &npy_types[i];
    return NULL;
}

/* Elements of the shape, or -1 if they are not exactly the `bytes` that follow the header. */
static long npy_elements(const struct netrt_npy_header *h, size_t element, size_t bytes)
{
    size_t n = 1;
    for (int i = 0; i < h->rank; i++)
        if (__builtin_mul_overflow(n, (size_t)h->dim[i], &n))
            return -1;
    size_t total;
    if (__builtin_mul_overflow(n, element, &total) || total != bytes || n > LONG_MAX / 8)
        return -1;
    return (long)n;
}

/* Widens the data; float is taken as it lies in the file. */
static int take_data(struct netrt_npy *npy, struct netrt_bytes *bytes, size_t start,
                     const struct npy_type *type, struct netrt_message *m)
{
    if (type->widen == npy_from_f4 && start % sizeof *npy->data == 0) {
        npy->data = (float *)(void *)(bytes->data + start);
        npy->owned = bytes->data;
        bytes->data = NULL;
        return 0;
    }
    npy->owned = malloc((size_t)npy->elements * sizeof *npy->data + 1);
    npy->data = npy->owned;
    if (!npy->data)
        return netrt_fail(m, "out of memory");
    for (long i = 0; i < npy->elements; i++)
        npy->data[i] = type->widen(bytes->data + start + (size_t)i * type->size);
    return 0;
}

static int parse_npy(struct netrt_npy *npy, struct netrt_bytes *bytes, const char *path,
                     struct netrt_message *m)
{
    struct netrt_npy_header h = {0};
    size_t start = netrt_npy_start(bytes->data, bytes->size, &h);
    if (!start)
        return netrt_fail(m, "'%s' is not a NumPy file (numpy.save writes them)", path);
    const struct npy_type *type = find_npy_type(h.type);
    if (!type)
        return netrt_fail(m, "'%s' holds elements of type '%s'; save it with .astype('float32')",
                          path, h.type);
    if (h.fortran)
        return netrt_fail(m, "'%s' is in Fortran order; save numpy.ascontiguousarray of it", path);
    npy->rank = h.rank;
    memcpy(npy->dim, h.dim, sizeof h.dim);
    npy->elements = npy_elements(&h, type->size, bytes->size - start);
    if (npy->elements < 0)
        return netrt_fail(m, "'%s' is cut short or too long: its shape needs another size", path);
    return take_data(npy, bytes, start, type, m);
}

int netrt_npy_read(struct netrt_npy *npy, const char *path, struct netrt_message *m)
{
    struct netrt_bytes bytes;
    *npy = (struct netrt_npy){0};
    int status = netrt_file_read(path, &bytes, m);
    if (status)
        return status;
    status = parse_npy(npy, &bytes, path, m);
    free(bytes.data);
    return status;
}

void netrt_npy_release(struct netrt_npy *npy)
{
    free(npy->owned);
    npy->owned = npy->data = NULL;
}

/* The header, padded so that the data starts at a multiple of 64. Returns its length. */
static int format_header(char *text, size_t size, int rank, const long *dim)
{
    int n = snprintf(text, size, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < rank; i++)
        n += snprintf(text + n, size - (size_t)n, i ? ", %ld" : "%ld", dim[i]);
    n += snprintf(text + n, size - (size_t)n, rank == 1 ? ",), }" : "), }");
    while ((10 + n + 1) % 64)
        text[n++] = ' ';
    text[n++] = '\n';
    return n;
}

int netrt_npy_write(const char *path, int rank, const long *dim, const float *data,
                    struct netrt_message *m)
{
    char header[512];
    int length = format_header(header, sizeof header, rank, dim);
    size_t elements = 1;
    for (int i = 0; i < rank; i++)
        elements *= (size_t)dim[i];
    struct netrt_writer out;
    int status = netrt_writer_open(&out, path, m);
    if (status)
        return status;
    unsigned char start[10] = "\x93NUMPY\x01";
    start[8] = (unsigned char)(length & 255);
    start[9] = (unsigned char)(length >> 8);
    fwrite(start, 1, sizeof start, out.file);
    fwrite(header, 1, (size_t)length, out.file);
    fwrite(data, sizeof *data, elements, out.file);
    return netrt_writer_close(&out, 0, m);
}
