/* Safetensors files: a length, a header in JSON, read by jansson, and elements. */
#include "checkpoint_parts.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER = 100000000, LENGTH_BYTES = 8 };

/* What an entry of the header says of its elements. */
struct header {
    struct netrt_checkpoint *checkpoint;
    int file;
    uint64_t start, bytes; /* of all elements */
    struct checkpoint_error *error;
};

static int parse_shape(struct checkpoint_tensor *t, const json_t *shape)
{
    if (!json_is_array(shape) || json_array_size(shape) > CHECKPOINT_MAX_RANK)
        return -1;
    t->rank = (int)json_array_size(shape);
    for (int i = 0; i < t->rank; i++) {
        const json_t *dim = json_array_get(shape, (size_t)i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0)
            return -1;
        t->dim[i] = (uint64_t)json_integer_value(dim);
    }
    checkpoint_order(t);
    return 0;
}

/* Fills and checks a tensor from its description in the header. */
static int parse_entry(const struct header *h, struct checkpoint_tensor *t, const json_t *json)
{
    const json_t *offsets = json_object_get(json, "data_offsets");
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    t->type = checkpoint_type(CHECKPOINT_OWN, json_string_value(json_object_get(json, "dtype")));
    if (!json_is_integer(begin) || !json_is_integer(end) || json_array_size(offsets) != 2 ||
        json_integer_value(begin) < 0 || json_integer_value(end) < json_integer_value(begin) ||
        (uint64_t)json_integer_value(end) > h->bytes)
        return -1;
    t->place = (struct checkpoint_place){
        .file = h->file,
        .start = h->start + (uint64_t)json_integer_value(begin),
        .bytes = (uint64_t)(json_integer_value(end) - json_integer_value(begin))};
    uint64_t bytes;
    if (parse_shape(t, json_object_get(json, "shape")) || checkpoint_span(t, &bytes))
        return -1;
    return t->type && bytes != t->place.bytes ? -1 : 0;
}

static int add_entry(const struct header *h, const char *name, const json_t *json)
{
    struct checkpoint_tensor t = {
        .name = checkpoint_keep_text(h->checkpoint, name, strlen(name), h->error)};
    if (!t.name)
        return -1;
    if (parse_entry(h, &t, json))
        return checkpoint_fail(h->error,
                               "'%s' is cut short or damaged: tensor '%.80s' does not fit in it",
                               h->checkpoint->files[h->file].path, name);
    return checkpoint_add(h->checkpoint, &t, h->error);
}

static int add_entries(const struct header *h, json_t *root)
{
    const char *name;
    json_t *json;
    json_object_foreach(root, name, json)
    {
        if (strcmp(name, "__metadata__") != 0 && add_entry(h, name, json))
            return -1;
    }
    return 0;
}

/* A JSON object of `length` bytes of a file, or NULL with a message. */
static json_t *read_object(struct netrt_checkpoint *c, int file, uint64_t at, uint64_t length,
                           const char *what, struct checkpoint_error *error)
{
    const char *path = c->files[file].path;
    char *text = length <= MAX_HEADER ? malloc((size_t)length + 1) : NULL;
    json_t *root = NULL;
    json_error_t where;
    if (!text && length <= MAX_HEADER) {
        checkpoint_fail(error, "out of memory");
        return NULL;
    }
    if (!text) {
        checkpoint_fail(error, "'%s' is not %s: it is too long", path, what);
        return NULL;
    }
    int status = checkpoint_read_at(c, file, at, text, (size_t)length, error);
    errno = 0;
    if (!status)
        root = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &where);
    free(text);
    if (status || json_is_object(root))
        return root;
    /* jansson says "out of memory" by errno alone */
    const bool no_memory = !root && errno == ENOMEM;
    json_decref(root);
    if (no_memory) {
        checkpoint_fail(error, "out of memory");
        return NULL;
    }
    checkpoint_fail(error, "'%s' is not %s: its header is not a JSON object", path, what);
    return NULL;
}

