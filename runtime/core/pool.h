/*
 * Threads. A pool runs the tasks of one kernel at a time: the caller's thread works too, tasks are
 * taken dynamically, and when netrt_for() returns all of them are done. Idle workers spin for a
 * bounded time, then sleep. Which thread runs a task never changes a result.
 */
#ifndef NETRT_CORE_POOL_H
#define NETRT_CORE_POOL_H

#include "model.h"
#include "../kernels/shapes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A pool of `threads` threads, the caller's among them (1 to 1024). NULL: no memory, or the system
 * gives no thread. */
netrt_pool *netrt_pool_new(int threads);
/* Ends the workers; NULL is nothing. */
void netrt_pool_free(netrt_pool *);
/* Its threads; 1 for NULL. */
int netrt_pool_threads(const netrt_pool *);
/* Processors this process may use. */
int netrt_processors(void);

/* Runs task 0 .. n - 1 over `args`. With no pool, or one that is running another thread's tasks,
 * all run on the caller's thread. */
void netrt_for(netrt_pool *, netrt_task *, long n, const struct netrt_args *args);

#ifdef __cplusplus
}
#endif

#endif
