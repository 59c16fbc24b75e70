#include "npy.h"
#include "file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The header is a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } */
struct npy_header {
    char type[8];
    bool fortran;
    int rank;
    long dim[NETRT_NPY_MAX_RANK];
    bool has_type, has_order, has_shape;
};

static const char *skip_spaces(const char *at)
{
    return at + strspn(at, " \t\n");
}

/* Past `c` and spaces, or NULL. */
static const char *expect_char(const char *at, char c)
{
    at = skip_spaces(at);
    return *at == c ? skip_spaces(at + 1) : NULL;
}

/* A quoted text without escapes that fits in `text`, and that messages may print. */
static const char *parse_quoted(const char *at, char *text, size_t size)
{
    char quote = *at;
    if (quote != '\'' && quote != '"')
        return NULL;
    const char *end = strchr(at + 1, quote);
    if (!end || (size_t)(end - at - 1) >= size)
        return NULL;
    for (const char *c = at + 1; c < end; c++)
        if (*c < ' ' || *c > '~')
            return NULL;
    memcpy(text, at + 1, (size_t)(end - at - 1));
    text[end - at - 1] = 0;
    return skip_spaces(end + 1);
}

static const char *parse_order(const char *at, bool *fortran)
{
    *fortran = !strncmp(at, "True", 4);
    return *fortran ? skip_spaces(at + 4) : strncmp(at, "False", 5) ? NULL : skip_spaces(at + 5);
}

static const char *parse_shape(const char *at, struct npy_header *h)
{
    at = expect_char(at, '(');
    while (at && *at != ')') {
        char *end;
        if (*at < '0' || *at > '9' || h->rank == NETRT_NPY_MAX_RANK)
            return NULL;
        h->dim[h->rank++] = strtol(at, &end, 10);
        at = skip_spaces(*end == 'L' ? end + 1 : end);
        if (*at != ')')
            at = expect_char(at, ',');
    }
    return at ? skip_spaces(at + 1) : NULL;
}

static const char *parse_entry(const char *at, struct npy_header *h)
{
    char key[16];
    at = parse_quoted(at, key, sizeof key);
    at = at ? expect_char(at, ':') : NULL;
    if (at && !strcmp(key, "descr") && !h->has_type) {
        h->has_type = true;
        return parse_quoted(at, h->type, sizeof h->type);
    }
    if (at && !strcmp(key, "fortran_order") && !h->has_order) {
        h->has_order = true;
        return parse_order(at, &h->fortran);
    }
    if (at && !strcmp(key, "shape") && !h->has_shape) {
        h->has_shape = true;
        return parse_shape(at, h);
    }
    return NULL;
}

static bool parse_header(const char *at, struct npy_header *h)
{
    at = expect_char(at, '{');
    while (at && *at != '}') {
        at = parse_entry(at, h);
        if (at && *at != '}')
            at = expect_char(at, ',');
    }
    return at && h->has_type && h->has_order && h->has_shape;
}

/* Where the data starts, having parsed the header; 0 if it is none. */
static size_t npy_start(struct netrt_bytes *bytes, struct npy_header *h)
{
    const unsigned char *d = bytes->data;
    if (bytes->size < 12 || memcmp(d, "\x93NUMPY", 6) || d[6] < 1 || d[6] > 3)
        return 0;
    size_t length = d[8] | (size_t)d[9] << 8, start = 10;
    if (d[6] > 1) {
        length |= (size_t)d[10] << 16 | (size_t)d[11] << 24;
        start = 12;
    }
    if (length > bytes->size - start || !length)
        return 0;
    unsigned char *end = bytes->data + start + length, first = *end; /* or the zero after all */
    *end = 0;
    bool good = parse_header((const char *)d + start, h);
    *end = first;
    return good ? start + length : 0;
}

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
static long npy_elements(const struct npy_header *h, size_t element, size_t bytes)
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
    struct npy_header h = {0};
    size_t start = npy_start(bytes, &h);
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
    struct netrt_output out;
    int status = netrt_output_open(&out, path, m);
    if (status)
        return status;
    unsigned char start[10] = "\x93NUMPY\x01";
    start[8] = (unsigned char)(length & 255);
    start[9] = (unsigned char)(length >> 8);
    fwrite(start, 1, sizeof start, out.file);
    fwrite(header, 1, (size_t)length, out.file);
    fwrite(data, sizeof *data, elements, out.file);
    return netrt_output_close(&out, 0, m);
}
