/* Which results a program for training keeps, and which it computes again. */
#ifndef NETC_RECOMPUTE_H
#define NETC_RECOMPUTE_H

#include "driver/options.h"
#include "plan/plan.h"

struct recompute {
    struct arena *arena;
    const struct options *options;
    /* The plan of the program that keeps what row `keep` of the curve of checkpoints says; NULL:
     * there is none. */
    const struct plan *(*plan)(void *context, int64_t keep);
    void *context;
    const char *problem, *value, *hint; /* of a wrong call */
};

/* Sets *keep to the row that --recompute names of the graph as it was written, or to the one with
 * the fewest multiply-accumulates done again of those whose program takes no more than --memory:
 * one of the two is given. 1, where all are kept, if there is no plan. False: the call is wrong. */
bool recompute_choose(struct recompute *, const struct graph *, int64_t *keep);

#endif
