/* What the files of this folder share, and nobody else. */
#ifndef NETC_ROLL_ROLLING_H
#define NETC_ROLL_ROLLING_H

#include "base/unique.h"
#include "roll/roll.h"

/* ---- loops.c ---- */

/* Of the functions: which run once, and which items are loops. */
void roll_loops(struct plan *);

/* ---- split.c ---- */

/* Cuts functions of many items into several; their names are among `names`. */
void roll_split(struct plan *, struct arena *scratch, struct unique *names);

/* ---- arguments.c ---- */

/* Decides the parameters of the functions, and the arguments of their items. */
void roll_arguments(struct plan *, struct arena *scratch);

#endif
