/* What an operator costs: pure functions of a node. docs/counting.md defines each count. */
#ifndef NETC_COST_COST_H
#define NETC_COST_COST_H

#include "ir/graph.h"

/* Of the plain definition of an operator, for all images of its batch; padding counts. */
struct counts {
    int64_t params;  /* trainable parameters */
    int64_t buffers; /* elements of running means and variances */
    int64_t mul, add, cmp, div;
    int64_t exp;  /* exp, tanh, erf, pow and sqrt */
    int64_t macs; /* multiply-accumulates of conv, conv_transpose and linear, without bias */
    int64_t bias; /* elements that a bias of those is added to; `add` holds them too */
};

/* Counts a node's operator, without a fused residual or activation. False if a count does not fit
 * in 63 bits. */
bool cost_count(const struct node *, struct counts *);

#endif
