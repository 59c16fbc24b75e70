/* The roofline: what bounds an operator on a machine, and how long it takes at least. */
#ifndef NETC_COST_ROOFLINE_H
#define NETC_COST_ROOFLINE_H

#include "cost/machine.h"
#include "ir/graph.h"

enum bound { BOUND_compute, BOUND_memory };

/* Work of an operator: of the graph as written, or of the plan with what was fused into it. */
struct work {
    double flops; /* mul + add + cmp + div + exp */
    double bytes; /* operands, result and weights, each once */
};

struct roofline {
    double intensity; /* operations per byte */
    enum bound bound;
    double us;
};

const char *bound_name(enum bound);
/* A node's work, with its fused residual and activation. False: a count does not fit. */
bool node_work(const struct node *, struct work *);
/* By one thread, or by all of the machine's. */
struct roofline roofline(const struct machine *, const struct work *, bool all_threads);

#endif
