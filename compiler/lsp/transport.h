/* Messages with their lengths before them, over file descriptors. */
#ifndef NETC_LSP_TRANSPORT_H
#define NETC_LSP_TRANSPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct transport {
    int in, out;
    char *bytes; /* read, but not yet a message: [at, n) */
    size_t at, n, capacity;
};

enum received {
    RECEIVED_message,
    RECEIVED_end,   /* of the stream, between messages */
    RECEIVED_broken /* no length, or one that nothing follows: what comes next cannot be found */
};

void transport_init(struct transport *, int in, int out);
void transport_release(struct transport *);
/* Waits for the next message: *size bytes at *message, until the next call. */
enum received transport_receive(struct transport *, const char **message, size_t *size);
/* Whether something can be read without waiting. */
bool transport_pending(const struct transport *);
/* Sends a message, and drops it. False: nobody reads. */
bool transport_send(struct transport *, json_t *);

#endif
