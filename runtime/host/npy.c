#include "npy.h"
#include "file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NPY_REAL(name, type), NPY_INTEGER: a type of the files that are read, in C. */
#define NPY_TYPES                                                                                  \
    NPY_REAL(f4, float)                                                                            \
    NPY_REAL(f8, double)                                                                           \
    NPY_INTEGER(u1, uint8_t)                                                                       \
    NPY_INTEGER(i4, int32_t)                                                                       \
    NPY_INTEGER(i8, int64_t)

/* npy_widen_<name>(): an element as a float. */
#define NPY_REAL(name, type)                                                                       \
    static float npy_widen_##name(const unsigned char *at)                                         \
    {                                                                                              \
        type x;                                                                                    \
        memcpy(&x, at, sizeof x);                                                                  \
        return (float)x;                                                                           \
    }
#define NPY_INTEGER NPY_REAL
NPY_TYPES
#undef NPY_REAL
#undef NPY_INTEGER

/* npy_integer_<name>(): an element of an integer type as the widest integer. */
#define NPY_REAL(name, type)
#define NPY_INTEGER(name, type)                                                                    \
    static int64_t npy_integer_##name(const unsigned char *at)                                     \
    {                                                                                              \
        type x;                                                                                    \
        memcpy(&x, at, sizeof x);                                                                  \
        return x;                                                                                  \
    }
NPY_TYPES
#undef NPY_REAL
#undef NPY_INTEGER

struct npy_type {
    const char *name; /* behind the byte order */
    size_t size;
    float (*widen)(const unsigned char *);
    int64_t (*integer)(const unsigned char *); /* NULL: a real type */
};

static const struct npy_type npy_types[] = {
#define NPY_REAL(name, type)    {#name, sizeof(type), npy_widen_##name, NULL},
#define NPY_INTEGER(name, type) {#name, sizeof(type), npy_widen_##name, npy_integer_##name},
    NPY_TYPES
#undef NPY_REAL
#undef NPY_INTEGER
};

/* Bytes have no order. */
static const struct npy_type *find_npy_type(const char *name)
{
    for (size_t i = 0; i < sizeof npy_types / sizeof *npy_types; i++)
        if (!strcmp(npy_types[i].name, name + 1) &&
            (*name == '<' || (*name == '|' && npy_types[i].size == 1)))
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

/* An element of the file as one of the tensor. */
static int take_element(struct netrt_npy *npy, const struct npy_type *type,
                        const unsigned char *from, long i, struct netrt_message *m)
{
    if (!netrt_dtype_is_integer(npy->dtype)) {
        ((float *)npy->data)[i] = type->widen(from);
        return 0;
    }
    const int64_t wide = type->integer(from);
    const int32_t narrow = (int32_t)wide;
    if (npy->dtype == NETRT_DTYPE_i64) {
        ((int64_t *)npy->data)[i] = wide;
        return 0;
    }
    if (narrow != wide)
        return netrt_fail(m, "'%s' holds %lld at element %ld, which is no i32", npy->path,
                          (long long)wide, i);
    ((int32_t *)npy->data)[i] = narrow;
    return 0;
}

/* Converts the data; what is of the wanted type is taken as it lies in the file. */
static int take_data(struct netrt_npy *npy, struct netrt_bytes *bytes, size_t start,
                     const struct npy_type *type, struct netrt_message *m)
{
    const size_t size = netrt_dtype_bytes(npy->dtype);
    if (!strcmp(type->name, netrt_dtype_numpy(npy->dtype) + 1) && start % size == 0) {
        npy->data = bytes->data + start;
        npy->owned = bytes->data;
        bytes->data = NULL;
        return 0;
    }
    npy->owned = malloc((size_t)npy->elements * size + 1);
    npy->data = npy->owned;
    if (!npy->data)
        return netrt_fail(m, "out of memory");
    int status = 0;
    for (long i = 0; i < npy->elements && !status; i++)
        status = take_element(npy, type, bytes->data + start + (size_t)i * type->size, i, m);
    return status;
}

static const struct npy_type *check_type(const struct netrt_npy *npy, const char *name,
                                         struct netrt_message *m)
{
    const struct npy_type *type = find_npy_type(name);
    const bool integer = netrt_dtype_is_integer(npy->dtype);
    if (type && (type->integer || !integer))
        return type;
    netrt_fail(m, "'%s' holds elements of type '%s'; save it with .astype('%s')", npy->path, name,
               integer ? "int64" : "float32");
    return NULL;
}

static int parse_npy(struct netrt_npy *npy, struct netrt_bytes *bytes, struct netrt_message *m)
{
    struct netrt_npy_header h = {0};
    const char *path = npy->path;
    size_t start = netrt_npy_start(bytes->data, bytes->size, &h);
    if (!start)
        return netrt_fail(m, "'%s' is not a NumPy file (numpy.save writes them)", path);
    const struct npy_type *type = check_type(npy, h.type, m);
    if (!type)
        return NETRT_FAILED;
    if (h.fortran)
        return netrt_fail(m, "'%s' is in Fortran order; save numpy.ascontiguousarray of it", path);
    npy->rank = h.rank;
    memcpy(npy->dim, h.dim, sizeof h.dim);
    npy->elements = npy_elements(&h, type->size, bytes->size - start);
    if (npy->elements < 0)
        return netrt_fail(m, "'%s' is cut short or too long: its shape needs another size", path);
    return take_data(npy, bytes, start, type, m);
}

/* Takes no memory: a lack of it would make the file one of another kind. */
bool netrt_is_npy(const char *path)
{
    char start[6] = {0};
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = file < 0 ? 0 : read(file, start, sizeof start);
    if (file >= 0)
        close(file);
    return n == sizeof start && !memcmp(start, "\x93NUMPY", sizeof start);
}

int netrt_npy_read(struct netrt_npy *npy, const char *path, enum netrt_dtype dtype,
                   struct netrt_message *m)
{
    struct netrt_bytes bytes;
    *npy = (struct netrt_npy){.path = path, .dtype = dtype};
    int status = netrt_file_read(path, &bytes, m);
    if (status)
        return status;
    status = parse_npy(npy, &bytes, m);
    free(bytes.data);
    return status;
}

void netrt_npy_release(struct netrt_npy *npy)
{
    free(npy->owned);
    npy->owned = npy->data = NULL;
}

/* The header, padded so that the data starts at a multiple of 64. Returns its length. */
static int format_header(char *text, size_t size, enum netrt_dtype dtype, int rank, const long *dim)
{
    int n = snprintf(text, size, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                     netrt_dtype_numpy(dtype));
    for (int i = 0; i < rank; i++)
        n += snprintf(text + n, size - (size_t)n, i ? ", %ld" : "%ld", dim[i]);
    n += snprintf(text + n, size - (size_t)n, rank == 1 ? ",), }" : "), }");
    while ((10 + n + 1) % 64)
        text[n++] = ' ';
    text[n++] = '\n';
    return n;
}

int netrt_npy_write(const char *path, enum netrt_dtype dtype, int rank, const long *dim,
                    const void *data, struct netrt_message *m)
{
    char header[512];
    int length = format_header(header, sizeof header, dtype, rank, dim);
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
    fwrite(data, netrt_dtype_bytes(dtype), elements, out.file);
    return netrt_writer_close(&out, 0, m);
}
