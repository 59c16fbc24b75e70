/* The protocol's paths over HTTP. libmicrohttpd reads and writes it: a server in C that is kept up,
 * packaged, small, and made for a program to have within it. */
#ifndef NETRT_SERVE_HTTP_H
#define NETRT_SERVE_HTTP_H

#include "connections.h"
#include "service.h"

struct MHD_Daemon;

struct serve_http {
    struct serve_service *service;
    struct serve_connections connections;
    struct MHD_Daemon *daemon;
};

/* Serves at a socket, which it takes over: a thread for each connection. Returns 0 or an exit
 * status. */
int serve_http_start(struct serve_http *, struct serve_service *, int listener,
                     struct netrt_message *);
/* Takes no more connections. */
void serve_http_close(struct serve_http *);
/* Waits for what is being computed, and closes all connections. */
void serve_http_stop(struct serve_http *);

#endif
