/* Probabilities of classes, from an output of classes. */
#ifndef NETRT_ANSWER_SCORES_H
#define NETRT_ANSWER_SCORES_H

#include "../core/model.h"

/* Of outputs that are not finite, and all of them. */
#define NETRT_NOT_FINITE "%ld of %ld outputs are not finite"

/* Those of one picture, from one crop or several. */
struct netrt_scores {
    long classes;
    double *at;      /* a probability for each class */
    long not_finite; /* outputs that are infinite or NaN: then there are no probabilities */
};

/* Returns 1, or 0 for want of memory. free(at) is the caller's. */
int netrt_scores_open(struct netrt_scores *, long classes);
/* Before the first crop of a picture. */
void netrt_scores_clear(struct netrt_scores *);
/* Adds `share` of the probabilities that an output gives by its row `from`. */
void netrt_scores_add(struct netrt_scores *, const struct netrt_output *, const float *from,
                      double share);
/* The likeliest class after `last` (-1: of all); of equal ones the lower number is first. -1: there
 * is none. */
long netrt_scores_next(const struct netrt_scores *, long last);
/* How many classes score higher than `class` (an equal one of a lower number counts). */
long netrt_rank(const double *scores, long classes, long class);

#endif
