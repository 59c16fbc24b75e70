/* The connections that are open, and since when each is what it is: a client that takes too long to
 * send a request or to take an answer, however evenly it sends, is cut off. */
#ifndef NETRT_SERVE_CONNECTIONS_H
#define NETRT_SERVE_CONNECTIONS_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

struct serve_connection {
    int socket;
    struct timespec since;
    bool computing; /* it waits for this server, not the server for it */
    struct serve_connection *previous, *next;
};

struct serve_connections {
    pthread_mutex_t lock; /* of all below, and of the connections */
    struct serve_connection *first;
    int n;
};

void serve_connections_init(struct serve_connections *);
/* All connections are closed before. */
void serve_connections_release(struct serve_connections *);

/* NULL: no memory. */
struct serve_connection *serve_connections_open(struct serve_connections *, int socket);
/* Before the socket is closed; NULL is nothing. */
void serve_connections_close(struct serve_connections *, struct serve_connection *);
/* The client's time begins anew, or is over while the server computes. */
void serve_connections_mark(struct serve_connections *, struct serve_connection *, bool computing);
/* Shuts those down whose client has had more than `timeout` seconds. */
void serve_connections_expire(struct serve_connections *, double timeout);
int serve_connections_count(struct serve_connections *);

#endif
