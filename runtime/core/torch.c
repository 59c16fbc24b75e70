/*
 * PyTorch's checkpoints: a pickle of the state_dict, and the elements. The zip form has a file for
 * each storage; the older form has five pickles in a row (a magic number, a version, the machine,
 * the state_dict, the keys of storages), then the storages in the order of the keys.
 */
#include "pickle.h"
#include "zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OLD_VERSION = 1001, MOST_DEPTH = 4, MOST_KEY = 1024 };

/* The storages of the older form, sorted by key. */
struct old_storage {
    const char *key;
    uint64_t start, bytes; /* start: of the elements */
};

/* What finds the place of a storage. */
struct torch_file {
    struct netrt_checkpoint *checkpoint;
    struct checkpoint_error *error;
    int file;
    const struct zip *zip; /* NULL: the older form */
    const char *folder;    /* before the names of storages */
    size_t folder_length;
    struct old_storage *old;
    size_t n_old;
};

/* ---- which of a checkpoint's dicts holds the weights ---- */

static bool holds_tensors(const struct pickle_value *dict)
{
    for (size_t i = 1; i < dict->items->n; i += 2)
        if (dict->items->at[i].kind == PICKLE_tensor)
            return true;
    return false;
}

/* Training scripts put the state_dict beside the epoch and the optimizer's state. */
static const struct pickle_value *find_state(const struct pickle_value *value)
{
    static const char *const keys[] = {"state_dict", "model_state_dict", "model", "net", "params"};
    const int n = sizeof keys / sizeof *keys;
    for (int depth = 0; depth < MOST_DEPTH; depth++) {
        const struct pickle_value *inner = NULL;
        for (int i = 0; i < n && !inner; i++) {
            inner = pickle_get(value, keys[i]);
            inner = inner && inner->kind == PICKLE_dict ? inner : NULL;
        }
        if (!inner)
            break;
        value = inner;
    }
    return value->kind == PICKLE_dict && holds_tensors(value) ? value : NULL;
}

/* ---- places ---- */

static int compare_old(const void *a, const void *b)
{
    return strcmp(((const struct old_storage *)a)->key, ((const struct old_storage *)b)->key);
}

static int lacks(const struct torch_file *f, const char *name)
{
    return checkpoint_fail(f->error,
                           "'%s' is cut short or damaged: tensor '%.80s' does not fit in it",
                           f->checkpoint->files[f->file].path, name);
}

/* The place of all elements of a storage. */
static int find_storage(const struct torch_file *f, const struct pickle_storage *s,
                        const char *name, struct checkpoint_place *place)
{
    char key[MOST_KEY];
    if (!f->zip) {
        struct old_storage wanted = {.key = s->key}, *old;
        old = f->n_old ? bsearch(&wanted, f->old, f->n_old, sizeof wanted, compare_old) : NULL;
        if (!old)
            return lacks(f, name);
        *place =
            (struct checkpoint_place){.file = f->file, .start = old->start, .bytes = old->bytes};
        return 0;
    }
    int n = snprintf(key, sizeof key, "%.*sdata/%s", (int)f->folder_length, f->folder, s->key);
    const struct zip_entry *e = n < MOST_KEY ? zip_find(f->zip, key) : NULL;
    return e ? zip_place(f->checkpoint, f->file, e, place, f->error) : lacks(f, name);
}

static int add_tensor(const struct torch_file *f, const char *name, const struct pickle_tensor *t)
{
    struct checkpoint_tensor result = t->tensor;
    uint64_t span, start;
    result.name = name;
    if (find_storage(f, t->storage, name, &result.place))
        return -1;
    if (checkpoint_span(&result, &span) ||
        __builtin_mul_overflow(t->offset, result.type->size, &start) ||
        start > result.place.bytes || span > result.place.bytes - start)
        return lacks(f, name);
    result.place.bytes = span;
    if (result.place.deflated)
        result.place.skip = start;
    else
        result.place.start += start;
    return checkpoint_add(f->checkpoint, &result, f->error);
}

static int add_tensors(const struct torch_file *f, const struct pickle_value *root)
{
    const struct pickle_value *state = find_state(root);
    if (!state)
        return checkpoint_fail(f->error, "'%s' holds no state_dict: save the model's state_dict()",
                               f->checkpoint->files[f->file].path);
    for (size_t i = 0; i + 1 < state->items->n; i += 2) {
        const struct pickle_value *pair = &state->items->at[i];
        if (pair[0].kind == PICKLE_text && pair[1].kind == PICKLE_tensor &&
            add_tensor(f, pair[0].text, pair[1].tensor))
            return -1;
    }
    return 0;
}

static int other_order(struct netrt_checkpoint *c, int file, struct checkpoint_error *error)
{
    return checkpoint_fail(error, "'%s' was written on a big-endian machine", c->files[file].path);
}

/* ---- the zip form ---- */

static int check_order(const struct torch_file *f)
{
    char key[MOST_KEY], order[8] = "";
    struct checkpoint_place place;
    int n = snprintf(key, sizeof key, "%.*sbyteorder", (int)f->folder_length, f->folder);
    const struct zip_entry *e = n < MOST_KEY ? zip_find(f->zip, key) : NULL;
    if (!e || e->bytes >= sizeof order)
        return 0;
    if (zip_place(f->checkpoint, f->file, e, &place, f->error) ||
        checkpoint_read_place(f->checkpoint, &place, (unsigned char *)order, f->error))
        return -1;
    return strcmp(order, "big") ? 0 : other_order(f->checkpoint, f->file, f->error);
}

