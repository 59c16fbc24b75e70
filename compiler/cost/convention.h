/* What people mean by "FLOPs": each convention is a weighted sum of elementary counts. The table is
 * convention.def; docs/counting.md holds each beside the tool that it is named after. */
#ifndef NETC_COST_CONVENTION_H
#define NETC_COST_CONVENTION_H

#include "cost/cost.h"

enum convention {
#define CONVENTION(id, ...) CONVENTION_##id,
#define TERM(...)
#include "cost/convention.def"
    N_CONVENTIONS
};

/* How --flops names a convention, and the sentence that tells it from the others. */
struct convention_info {
    const char *name, *doc;
};

const struct convention_info *convention_info(enum convention);
/* The convention of that name; N_CONVENTIONS: there is none. */
enum convention convention_find(const char *name);

/* What `exact` leaves out; the other conventions count as their tools do, whatever this says. */
struct count_options {
    bool no_bias;        /* the bias of conv, conv_transpose and linear */
    bool no_activations; /* relu and the other elementwise activations */
};

/* What an operator costs under a convention, for all images of its batch. False if it does not fit
 * in 63 bits. */
bool convention_count(enum convention, const struct node *, const struct count_options *,
                      int64_t *count);
/* The same, where formulas may be kept. */
struct quantity convention_explain(struct formulas *, enum convention, const struct node *,
                                   const struct count_options *);

#endif
