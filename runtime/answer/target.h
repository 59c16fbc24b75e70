/* Where pictures are written: one to a file, or each of many to a folder. */
#ifndef NETRT_ANSWER_TARGET_H
#define NETRT_ANSWER_TARGET_H

#include "../data/listing.h"

#include <stdbool.h>

struct netrt_target {
    const char *option, *path; /* as it was given */
    bool folder;
};

/* Finds out what a path is: a file where it ends in .png, or is a device; else a folder, which is
 * made if there is none. Fails where two of the pictures would be written to one file, or one over
 * a picture that is read. */
int netrt_target_open(struct netrt_target *, const struct netrt_listing *, struct netrt_message *);
/* The path for a picture, from malloc; NULL: no memory. */
char *netrt_target_path(const struct netrt_target *, const char *picture);

#endif
