#include "dataset_parts.h"
#include "pairs.h"

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

int netrt_dataset_keep(struct netrt_dataset *d, unsigned char *file, struct netrt_message *m)
{
    unsigned char **files = realloc(d->files, ((size_t)d->n_files + 1) * sizeof *files);
    if (!files) {
        free(file);
        return netrt_fail(m, "out of memory");
    }
    d->files = files;
    d->files[d->n_files++] = file;
    return 0;
}

int netrt_check_label(int label, long classes, const char *path, struct netrt_message *m)
{
    if (label < classes)
        return 0;
    return netrt_fail(m, "'%s' has a label %d, the network %ld classes", path, label, classes);
}

typedef int open_function(struct netrt_dataset *, const char *, long, struct netrt_message *);

/* The files by which a folder of a data set in files is known, of each split the best first. What
 * one is evaluated by may also be what it was trained on; not the other way round. */
static const struct known {
    enum netrt_split split;
    const char *name;
    open_function *open;
} known_files[] = {
    {NETRT_SPLIT_test, "t10k-images-idx3-ubyte", netrt_dataset_idx},
    {NETRT_SPLIT_test, "t10k-images-idx3-ubyte.gz", netrt_dataset_idx},
    {NETRT_SPLIT_train, "train-images-idx3-ubyte", netrt_dataset_idx},
    {NETRT_SPLIT_train, "train-images-idx3-ubyte.gz", netrt_dataset_idx},
    {NETRT_SPLIT_test, "test_batch.bin", netrt_dataset_cifar},
    {NETRT_SPLIT_train, "data_batch_1.bin", netrt_dataset_cifar_batches},
    {NETRT_SPLIT_test, "test.bin", netrt_dataset_cifar},
    {NETRT_SPLIT_train, "train.bin", netrt_dataset_cifar},
};

int netrt_find(const char *path, mode_t *kind, struct netrt_message *m)
{
    struct stat info;
    *kind = 0;
    if (!stat(path, &info))
        *kind = info.st_mode & S_IFMT;
    else if (errno != ENOENT)
        return netrt_fail(m, "cannot look at '%s': %s", path, strerror(errno));
    return 0;
}

/* Opens a file if the folder has it. */
static int open_known(struct netrt_dataset *d, const char *folder, const struct known *known,
                      long classes, bool *found, struct netrt_message *m)
{
    mode_t kind = 0;
    char *file = netrt_join_path(folder, known->name);
    int status = file ? netrt_find(file, &kind, m) : netrt_fail(m, "out of memory");
    *found = S_ISREG(kind);
    if (*found)
        status = known->open(d, file, classes, m);
    free(file);
    return status;
}

/* Fails if a folder without a training set has a test set. */
static int refuse_test_set(const char *folder, struct netrt_message *m)
{
    int status = 0;
    for (size_t i = 0; i < sizeof known_files / sizeof *known_files && !status; i++) {
        mode_t kind = 0;
        char *file = netrt_join_path(folder, known_files[i].name);
        status = file ? netrt_find(file, &kind, m) : netrt_fail(m, "out of memory");
        if (!status && S_ISREG(kind))
            status = netrt_fail(m, "'%s' has a test set, '%s', and none to learn from: name a file",
                                folder, known_files[i].name);
        free(file);
    }
    return status;
}

static int open_folder(struct netrt_dataset *d, const char *path, enum netrt_split split,
                       const struct netrt_model *model, long classes, struct netrt_message *m)
{
    bool found = false;
    int status = 0;
    for (size_t i = 0; i < sizeof known_files / sizeof *known_files && !status && !found; i++)
        if (split == NETRT_SPLIT_test || known_files[i].split == split)
            status = open_known(d, path, &known_files[i], classes, &found, m);
    if (!status && !found && split == NETRT_SPLIT_train)
        status = refuse_test_set(path, m);
    return status || found ? status : netrt_dataset_folders(d, path, model, classes, m);
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n >= k && !strcmp(name + n - k, end);
}

int netrt_dataset_open(struct netrt_dataset *d, const char *path, enum netrt_split split,
                       const struct netrt_model *model, long classes, struct netrt_message *m)
{
    struct stat info;
    *d = (struct netrt_dataset){0};
    if (stat(path, &info))
        return netrt_fail(m, "cannot open '%s': %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return open_folder(d, path, split, model, classes, m);
    if (ends_with(path, ".csv"))
        return netrt_dataset_csv(d, path, model, classes, m);
    if (ends_with(path, ".bin"))
        return netrt_dataset_cifar(d, path, classes, m);
    return netrt_dataset_idx(d, path, classes, m);
}

/* Takes the paths of a pair over. */
static int add_pair(struct netrt_dataset *d, long *room, struct netrt_pair *pair,
                    struct netrt_message *m)
{
    const struct netrt_sample sample = {.path = pair->picture};
    pair->picture = NULL;
    const int status = netrt_dataset_add(d, room, sample, m);
    if (status)
        return status;
    d->samples[d->n - 1].map = pair->right;
    pair->right = NULL;
    return 0;
}

int netrt_dataset_maps(struct netrt_dataset *d, const char *labels, const char *pictures,
                       struct netrt_message *m)
{
    struct netrt_pairs pairs;
    long room = 0;
    *d = (struct netrt_dataset){0};
    int status = netrt_pairs_open(&pairs, labels, pictures, m);
    for (long i = 0; i < pairs.n && !status; i++)
        status = pairs.at[i].picture ? add_pair(d, &room, &pairs.at[i], m)
                                     : netrt_fail(m, "'%s' has no picture of its name in '%s'",
                                                  pairs.at[i].right, pictures);
    netrt_pairs_release(&pairs);
    return status;
}

void netrt_dataset_release(struct netrt_dataset *d)
{
    for (long i = 0; i < d->n; i++) {
        free(d->samples[i].path);
        free(d->samples[i].map);
    }
    free(d->samples);
    for (int i = 0; i < d->n_files; i++)
        free(d->files[i]);
    free(d->files);
    free(d->first_left_out);
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
    if (sample->path) {
        const int read = netrt_image_read(image, sample->path, m);
        return read || !sample->map ? read : netrt_image_turn(image, m);
    }
    *image = (struct netrt_image){.width = d->width, .height = d->height, .channels = d->channels};
    int status = netrt_image_alloc(image, m);
    if (!status)
        interleave(image, sample->bytes);
    return status;
}
