/* What the two halves of the safetensors reader share: the parsed file. */
#ifndef NETRT_CORE_SAFETENSORS_FILE_H
#define NETRT_CORE_SAFETENSORS_FILE_H

#include "safetensors.h"

#include <jansson.h>

/* How an element of the file becomes a float; NULL: this type is not read. */
struct safetensors_type {
    const char *name;
    size_t size;
    float (*widen)(uint16_t); /* of two bytes; types of other sizes are read as they are */
    int readable;
};

struct safetensors_entry {
    const char *name;
    const json_t *shape; /* an array of integers, none negative */
    const struct safetensors_type *type;
    uint64_t start, bytes; /* in the file, checked to lie there */
};

struct netrt_safetensors {
    int fd;
    char *path;
    json_t *header;
    size_t n_entries;
    struct safetensors_entry *entries; /* sorted by name */
};

/* The tensor of this name, or NULL. */
const struct safetensors_entry *safetensors_find(const struct netrt_safetensors *,
                                                 const char *name);

#endif
