/*
 * Threads. A pool runs the steps of a network, one after the other: the caller's thread works too,
 * tasks are taken dynamically. Idle threads spin for a bounded time, then sleep. Which thread runs
 * a task never changes a result.
 */
#ifndef NETRT_CORE_POOL_H
#define NETRT_CORE_POOL_H

#include "model.h"
#include "../kernels/shapes.h"

/* Arguments for the call that they stand in, `.in = x, .out = y`. C++ takes no address of what
 * lives no longer, but a reference to it is as good. */
#ifdef __cplusplus
#define NETRT_ARGS(...) (&(const struct netrt_args &)(struct netrt_args){__VA_ARGS__})
#else
#define NETRT_ARGS(...) (&(const struct netrt_args){__VA_ARGS__})
#endif

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

/*
 * A region: steps that follow each other, each of which is tasks 0 .. n - 1 over `args`. All tasks
 * of a step are done before one of the next begins. netrt_begin() gives the pool to the caller's
 * thread until netrt_end(); NULL: with no pool, or one that is another thread's, steps are run by
 * the caller alone, as they are added.
 */
netrt_pool *netrt_begin(netrt_pool *);
/* Adds a step. It may run at any time until netrt_wait() or netrt_end(); `args` is copied. */
void netrt_add(netrt_pool *region, netrt_task *, long n, const struct netrt_args *args);
/* All steps that were added are done when this returns. */
void netrt_wait(netrt_pool *region);
/* The same, and the pool is free. */
void netrt_end(netrt_pool *region);

#ifdef __cplusplus
}
#endif

#endif
