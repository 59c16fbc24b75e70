#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "atomic.h"
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    POOL_LINE = 64,       /* bytes of a cache line: what threads write apart lies apart */
    POOL_SPIN_NS = 50000, /* an idle thread sleeps after this long */
    POOL_SPINS = 64,      /* polls between two looks at the clock */
    POOL_MAX_THREADS = 1024,
    POOL_STEPS = 64, /* steps handed over at once */
    POOL_SHARES = 2, /* a thread takes this part of its even share of what is left */
    POOL_TASK_BITS = 18
};

/* A step as it is handed over. Who holds a task of it may read it all; `slots` anybody. */
struct pool_step {
    alignas(POOL_LINE) netrt_task *task;
    struct netrt_args args;
    long first, n;    /* tasks */
    atomic_int slots; /* threads that may help */
};

/*
 * The thread that owns the pool fills `steps` and publishes the first; whoever finishes the last
 * task of a step publishes the next one, so that nobody waits for a thread without a task. One word
 * says all that a thread must know to take tasks: the number of the step, the first task that is
 * left, and how many are. Tasks are taken by compare-and-swap: a thread that comes late, with a
 * word read in an earlier step, gets none, and reads nothing that the caller may have taken back.
 * Threads of even slots take from the front, the others from the back: what a thread computed in a
 * step it mostly reads in the next.
 */
struct netrt_pool {
    alignas(POOL_LINE) atomic_uint_least64_t ticket;

    alignas(POOL_LINE) atomic_long done; /* tasks finished of the step */

    alignas(POOL_LINE) atomic_int sleepers; /* threads asleep, or about to be */
    atomic_bool stop;
    atomic_flag busy; /* the pool is somebody's */
    bool spin;
    int threads;
    unsigned end; /* the step after the last that was handed over; the owner's and finishers' */
    unsigned added;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct pool_worker *workers;
    struct pool_step steps[POOL_STEPS];
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

/* ---- the ticket ---- */

static const uint64_t task_mask = ((uint64_t)1 << POOL_TASK_BITS) - 1;
static const unsigned step_mask = (1U << (64 - 2 * POOL_TASK_BITS)) - 1;

static uint64_t ticket_of(unsigned step, long first, long left)
{
    return (uint64_t)step << 2 * POOL_TASK_BITS | (uint64_t)first << POOL_TASK_BITS |
           (uint64_t)left;
}

static unsigned ticket_step(uint64_t ticket)
{
    return (unsigned)(ticket >> 2 * POOL_TASK_BITS);
}

static long ticket_first(uint64_t ticket)
{
    return (long)(ticket >> POOL_TASK_BITS & task_mask);
}

static long ticket_left(uint64_t ticket)
{
    return (long)(ticket & task_mask);
}

/* Whether a thread that found nothing to do may have something now. */
static bool has_changed(struct netrt_pool *p, uint64_t seen)
{
    const uint64_t ticket = atomic_load(&p->ticket);
    return ticket_step(ticket) != ticket_step(seen) || (!ticket_left(seen) && ticket_left(ticket));
}

static bool spin(struct netrt_pool *p, uint64_t seen)
{
    const long long end = pool_now_ns() + POOL_SPIN_NS;
    do {
        for (int i = 0; i < POOL_SPINS; i++) {
            if (has_changed(p, seen))
                return true;
            pool_relax();
        }
    } while (pool_now_ns() < end);
    return false;
}

static void wait_for_change(struct netrt_pool *p, uint64_t seen)
{
    if (p->spin && spin(p, seen))
        return;
    pthread_mutex_lock(&p->mutex);
    while (!has_changed(p, seen)) {
        atomic_fetch_add(&p->sleepers, 1);
        if (!has_changed(p, seen))
            pthread_cond_wait(&p->changed, &p->mutex);
        else
            atomic_fetch_sub(&p->sleepers, 1);
    }
    pthread_mutex_unlock(&p->mutex);
}

/* Wakes who sleeps. A lock that is taken belongs to a thread on its way in or out of sleep, which
 * may have lost its processor: it is left out rather than waited for, unless it must hear this. */
static void wake(struct netrt_pool *p, bool must)
{
    if (!atomic_load(&p->sleepers))
        return;
    if (must)
        pthread_mutex_lock(&p->mutex);
    else if (pthread_mutex_trylock(&p->mutex))
        return;
    atomic_store(&p->sleepers, 0);
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mutex);
}

/* ---- steps ---- */

static struct pool_step *step_at(struct netrt_pool *p, unsigned step)
{
    return &p->steps[step % POOL_STEPS];
}

/* Lets threads take the tasks of a step, if there is one: at the end the owner must hear of it, and
 * of a step that this thread may not take, one that may. */
static void publish(struct netrt_pool *p, unsigned step, int slot)
{
    const bool is_end = step == p->end;
    const bool is_ours =
        !is_end && slot < atomic_load_explicit(&step_at(p, step)->slots, memory_order_relaxed);
    atomic_store_explicit(&p->done, 0, memory_order_relaxed);
    atomic_store(&p->ticket, ticket_of(step, 0, is_end ? 0 : step_at(p, step)->n));
    if (!is_end || slot)
        wake(p, !is_ours);
}

