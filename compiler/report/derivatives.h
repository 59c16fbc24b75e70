/* The derivatives of a small network's loss, written out by the chain rule. */
#ifndef NETC_REPORT_DERIVATIVES_H
#define NETC_REPORT_DERIVATIVES_H

#include "driver/options.h"
#include "ir/graph.h"

/* Whether a graph as it was written, with a loss, is small enough; if not, it is reported. */
bool derivatives_are_few(const struct graph *, struct diags *);

/*
 * Prints the forward pass and the derivatives of a graph behind the pass `gradient`: a formula for
 * each scalar, and where options->weights names a checkpoint, that has the inputs beside the
 * parameters, its numbers. False: an operator without formulas, or a checkpoint that does not fit,
 * was reported.
 */
bool derivatives_print(struct text *, const struct graph *, const struct options *, struct diags *);

#endif
