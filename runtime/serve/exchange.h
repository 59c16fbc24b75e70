/* A request over HTTP and its response: what the functions of routes.def are given. */
#ifndef NETRT_SERVE_EXCHANGE_H
#define NETRT_SERVE_EXCHANGE_H

#include "http.h"

struct MHD_Connection;

struct serve_route;

struct serve_exchange {
    struct serve_http *http;
    struct MHD_Connection *connection;
    struct serve_connection *client;
    const struct serve_route *route;
    const struct serve_network *network; /* that the path names; NULL: it names none */
    char *body;                          /* as far as it has come */
    size_t size, capacity;
    const char *allow; /* the method that the path takes, where this one it does not; NULL */
    int refused;       /* a status: the body is not kept, and this is answered at its end; 0 */
    struct netrt_message message;
};

/* How a path is served. Functions return an int: 0, or that no response could be made, on which the
 * connection is closed. */
struct serve_route {
    const char *method, *path; /* "*" in it is a network's name */
    int (*serve)(struct serve_exchange *);
};

/* The route of a method and a path, and with it the network; NULL with a status and a message. */
const struct serve_route *serve_route_find(struct serve_exchange *, const char *method,
                                           const char *path);

/* Queues a response. `data` is from malloc, and taken over; NULL: there was no memory. `header`:
 * the bytes of JSON before tensors, all of it where there are none. */
int serve_respond(struct serve_exchange *, int status, const char *type, char *data, size_t size,
                  size_t header);
/* Queues the message of an exchange as an error. */
int serve_respond_error(struct serve_exchange *, int status);
/* A header of the request; NULL: there is none. */
const char *serve_header(const struct serve_exchange *, const char *name);

#endif
