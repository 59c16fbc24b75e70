/* What a plan is made for. */
#ifndef NETC_PLAN_OPTIONS_H
#define NETC_PLAN_OPTIONS_H

#include "plan/plan.h"
#include "schedule/measured.h"

struct plan_options {
    struct target target;
    int threads;  /* 0: not known */
    int winograd; /* its tile, wherever it is possible; 0: where it is faster; -1: nowhere */
    enum netrt_stored stored;    /* weights, of the kernels that read other types than f32 */
    const struct tuning *tuning; /* measured schedules, or NULL */
    int variant;                 /* 0: the best schedules; n: the n-th candidate of each layer */
    const struct plan *lead; /* of another target, whose packed weights this one reads; or NULL */
};

#endif
