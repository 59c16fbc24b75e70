/*
 * The requests that wait for a network, and the threads that run it. A run takes the images of as
 * many requests as it has room for; where it has more room than images wait, it may wait for
 * others, but no longer than a time after the first of them came.
 */
#ifndef NETRT_SERVE_QUEUE_H
#define NETRT_SERVE_QUEUE_H

#include "request.h"

struct serve_queue;

struct serve_queue_options {
    int threads;   /* of a run; 0: what the compiler suggests, or one for each processor */
    int instances; /* runs at once */
    double wait;   /* seconds */
};

/* What was done since the start. */
struct serve_counts {
    long runs, images, room; /* room: images that those runs could have computed */
    long waiting;            /* images, now */
    double seconds;          /* of the runs */
};

/* NULL with a message. */
struct serve_queue *serve_queue_new(const struct serve_network *,
                                    const struct serve_queue_options *, struct netrt_message *);
/* Ends the threads, when all that waits is done; NULL is nothing. */
void serve_queue_free(struct serve_queue *);
/* Computes the outputs of a request: returns when they are there, 0, or NETRT_FAILED with a message
 * for the client. From any thread. */
int serve_queue_run(struct serve_queue *, struct serve_request *, struct netrt_message *);
struct serve_counts serve_queue_counts(struct serve_queue *);

#endif
