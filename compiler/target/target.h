/* Targets: the instruction sets that netc compiles for, and which one this machine is. */
#ifndef NETC_TARGET_TARGET_H
#define NETC_TARGET_TARGET_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum target_id {
#define TARGET(id, ...) TARGET_##id,
#include "target/targets.def"
    N_TARGETS
};

/* What one core does, rows of rates.def. */
struct target_rates {
#define RATE(name, doc, ...) double name;
#include "target/rates.def"
};

struct target {
    const char *name; /* "native" where it was asked so */
    const char *row;  /* its name in targets.def */
    int lanes, registers;
    int64_t l1, l2;
    const char *flags, *compiler;
    int processors; /* 0: not known */
    struct target_rates rates;
};

/* The row of that name, "native" being this machine's; false: no such target. What follows its last
 * '-' is short for a name: "v3". */
bool target_find(struct target *, const char *name);

/* Targets for one program, which chooses among them: most able first. */
struct targets {
    size_t n;
    struct target at[N_TARGETS];
};
/* The targets of a list "x86-64-v2+v3". NULL, or what is wrong with the list: a phrase before it.
 */
const char *targets_find(struct targets *, const char *list);
/* Makes plans for so many processors, as far as plans care. */
void target_set_processors(struct target *, int64_t n);
/* Whether its code runs on this machine. */
bool target_runs_here(const struct target *);
/* All names, for messages: "native, generic, …". */
void target_names(struct text *);

#endif
