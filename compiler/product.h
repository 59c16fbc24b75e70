/* What netc makes of a plan: C files, a library, an executable. */
#ifndef NETC_PRODUCT_H
#define NETC_PRODUCT_H

#include "core/weights.h"
#include "driver/options.h"
#include "plan/plan.h"

struct product {
    struct arena *arena;
    struct diags *diags;
    const struct options *options;
    const char *name;              /* the net's */
    const struct plan *plan;       /* NULL: there is none yet */
    const struct plan *evaluation; /* of a program for training: what it evaluates by; or NULL */
    const char *resources;
    struct netrt_source *own; /* weights of the network's own file; NULL: it holds none */
};

/* What is made, as a make rule calls it: NAME, NAME.c, libNAME.a, libNAME.so or NAME.onnx, or where
 * text goes. */
const char *product_path(const struct product *);

/* Whether programs for it run on another machine than netc does. */
bool product_is_foreign(const struct target *);

/* NAME.c and NAME.h (and NAME.weights), or NAME.c alone for a single file and for -o -. */
bool product_c(const struct product *);
/* libNAME.a, or libNAME.so, and NAME.h. */
bool product_library(const struct product *);
/* NAME. */
bool product_executable(const struct product *);

#endif
