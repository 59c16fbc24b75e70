/* A network that classifies pictures. */
#ifndef NETRT_ANSWER_CLASSIFIER_H
#define NETRT_ANSWER_CLASSIFIER_H

#include "queue.h"
#include "scores.h"

struct netrt_classifier {
    struct netrt_queue queue;
    int output; /* the one of classes */
    struct netrt_scores scores;
    long unanswered; /* pictures that could not be read, or whose outputs are not finite */
    const struct netrt_pictures *pictures; /* its `read` and `name` */
    /* Called for each picture, in order, with a finite probability for each class; NULL: the
     * picture has no answer, for a reason that is said next. */
    void (*done)(void *context, long number, const double *scores);
    void *context; /* of these functions */
};

/* Opens the program too. netrt_classifier_close() also after a failure. */
int netrt_classifier_open(struct netrt_classifier *, struct netrt_program *);
void netrt_classifier_close(struct netrt_classifier *);
/* Answers pictures 0 .. n - 1, and says of each that has no answer why: what is wrong with one
 * picture does not keep the others from theirs. Fails where the network cannot be run. */
int netrt_classifier_run(struct netrt_classifier *, long n);

#endif
