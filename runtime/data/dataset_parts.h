/* The kinds of data sets behind dataset.h. */
#ifndef NETRT_DATA_DATASET_PARTS_H
#define NETRT_DATA_DATASET_PARTS_H

#include "dataset.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

/* Appends a sample; takes over `path`, which is from malloc or NULL. */
int netrt_dataset_add(struct netrt_dataset *, long *room, struct netrt_sample,
                      struct netrt_message *);
/* Keeps a file's bytes, from malloc, as long as the data set; frees them where it fails. */
int netrt_dataset_keep(struct netrt_dataset *, unsigned char *file, struct netrt_message *);
/* Fails where the network has no class `label`, which stands in the file at `path`. */
int netrt_check_label(int label, long classes, const char *path, struct netrt_message *);
/* "folder/name", from malloc; NULL: no memory. */
char *netrt_join_path(const char *folder, const char *name);
/* The names in a folder but those that begin with a point, in the order of their bytes;
 * netrt_free_names() is the caller's. */
int netrt_list_names(const char *path, struct dirent ***names, int *n, struct netrt_message *);
void netrt_free_names(struct dirent **names, int n);
/* Whether a file is a picture, by its name. */
bool netrt_is_picture_name(const char *);
/* What stands at `path`, links followed: the S_IFMT bits of its mode, or 0 if nothing does. Fails
 * where that cannot be found out. */
int netrt_find(const char *path, mode_t *kind, struct netrt_message *);
/* The class that a name or number means, or -1. */
int netrt_find_class(const struct netrt_model *, long classes, const char *name);

/* Reads the idx file of pictures at `path`, raw or gzipped, and the labels beside it. */
int netrt_dataset_idx(struct netrt_dataset *, const char *path, long classes,
                      struct netrt_message *);
/* Reads a binary file of CIFAR-10 or CIFAR-100, as told by its size: for each picture 1 byte of
 * label, or 2 of which the second, fine one is taken, and 3 planes of 32 x 32 bytes. */
int netrt_dataset_cifar(struct netrt_dataset *, const char *path, long classes,
                        struct netrt_message *);
/* The same, and the files beside it that continue it: after data_batch_1.bin those to number 9. */
int netrt_dataset_cifar_batches(struct netrt_dataset *, const char *path, long classes,
                                struct netrt_message *);
/* Folders of pictures, one a class. */
int netrt_dataset_folders(struct netrt_dataset *, const char *path, const struct netrt_model *,
                          long classes, struct netrt_message *);
/* A csv file with columns file and class; files are relative to its folder. */
int netrt_dataset_csv(struct netrt_dataset *, const char *path, const struct netrt_model *,
                      long classes, struct netrt_message *);

#endif
