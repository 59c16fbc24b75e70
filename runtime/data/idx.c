/* Data sets in idx files: the MNIST family. */
#include "dataset_parts.h"
#include "../host/file.h"

#include <stdlib.h>
#include <string.h>

#if defined NETRT_HAVE_ZLIB
#include <zlib.h>
#endif

#if defined NETRT_HAVE_ZLIB
static const size_t max_bytes = (size_t)1 << 31; /* of a data set in memory */

/* Inflates into a buffer that grows, so that a header that lies costs nothing. Returns zlib's
 * Z_STREAM_END, or what went wrong. */
static int inflate_all(struct netrt_bytes *from, struct netrt_bytes *to)
{
    z_stream z = {.next_in = from->data, .avail_in = (uInt)from->size};
    int status = inflateInit2(&z, 16 + MAX_WBITS);
    size_t room = 0;
    while (status == Z_OK && room < max_bytes) {
        size_t more = room ? 2 * room : 1 << 16;
        unsigned char *data = realloc(to->data, more);
        if (!data) {
            status = Z_MEM_ERROR;
            break;
        }
        to->data = data;
        z.next_out = data + room;
        z.avail_out = (uInt)(more - room);
        room = more;
        status = inflate(&z, Z_NO_FLUSH);
    }
    to->size = room - z.avail_out;
    inflateEnd(&z);
    return status;
}

static int inflate_file(struct netrt_bytes *bytes, const char *path, struct netrt_message *m)
{
    struct netrt_bytes plain = {0};
    int result = bytes->size > max_bytes ? Z_DATA_ERROR : inflate_all(bytes, &plain);
    free(bytes->data);
    *bytes = plain;
    if (result == Z_STREAM_END)
        return 0;
    free(plain.data);
    *bytes = (struct netrt_bytes){0};
    return result == Z_MEM_ERROR
               ? netrt_fail(m, "no memory to inflate '%s'", path)
               : netrt_fail(m, "'%s' is gzipped, and damaged, cut short or too large", path);
}
#endif

/* Reads a file, gzipped or not. */
static int read_plain(const char *path, struct netrt_bytes *bytes, struct netrt_message *m)
{
    int status = netrt_file_read(path, bytes, m);
    if (status || bytes->size < 2 || bytes->data[0] != 0x1f || bytes->data[1] != 0x8b)
        return status;
#if defined NETRT_HAVE_ZLIB
    return inflate_file(bytes, path, m);
#else
    return netrt_fail(m, "'%s' is gzipped, which this program was built without: gunzip it", path);
#endif
}

static size_t big_endian(const unsigned char *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

/* Sizes of an idx file of bytes with `rank` dimensions, whose product the data must be. */
static int parse_idx(const struct netrt_bytes *bytes, int rank, size_t *dim, const char *path,
                     struct netrt_message *m)
{
    const unsigned char magic[4] = {0, 0, 8, (unsigned char)rank};
    size_t start = 4 + 4 * (size_t)rank, n = 1;
    if (bytes->size < start || memcmp(bytes->data, magic, sizeof magic) != 0)
        return netrt_fail(m, "'%s' is not an idx file of %s", path,
                          rank == 3 ? "pictures" : "labels");
    for (int i = 0; i < rank; i++) {
        dim[i] = big_endian(bytes->data + 4 + 4 * i);
        if (__builtin_mul_overflow(n, dim[i], &n))
            n = SIZE_MAX;
    }
    if (n != bytes->size - start)
        return netrt_fail(m, "'%s' is cut short or too long", path);
    return 0;
}

/* The path of the labels beside pictures: images-idx3 becomes labels-idx1. From malloc. */
static int labels_path(const char *path, char **beside, struct netrt_message *m)
{
    static const char images[] = "images", labels[] = "labels";
    const char *slash = strrchr(path, '/'), *name = slash ? slash : path;
    if (!strstr(name, images))
        return netrt_fail(m, "'%s': its name needs 'images', for the labels beside it", path);
    *beside = strdup(path);
    if (!*beside)
        return netrt_fail(m, "out of memory");
    char *at = strstr(*beside + (name - path), images);
    memcpy(at, labels, sizeof labels - 1);
    char *rank = strstr(at, "idx3");
    if (rank)
        rank[3] = '1';
    return 0;
}

static int add_idx_samples(struct netrt_dataset *d, const unsigned char *pixels,
                           const struct netrt_bytes *labels, const char *path, long classes,
                           struct netrt_message *m)
{
    size_t n;
    int status = parse_idx(labels, 1, &n, path, m);
    long room = 0, size = d->width * d->height;
    for (size_t i = 0; i < n && !status; i++) {
        int label = labels->data[8 + i];
        status = netrt_check_label(label, classes, path, m);
        struct netrt_sample sample = {.bytes = pixels + (size_t)size * i, .label = label};
        if (!status)
            status = netrt_dataset_add(d, &room, sample, m);
    }
    return status;
}

static int read_labels(struct netrt_dataset *d, const unsigned char *pixels, size_t n,
                       const char *path, long classes, struct netrt_message *m)
{
    char *beside;
    int status = labels_path(path, &beside, m);
    if (status)
        return status;
    struct netrt_bytes labels = {0};
    status = read_plain(beside, &labels, m);
    if (!status)
        status = add_idx_samples(d, pixels, &labels, beside, classes, m);
    if (!status && (size_t)d->n != n)
        status = netrt_fail(m, "'%s' has %zu pictures, '%s' %ld labels", path, n, beside, d->n);
    free(labels.data);
    free(beside);
    return status;
}

int netrt_dataset_idx(struct netrt_dataset *d, const char *path, long classes,
                      struct netrt_message *m)
{
    struct netrt_bytes bytes = {0};
    size_t dim[3];
    int status = read_plain(path, &bytes, m);
    if (!status)
        status = netrt_dataset_keep(d, bytes.data, m);
    if (!status)
        status = parse_idx(&bytes, 3, dim, path, m);
    if (status)
        return status;
    d->channels = 1;
    d->height = (long)dim[1];
    d->width = (long)dim[2];
    return read_labels(d, bytes.data + 16, dim[0], path, classes, m);
}
