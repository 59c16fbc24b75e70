#include "checkpoint_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIGNATURE_BYTES = 16, BLOCK_BYTES = 65536, BLOCK_ALIGN = 16 };

struct checkpoint_block {
    struct checkpoint_block *next;
    size_t used, size;
    _Alignas(BLOCK_ALIGN) unsigned char bytes[];
};

int checkpoint_fail(struct checkpoint_error *error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(error->text, error->size, format, list);
    va_end(list);
    /* names come from the file: what would move the cursor is printed as '?' */
    for (char *c = error->size ? error->text : NULL; c && *c; c++)
        *c = (unsigned char)*c < ' ' || *c == 127 ? '?' : *c;
    return -1;
}

void *checkpoint_keep(struct netrt_checkpoint *c, size_t size, struct checkpoint_error *error)
{
    struct checkpoint_block *b = c->blocks;
    size_t whole;
    if (__builtin_add_overflow(size, BLOCK_ALIGN - 1, &whole))
        return checkpoint_fail(error, "out of memory"), NULL;
    whole = whole / BLOCK_ALIGN * BLOCK_ALIGN;
    if (!b || b->size - b->used < whole) {
        size_t capacity = whole > BLOCK_BYTES ? whole : BLOCK_BYTES;
        b = capacity < SIZE_MAX - sizeof *b ? calloc(1, sizeof *b + capacity) : NULL;
        if (!b)
            return checkpoint_fail(error, "out of memory"), NULL;
        b->next = c->blocks;
        b->size = capacity;
        c->blocks = b;
    }
    b->used += whole;
    return b->bytes + b->used - whole;
}

char *checkpoint_keep_text(struct netrt_checkpoint *c, const void *text, size_t n,
                           struct checkpoint_error *error)
{
    char *copy = n < SIZE_MAX ? checkpoint_keep(c, n + 1, error) : NULL;
    return copy ? memcpy(copy, text, n) : NULL;
}

int checkpoint_read_at(const struct netrt_checkpoint *c, int file, uint64_t at, void *data,
                       size_t size, struct checkpoint_error *error)
{
    const struct checkpoint_file *f = &c->files[file];
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(f->fd, (char *)data + done, size - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return checkpoint_fail(error, "cannot read '%s': %s", f->path, strerror(errno));
        if (n == 0)
            return checkpoint_fail(error, "'%s' is cut short", f->path);
        done += (size_t)n;
    }
    return 0;
}

static const struct {
    checkpoint_reader *read;
    size_t offset, n;
    const char *signature;
} formats[] = {
#define FORMAT(reader, offset, signature)                                                          \
    {checkpoint_read_##reader, offset, sizeof(signature) - 1, signature},
#include "formats.def"
};

/* The reader for what the file begins with; NULL: none. */
static checkpoint_reader *find_reader(const unsigned char *start, size_t n)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].offset + formats[i].n <= n &&
            !memcmp(start + formats[i].offset, formats[i].signature, formats[i].n))
            return formats[i].read;
    return NULL;
}

static int read_file(struct netrt_checkpoint *c, int file, bool inside,
                     struct checkpoint_error *error)
{
    const struct checkpoint_file *f = &c->files[file];
    unsigned char start[SIGNATURE_BYTES];
    size_t n = f->size < sizeof start ? (size_t)f->size : sizeof start;
    if (checkpoint_read_at(c, file, 0, start, n, error))
        return -1;
    checkpoint_reader *read = find_reader(start, n);
    if (!read)
        return checkpoint_fail(error,
                               "'%s' is not a checkpoint: safetensors files, PyTorch's, "
                               "NumPy's .npz and Darknet's .weights are read",
                               f->path);
    if (inside && read == checkpoint_read_index)
        return checkpoint_fail(error, "'%s' is an index inside an index", f->path);
    return read(c, file, error);
}

int checkpoint_add_file(struct netrt_checkpoint *c, const char *path, bool inside,
                        struct checkpoint_error *error)
{
    struct stat info;
    if (c->n_files == CHECKPOINT_MAX_FILES)
        return checkpoint_fail(error, "a checkpoint of more than %d files", CHECKPOINT_MAX_FILES);
    struct checkpoint_file *f = &c->files[c->n_files];
    f->path = checkpoint_keep_text(c, path, strlen(path), error);
    if (!f->path)
        return -1;
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0)
        return checkpoint_fail(error, "cannot open '%s': %s", path, strerror(errno));
    c->n_files++;
    if (fstat(f->fd, &info))
        return checkpoint_fail(error, "cannot open '%s': %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return checkpoint_fail(error, "'%s' is not a regular file", path);
    f->size = (uint64_t)info.st_size;
    return read_file(c, c->n_files - 1, inside, error);
}

