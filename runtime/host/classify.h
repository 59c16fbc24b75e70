/* Commands on pictures. */
#ifndef NETRT_HOST_CLASSIFY_H
#define NETRT_HOST_CLASSIFY_H

#include "preprocess.h"
#include "program.h"

int netrt_command_classify(struct netrt_program *); /* the likeliest classes of pictures */
int netrt_command_eval(struct netrt_program *);     /* the share of right answers on a data set */

struct netrt_classifier;

/* What a command does with numbered pictures. */
struct netrt_pictures {
    /* Reads a picture; netrt_image_release() is the caller's. A failure names it. */
    int (*read)(struct netrt_classifier *, long number, struct netrt_image *,
                struct netrt_message *);
    /* Says in messages which picture it is. */
    void (*name)(struct netrt_classifier *, long number, char *text, size_t size);
    /* Called for each picture, in order, with a finite probability for each class; NULL: the
     * picture has no answer, for a reason that is said next. */
    void (*done)(struct netrt_classifier *, long number, const double *scores);
};

/* Commands work on a queue of crops that fills batches of the network. */
struct netrt_classifier {
    struct netrt_program *program;
    const struct netrt_input *input;
    const struct netrt_pictures *pictures;
    void *context; /* of the functions of `pictures` */
    int output;    /* the one of classes */
    long classes, batch, crops;
    long queued;     /* crops in the batch */
    long *owner;     /* for each of them the number of its picture */
    long current;    /* the picture whose crops are being added up */
    long crops_done; /* of that picture */
    long not_finite; /* outputs of that picture that are infinite or NaN */
    double *scores;  /* of that picture: probabilities */
    long unanswered; /* pictures that could not be read, or whose outputs are not finite */
};

/* Opens the program too. netrt_classifier_close() also after a failure. */
int netrt_classifier_open(struct netrt_classifier *, struct netrt_program *);
void netrt_classifier_close(struct netrt_classifier *);
/* Answers pictures 0 .. n - 1, and says of each that has no answer why: what is wrong with one
 * picture does not keep the others from theirs. Fails where the network cannot be run. */
int netrt_classifier_run(struct netrt_classifier *, long n);

/* How many classes score higher than `class` (an equal one of a lower number counts). */
long netrt_rank(const double *scores, long classes, long class);

#endif
