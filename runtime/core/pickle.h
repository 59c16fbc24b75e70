/*
 * A machine for the few pickles that PyTorch writes: values of tensors and of what contains them.
 * It executes nothing: what a pickle would import and call is looked up in pickle_globals.def.
 */
#ifndef NETRT_CORE_PICKLE_H
#define NETRT_CORE_PICKLE_H

#include "checkpoint_parts.h"

enum pickle_kind {
    PICKLE_other, /* None, a float, an object that no tensor hangs on */
    PICKLE_mark,
    PICKLE_number, /* booleans too */
    PICKLE_text,
    PICKLE_list, /* tuples too */
    PICKLE_dict,
    PICKLE_global,
    PICKLE_type, /* a class of storages */
    PICKLE_storage,
    PICKLE_tensor
};

/* Where a tensor's elements are, by a key that the file's format explains. */
struct pickle_storage {
    const char *key;
    const struct checkpoint_type *type;
    uint64_t elements, first; /* first: a view's offset in its storage */
};

/* Its place is not known to a pickle: `tensor` has its shape, strides and type. */
struct pickle_tensor {
    const struct pickle_storage *storage;
    uint64_t offset; /* in elements */
    struct checkpoint_tensor tensor;
};

struct pickle_items;
struct pickle_global;

struct pickle_value {
    enum pickle_kind kind;
    union {
        int64_t number;
        const char *text;
        struct pickle_items *items; /* of a dict: keys and values in turn */
        const struct pickle_global *global;
        const struct checkpoint_type *type;
        const struct pickle_storage *storage;
        const struct pickle_tensor *tensor;
    };
};

struct pickle_items {
    size_t n, capacity;
    struct pickle_value *at;
};

struct pickle_result {
    struct pickle_value value;
    struct pickle_items storages; /* each time that one is named */
};

/* Reads one pickle of a file, which starts at *at and ends before `end`; *at moves behind it. All
 * values live as long as the checkpoint. */
int pickle_read(struct netrt_checkpoint *, int file, uint64_t *at, uint64_t end,
                struct pickle_result *, struct checkpoint_error *);
/* The value of a text key in a dict, NULL if there is none (or no dict). */
const struct pickle_value *pickle_get(const struct pickle_value *, const char *key);

#endif
