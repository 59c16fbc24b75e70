/* The socket that clients connect to. */
#ifndef NETRT_SERVE_LISTEN_H
#define NETRT_SERVE_LISTEN_H

#include "../host/message.h"

#include <stddef.h>

/* Listens at a port of an address, in numbers; port 0: any that is free. The socket is *listener.
 * Writes where that is, as the beginning of a URL. Returns 0 or an exit status. */
int serve_listen_port(const char *address, unsigned port, int *listener, char *url, size_t size,
                      struct netrt_message *);
/* Listens at a path, which this user alone may connect to. A socket that lies there already is
 * replaced, if nobody listens at it. */
int serve_listen_path(const char *path, int *listener, struct netrt_message *);

#endif
