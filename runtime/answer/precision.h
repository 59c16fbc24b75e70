/*
 * How good boxes are: average precision, as COCO defines it and its tools compute it. A box of the
 * network is right where it and a thing that no better box has share enough of what either covers.
 */
#ifndef NETRT_ANSWER_PRECISION_H
#define NETRT_ANSWER_PRECISION_H

#include "boxes.h"
#include "../data/annotations.h"

#include <stdint.h>

enum {
    NETRT_OVERLAPS = 10,   /* thresholds: 0.5, 0.55 .. 0.95 */
    NETRT_RECALLS = 101,   /* where precision is read off: 0, 0.01 .. 1 */
    NETRT_MOST_BOXES = 100 /* of a category in a picture */
};

/* Things and boxes by their areas: all; below 32 x 32 pixels, up to 96 x 96, from there on. */
enum netrt_area {
    NETRT_AREA_ALL,
    NETRT_AREA_SMALL,
    NETRT_AREA_MEDIUM,
    NETRT_AREA_LARGE,
    NETRT_AREAS
};

/* What became of a box; a bit for each overlap. */
struct netrt_verdict {
    double score;
    long category, number; /* number: in the order of pictures, and of scores in each */
    uint16_t right[NETRT_AREAS], ignored[NETRT_AREAS];
};

/* Of a category; below 0: the data set has no thing of it that counts. */
struct netrt_category_precision {
    long things[NETRT_AREAS]; /* that are neither difficult nor crowds */
    double precision[NETRT_AREAS][NETRT_OVERLAPS], recall[NETRT_AREAS][NETRT_OVERLAPS];
};

struct netrt_precision {
    long n_categories, n;
    struct netrt_category_precision *categories;
    struct netrt_verdict *verdicts;
};

/* netrt_precision_release() also after a failure. */
int netrt_precision_open(struct netrt_precision *, long n_categories, struct netrt_message *);
void netrt_precision_release(struct netrt_precision *);
/* Judges the boxes of a picture, the highest score first, by its things; class `k` is that of the
 * category that has it, and boxes of other classes are passed over. Pictures come in their order.
 */
int netrt_precision_add(struct netrt_precision *, const struct netrt_annotations *, long picture,
                        const struct netrt_boxes *, struct netrt_message *);
/* Computes the precisions of all categories, once all pictures are added. */
int netrt_precision_finish(struct netrt_precision *, struct netrt_message *);

/* The mean over categories that have things, or of category `one` (-1: of all); and over overlaps,
 * or of overlap `at` (-1: of all). Below 0: there is none. */
double netrt_mean_precision(const struct netrt_precision *, long one, enum netrt_area, int at);
double netrt_mean_recall(const struct netrt_precision *, long one, enum netrt_area, int at);

#endif
