/* The pictures that words of a command line mean. */
#ifndef NETRT_DATA_LISTING_H
#define NETRT_DATA_LISTING_H

#include "../host/message.h"

struct netrt_listing {
    long n, room;
    char **paths; /* "-": standard input */
};

/* A word is a file, "-", a folder (its pictures, by the order of their names), or @FILE: a file
 * with such a word on each line ("@-": standard input). netrt_listing_release() also after a
 * failure. Whether files are there is not looked at. */
int netrt_listing_open(struct netrt_listing *, char *const *words, int n, struct netrt_message *);
void netrt_listing_release(struct netrt_listing *);

#endif
