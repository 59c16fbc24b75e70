#include "safetensors_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_HEADER = 100000000, WIDEN_CHUNK = 4096 };

struct text_buffer {
    char *text;
    size_t size;
};

static int fail(struct text_buffer *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int fail(struct text_buffer *error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(error->text, error->size, format, list);
    va_end(list);
    return -1;
}

static float widen_f16(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31;
    uint32_t mantissa = half & 1023, bits;
    if (!exponent) {
        float small = (float)mantissa / 16777216; /* subnormal: units of 2^-24 */
        return sign ? -small : small;
    }
    bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
    float wide;
    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

static float widen_bf16(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float wide;
    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

static const struct safetensors_type types[] = {
    {"F32", 4, NULL, 1},  {"F16", 2, widen_f16, 1}, {"BF16", 2, widen_bf16, 1}, {"F64", 8, NULL, 0},
    {"I64", 8, NULL, 0},  {"U64", 8, NULL, 0},      {"I32", 4, NULL, 0},        {"U32", 4, NULL, 0},
    {"I16", 2, NULL, 0},  {"U16", 2, NULL, 0},      {"I8", 1, NULL, 0},         {"U8", 1, NULL, 0},
    {"BOOL", 1, NULL, 0},
};

static const struct safetensors_type *find_type(const char *name)
{
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i].name, name))
            return &types[i];
    return NULL;
}

/* Reads exactly `size` bytes. */
static int read_at(const struct netrt_safetensors *f, uint64_t at, void *data, size_t size,
                   struct text_buffer *error)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(f->fd, (char *)data + done, size - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(error, "cannot read '%s': %s", f->path, strerror(errno));
        if (n == 0)
            return fail(error, "'%s' is cut short", f->path);
        done += (size_t)n;
    }
    return 0;
}

/* Bytes of a shape; -1 if it is none, or too large. */
static int shape_bytes(const json_t *shape, size_t element, uint64_t *bytes)
{
    if (!json_is_array(shape))
        return -1;
    *bytes = element;
    for (size_t i = 0; i < json_array_size(shape); i++) {
        const json_t *dim = json_array_get(shape, i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0 ||
            __builtin_mul_overflow(*bytes, (uint64_t)json_integer_value(dim), bytes))
            return -1;
    }
    return 0;
}

/* Fills and checks an entry from its description in the header. */
static int parse_entry(struct safetensors_entry *e, const json_t *json, uint64_t data_start,
                       uint64_t data_bytes)
{
    const json_t *offsets = json_object_get(json, "data_offsets");
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    e->type = find_type(json_string_value(json_object_get(json, "dtype")));
    e->shape = json_object_get(json, "shape");
    if (!json_is_integer(begin) || !json_is_integer(end) || json_array_size(offsets) != 2 ||
        json_integer_value(begin) < 0 || json_integer_value(end) < json_integer_value(begin) ||
        (uint64_t)json_integer_value(end) > data_bytes)
        return -1;
    e->start = data_start + (uint64_t)json_integer_value(begin);
    e->bytes = (uint64_t)(json_integer_value(end) - json_integer_value(begin));
    uint64_t bytes;
    if (shape_bytes(e->shape, e->type ? e->type->size : 1, &bytes))
        return -1;
    return e->type && bytes != e->bytes ? -1 : 0;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct safetensors_entry *)a)->name,
                  ((const struct safetensors_entry *)b)->name);
}

static int parse_entries(struct netrt_safetensors *f, uint64_t data_start, uint64_t data_bytes,
                         struct text_buffer *error)
{
    const char *name;
    json_t *json;
    f->entries = calloc(json_object_size(f->header) + 1, sizeof *f->entries);
    if (!f->entries)
        return fail(error, "out of memory");
    json_object_foreach(f->header, name, json)
    {
        if (!strcmp(name, "__metadata__"))
            continue;
        struct safetensors_entry *e = &f->entries[f->n_entries++];
        e->name = name;
        if (parse_entry(e, json, data_start, data_bytes))
            return fail(error, "'%s' is cut short or damaged: tensor '%.80s' does not fit in it",
                        f->path, name);
    }
    qsort(f->entries, f->n_entries, sizeof *f->entries, compare_entries);
    return 0;
}

/* What a file that is none may be. */
static int not_safetensors(const struct netrt_safetensors *f, const unsigned char *start,
                           struct text_buffer *error)
{
    const char *hint = "";
    if (!memcmp(start, "PK\3\4", 4) || (start[0] == 0x80 && start[1] < 6))
        hint = "; it looks like PyTorch's: write it with safetensors.torch.save_file";
    return fail(error, "'%s' is not a safetensors file%s", f->path, hint);
}