struct netrt_checkpoint *netrt_checkpoint_open(const char *path,
                                               const struct netrt_checkpoint_options *options,
                                               char *error, size_t error_size)
{
    struct checkpoint_error e = {error, error_size};
    struct netrt_checkpoint *c = calloc(1, sizeof *c);
    if (!c) {
        checkpoint_fail(&e, "out of memory");
        return NULL;
    }
    int status = checkpoint_add_file(c, path, false, &e);
    if (!status)
        status = checkpoint_sort(c, &e);
    if (!status && options && options->map && c->undivided.bytes)
        status = checkpoint_fail(&e, "'%s' is Darknet's, and has no names that '%s' could change",
                                 path, options->map);
    else if (!status && options && options->map)
        status = checkpoint_rename(c, options->map, &e);
    if (!status)
        return c;
    netrt_checkpoint_close(c);
    return NULL;
}

void netrt_checkpoint_close(struct netrt_checkpoint *c)
{
    if (!c)
        return;
    for (int i = 0; i < c->n_files; i++)
        close(c->files[i].fd);
    for (size_t i = 0; i < c->n; i++)
        free(c->tensors[i].held);
    free(c->tensors);
    while (c->blocks) {
        struct checkpoint_block *next = c->blocks->next;
        free(c->blocks);
        c->blocks = next;
    }
    free(c);
}

uint64_t checkpoint_elements(const struct checkpoint_tensor *t)
{
    uint64_t n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->dim[i];
    return n;
}

void checkpoint_order(struct checkpoint_tensor *t)
{
    uint64_t stride = 1;
    for (int i = t->rank - 1; i >= 0; i--) {
        t->stride[i] = stride;
        stride *= t->dim[i];
    }
}

int checkpoint_span(const struct checkpoint_tensor *t, uint64_t *bytes)
{
    uint64_t last = 0, elements = 1, step;
    const size_t size = t->type ? t->type->size : 1;
    for (int i = 0; i < t->rank; i++)
        elements = t->dim[i] ? elements : 0;
    for (int i = 0; i < t->rank && elements; i++)
        if (__builtin_mul_overflow(elements, t->dim[i], &elements) ||
            __builtin_mul_overflow(t->dim[i] - 1, t->stride[i], &step) ||
            __builtin_add_overflow(last, step, &last))
            return -1;
    if (elements > INT64_MAX / 8 || last > INT64_MAX / 8)
        return -1;
    *bytes = elements ? (last + 1) * size : 0;
    return 0;
}

/* Strides of dimensions of 1 mean nothing. */
static bool lies_in_order(const struct checkpoint_tensor *t)
{
    struct checkpoint_tensor ordered = *t;
    bool same = true;
    checkpoint_order(&ordered);
    for (int i = 0; i < t->rank; i++)
        same = same && (t->dim[i] == 1 || t->stride[i] == ordered.stride[i]);
    return same;
}

int checkpoint_add(struct netrt_checkpoint *c, const struct checkpoint_tensor *t,
                   struct checkpoint_error *error)
{
    if (c->n == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct checkpoint_tensor *grown = realloc(c->tensors, capacity * sizeof *grown);
        if (!grown)
            return checkpoint_fail(error, "out of memory");
        c->tensors = grown;
        c->capacity = capacity;
    }
    c->tensors[c->n] = *t;
    c->tensors[c->n].in_order = lies_in_order(t);
    c->n++;
    return 0;
}

static int compare_tensors(const void *a, const void *b)
{
    return strcmp(((const struct checkpoint_tensor *)a)->name,
                  ((const struct checkpoint_tensor *)b)->name);
}

int checkpoint_sort(struct netrt_checkpoint *c, struct checkpoint_error *error)
{
    if (c->n)
        qsort(c->tensors, c->n, sizeof *c->tensors, compare_tensors);
    for (size_t i = 1; i < c->n; i++)
        if (!strcmp(c->tensors[i - 1].name, c->tensors[i].name))
            return checkpoint_fail(error, "'%s' holds two tensors '%.80s'", c->files[0].path,
                                   c->tensors[i].name);
    return 0;
}

struct checkpoint_tensor *checkpoint_find(const struct netrt_checkpoint *c, const char *name)
{
    struct checkpoint_tensor key = {.name = name};
    return c->n ? bsearch(&key, c->tensors, c->n, sizeof key, compare_tensors) : NULL;
}
