/* The arena of a plan: which buffers live when, and where each lies. */
#ifndef NETC_MEMORY_MEMORY_H
#define NETC_MEMORY_MEMORY_H

#include "base/diag.h"
#include "plan/plan.h"

/* Lifetimes of the buffers from the steps, then their offsets, and the three totals. False: more
 * than an arena can have (reported). */
bool memory_plan(struct plan *, struct diags *, struct arena *scratch);

/* A region and the time it lives in: what offsets are chosen from. */
struct region {
    int64_t bytes, offset;
    int first, last;
};

/* Chooses offsets such that regions which live at the same time do not overlap; returns the total.
 * The sizes' sum does not overflow. */
int64_t memory_place(struct arena *scratch, struct region *, size_t n);
/* The largest sum of sizes alive at once. */
int64_t memory_lower_bound(struct arena *scratch, const struct region *, size_t n);

#endif
