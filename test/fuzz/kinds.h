/* The kinds of input, and what reads each. */
#ifndef NETC_FUZZ_KINDS_H
#define NETC_FUZZ_KINDS_H

#include "mutate.h"

#include <stdbool.h>

struct kind {
    const char *name;
    /* Reads the input, a file and its bytes, and goes on with it as far as it is good; true: it was
     * accepted. */
    bool (*run)(const char *path, const struct bytes *);
};

/* NULL: no such kind. */
const struct kind *kind_find(const char *name);

#endif
