/* A rule of make: what is made, and the files that it is made of (-M). Names come from
 * descriptions, so that none of them may become anything else in a makefile. */
#ifndef NETC_DRIVER_DEPEND_H
#define NETC_DRIVER_DEPEND_H

#include "base/diag.h"
#include "base/text.h"

struct depend {
    struct diags *diags;
    struct text rule;
    bool fits;
};

void depend_begin(struct depend *, struct arena *, struct diags *, const char *target);
void depend_add(struct depend *, const char *file);
/* The rule; NULL: a name cannot be written in it (reported). */
const struct text *depend_end(struct depend *);

#endif
