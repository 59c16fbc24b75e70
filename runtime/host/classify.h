/* Commands on pictures. */
#ifndef NETRT_HOST_CLASSIFY_H
#define NETRT_HOST_CLASSIFY_H

#include "preprocess.h"
#include "program.h"

int netrt_command_classify(struct netrt_program *); /* the likeliest classes of pictures */
int netrt_command_eval(struct netrt_program *);     /* the share of right answers on a data set */

/* Both work on a queue of crops that fills batches of the network. */
struct netrt_classifier {
    struct netrt_program *program;
    const struct netrt_input *input;
    long classes, batch, crops;
    long queued;     /* images in the batch */
    double *scores;  /* of the picture whose crops are being added up: probabilities */
    long crops_done; /* of that picture */
    /* Called with the scores of each picture, in order. */
    void (*done)(struct netrt_classifier *, const double *scores);
    void *context; /* done()'s */
};

/* Opens the program too. netrt_classifier_close() also after a failure. */
int netrt_classifier_open(struct netrt_classifier *, struct netrt_program *);
void netrt_classifier_close(struct netrt_classifier *);
/* Queues all crops of a picture, which it uses up. `name` is for messages. */
int netrt_classifier_add(struct netrt_classifier *, struct netrt_image *, const char *name);
/* Runs what is queued. */
void netrt_classifier_flush(struct netrt_classifier *);

/* How many classes score higher than `class` (an equal one of a lower number counts). */
long netrt_rank(const double *scores, long classes, long class);

#endif
