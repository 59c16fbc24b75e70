/* How long the steps of a plan take on a machine. */
#ifndef NETC_PREDICT_PREDICT_H
#define NETC_PREDICT_PREDICT_H

#include "plan/plan.h"

/* What a machine does, for predictions; GB/s of all threads together. */
struct plan_rates {
    int threads;
    double ghz;           /* of cycles in which the target issues two vector multiply-adds */
    double core_gbytes;   /* from the caches of their cores */
    double cache_gbytes;  /* from the last cache */
    double full_gbytes;   /* sweeping over as much as that has */
    double memory_gbytes; /* over much more */
    int64_t core_bytes, cache_bytes; /* of a core, of the last cache */
};

/* The time of a step: computing, and moving bytes; the longer hides the other. */
struct plan_time {
    double compute_us, memory_us, us;
    double roofline_us; /* multiply-adds at the peak, or bytes at the rates, by all threads */
};

/* What the models of the plan assume of a target, of which nothing was measured; each thread reads
 * at the rate of one alone. */
struct plan_rates plan_rates_assumed(const struct target *, int threads);
/* Microseconds to move `bytes` of a set of so many, through which a program passes again and again.
 */
double plan_transfer_us(const struct plan_rates *, double bytes, double set);
struct plan_time plan_predict(const struct plan *, const struct plan_step *,
                              const struct plan_rates *);

#endif
