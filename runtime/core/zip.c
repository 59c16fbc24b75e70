#include "zip.h"

#include <stdlib.h>
#include <string.h>

enum {
    END_BYTES = 22,
    LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    MAX_COMMENT = 65535,
    STORED = 0,
    DEFLATED = 8,
    ENCRYPTED = 1,
    EXTRA_ZIP64 = 1,
    DEFLATE_RATIO = 1032 /* no stream inflates to more */
};

static uint64_t number(const unsigned char *at, int bytes)
{
    uint64_t n = 0;
    for (int i = bytes - 1; i >= 0; i--)
        n = n << 8 | at[i];
    return n;
}

static int damaged(const struct netrt_checkpoint *c, int file, struct checkpoint_error *error)
{
    return checkpoint_fail(error, "'%s' is a zip archive that is cut short or damaged",
                           c->files[file].path);
}

/* Where the directory lies, by the record at the file's end, or by the larger one that it stands
 * for. */
static int find_directory(const struct netrt_checkpoint *c, int file, uint64_t *start,
                          uint64_t *bytes, struct checkpoint_error *error)
{
    unsigned char tail[END_BYTES + MAX_COMMENT], end64[END64_BYTES];
    const uint64_t size = c->files[file].size;
    size_t n = size < sizeof tail ? (size_t)size : sizeof tail;
    if (checkpoint_read_at(c, file, size - n, tail, n, error))
        return -1;
    size_t at = n < END_BYTES ? 0 : n - END_BYTES + 1;
    while (at && memcmp(tail + at - 1, "PK\5\6", 4) != 0)
        at--;
    if (!at--)
        return damaged(c, file, error);
    *bytes = number(tail + at + 12, 4);
    *start = number(tail + at + 16, 4);
    if (at < LOCATOR_BYTES || memcmp(tail + at - LOCATOR_BYTES, "PK\6\7", 4) != 0)
        return 0;
    uint64_t record = number(tail + at - LOCATOR_BYTES + 8, 8);
    if (record > size || size - record < END64_BYTES)
        return damaged(c, file, error);
    if (checkpoint_read_at(c, file, record, end64, sizeof end64, error))
        return -1;
    *bytes = number(end64 + 40, 8);
    *start = number(end64 + 48, 8);
    return memcmp(end64, "PK\6\6", 4) ? damaged(c, file, error) : 0;
}

/* Sizes that do not fit in 32 bits stand in an extra field, in this order, those only. */
static int take_zip64(struct zip_entry *e, const unsigned char *extra, size_t n)
{
    uint64_t *const fields[] = {&e->bytes, &e->packed, &e->header};
    while (n >= 4 && number(extra, 2) != EXTRA_ZIP64) {
        size_t whole = 4 + (size_t)number(extra + 2, 2);
        whole = whole < n ? whole : n;
        extra += whole;
        n -= whole;
    }
    size_t at = 4, end = n >= 4 ? 4 + (size_t)number(extra + 2, 2) : 0;
    end = end < n ? end : n;
    for (int i = 0; i < 3; i++) {
        if (*fields[i] != UINT32_MAX)
            continue;
        if (at + 8 > end)
            return -1;
        *fields[i] = number(extra + at, 8);
        at += 8;
    }
    return 0;
}

/* An entry of the directory; returns its bytes there, or 0: damaged. */
static size_t parse_entry(struct zip_entry *e, const unsigned char *at, size_t left, uint64_t size)
{
    if (left < ENTRY_BYTES || memcmp(at, "PK\1\2", 4) != 0)
        return 0;
    size_t name = (size_t)number(at + 28, 2), extra = (size_t)number(at + 30, 2);
    size_t whole = ENTRY_BYTES + name + extra + (size_t)number(at + 32, 2);
    int method = (int)number(at + 10, 2);
    if (whole > left || (number(at + 8, 2) & ENCRYPTED) || (method != STORED && method != DEFLATED))
        return 0;
    *e = (struct zip_entry){.header = number(at + 42, 4),
                            .packed = number(at + 20, 4),
                            .bytes = number(at + 24, 4),
                            .deflated = method == DEFLATED};
    if (take_zip64(e, at + ENTRY_BYTES + name, extra) || e->packed > size ||
        (e->deflated ? !e->packed || e->bytes / DEFLATE_RATIO > e->packed : e->bytes != e->packed))
        return 0;
    return whole;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct zip_entry *)a)->name, ((const struct zip_entry *)b)->name);
}

