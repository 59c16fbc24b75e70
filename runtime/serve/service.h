/* What is served: networks with their queues, limits, and what was counted. Threads of connections
 * share it. */
#ifndef NETRT_SERVE_SERVICE_H
#define NETRT_SERVE_SERVICE_H

#include "network.h"
#include "queue.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

/* Upper bounds of the classes of the histogram of times, in seconds; above the last is one more. */
#define SERVE_TIME_BOUNDS                                                                          \
    {                                                                                              \
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10                     \
    }
enum { SERVE_N_TIMES = 14 };

/* What became of the requests for a network. */
struct serve_outcomes {
    long answered, refused; /* refused: with a message that says why */
    long times[SERVE_N_TIMES];
    double seconds; /* of all that were answered, from the whole body to the whole answer */
};

struct serve_limits {
    size_t request;  /* bytes of a body, and of the tensors of an answer */
    int connections; /* at once */
    double timeout;  /* seconds that a client has to send a request, or to take an answer */
};

struct serve_service {
    struct serve_networks networks;
    struct serve_queue **queues; /* of each network */
    struct serve_limits limits;
    pthread_mutex_t lock;            /* of all below */
    struct serve_outcomes *outcomes; /* of each network */
    long other;  /* requests that were of no network, but for those of metrics */
    size_t held; /* bytes of bodies */
    int active;  /* requests that are being read, computed or answered */
    bool ending; /* no more are taken */
};

/* What `service->held` may be, in requests of the largest size. */
enum { SERVE_MAX_HELD = 4 };

/* Takes the networks over. Returns 0 or an exit status; release it either way. */
int serve_service_init(struct serve_service *, const struct serve_networks *,
                       const struct serve_queue_options *, const struct serve_limits *,
                       struct netrt_message *);
void serve_service_release(struct serve_service *);

/* A request begins, and is over. */
void serve_service_begin(struct serve_service *);
void serve_service_end(struct serve_service *);
/* From now on the service is not ready; it is still live. */
void serve_service_close(struct serve_service *);
bool serve_service_ready(struct serve_service *);
int serve_service_active(struct serve_service *);
/* Whether so many more bytes can be held; gives them back. */
bool serve_service_hold(struct serve_service *, size_t bytes);
void serve_service_drop(struct serve_service *, size_t bytes);
/* What became of a request: NULL is no network. */
void serve_service_count(struct serve_service *, const struct serve_network *, bool answered,
                         double seconds);

/* The counts as Prometheus reads them. */
void serve_metrics_print(struct serve_service *, int connections, FILE *);

#endif
