/* Pictures through a network, a batch at a time. */
#ifndef NETRT_ANSWER_QUEUE_H
#define NETRT_ANSWER_QUEUE_H

#include "../picture/preprocess.h"
#include "../host/program.h"

/* A crop of a picture in a batch. */
struct netrt_shot {
    long number; /* of its picture */
    int crop;
    bool last;                /* of its picture's crops */
    struct netrt_image image; /* the picture as it was read; without pixels where none are kept */
    struct netrt_place place; /* where the crop lies in it */
};

/* What a command does with numbered pictures; `context` is its own. */
struct netrt_pictures {
    /* Reads a picture; netrt_image_release() is the caller's. A failure names it. */
    int (*read)(void *context, long number, struct netrt_image *, struct netrt_message *);
    /* Says in messages which picture it is. */
    void (*name)(void *context, long number, char *text, size_t size);
    /* Called for each crop, in order, when outputs are there: row `at` of each is the crop's. */
    int (*take)(void *context, const struct netrt_shot *, long at);
    /* Called in that order too, for a picture that cannot be read or does not fit. */
    int (*refuse)(void *context, long number, const struct netrt_message *why);
};

struct netrt_queue {
    struct netrt_program *program;
    const struct netrt_input *input;
    const struct netrt_pictures *pictures;
    void *context;
    bool keep; /* the pixels of pictures, until their last crop is taken */
    long batch, crops, queued;
    struct netrt_shot *shots; /* of the batch */
};

enum { NETRT_PICTURE_NAME = 800 }; /* bytes of a picture's name in messages */

/* Fails for a network that has no single input of pictures. */
int netrt_queue_check(const struct netrt_program *);
/* Sets what a queue of pictures needs, of a program that netrt_queue_check() let pass, and opens
 * the program. The other fields are the caller's. netrt_queue_close() also after a failure. */
int netrt_queue_open(struct netrt_queue *, struct netrt_program *);
void netrt_queue_close(struct netrt_queue *);
/* Takes pictures 0 .. n - 1: what is wrong with one does not keep the others from theirs. Fails
 * where the network cannot be run, or `take` or `refuse` fails. */
int netrt_queue_run(struct netrt_queue *, long n);

/* The numbers of output `i` that row `at` of the batch has, and how many there are. */
const void *netrt_output_row(const struct netrt_program *, int i, long at, long *n);

#endif
