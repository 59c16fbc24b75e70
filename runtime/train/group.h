/*
 * The processes that train a network together, its ranks: each makes some of a step's runs, and
 * their gradients are summed. One process alone is a group too. All ranks call these functions in
 * the same order.
 */
#ifndef NETRT_TRAIN_GROUP_H
#define NETRT_TRAIN_GROUP_H

#include "../host/message.h"

#include <stdbool.h>

/* The functions return 0, or NETRT_FAILED where a rank has ended: then no other one works any more,
 * and `broken` says so. */
struct netrt_group {
    int rank, size;
    bool broken;
    /* all[r * n] and on: the n numbers of rank r. Not of a process alone. */
    int (*gather)(struct netrt_group *, const double *mine, int n, double *all);
    /* Starts to sum n floats over the ranks, in their order: the same bits on each. They are the
     * group's until sum_end(), which waits for all sums; sum_poll() does what needs no waiting. */
    int (*sum_begin)(struct netrt_group *, float *data, long n);
    int (*sum_poll)(struct netrt_group *);
    int (*sum_end)(struct netrt_group *);
    /* Those of rank 0, on each. */
    int (*spread)(struct netrt_group *, float *data, long n);
};

struct netrt_group netrt_group_alone(void);

/* Sums n numbers over the ranks, in their order; n is 8 at most. */
int netrt_group_add(struct netrt_group *, double *numbers, int n);
/* 0 where that is the status of all ranks. Else the first one that failed keeps its message, and
 * those of the others are emptied. */
int netrt_group_agree(struct netrt_group *, int status, struct netrt_message *);

#endif
