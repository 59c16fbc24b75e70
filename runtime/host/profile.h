/* The time of each step of a network, summed over runs. */
#ifndef NETRT_HOST_PROFILE_H
#define NETRT_HOST_PROFILE_H

#include "../core/model.h"

struct netrt_message;
struct netrt_options;
struct netrt_step_clock;

/* Seconds since some moment. */
double netrt_seconds(void);

/* NULL: no memory. */
struct netrt_step_clock *netrt_step_clock_new(const struct netrt_model *);
void netrt_step_clock_free(struct netrt_step_clock *);
/* A run starts now: what to give it, where someone else, or nobody, would be told of its steps, who
 * is only asked to share. NULL gives that one. */
struct netrt_profile *netrt_step_clock_start(struct netrt_step_clock *, struct netrt_profile *);
/* Forgets the runs so far; NULL is nothing. */
void netrt_step_clock_reset(struct netrt_step_clock *);
/* What the options want: a line for each step on standard output (mean and least time, share,
 * GFLOP/s, name and kernel), and a file of comma-separated values. NULL is nothing. */
int netrt_step_clock_report(const struct netrt_step_clock *, const struct netrt_options *,
                            struct netrt_message *);

#endif