static int parse_file(struct netrt_safetensors *f, uint64_t size, struct text_buffer *error)
{
    unsigned char start[8];
    uint64_t length = 0;
    if (size < sizeof start)
        return fail(error, "'%s' is not a safetensors file: it has only %llu bytes", f->path,
                    (unsigned long long)size);
    if (read_at(f, 0, start, sizeof start, error))
        return -1;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | start[i];
    if (length < 2 || length > MAX_HEADER)
        return not_safetensors(f, start, error);
    if (length > size - sizeof start)
        return fail(error,
                    "'%s' is cut short, or not a safetensors file: its header would have "
                    "%llu bytes",
                    f->path, (unsigned long long)length);
    char *text = malloc(length);
    if (!text)
        return fail(error, "out of memory");
    int status = read_at(f, sizeof start, text, length, error);
    json_error_t where;
    errno = 0;
    if (!status)
        f->header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    free(text);
    if (status)
        return status;
    /* jansson says "out of memory" by errno alone */
    if (!f->header && errno == ENOMEM)
        return fail(error, "out of memory");
    if (!json_is_object(f->header))
        return fail(error, "'%s' is not a safetensors file: its header is not a JSON object",
                    f->path);
    return parse_entries(f, sizeof start + length, size - sizeof start - length, error);
}

static int open_file(struct netrt_safetensors *f, struct text_buffer *error)
{
    struct stat info;
    f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &info))
        return fail(error, "cannot open '%s': %s", f->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return fail(error, "'%s' is not a regular file", f->path);
    return parse_file(f, (uint64_t)info.st_size, error);
}

struct netrt_safetensors *netrt_safetensors_open(const char *path, char *error, size_t error_size)
{
    struct text_buffer buffer = {error, error_size};
    struct netrt_safetensors *f = calloc(1, sizeof *f);
    char *copy = strdup(path);
    if (!f || !copy) {
        fail(&buffer, "out of memory");
        free(f);
        free(copy);
        return NULL;
    }
    f->path = copy;
    f->fd = -1;
    if (!open_file(f, &buffer))
        return f;
    netrt_safetensors_close(f);
    return NULL;
}

void netrt_safetensors_close(struct netrt_safetensors *f)
{
    if (!f)
        return;
    if (f->fd >= 0)
        close(f->fd);
    free(f->entries);
    json_decref(f->header);
    free(f->path);
    free(f);
}

const struct safetensors_entry *safetensors_find(const struct netrt_safetensors *f,
                                                 const char *name)
{
    struct safetensors_entry key = {.name = name};
    return bsearch(&key, f->entries, f->n_entries, sizeof key, compare_entries);
}

/* Elements of two bytes, a chunk at a time. */
static int load_halves(const struct netrt_safetensors *f, const struct safetensors_entry *e,
                       long first, long n, float *data, struct text_buffer *error)
{
    uint16_t halves[WIDEN_CHUNK];
    for (long done = 0; done < n; done += WIDEN_CHUNK) {
        long count = n - done < WIDEN_CHUNK ? n - done : WIDEN_CHUNK;
        if (read_at(f, e->start + (uint64_t)(first + done) * sizeof *halves, halves,
                    (size_t)count * sizeof *halves, error))
            return -1;
        for (long i = 0; i < count; i++)
            data[done + i] = e->type->widen(halves[i]);
    }
    return 0;
}

static int load(struct netrt_source *source, const struct netrt_tensor *param, int number,
                long first, long n, float *data, char *error, size_t error_size)
{
    const struct netrt_safetensors *f = ((struct netrt_safetensors_source *)source)->file;
    const struct safetensors_entry *e = safetensors_find(f, param->name);
    struct text_buffer buffer = {error, error_size};
    (void)number;
    if (!e || !e->type || !e->type->readable || (uint64_t)(first + n) > e->bytes / e->type->size)
        return fail(&buffer, "'%s' has no tensor '%s' that fits", f->path, param->name);
    if (e->type->widen)
        return load_halves(f, e, first, n, data, &buffer);
    return read_at(f, e->start + (uint64_t)first * sizeof *data, data, (size_t)n * sizeof *data,
                   &buffer);
}

void netrt_safetensors_source_init(struct netrt_safetensors_source *source,
                                   struct netrt_safetensors *file)
{
    *source = (struct netrt_safetensors_source){.source.load = load, .file = file};
}
