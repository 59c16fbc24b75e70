#include "connections.h"

#include <stdlib.h>
#include <sys/socket.h>

void serve_connections_init(struct serve_connections *c)
{
    *c = (struct serve_connections){0};
    pthread_mutex_init(&c->lock, NULL);
}

void serve_connections_release(struct serve_connections *c)
{
    pthread_mutex_destroy(&c->lock);
}

struct serve_connection *serve_connections_open(struct serve_connections *c, int socket)
{
    struct serve_connection *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->socket = socket;
    clock_gettime(CLOCK_MONOTONIC, &made->since);
    pthread_mutex_lock(&c->lock);
    made->next = c->first;
    if (c->first)
        c->first->previous = made;
    c->first = made;
    c->n++;
    pthread_mutex_unlock(&c->lock);
    return made;
}

void serve_connections_close(struct serve_connections *c, struct serve_connection *closed)
{
    if (!closed)
        return;
    pthread_mutex_lock(&c->lock);
    if (closed->previous)
        closed->previous->next = closed->next;
    else
        c->first = closed->next;
    if (closed->next)
        closed->next->previous = closed->previous;
    c->n--;
    pthread_mutex_unlock(&c->lock);
    free(closed);
}

void serve_connections_mark(struct serve_connections *c, struct serve_connection *marked,
                            bool computing)
{
    pthread_mutex_lock(&c->lock);
    marked->computing = computing;
    clock_gettime(CLOCK_MONOTONIC, &marked->since);
    pthread_mutex_unlock(&c->lock);
}

void serve_connections_expire(struct serve_connections *c, double timeout)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&c->lock);
    for (const struct serve_connection *at = c->first; at; at = at->next) {
        const double seconds = (double)(now.tv_sec - at->since.tv_sec) +
                               (double)(now.tv_nsec - at->since.tv_nsec) * 1e-9;
        if (!at->computing && seconds > timeout)
            shutdown(at->socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&c->lock);
}

int serve_connections_count(struct serve_connections *c)
{
    pthread_mutex_lock(&c->lock);
    const int n = c->n;
    pthread_mutex_unlock(&c->lock);
    return n;
}
