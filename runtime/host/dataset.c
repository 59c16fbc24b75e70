#include "dataset_parts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *netrt_join_path(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

int netrt_dataset_add(struct netrt_dataset *d, long *room, struct netrt_sample sample,
                      struct netrt_message *m)
{
    if (d->n == *room) {
        long more = *room ? 2 * *room : 256;
        struct netrt_sample *samples = realloc(d->samples, (size_t)more * sizeof *samples);
        if (!samples) {
            free(sample.path);
            return netrt_fail(m, "no memory for the list of pictures");
        }
        d->samples = samples;
        *room = more;
    }
    d->samples[d->n++] = sample;
    return 0;
}

int netrt_find_class(const struct netrt_model *model, long classes, const char *name)
{
    for (int i = 0; i < model->n_labels && i < classes; i++)
        if (!strcmp(model->labels[i], name))
            return i;
    char *end;
    long number = strtol(name, &end, 10);
    return isdigit((unsigned char)*name) && !*end && number < classes ? (int)number : -1;
}

/* The files by which a folder of a data set in files is known, best first. */
static const char *const idx_names[] = {"t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz",
                                        "train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"};

static bool is_file(const char *path)
{
    struct stat info;
    return !stat(path, &info) && S_ISREG(info.st_mode);
}

static int open_folder(struct netrt_dataset *d, const char *path, const struct netrt_model *model,
                       long classes, struct netrt_message *m)
{
    for (size_t i = 0; i < sizeof idx_names / sizeof *idx_names; i++) {
        char *file = netrt_join_path(path, idx_names[i]);
        if (!file)
            return netrt_fail(m, "out of memory");
        bool found = is_file(file);
        int status = found ? netrt_dataset_idx(d, file, classes, m) : 0;
        free(file);
        if (found)
            return status;
    }
    char *file = netrt_join_path(path, "test_batch.bin");
    if (!file)
        return netrt_fail(m, "out of memory");
    int status = is_file(file) ? netrt_dataset_cifar(d, file, classes, m)
                               : netrt_dataset_folders(d, path, model, classes, m);
    free(file);
    return status;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n >= k && !strcmp(name + n - k, end);
}

int netrt_dataset_open(struct netrt_dataset *d, const char *path, const struct netrt_model *model,
                       long classes, struct netrt_message *m)
{
    struct stat info;
    *d = (struct netrt_dataset){0};
    if (stat(path, &info))
        return netrt_fail(m, "cannot open '%s': %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return open_folder(d, path, model, classes, m);
    if (ends_with(path, ".csv"))
        return netrt_dataset_csv(d, path, model, classes, m);
    if (ends_with(path, ".bin"))
        return netrt_dataset_cifar(d, path, classes, m);
    return netrt_dataset_idx(d, path, classes, m);
}

void netrt_dataset_release(struct netrt_dataset *d)
{
    for (long i = 0; i < d->n; i++)
        free(d->samples[i].path);
    free(d->samples);
    free(d->memory);
    *d = (struct netrt_dataset){0};
}

/* From planes to pixels. */
static void interleave(const struct netrt_image *image, const unsigned char *planes)
{
    long plane = image->width * image->height;
    for (long i = 0; i < plane; i++)
        for (long c = 0; c < image->channels; c++)
            image->pixels[i * image->channels + c] = planes[c * plane + i];
}

int netrt_dataset_read(const struct netrt_dataset *d, long number, struct netrt_image *image,
                       struct netrt_message *m)
{
    const struct netrt_sample *sample = &d->samples[number];
    if (sample->path)
        return netrt_image_read(image, sample->path, m);
    *image = (struct netrt_image){.width = d->width, .height = d->height, .channels = d->channels};
    int status = netrt_image_alloc(image, m);
    if (!status)
        interleave(image, sample->bytes);
    return status;
}
