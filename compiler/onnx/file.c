#define _XOPEN_SOURCE 700 /* realpath() */
#include "onnx/file.h"

#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t most_bytes = (int64_t)1 << 31; /* what a message of protobuf can have */

static void *take(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void leave(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

static ProtobufCAllocator allocator_of(struct arena *arena)
{
    return (ProtobufCAllocator){.alloc = take, .free = leave, .allocator_data = arena};
}

/* Reads `n` bytes at `offset` of a regular file; NULL with a reason. */
static unsigned char *read_part(struct arena *arena, int fd, int64_t offset, int64_t n,
                                const char **why)
{
    unsigned char *bytes = arena_alloc(arena, (size_t)n + 1);
    for (int64_t done = 0; done < n;) {
        const ssize_t got = pread(fd, bytes + done, (size_t)(n - done), (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            *why = got ? arena_strdup(arena, strerror(errno)) : "it is cut short";
            return NULL;
        }
        done += got;
    }
    return bytes;
}

/* Opens a regular file and gives its size; -1 with a reason. */
static int open_file(struct arena *arena, const char *path, int64_t *size, const char **why)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        *why = arena_strdup(arena, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        *why = "it is not a regular file";
    } else {
        *size = st.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static unsigned char *read_whole(struct arena *arena, const char *path, int64_t *size,
                                 const char **why)
{
    unsigned char *bytes = NULL;
    const int fd = open_file(arena, path, size, why);
    if (fd < 0)
        return NULL;
    if (*size > most_bytes)
        *why = "it has more than 2 GiB: store its tensors as external data";
    else
        bytes = read_part(arena, fd, 0, *size, why);
    close(fd);
    return bytes;
}

/* The bytes of the file live no longer than this: the message holds copies of what is in it. */
Onnx__ModelProto *file_read(struct arena *arena, struct diags *diags, const char *path)
{
    const char *why = NULL;
    int64_t size;
    struct arena *scratch = arena_new_inside(arena);
    const unsigned char *bytes = read_whole(scratch, path, &size, &why);
    ProtobufCAllocator allocator = allocator_of(arena);
    Onnx__ModelProto *model = NULL;
    if (!bytes)
        diag_add(diags, (struct span){0}, MESSAGE(err_open), path, why);
    else if (!(model = onnx__model_proto__unpack(&allocator, (size_t)size, bytes)) || !model->graph)
        diag_add(diags, (struct span){0}, MESSAGE(err_onnx_file), path);
    arena_free(scratch);
    return model && model->graph ? model : NULL;
}

Onnx__GraphProto *file_subgraph(struct arena *arena, const ProtobufCBinaryData *bytes)
{
    ProtobufCAllocator allocator = allocator_of(arena);
    return onnx__graph_proto__unpack(&allocator, bytes->len, bytes->data);
}

enum dtype file_dtype(int64_t number)
{
    switch (number) {
#define ELEMENTS(number, dtype, list)                                                              \
    case number:                                                                                   \
        return DTYPE_##dtype;
#include "onnx/elements.def"
    default:
        return N_DTYPES;
    }
}

int32_t file_number(enum dtype dtype)
{
    switch (dtype) {
#define ELEMENTS(number, dtype, list)                                                              \
    case DTYPE_##dtype:                                                                            \
        return number;
#include "onnx/elements.def"
    default:
        return 0;
    }
}

static const char *external_entry(const Onnx__TensorProto *t, const char *key)
{
    for (size_t i = 0; i < t->n_external_data; i++) {
        const Onnx__StringStringEntryProto *e = t->external_data[i];
        if (e->key && e->value && !strcmp(e->key, key))
            return e->value;
    }
    return NULL;
}

/* A number of an entry, `otherwise` where there is none; -1: it is no number. */
static int64_t external_number(const Onnx__TensorProto *t, const char *key, int64_t otherwise)
{
    const char *text = external_entry(t, key);
    char *end;
    if (!text)
        return otherwise;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    return *text && !*end && !errno && value >= 0 ? value : -1;
}

/* The path of a file in the folder of `path` or below it; NULL: it lies elsewhere, through links
 * too, or is not there. */
static const char *path_beside(struct arena *arena, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash + 1 - path) : 0;
    if (!name || !*name || *name == '/')
        return NULL;
    char *joined = arena_printf(arena, "%.*s%s", folder, path, name), top[PATH_MAX], real[PATH_MAX];
    if (!realpath(folder ? arena_strndup(arena, path, (size_t)folder) : ".", top) ||
        !realpath(joined, real))
        return NULL;
    const size_t n = strlen(top);
    return !strcmp(top, "/") || (!strncmp(real, top, n) && real[n] == '/') ? joined : NULL;
}

static const unsigned char *read_external(struct arena *arena, const char *path,
                                          const Onnx__TensorProto *t, int64_t bytes,
                                          const char **why)
{
    const char *beside = path_beside(arena, path, external_entry(t, "location"));
    const int64_t offset = external_number(t, "offset", 0);
    const int64_t length = external_number(t, "length", bytes);
    const unsigned char *data = NULL;
    int64_t size, end;
    *why = "its external data is no file in the folder of the model";
    const int fd = beside ? open_file(arena, beside, &size, why) : -1;
    if (fd < 0)
        return NULL;
    *why = "its external data does not hold it";
    if (offset >= 0 && length == bytes && checked_add(offset, length, &end) && end <= size)
        data = read_part(arena, fd, offset, bytes, why);
    close(fd);
    return data;
}

/* Writes an integer's lowest bytes. */
static void put_bits(unsigned char *to, uint64_t bits, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(bits >> 8 * i);
}

/* The list that holds the elements of a type, narrowed to what they are. */
static const unsigned char *read_list(struct arena *arena, const Onnx__TensorProto *t, int64_t n)
{
    switch (t->data_type) {
#define ELEMENTS(number, dtype, list)                                                              \
    case number: {                                                                                 \
        const size_t size = BYTES_##dtype;                                                         \
        if (t->n_##list != (size_t)n)                                                              \
            return NULL;                                                                           \
        if (sizeof *t->list == size)                                                               \
            return (const unsigned char *)t->list;                                                 \
        unsigned char *bytes = arena_array(arena, (size_t)n + 1, size);                            \
        for (size_t i = 0; i < (size_t)n; i++)                                                     \
            put_bits(bytes + i * size, (uint64_t)t->list[i], size);                                \
        return bytes;                                                                              \
    }
#include "onnx/elements.def"
    default:
        return NULL;
    }
}

static const unsigned char *read_elements(struct arena *arena, const char *path,
                                          const Onnx__TensorProto *t, int64_t n, int64_t size,
                                          const char **why)
{
    enum { EXTERNAL = 1 };
    *why = "its elements are not as many as its shape says";
    if (t->data_location == EXTERNAL)
        return read_external(arena, path, t, n * size, why);
    if (t->has_raw_data && t->raw_data.len == (size_t)(n * size))
        return n ? t->raw_data.data : (const unsigned char *)"";
    if (t->has_raw_data && t->raw_data.len)
        return NULL;
    return n ? read_list(arena, t, n) : (const unsigned char *)"";
}

struct constant *file_constant(struct arena *arena, const char *path, const Onnx__TensorProto *t,
                               const char **why)
{
    struct constant *c = arena_new_of(arena, struct constant);
    int64_t n;
    c->dtype = file_dtype(t->data_type);
    *why = arena_printf(arena, "elements of type %d are not read", t->data_type);
    if (c->dtype == N_DTYPES)
        return NULL;
    *why = "its shape is none that netc reads";
    if (t->n_dims > CONSTANT_RANK || t->has_segment || !constant_count((int)t->n_dims, t->dims, &n))
        return NULL;
    c->rank = (int)t->n_dims;
    for (int i = 0; i < c->rank; i++)
        c->dim[i] = t->dims[i];
    constant_order(c);
    c->data = read_elements(arena, path, t, n, dtype_bytes(c->dtype), why);
    return c->data ? c : NULL;
}
