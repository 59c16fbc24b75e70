/* From operators to the steps of a plan, with the places of their operands and packed weights. */
#ifndef NETC_LOWER_LOWER_H
#define NETC_LOWER_LOWER_H

#include "base/diag.h"
#include "plan/options.h"

/* Appends the steps of a graph that went through the pass pipeline to an empty plan of it, with
 * buffers and packed weights; a bn that was not folded adds its weights to the graph. False: an
 * error was reported. */
bool lower_graph(struct plan *, struct graph *, struct diags *, struct arena *scratch,
                 const struct plan_options *);

/* ---- weights.c ---- */

/* Whether the packed weights are those of the lead; if not, that is netc's own fault. */
bool weights_agree(const struct plan *, const struct plan *lead);
/* Warns where a type was asked for that no weights are stored as. */
void weights_check_stored(const struct plan *, struct diags *, enum netrt_stored);

#endif
