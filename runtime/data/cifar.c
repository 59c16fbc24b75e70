/* Data sets in the binary files of CIFAR-10 and CIFAR-100. */
#include "dataset_parts.h"
#include "../host/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIDE = 32, PICTURE = 3 * SIDE * SIDE };

/* Bytes of labels before each picture; 0: this is no such file. */
static size_t labels_of(size_t bytes)
{
    size_t labels = 2;
    while (labels && (!bytes || bytes % (labels + PICTURE)))
        labels--;
    return labels;
}

static int add_pictures(struct netrt_dataset *d, const struct netrt_bytes *file, const char *path,
                        long classes, struct netrt_message *m)
{
    const size_t labels = labels_of(file->size), record = labels + PICTURE;
    int status = 0;
    long room = d->n;
    if (!labels)
        return netrt_fail(m, "'%s' is not a file of CIFAR-10 or CIFAR-100, or cut short", path);
    for (size_t at = 0; at < file->size && !status; at += record) {
        const unsigned char *picture = file->data + at + labels;
        struct netrt_sample sample = {.bytes = picture, .label = picture[-1]};
        status = netrt_check_label(sample.label, classes, path, m);
        if (!status)
            status = netrt_dataset_add(d, &room, sample, m);
    }
    return status;
}

int netrt_dataset_cifar(struct netrt_dataset *d, const char *path, long classes,
                        struct netrt_message *m)
{
    struct netrt_bytes file;
    int status = netrt_file_read(path, &file, m);
    if (!status)
        status = netrt_dataset_keep(d, file.data, m);
    d->channels = 3;
    d->width = d->height = SIDE;
    return status ? status : add_pictures(d, &file, path, classes, m);
}

int netrt_dataset_cifar_batches(struct netrt_dataset *d, const char *path, long classes,
                                struct netrt_message *m)
{
    char *batch = strdup(path), *number = batch ? strrchr(batch, '1') : NULL;
    mode_t kind = S_IFREG;
    int status = number ? 0 : netrt_fail(m, "out of memory");
    while (!status && S_ISREG(kind)) {
        status = netrt_dataset_cifar(d, batch, classes, m);
        kind = 0;
        if (!status && ++*number <= '9')
            status = netrt_find(batch, &kind, m);
    }
    free(batch);
    return status;
}
