#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    POOL_LINE = 64,        /* bytes of a cache line: what threads write apart lies apart */
    POOL_SPIN_NS = 50000,  /* an idle worker sleeps after this long */
    POOL_WAIT_NS = 200000, /* a caller sleeps when tasks take this much longer than its own */
    POOL_SPINS = 64,       /* polls between two looks at the clock */
    POOL_MAX_THREADS = 1024,
    POOL_SHARES = 8 /* a thread takes this part of its even share of what is left */
};

/*
 * A region is one call of netrt_for(). The caller writes the job, then `ticket`, then `generation`,
 * which workers watch. `ticket` holds the generation in its high half and the tasks left to take in
 * the low one: tasks are taken by compare-and-swap, so a worker that comes late, with a job read in
 * an earlier region, cannot take a task of this one. Nobody waits for a worker without a task.
 */
struct netrt_pool {
    _Alignas(POOL_LINE) atomic_uint generation;
    atomic_bool stop;
    _Atomic(netrt_task *) task;
    _Atomic(const struct netrt_args *) args;
    atomic_long n;
    atomic_int slots; /* threads that may help */

    _Alignas(POOL_LINE) _Atomic uint64_t ticket;

    _Alignas(POOL_LINE) atomic_long done; /* tasks finished in this region */
    atomic_bool caller_sleeps;

    _Alignas(POOL_LINE) atomic_int sleepers; /* workers asleep, or about to be */
    atomic_flag busy;                        /* a region is running */
    bool spin;
    int threads;
    pthread_mutex_t mutex;
    pthread_cond_t work, finished;
    struct pool_worker *workers;
};

struct pool_worker {
    pthread_t thread;
    struct netrt_pool *pool;
    int slot; /* from 1: 0 is the caller */
};

int netrt_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef CPU_COUNT
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        n = CPU_COUNT(&set);
#endif
    return n < 1 ? 1 : n > POOL_MAX_THREADS ? POOL_MAX_THREADS : (int)n;
}

static void pool_relax(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

static long long pool_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static bool has_work(struct netrt_pool *p, unsigned seen)
{
    return atomic_load_explicit(&p->generation, memory_order_acquire) != seen;
}

static bool all_done(struct netrt_pool *p, long n)
{
    return atomic_load_explicit(&p->done, memory_order_acquire) == n;
}

static void wait_for_work(struct netrt_pool *p, unsigned seen)
{
    long long end = p->spin ? pool_now_ns() + POOL_SPIN_NS : 0;
    while (p->spin && pool_now_ns() < end)
        for (int i = 0; i < POOL_SPINS; i++) {
            if (has_work(p, seen))
                return;
            pool_relax();
        }
    pthread_mutex_lock(&p->mutex);
    while (!has_work(p, seen)) {
        atomic_fetch_add(&p->sleepers, 1);
        if (atomic_load(&p->generation) == seen)
            pthread_cond_wait(&p->work, &p->mutex);
        else
            atomic_fetch_sub(&p->sleepers, 1);
    }
    pthread_mutex_unlock(&p->mutex);
}

/* The first of `*count` tasks that are now the caller's, or -1 when none is left in `generation`.
 */
static long take_tasks(struct netrt_pool *p, unsigned generation, long n, long *count)
{
    uint64_t ticket = atomic_load_explicit(&p->ticket, memory_order_relaxed);
    for (;;) {
        long left = (long)(ticket & UINT32_MAX);
        if (ticket >> 32 != generation || !left)
            return -1;
        long share = left / ((long)p->threads * POOL_SHARES);
        *count = share > 1 ? share : 1;
        if (atomic_compare_exchange_weak_explicit(&p->ticket, &ticket, ticket - (uint64_t)*count,
                                                  memory_order_acq_rel, memory_order_relaxed))
            return n - left;
    }
}

/* The operands as the thread of that slot sees them: with scratch memory of its own. */
static struct netrt_args args_of_slot(const struct netrt_args *args, int slot)
{
    struct netrt_args own = *args;
    if (own.slots)
        own.scratch += slot * own.scratch_size;
    return own;
}

/* Runs tasks of a region until none is left to take. */
static void help(struct netrt_pool *p, unsigned generation, int slot)
{
    netrt_task *task = atomic_load_explicit(&p->task, memory_order_relaxed);
    const struct netrt_args *args = atomic_load_explicit(&p->args, memory_order_relaxed);
    struct netrt_args own = {0};
    long n = atomic_load_explicit(&p->n, memory_order_relaxed), mine = 0, count, first;
    while ((first = take_tasks(p, generation, n, &count)) >= 0) {
        if (!mine) /* not before: without a task, the caller's operands may be gone */
            own = args_of_slot(args, slot);
        for (long i = first; i < first + count; i++)
            task(&own, i);
        mine += count;
    }
    if (!mine || atomic_fetch_add(&p->done, mine) + mine < n || !atomic_load(&p->caller_sleeps))
        return;
    pthread_mutex_lock(&p->mutex);
    pthread_cond_signal(&p->finished);
    pthread_mutex_unlock(&p->mutex);
}

static void *pool_worker(void *argument)
{
    const struct pool_worker *worker = argument;
    struct netrt_pool *p = worker->pool;
    unsigned seen = 0;
    for (;;) {
        wait_for_work(p, seen);
        seen = atomic_load_explicit(&p->generation, memory_order_acquire);
        if (atomic_load(&p->stop))
            return NULL;
        if (worker->slot < atomic_load_explicit(&p->slots, memory_order_relaxed))
            help(p, seen, worker->slot);
    }
}

/* Waits for tasks that workers hold: they may have lost their processor. */
static void wait_until_done(struct netrt_pool *p, long n)
{
    if (all_done(p, n))
        return;
    long long end = p->spin ? pool_now_ns() + POOL_WAIT_NS : 0;
    while (p->spin && pool_now_ns() < end)
        for (int i = 0; i < POOL_SPINS; i++) {
            if (all_done(p, n))
                return;
            pool_relax();
        }
    pthread_mutex_lock(&p->mutex);
    atomic_store(&p->caller_sleeps, true);
    while (atomic_load(&p->done) != n)
        pthread_cond_wait(&p->finished, &p->mutex);
    atomic_store(&p->caller_sleeps, false);
    pthread_mutex_unlock(&p->mutex);
}

/* Wakes who sleeps. A lock that is taken belongs to a worker on its way in or out of sleep, which
 * may have lost its processor: it is left out rather than waited for. */
static void wake_workers(struct netrt_pool *p)
{
    if (!atomic_load(&p->sleepers) || pthread_mutex_trylock(&p->mutex))
        return;
    atomic_store(&p->sleepers, 0);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->mutex);
}