int torch_read_zip(struct netrt_checkpoint *c, int file, const struct zip *zip,
                   const struct zip_entry *pickle, struct checkpoint_error *error)
{
    struct torch_file f = {.checkpoint = c,
                           .error = error,
                           .file = file,
                           .zip = zip,
                           .folder = pickle->name,
                           .folder_length = strlen(pickle->name) - strlen("data.pkl")};
    struct checkpoint_place place;
    struct pickle_result root;
    if (f.folder_length >= MOST_KEY || pickle->deflated)
        return checkpoint_fail(error,
                               "'%s' is PyTorch's, but packed anew: its pickle is compressed",
                               c->files[file].path);
    if (check_order(&f) || zip_place(c, file, pickle, &place, error))
        return -1;
    uint64_t at = place.start;
    if (pickle_read(c, file, &at, at + place.bytes, &root, error))
        return -1;
    return add_tensors(&f, &root.value);
}

/* ---- the older form ---- */

/* Bytes of an element of each storage that the pickle names, sorted by key. */
struct element {
    const char *key;
    size_t size;
};

static int compare_elements(const void *a, const void *b)
{
    return strcmp(((const struct element *)a)->key, ((const struct element *)b)->key);
}

static struct element *list_elements(const struct torch_file *f,
                                     const struct pickle_items *storages)
{
    struct element *list =
        checkpoint_keep(f->checkpoint, (storages->n + 1) * sizeof *list, f->error);
    for (size_t i = 0; list && i < storages->n; i++)
        list[i] =
            (struct element){storages->at[i].storage->key, storages->at[i].storage->type->size};
    if (list && storages->n)
        qsort(list, storages->n, sizeof *list, compare_elements);
    return list;
}

/* A storage: the number of its elements, then these. */
static int take_storage(struct torch_file *f, const struct element *e, uint64_t *at)
{
    const uint64_t size = f->checkpoint->files[f->file].size;
    uint64_t n, bytes;
    if (size - *at < sizeof n)
        return lacks(f, e->key);
    if (checkpoint_read_at(f->checkpoint, f->file, *at, &n, sizeof n, f->error))
        return -1;
    *at += sizeof n;
    if (__builtin_mul_overflow(n, e->size, &bytes) || bytes > size - *at)
        return lacks(f, e->key);
    f->old[f->n_old++] = (struct old_storage){.key = e->key, .start = *at, .bytes = bytes};
    *at += bytes;
    return 0;
}

static int take_storages(struct torch_file *f, const struct pickle_items *storages,
                         const struct pickle_value *keys, uint64_t at)
{
    struct element *list = list_elements(f, storages);
    const size_t n = keys->kind == PICKLE_list ? keys->items->n : 0;
    f->old = list ? checkpoint_keep(f->checkpoint, (n + 1) * sizeof *f->old, f->error) : NULL;
    if (!f->old)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct element wanted = {.key = keys->items->at[i].text}, *e = NULL;
        if (keys->items->at[i].kind == PICKLE_text && storages->n)
            e = bsearch(&wanted, list, storages->n, sizeof *list, compare_elements);
        if (!e)
            return lacks(f, "of a storage");
        if (take_storage(f, e, &at))
            return -1;
    }
    if (f->n_old)
        qsort(f->old, f->n_old, sizeof *f->old, compare_old);
    return 0;
}

/* Magic number, version, machine: 0, or -1 with a message. */
static int check_start(struct torch_file *f, uint64_t *at)
{
    struct netrt_checkpoint *c = f->checkpoint;
    struct pickle_result magic, version, machine;
    const uint64_t size = c->files[f->file].size;
    if (pickle_read(c, f->file, at, size, &magic, f->error) ||
        (magic.value.kind == PICKLE_other && pickle_read(c, f->file, at, size, &version, f->error)))
        return -1;
    if (magic.value.kind != PICKLE_other || version.value.kind != PICKLE_number ||
        version.value.number != OLD_VERSION)
        return checkpoint_fail(f->error, "'%s' is a pickle, but not of torch.save()",
                               c->files[f->file].path);
    if (pickle_read(c, f->file, at, size, &machine, f->error))
        return -1;
    const struct pickle_value *little = pickle_get(&machine.value, "little_endian");
    return little && little->kind == PICKLE_number && !little->number
               ? other_order(c, f->file, f->error)
               : 0;
}

int checkpoint_read_torch_old(struct netrt_checkpoint *c, int file, struct checkpoint_error *error)
{
    struct torch_file f = {.checkpoint = c, .error = error, .file = file};
    struct pickle_result root, keys;
    uint64_t at = 0;
    if (check_start(&f, &at) || pickle_read(c, file, &at, c->files[file].size, &root, error) ||
        pickle_read(c, file, &at, c->files[file].size, &keys, error) ||
        take_storages(&f, &root.storages, &keys.value, at))
        return -1;
    return add_tensors(&f, &root.value);
}
