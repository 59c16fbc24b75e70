/* Names that are given out once each. */
#ifndef NETC_BASE_UNIQUE_H
#define NETC_BASE_UNIQUE_H

#include "base/map.h"
#include "base/text.h"

struct unique {
    struct strings *strings;
    struct map last; /* by interned name: 1 if it is taken, or the last number tried behind it */
};

void unique_init(struct unique *, struct arena *);
bool unique_has(const struct unique *, const char *name);
void unique_take(struct unique *, const char *name);
/* Takes `wanted`, or else the first of wanted_2, wanted_3, … that is neither taken nor refused by
 * `refuses` (NULL: refuses none). Returns what it took. */
const char *unique_add(struct unique *, const char *wanted,
                       bool (*refuses)(const void *context, const char *name), const void *context);

#endif