static void run_region(struct netrt_pool *p, netrt_task *task, long n,
                       const struct netrt_args *args)
{
    unsigned generation = atomic_load_explicit(&p->generation, memory_order_relaxed) + 1;
    atomic_store_explicit(&p->task, task, memory_order_relaxed);
    atomic_store_explicit(&p->args, args, memory_order_relaxed);
    atomic_store_explicit(&p->n, n, memory_order_relaxed);
    atomic_store_explicit(&p->slots, args->slots ? args->slots : p->threads, memory_order_relaxed);
    atomic_store_explicit(&p->done, 0, memory_order_relaxed);
    atomic_store_explicit(&p->ticket, (uint64_t)generation << 32 | (uint64_t)n,
                          memory_order_release);
    atomic_store(&p->generation, generation);
    wake_workers(p);
    help(p, generation, 0);
    wait_until_done(p, n);
}

void netrt_for(netrt_pool *p, netrt_task *task, long n, const struct netrt_args *args)
{
    bool shared = p && p->threads > 1 && n > 1 && n <= INT32_MAX;
    if (shared && !atomic_flag_test_and_set_explicit(&p->busy, memory_order_acquire)) {
        run_region(p, task, n, args);
        atomic_flag_clear_explicit(&p->busy, memory_order_release);
        return;
    }
    for (long i = 0; i < n; i++)
        task(args, i);
}

/* Ends the first `n` workers. */
static void stop_workers(struct netrt_pool *p, int n)
{
    atomic_store(&p->stop, true);
    pthread_mutex_lock(&p->mutex);
    atomic_fetch_add(&p->generation, 1);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->mutex);
    for (int i = 0; i < n; i++)
        pthread_join(p->workers[i].thread, NULL);
}

static void pool_release(struct netrt_pool *p)
{
    pthread_cond_destroy(&p->finished);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->mutex);
    free(p->workers);
    free(p);
}

static struct netrt_pool *pool_alloc(int threads)
{
    struct netrt_pool *p = aligned_alloc(POOL_LINE, sizeof *p);
    if (!p)
        return NULL;
    *p = (struct netrt_pool){
        .threads = threads, .spin = threads <= netrt_processors(), .busy = ATOMIC_FLAG_INIT};
    p->workers = calloc((size_t)threads, sizeof *p->workers);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->finished, NULL);
    if (p->workers)
        return p;
    pool_release(p);
    return NULL;
}

/* Starts as many workers as the system gives, up to `n`. */
static int start_workers(struct netrt_pool *p, int n)
{
    int i = 0;
    while (i < n) {
        p->workers[i].pool = p;
        p->workers[i].slot = i + 1;
        if (pthread_create(&p->workers[i].thread, NULL, pool_worker, &p->workers[i]))
            break;
        i++;
    }
    return i;
}

netrt_pool *netrt_pool_new(int threads)
{
    if (threads < 1 || threads > POOL_MAX_THREADS)
        return NULL;
    struct netrt_pool *p = pool_alloc(threads);
    if (!p)
        return NULL;
    sigset_t all, before; /* signals are for the caller's threads, not for ours */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int started = start_workers(p, threads - 1);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started == threads - 1)
        return p;
    stop_workers(p, started);
    pool_release(p);
    return NULL;
}

void netrt_pool_free(netrt_pool *p)
{
    if (!p)
        return;
    stop_workers(p, p->threads - 1);
    pool_release(p);
}

int netrt_pool_threads(const netrt_pool *p)
{
    return p ? p->threads : 1;
}
