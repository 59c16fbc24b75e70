/* What the readers of checkpoints share: the files, and the list of tensors that they fill. */
#ifndef NETRT_CORE_CHECKPOINT_PARTS_H
#define NETRT_CORE_CHECKPOINT_PARTS_H

#include "checkpoint.h"

#include <stdbool.h>
#include <stdio.h>

enum { CHECKPOINT_MAX_RANK = 8, CHECKPOINT_MAX_FILES = 512 };

struct checkpoint_error {
    char *text;
    size_t size;
};

/* Returns -1. */
int checkpoint_fail(struct checkpoint_error *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct checkpoint_type {
    const char *name, *numpy, *torch; /* NULL: that library has no such type */
    size_t size;
    void (*widen)(const unsigned char *, size_t n, float *); /* NULL: not read */
};

/* The type whose name in a column of dtypes.def is `name`; NULL: none. */
enum checkpoint_naming { CHECKPOINT_OWN, CHECKPOINT_NUMPY, CHECKPOINT_TORCH };
const struct checkpoint_type *checkpoint_type(enum checkpoint_naming, const char *name);

/* Bytes of a file: `bytes` at `start`. With `deflated` not 0: those `deflated` bytes at `start` are
 * inflated, and the `bytes` after the first `skip` of the result are meant. */
struct checkpoint_place {
    int file;
    uint64_t start, bytes, deflated, skip;
};

struct checkpoint_tensor {
    const char *name;
    const struct checkpoint_type *type; /* NULL: unknown */
    int rank;
    uint64_t dim[CHECKPOINT_MAX_RANK];
    uint64_t stride[CHECKPOINT_MAX_RANK]; /* in elements */
    bool in_order;                        /* the strides are those of C order */
    struct checkpoint_place place;        /* from the first element to the last */
    unsigned char *held; /* elements in C order, once they are read, where they do not lie so */
};

struct checkpoint_block; /* memory that lives as long as the checkpoint */

struct checkpoint_file {
    int fd;
    const char *path;
    uint64_t size;
};

struct netrt_checkpoint {
    int n_files;
    struct checkpoint_file files[CHECKPOINT_MAX_FILES];
    size_t n, capacity;
    struct checkpoint_tensor *tensors; /* sorted by name once all are read */
    struct checkpoint_block *blocks;
    struct checkpoint_place
        undivided; /* floats whose names a network's order gives; 0 bytes: none */
};

/* Zeroed memory that is released with the checkpoint; NULL with a message. */
void *checkpoint_keep(struct netrt_checkpoint *, size_t size, struct checkpoint_error *);
/* A kept copy of `n` bytes and a zero. */
char *checkpoint_keep_text(struct netrt_checkpoint *, const void *text, size_t n,
                           struct checkpoint_error *);

/* Opens another file and adds its tensors; `inside` an index, which names no further index. */
int checkpoint_add_file(struct netrt_checkpoint *, const char *path, bool inside,
                        struct checkpoint_error *);

/* Reads exactly `size` bytes of a file. */
int checkpoint_read_at(const struct netrt_checkpoint *, int file, uint64_t at, void *data,
                       size_t size, struct checkpoint_error *);
/* Reads all bytes of a place. */
int checkpoint_read_place(const struct netrt_checkpoint *, const struct checkpoint_place *,
                          unsigned char *data, struct checkpoint_error *);

/* Bytes from the first element to the last by the shape and strides; -1: they overflow. */
int checkpoint_span(const struct checkpoint_tensor *, uint64_t *bytes);
/* Strides of C order. */
void checkpoint_order(struct checkpoint_tensor *);
/* Adds a tensor, whose name is kept and whose place has been checked. */
int checkpoint_add(struct netrt_checkpoint *, const struct checkpoint_tensor *,
                   struct checkpoint_error *);
uint64_t checkpoint_elements(const struct checkpoint_tensor *);

/* Sorts by name; a name that stands twice is an error. */
int checkpoint_sort(struct netrt_checkpoint *, struct checkpoint_error *);
/* The tensor of this name, or NULL. */
struct checkpoint_tensor *checkpoint_find(const struct netrt_checkpoint *, const char *name);
/* Renames by the patterns of a file (docs/executable.md). */
int checkpoint_rename(struct netrt_checkpoint *, const char *map, struct checkpoint_error *);

/* Names the floats of a file without names in the order of the network's parameters. Returns -1
 * with lines in `report` where they are no layers of Darknet's, or as many numbers as others. */
int checkpoint_divide(struct netrt_checkpoint *, const struct netrt_model *, FILE *report);

/* The readers: add the tensors of file number `file`. */
typedef int checkpoint_reader(struct netrt_checkpoint *, int file, struct checkpoint_error *);
#define FORMAT(reader, offset, signature) checkpoint_reader checkpoint_read_##reader;
#include "formats.def"

#endif
