/* Pictures with pictures of what is right, in two folders, by their names. */
#ifndef NETRT_DATA_PAIRS_H
#define NETRT_DATA_PAIRS_H

#include "../picture/image.h"

struct netrt_pair {
    char *right, *picture; /* paths; picture NULL: there is none of that name */
};

struct netrt_pairs {
    long n;
    struct netrt_pair *at; /* by the order of their names */
};

/* All pictures of folder `right`, each with that of folder `pictures` whose name is the same but
 * for its ending. netrt_pairs_release() also after a failure. */
int netrt_pairs_open(struct netrt_pairs *, const char *right, const char *pictures,
                     struct netrt_message *);
void netrt_pairs_release(struct netrt_pairs *);
/* Reads the map of labels at `path`, which is to be of that picture, and of classes below `classes`
 * but for NETRT_NO_LABEL; netrt_image_release() is the caller's, also after a failure. */
int netrt_pairs_read_labels(struct netrt_image *labels, const char *path,
                            const struct netrt_image *picture, long classes,
                            struct netrt_message *);

#endif