/* Takes `*count` tasks from `*first` of the step in `ticket`; false: there are none for it. */
static bool take_tasks(struct netrt_pool *p, uint64_t ticket, int slot, long *first, long *count)
{
    const unsigned step = ticket_step(ticket);
    if (slot >= atomic_load_explicit(&step_at(p, step)->slots, memory_order_relaxed))
        return false;
    while (ticket_step(ticket) == step && ticket_left(ticket)) {
        const long left = ticket_left(ticket), share = left / ((long)p->threads * POOL_SHARES);
        const bool from_back = slot % 2;
        *count = share > 1 ? share : 1;
        *first = ticket_first(ticket) + (from_back ? left - *count : 0);
        const long next = ticket_first(ticket) + (from_back ? 0 : *count);
        if (atomic_compare_exchange_weak_explicit(&p->ticket, &ticket,
                                                  ticket_of(step, next, left - *count),
                                                  memory_order_acq_rel, memory_order_acquire))
            return true;
    }
    return false;
}

/* The operands as the thread of that slot sees them: with scratch memory of its own. */
static struct netrt_args args_of_slot(const struct netrt_args *args, int slot)
{
    struct netrt_args own = *args;
    if (own.slots)
        own.scratch += slot * own.scratch_size;
    return own;
}

/* Runs tasks of the step in `ticket` until none is left to take; the last to finish publishes the
 * next step. False: there was none. */
static bool help(struct netrt_pool *p, uint64_t ticket, int slot)
{
    const unsigned number = ticket_step(ticket);
    long first, count, mine = 0;
    if (!take_tasks(p, ticket, slot, &first, &count))
        return false;
    const struct pool_step *step = step_at(p, number);
    const struct netrt_args args = args_of_slot(&step->args, slot);
    const long n = step->n;
    do {
        for (long i = first; i < first + count; i++)
            step->task(&args, step->first + i);
        mine += count;
        ticket = atomic_load_explicit(&p->ticket, memory_order_relaxed);
    } while (ticket_step(ticket) == number && take_tasks(p, ticket, slot, &first, &count));
    if (atomic_fetch_add(&p->done, mine) + mine == n)
        publish(p, (number + 1) & step_mask, slot);
    return true;
}

static void *pool_worker(void *argument)
{
    const struct pool_worker *worker = (const struct pool_worker *)argument;
    struct netrt_pool *p = worker->pool;
    while (!atomic_load(&p->stop)) {
        const uint64_t ticket = atomic_load(&p->ticket);
        if (!help(p, ticket, worker->slot))
            wait_for_change(p, ticket);
    }
    return NULL;
}

/* ---- the owner's side ---- */

netrt_pool *netrt_begin(netrt_pool *p)
{
    if (!p || p->threads == 1 || atomic_flag_test_and_set_explicit(&p->busy, memory_order_acquire))
        return NULL;
    return p;
}

static void add_step(struct netrt_pool *p, netrt_task *task, long first, long n,
                     const struct netrt_args *args)
{
    if (((p->added - p->end) & step_mask) == POOL_STEPS)
        netrt_wait(p);
    struct pool_step *step = step_at(p, p->added);
    step->task = task;
    step->args = *args;
    step->first = first;
    step->n = n;
    atomic_store_explicit(&step->slots, args->slots ? args->slots : p->threads,
                          memory_order_relaxed);
    p->added = (p->added + 1) & step_mask;
}

void netrt_add(netrt_pool *p, netrt_task *task, long n, const struct netrt_args *args)
{
    for (long i = 0; !p && i < n; i++)
        task(args, i);
    for (long first = 0; p && first < n; first += (long)task_mask)
        add_step(p, task, first, n - first < (long)task_mask ? n - first : (long)task_mask, args);
}

void netrt_wait(netrt_pool *p)
{
    if (!p || p->added == p->end)
        return;
    const unsigned start = p->end, end = p->added;
    p->end = end;
    publish(p, start, 0);
    for (;;) {
        uint64_t ticket = atomic_load(&p->ticket);
        if (ticket_step(ticket) == end)
            return;
        if (!help(p, ticket, 0))
            wait_for_change(p, ticket);
    }
}

void netrt_end(netrt_pool *p)
{
    netrt_wait(p);
    if (p)
        atomic_flag_clear_explicit(&p->busy, memory_order_release);
}

/* Ends the first `n` workers. */
static void stop_workers(struct netrt_pool *p, int n)
{
    atomic_store(&p->stop, true);
    pthread_mutex_lock(&p->mutex);
    atomic_store(&p->ticket, ticket_of((p->end + 1) & step_mask, 0, 0));
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mutex);
    for (int i = 0; i < n; i++)
        pthread_join(p->workers[i].thread, NULL);
}

static void pool_release(struct netrt_pool *p)
{
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->mutex);
    free(p->workers);
    free(p);
}

static struct netrt_pool *pool_alloc(int threads)
{
    struct netrt_pool *p = (struct netrt_pool *)aligned_alloc(POOL_LINE, sizeof *p);
    if (!p)
        return NULL;
    *p = (struct netrt_pool){
        .busy = ATOMIC_FLAG_INIT, .spin = threads <= netrt_processors(), .threads = threads};
    p->workers = (struct pool_worker *)calloc((size_t)threads, sizeof *p->workers);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->changed, NULL);
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

/* Signals are for the caller's threads, not for ours; but a thread's own faults are, for which the
 * caller may have handlers. */
static void signals_of_workers(sigset_t *held)
{
    static const int faults[] = {SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    sigfillset(held);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(held, faults[i]);
}

netrt_pool *netrt_pool_new(int threads)
{
    if (threads < 1 || threads > POOL_MAX_THREADS)
        return NULL;
    struct netrt_pool *p = pool_alloc(threads);
    if (!p)
        return NULL;
    sigset_t held, before;
    signals_of_workers(&held);
    pthread_sigmask(SIG_SETMASK, &held, &before);
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
