/* Work between the steps of a network, which its threads share. */
#ifndef NETRT_TRAIN_SHARE_H
#define NETRT_TRAIN_SHARE_H

#include "../core/pool.h"

typedef void netrt_part(void *context, long part);

/* Does parts 0 .. n - 1, several at a time; all are done when this returns. NULL: by the caller
 * alone. */
void netrt_share(netrt_pool *, long n, netrt_part *, void *context);

#endif
