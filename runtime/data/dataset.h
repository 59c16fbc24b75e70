/* Labelled pictures: a folder a class, a csv of file,class, idx files, CIFAR. */
#ifndef NETRT_DATA_DATASET_H
#define NETRT_DATA_DATASET_H

#include "../picture/image.h"
#include "../core/model.h"

struct netrt_sample {
    char *path;                 /* of a picture in a file of its own, or NULL */
    const unsigned char *bytes; /* of one that lies in memory, or NULL */
    int label;
    char *map; /* the path of its map of labels, where it has one for each pixel; or NULL */
};

struct netrt_dataset {
    long n;
    struct netrt_sample *samples;
    /* Pictures in memory: their sizes, and whether channels lie in planes or in pixels. */
    long width, height, channels;
    unsigned char **files; /* that samples lie in */
    int n_files;
    /* What stands in folders of pictures, and is none by its name: how many, the path of the first.
     */
    long left_out;
    char *first_left_out;
};

/* Which of the sets that a folder has is meant. */
enum netrt_split { NETRT_SPLIT_test, NETRT_SPLIT_train };

/* Finds out what `path` is; the split matters for folders whose files have the names of one. The
 * labels are below `classes`; the model's names of classes name folders. netrt_dataset_release()
 * also after a failure. */
int netrt_dataset_open(struct netrt_dataset *, const char *path, enum netrt_split,
                       const struct netrt_model *, long classes, struct netrt_message *);
/* Pictures whose pixels have labels: all maps in folder `labels`, each with the picture of its name
 * in folder `pictures`. */
int netrt_dataset_maps(struct netrt_dataset *, const char *labels, const char *pictures,
                       struct netrt_message *);
void netrt_dataset_release(struct netrt_dataset *);
/* One picture, upright where it has a map; netrt_image_release() is the caller's. */
int netrt_dataset_read(const struct netrt_dataset *, long number, struct netrt_image *,
                       struct netrt_message *);

#endif
