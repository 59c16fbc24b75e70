/* What the pass `gradient` needs, and may refuse. */
#ifndef NETC_PASS_GRADIENT_H
#define NETC_PASS_GRADIENT_H

#include "ir/graph.h"

/*
 * Gives a graph without a loss that of its output of classes: the mean cross entropy with an input
 * `labels`, [N, 1] whole numbers, as an output `loss`. Reports a graph without such an output.
 */
bool gradient_add_loss(struct graph *, struct diags *);

/* Reports what stands between a parameter and the loss and has no gradient, each operator once, and
 * a graph without a loss. The pass does nothing where this is false. */
bool gradient_check(const struct graph *, struct diags *);

#endif
