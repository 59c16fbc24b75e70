#include "queue.h"
#include "runner.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Requests of which a run holds images. */
enum { SERVE_MAX_SPANS = 256 };

/* A request that waits; it lies with the thread that does. */
struct waiter {
    struct serve_request *request;
    struct waiter *next;
    struct timespec came;
    long taken, done; /* images that a run has, and that are computed */
    char fault[256];
};

struct serve_queue {
    const struct serve_network *network;
    struct serve_queue_options options;
    pthread_mutex_t lock; /* of all below, and of the waiters */
    pthread_cond_t came;  /* a request, or the end */
    pthread_cond_t done;  /* images of one */
    struct waiter *first, **end;
    bool ending;
    struct serve_counts counts;
    int n_threads;
    struct worker {
        struct serve_queue *queue;
        struct serve_runner *runner;
        pthread_t thread;
    } * workers;
};

/* ---- time ---- */

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) * 1e-9;
}

static struct timespec later(struct timespec t, double seconds)
{
    const long nano = 1000000000, more = (long)((seconds - (double)(long)seconds) * 1e9);
    t.tv_sec += (time_t)seconds + (t.tv_nsec + more) / nano;
    t.tv_nsec = (t.tv_nsec + more) % nano;
    return t;
}

/* ---- what a run takes ---- */

/* Waits until a run is full, its first request has waited long enough, or the end: with the lock.
 * Returns whether there is something to run. */
static bool wait_for_images(struct serve_queue *q)
{
    const long batch = serve_network_batch(q->network);
    int late = 0;
    while (!q->first && !q->ending)
        pthread_cond_wait(&q->came, &q->lock);
    while (q->first && !q->ending && !late && q->counts.waiting < batch) {
        const struct timespec until = later(q->first->came, q->options.wait);
        late = pthread_cond_timedwait(&q->came, &q->lock, &until);
    }
    return q->first;
}

/* Takes images from the front of the queue, as many as the variant for those that wait has room
 * for: with the lock. */
static int take_spans(struct serve_queue *q, struct serve_span *spans, struct waiter **of)
{
    const int variant = serve_network_variant(q->network, q->counts.waiting);
    long room = q->network->variants[variant].batch;
    int n = 0;
    while (q->first && room && n < SERVE_MAX_SPANS) {
        struct waiter *w = q->first;
        const long left = w->request->images - w->taken, part = left < room ? left : room;
        spans[n] = (struct serve_span){w->request, w->taken, part};
        of[n++] = w;
        w->taken += part;
        room -= part;
        q->counts.waiting -= part;
        if (part < left)
            break;
        q->first = w->next;
        if (!q->first)
            q->end = &q->first;
    }
    return n;
}

/* Runs spans, without the lock while it does. */
static void run_spans(struct serve_queue *q, struct serve_runner *runner,
                      const struct serve_span *spans, int n, char *fault, size_t size)
{
    struct timespec start, end;
    pthread_mutex_unlock(&q->lock);
    clock_gettime(CLOCK_MONOTONIC, &start);
    const long room = serve_runner_run(runner, spans, n, fault, size);
    clock_gettime(CLOCK_MONOTONIC, &end);
    pthread_mutex_lock(&q->lock);
    q->counts.runs++;
    q->counts.room += room;
    q->counts.seconds += seconds_between(&start, &end);
}

/* Takes and runs images. Spans of which one has a fault are run each by itself, for only its client
 * is to hear of it. */
static void run_some(struct serve_queue *q, struct serve_runner *runner)
{
    struct serve_span spans[SERVE_MAX_SPANS];
    struct waiter *of[SERVE_MAX_SPANS];
    char fault[sizeof of[0]->fault];
    const int n = take_spans(q, spans, of);
    run_spans(q, runner, spans, n, fault, sizeof fault);
    const bool failed = *fault;
    for (int i = 0; failed && i < n; i++) {
        if (n > 1)
            run_spans(q, runner, &spans[i], 1, fault, sizeof fault);
        if (*fault)
            memcpy(of[i]->fault, fault, sizeof fault);
    }
    for (int i = 0; i < n; i++) {
        of[i]->done += spans[i].n;
        q->counts.images += spans[i].n;
    }
    pthread_cond_broadcast(&q->done);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct serve_queue *q = worker->queue;
    pthread_mutex_lock(&q->lock);
    for (;;) {
        if (wait_for_images(q))
            run_some(q, worker->runner);
        else if (q->ending)
            break;
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

/* ---- the queue ---- */

static int open_worker(struct serve_queue *q, struct netrt_message *m)
{
    struct worker *worker = &q->workers[q->n_threads];
    worker->queue = q;
    worker->runner = serve_runner_new(q->network, q->options.threads, m);
    if (!worker->runner)
        return NETRT_FAILED;
    if (pthread_create(&worker->thread, NULL, work, worker)) {
        serve_runner_free(worker->runner);
        return netrt_fail(m, "the system gives no thread for '%s'", q->network->name);
    }
    q->n_threads++;
    return 0;
}

static void open_locks(struct serve_queue *q)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->came, &monotonic);
    pthread_cond_init(&q->done, NULL);
    pthread_condattr_destroy(&monotonic);
}

struct serve_queue *serve_queue_new(const struct serve_network *network,
                                    const struct serve_queue_options *options,
                                    struct netrt_message *m)
{
    struct serve_queue *q = calloc(1, sizeof *q);
    if (!q)
        return netrt_fail(m, "out of memory"), NULL;
    *q = (struct serve_queue){.network = network, .options = *options, .end = &q->first};
    open_locks(q);
    q->workers = calloc((size_t)options->instances, sizeof *q->workers);
    int status = q->workers ? 0 : netrt_fail(m, "out of memory");
    for (int i = 0; !status && i < options->instances; i++)
        status = open_worker(q, m);
    if (!status)
        return q;
    serve_queue_free(q);
    return NULL;
}

void serve_queue_free(struct serve_queue *q)
{
    if (!q)
        return;
    pthread_mutex_lock(&q->lock);
    q->ending = true;
    pthread_cond_broadcast(&q->came);
    pthread_mutex_unlock(&q->lock);
    for (int i = 0; i < q->n_threads; i++) {
        pthread_join(q->workers[i].thread, NULL);
        serve_runner_free(q->workers[i].runner);
    }
    pthread_cond_destroy(&q->came);
    pthread_cond_destroy(&q->done);
    pthread_mutex_destroy(&q->lock);
    free(q->workers);
    free(q);
}

int serve_queue_run(struct serve_queue *q, struct serve_request *request, struct netrt_message *m)
{
    struct waiter w = {.request = request};
    clock_gettime(CLOCK_MONOTONIC, &w.came);
    pthread_mutex_lock(&q->lock);
    *q->end = &w;
    q->end = &w.next;
    q->counts.waiting += request->images;
    pthread_cond_broadcast(&q->came);
    while (w.done < request->images)
        pthread_cond_wait(&q->done, &q->lock);
    pthread_mutex_unlock(&q->lock);
    return *w.fault ? netrt_fail(m, "%s", w.fault) : 0;
}

struct serve_counts serve_queue_counts(struct serve_queue *q)
{
    pthread_mutex_lock(&q->lock);
    const struct serve_counts counts = q->counts;
    pthread_mutex_unlock(&q->lock);
    return counts;
}
