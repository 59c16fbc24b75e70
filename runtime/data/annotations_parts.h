/* The forms of annotations behind annotations.h. */
#ifndef NETRT_DATA_ANNOTATIONS_PARTS_H
#define NETRT_DATA_ANNOTATIONS_PARTS_H

#include "annotations.h"

/* Reads a file of COCO. */
netrt_annotations_reader netrt_annotations_coco;

/* Room for one more of what there are `n` of, `size` bytes each, in an array whose rooms are powers
 * of two; NULL: no memory. */
void *netrt_grow(void *array, long n, size_t size);
/* The number of the category of that name, which is added if there is none; -1: no memory. */
long netrt_annotations_category(struct netrt_annotations *, const char *name);
/* Sorts things by their pictures; those of one stay in their order. */
int netrt_annotations_sort(struct netrt_annotations *, struct netrt_message *);

#endif
