/* What runs a network for one thread at a time: memory for each of its variants. */
#ifndef NETRT_SERVE_RUNNER_H
#define NETRT_SERVE_RUNNER_H

#include "request.h"

/* Images first .. first + n - 1 of a request, for a run. */
struct serve_span {
    struct serve_request *request;
    long first, n;
};

struct serve_runner;

/* `threads` as in struct serve_queue_options. NULL with a message. */
struct serve_runner *serve_runner_new(const struct serve_network *, int threads,
                                      struct netrt_message *);
void serve_runner_free(struct serve_runner *);
/*
 * Computes spans, which have no more images together than a run has, by the smallest variant that
 * has room for them. Returns the images of that. Where an integer is no position in what it is to
 * choose from, `fault` (of at least one byte) says so, and is "" else.
 */
long serve_runner_run(struct serve_runner *, const struct serve_span *, int n, char *fault,
                      size_t size);

#endif
