/* Which steps of a plan share C code: tasks, functions, loops. */
#ifndef NETC_ROLL_ROLL_H
#define NETC_ROLL_ROLL_H

#include "plan/plan.h"

/* Shares the steps' tasks. */
void roll_tasks(struct plan *, struct arena *scratch);
/* Cuts the steps, whose buffers have their places, into functions with loops. */
void roll_functions(struct plan *, struct arena *scratch);

#endif
