/* The nearest of several names, for messages. */
#ifndef NETRT_CORE_NEAREST_H
#define NETRT_CORE_NEAREST_H

#include <stddef.h>

/* Insertions, deletions and exchanges of a byte that turn one name into the other; `limit` if they
 * are not fewer. */
size_t netrt_edit_distance(const char *, const char *, size_t limit);

#endif
