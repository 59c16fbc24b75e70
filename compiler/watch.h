/* --watch: the page of a report on the loopback interface, made anew when a file changes. */
#ifndef NETC_WATCH_H
#define NETC_WATCH_H

#include "base/diag.h"
#include "driver/options.h"

/* Serves until a signal ends the process. False: it could not begin (reported). */
bool watch(struct arena *, struct diags *, const struct options *);

#endif
