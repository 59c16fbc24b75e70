/* What the command line says of pictures, whatever file a network comes from: --prepare, --labels.
 */
#ifndef NETC_PREPARE_H
#define NETC_PREPARE_H

#include "sema/elaborate.h"

struct prepare {
    struct arena *arena;
    struct strings *strings;
    struct sources *sources;
    struct diags *diags;
    const struct elaborate_options *options;
    const char *steps;  /* as in the braces of an input, perhaps with "NAME=" before; or NULL */
    const char *labels; /* a file, or NULL */
    bool wrong_call;    /* false */
};

/* Gives a graph both, in place of its own. Errors are in `diags`; false: the command line is at
 * fault. */
bool prepare_graph(struct prepare *, struct graph *);

#endif
