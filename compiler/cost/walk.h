/* The backward walk over a graph or a part of it: inside the cost model. */
#ifndef NETC_COST_WALK_H
#define NETC_COST_WALK_H

#include "cost/saved.h"

struct gradient;

struct walk {
    const struct graph *graph;
    struct arena *arena;
    struct storages storages;
    bool *learns;              /* by id: a gradient passes it, for a parameter lies before */
    struct gradient **pending; /* by id: the gradient of its result so far */
    struct gradient *unused;   /* those that are no longer alive, for new ones */
    uint32_t *keepers;         /* by root id: the first node of the part that keeps it, plus one */
    uint32_t first, end;       /* the part: nodes first ≤ id < end */

    int64_t alive, gradients; /* now: saved and gradients, gradients alone */
    int64_t saved;            /* at the start of the part's walk */
    int64_t peak, peak_gradients;
    const struct node *peak_at;
};

/* False: the sums of a walk may not fit in 63 bits. */
bool walk_init(struct walk *, struct arena *, const struct graph *);
/* The whole graph, from the gradients of its outputs. */
void walk_all(struct walk *);
/* The nodes behind `from`, up to `last`, from the gradient of `last`, on top of `base` bytes, which
 * hold the tensors up to `from`. */
void walk_part(struct walk *, uint32_t from, uint32_t last, int64_t base);

#endif
