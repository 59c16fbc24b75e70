/* How long a step of training takes: on one machine, and shared by the ranks of several. */
#ifndef NETC_PREDICT_STEP_H
#define NETC_PREDICT_STEP_H

#include "predict/predict.h"

/* What a step moves besides its runs, in bytes; all of float. */
struct step_bytes {
    int64_t params, packed; /* the parameters, and the same as kernels read them */
    int64_t gradients;      /* of a run's results that are gradients */
    int64_t states;         /* what the optimizer keeps */
};

/* Microseconds. */
struct step_time {
    double pack_us;   /* before each run: its weights are packed */
    double run_us;    /* a run there and back */
    double add_us;    /* behind each of several: its gradients are added to the step's */
    double update_us; /* behind the last one: the optimizer changes the parameters */
};

/* What lies between machines: what each sends, and receives, at a time; from one to another. */
struct step_link {
    double gbytes, latency_us;
};

/* A step whose runs are shared by ranks. */
struct ranks_time {
    int64_t runs;       /* of the rank that has most */
    double exchange_us; /* until gradients are summed, behind the last run's end */
    double us;
};

/* A step of so many runs of the plan, which has gradients, by one machine. */
struct step_time predict_step(const struct plan *, const struct plan_rates *,
                              const struct step_bytes *, int64_t runs);
/* The same by `ranks` machines of these rates, 1 to `runs`: they sum their gradients in buckets, as
 * runtime/train/ranks.c does, while the backward pass of their last run goes on. A rank waits for
 * ranks - 1 messages of its share of a bucket, twice. */
struct ranks_time predict_ranks(struct arena *, const struct plan *, const struct plan_rates *,
                                const struct step_time *, const struct step_link *, int64_t runs,
                                int64_t ranks);

#endif