int checkpoint_read_safetensors(struct netrt_checkpoint *c, int file,
                                struct checkpoint_error *error)
{
    const struct checkpoint_file *f = &c->files[file];
    unsigned char start[LENGTH_BYTES];
    uint64_t length = 0;
    if (checkpoint_read_at(c, file, 0, start, sizeof start, error))
        return -1;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        length = length << 8 | start[i];
    if (length > f->size - LENGTH_BYTES)
        return checkpoint_fail(error,
                               "'%s' is cut short, or not a safetensors file: its header would "
                               "have %llu bytes",
                               f->path, (unsigned long long)length);
    json_t *root = read_object(c, file, LENGTH_BYTES, length, "a safetensors file", error);
    if (!root)
        return -1;
    const struct header h = {.checkpoint = c,
                             .file = file,
                             .start = LENGTH_BYTES + length,
                             .bytes = f->size - LENGTH_BYTES - length,
                             .error = error};
    int status = add_entries(&h, root);
    json_decref(root);
    return status;
}

/* "out/shard" of "shard" in the index "out/index": a name alone, so that an index reaches nothing
 * beyond its folder. NULL with a message. */
static char *shard_path(struct netrt_checkpoint *c, int file, const char *name,
                        struct checkpoint_error *error)
{
    const char *index = c->files[file].path, *slash = strrchr(index, '/');
    size_t folder = slash ? (size_t)(slash + 1 - index) : 0, n = strlen(name);
    if (!n || strchr(name, '/')) {
        checkpoint_fail(error, "'%s' names '%.80s', which is no file beside it", index, name);
        return NULL;
    }
    char *path = checkpoint_keep(c, folder + n + 1, error);
    if (path) {
        memcpy(path, index, folder);
        memcpy(path + folder, name, n);
    }
    return path;
}

static bool is_open(const struct netrt_checkpoint *c, int first, const char *path)
{
    for (int i = first; i < c->n_files; i++)
        if (!strcmp(c->files[i].path, path))
            return true;
    return false;
}

/* Adds each file that the index names, once. */
static int add_shards(struct netrt_checkpoint *c, int file, json_t *map,
                      struct checkpoint_error *error)
{
    const char *name, *last = NULL;
    json_t *value;
    json_object_foreach(map, name, value)
    {
        const char *shard = json_string_value(value);
        if (!shard)
            return checkpoint_fail(error, "'%s' names no file for tensor '%.80s'",
                                   c->files[file].path, name);
        if (last && !strcmp(last, shard))
            continue;
        last = shard;
        const char *path = shard_path(c, file, shard, error);
        if (!path || (!is_open(c, file + 1, path) && checkpoint_add_file(c, path, true, error)))
            return -1;
    }
    return checkpoint_sort(c, error);
}

/* Each tensor of the index must be in its file. */
static int check_index(const struct netrt_checkpoint *c, int file, json_t *map,
                       struct checkpoint_error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach(map, name, value)
    {
        const struct checkpoint_tensor *t = checkpoint_find(c, name);
        const char *path = t ? c->files[t->place.file].path : "", *slash = strrchr(path, '/');
        if (strcmp(slash ? slash + 1 : path, json_string_value(value)) != 0)
            return checkpoint_fail(error,
                                   "'%s' says that '%.80s' holds tensor '%.80s', but it does not",
                                   c->files[file].path, json_string_value(value), name);
    }
    return 0;
}

int checkpoint_read_index(struct netrt_checkpoint *c, int file, struct checkpoint_error *error)
{
    json_t *root = read_object(c, file, 0, c->files[file].size, "an index of shards", error);
    json_t *map = json_object_get(root, "weight_map");
    int status = root ? 0 : -1;
    if (!status && !json_is_object(map))
        status = checkpoint_fail(error, "'%s' is not an index of shards: it has no 'weight_map'",
                                 c->files[file].path);
    if (!status)
        status = add_shards(c, file, map, error);
    if (!status)
        status = check_index(c, file, map, error);
    json_decref(root);
    return status;
}
