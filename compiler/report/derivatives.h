/* The derivatives of a small network's loss, written out by the chain rule. */
#ifndef NETC_REPORT_DERIVATIVES_H
#define NETC_REPORT_DERIVATIVES_H

#include "driver/options.h"
#include "ir/graph.h"

/*
 * Prints the forward pass and the derivatives of a graph as it was written, with a loss and
 * gradients (pass/gradient.h), which are added to it: a formula for each scalar, and where
 * options->weights names a checkpoint, that has the inputs beside the parameters, its numbers.
 * False: too many scalars, an operator without formulas, or a checkpoint that does not fit, was
 * reported.
 */
bool derivatives_print(struct text *, struct graph *, const struct options *, struct diags *);

#endif
