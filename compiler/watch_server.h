/* A server of one page, and of a number that says when it is another. */
#ifndef NETC_WATCH_SERVER_H
#define NETC_WATCH_SERVER_H

#include "base/diag.h"

#include <stdint.h>

/* What is served: whoever made it changes it between calls of watch_server_wait(). */
struct watch_content {
    const char *frame;   /* at /, HTML that shows the others */
    const char *report;  /* at /report; where it could not be made, messages as plain text */
    const char *version; /* at /version: of the report, a text */
    bool is_html;        /* the report */
};

struct watch_server;

/* Listens on 127.0.0.1, for 0 at a port that is free; `*port` then says which. NULL: it cannot
 * (reported). */
struct watch_server *watch_server_start(struct arena *, struct diags *, uint16_t *port,
                                        const struct watch_content *);
/* Answers what comes within so many milliseconds. */
void watch_server_wait(struct watch_server *, int milliseconds);
void watch_server_stop(struct watch_server *);

#endif
