/* Maps: a class for each position. */
#ifndef NETRT_ANSWER_MAP_H
#define NETRT_ANSWER_MAP_H

#include "../host/message.h"
#include "../core/model.h"
#include "../picture/preprocess.h"

enum { NETRT_MAP_CLASSES = 1 << 16 };

struct netrt_map {
    long height, width, classes; /* classes: below which all are */
    int32_t *at;                 /* rows */
    long *pixels;                /* of each class, among those where the picture is */
    long counted;                /* all of these */
};

/* Room for the maps of an output of that purpose; netrt_map_release() also after a failure. */
int netrt_map_open(struct netrt_map *, const struct netrt_output *, struct netrt_message *);
void netrt_map_release(struct netrt_map *);
/* The map that a row of the output is. A failure speaks of the map without naming its picture. */
int netrt_map_fill(struct netrt_map *, const struct netrt_output *, const void *row,
                   struct netrt_message *);
/* Counts the pixels of each class: those whose middle is in the picture of `width` x `height`, in
 * which the `input` lies at `place`, rather than in what the preparation put around it; where none
 * is, the one in the middle. */
void netrt_map_count(struct netrt_map *, const struct netrt_tensor *input,
                     const struct netrt_place *, long width, long height);
/* The row (axis 1) or column of a map of `n`, over an input of `input`, under the middle of pixel
 * `i` of a picture; -1: none. */
long netrt_map_position(const struct netrt_place *, int axis, long i, long input, long n);
/* The class with the most pixels after `last` (-1: of all); of equal ones the lower number is
 * first. -1: no other has any. */
long netrt_map_next(const struct netrt_map *, long last);

#endif
