#include "service.h"

#include <stdlib.h>

int serve_service_init(struct serve_service *s, const struct serve_networks *networks,
                       const struct serve_queue_options *options, const struct serve_limits *limits,
                       struct netrt_message *m)
{
    const size_t n = (size_t)networks->n;
    int status = 0;
    *s = (struct serve_service){.networks = *networks, .limits = *limits};
    pthread_mutex_init(&s->lock, NULL);
    s->queues = calloc(n + 1, sizeof(struct serve_queue *));
    s->outcomes = calloc(n + 1, sizeof *s->outcomes);
    if (!s->queues || !s->outcomes)
        return netrt_fail(m, "out of memory");
    for (size_t i = 0; i < n && !status; i++) {
        s->queues[i] = serve_queue_new(&networks->at[i], options, m);
        status = s->queues[i] ? 0 : NETRT_FAILED;
    }
    return status;
}

void serve_service_release(struct serve_service *s)
{
    for (int i = 0; s->queues && i < s->networks.n; i++)
        serve_queue_free(s->queues[i]);
    free((void *)s->queues);
    free(s->outcomes);
    pthread_mutex_destroy(&s->lock);
    serve_networks_release(&s->networks);
}

void serve_service_begin(struct serve_service *s)
{
    pthread_mutex_lock(&s->lock);
    s->active++;
    pthread_mutex_unlock(&s->lock);
}

void serve_service_end(struct serve_service *s)
{
    pthread_mutex_lock(&s->lock);
    s->active--;
    pthread_mutex_unlock(&s->lock);
}

void serve_service_close(struct serve_service *s)
{
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_mutex_unlock(&s->lock);
}

bool serve_service_ready(struct serve_service *s)
{
    pthread_mutex_lock(&s->lock);
    const bool ready = !s->ending;
    pthread_mutex_unlock(&s->lock);
    return ready;
}

int serve_service_active(struct serve_service *s)
{
    pthread_mutex_lock(&s->lock);
    const int active = s->active;
    pthread_mutex_unlock(&s->lock);
    return active;
}

bool serve_service_hold(struct serve_service *s, size_t bytes)
{
    pthread_mutex_lock(&s->lock);
    const bool fits = bytes <= SERVE_MAX_HELD * s->limits.request - s->held;
    if (fits)
        s->held += bytes;
    pthread_mutex_unlock(&s->lock);
    return fits;
}

void serve_service_drop(struct serve_service *s, size_t bytes)
{
    pthread_mutex_lock(&s->lock);
    s->held -= bytes;
    pthread_mutex_unlock(&s->lock);
}

static void count_time(struct serve_outcomes *o, double seconds)
{
    static const double bounds[] = SERVE_TIME_BOUNDS;
    int i = 0;
    while (i < SERVE_N_TIMES - 1 && seconds > bounds[i])
        i++;
    o->times[i]++;
    o->seconds += seconds;
}

void serve_service_count(struct serve_service *s, const struct serve_network *network,
                         bool answered, double seconds)
{
    struct serve_outcomes *o = network ? &s->outcomes[network - s->networks.at] : NULL;
    pthread_mutex_lock(&s->lock);
    if (!o)
        s->other++;
    else if (answered)
        o->answered++, count_time(o, seconds);
    else
        o->refused++;
    pthread_mutex_unlock(&s->lock);
}
