/* From a graph to a plan: the stages of planning, in order. */
#ifndef NETC_PLANNER_H
#define NETC_PLANNER_H

#include "plan/options.h"

/* Plans a graph that went through the pass pipeline; a bn that was not folded adds its weights to
 * the graph. NULL with errors in diags (a weight or arena too large, or packed weights that are not
 * those of the lead). */
struct plan *plan_make(struct arena *, struct diags *, struct graph *, const struct plan_options *);

#endif