static int parse_directory(struct zip *zip, struct netrt_checkpoint *c, int file,
                           const unsigned char *directory, size_t bytes,
                           struct checkpoint_error *error)
{
    zip->entries = checkpoint_keep(c, (bytes / ENTRY_BYTES + 1) * sizeof *zip->entries, error);
    if (!zip->entries)
        return -1;
    for (size_t at = 0; at < bytes;) {
        struct zip_entry *e = &zip->entries[zip->n];
        size_t whole = parse_entry(e, directory + at, bytes - at, c->files[file].size);
        if (!whole)
            return damaged(c, file, error);
        e->name = checkpoint_keep_text(c, directory + at + ENTRY_BYTES,
                                       (size_t)number(directory + at + 28, 2), error);
        if (!e->name)
            return -1;
        zip->n++;
        at += whole;
    }
    qsort(zip->entries, zip->n, sizeof *zip->entries, compare_names);
    return 0;
}

int zip_open(struct zip *zip, struct netrt_checkpoint *c, int file, struct checkpoint_error *error)
{
    uint64_t start, bytes;
    *zip = (struct zip){0};
    if (find_directory(c, file, &start, &bytes, error))
        return -1;
    if (start > c->files[file].size || bytes > c->files[file].size - start)
        return damaged(c, file, error);
    unsigned char *directory = malloc((size_t)bytes + 1);
    int status = directory ? checkpoint_read_at(c, file, start, directory, (size_t)bytes, error)
                           : checkpoint_fail(error, "out of memory");
    if (!status)
        status = parse_directory(zip, c, file, directory, (size_t)bytes, error);
    free(directory);
    return status;
}

const struct zip_entry *zip_find(const struct zip *zip, const char *name)
{
    struct zip_entry key = {.name = name};
    return zip->n ? bsearch(&key, zip->entries, zip->n, sizeof key, compare_names) : NULL;
}

int zip_place(const struct netrt_checkpoint *c, int file, const struct zip_entry *e,
              struct checkpoint_place *place, struct checkpoint_error *error)
{
    unsigned char local[LOCAL_BYTES];
    const uint64_t size = c->files[file].size;
    if (e->header > size || size - e->header < LOCAL_BYTES)
        return damaged(c, file, error);
    if (checkpoint_read_at(c, file, e->header, local, sizeof local, error))
        return -1;
    uint64_t start = e->header + LOCAL_BYTES + number(local + 26, 2) + number(local + 28, 2);
    if (memcmp(local, "PK\3\4", 4) != 0 || start > size || e->packed > size - start)
        return damaged(c, file, error);
    *place = (struct checkpoint_place){
        .file = file, .start = start, .bytes = e->bytes, .deflated = e->deflated ? e->packed : 0};
    return 0;
}

/* The pickle of a PyTorch archive: its one data.pkl, in whatever folder. */
static const struct zip_entry *find_pickle(const struct zip *zip)
{
    static const char name[] = "/data.pkl";
    for (size_t i = 0; i < zip->n; i++) {
        size_t n = strlen(zip->entries[i].name), m = sizeof name - 1;
        if (n > m && !strcmp(zip->entries[i].name + n - m, name))
            return &zip->entries[i];
    }
    return zip_find(zip, name + 1);
}

int checkpoint_read_zip(struct netrt_checkpoint *c, int file, struct checkpoint_error *error)
{
    struct zip zip;
    if (zip_open(&zip, c, file, error))
        return -1;
    const struct zip_entry *pickle = find_pickle(&zip);
    return pickle ? torch_read_zip(c, file, &zip, pickle, error) : npz_read(c, file, &zip, error);
}
