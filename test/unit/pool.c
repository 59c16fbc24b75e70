/*
 * Threads: every task runs once and is finished when run_all() returns, with any number of
 * threads and tasks, in regions that follow at once or after sleep, and from two callers.
 */
#include "check.h"
#include "runtime/core/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_TASKS = 1000, STRIDE = 16, TASKS = 40 };

static void add_one(const struct netrt_args *args, long task)
{
    args->out[task * STRIDE] += 1;
}

/* Tasks of different lengths: some thread is always late. */
static void add_one_slowly(const struct netrt_args *args, long task)
{
    volatile float sum = 0;
    for (long i = 0; i < task % 7 * 300; i++)
        sum = sum + 1;
    args->out[task * STRIDE] += sum >= 0 ? 1 : 0;
}

static void run_all(netrt_pool *pool, netrt_task *task, long n, const struct netrt_args *args)
{
    netrt_pool *region = netrt_begin(pool);
    netrt_add(region, task, n, args);
    netrt_end(region);
}

static int all_equal(const float *out, long n, float value)
{
    int equal = 1;
    for (long i = 0; i < MAX_TASKS; i++)
        equal &= out[i * STRIDE] == (i < n ? value : 0);
    return equal;
}

static void test_counts(struct check *c, netrt_pool *pool)
{
    static const long counts[] = {0, 1, 2, 3, 7, 64, MAX_TASKS};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        float *out = calloc(MAX_TASKS * STRIDE, sizeof *out);
        struct netrt_args args = {.out = out};
        for (int i = 0; i < 20; i++)
            run_all(pool, i % 2 ? add_one : add_one_slowly, counts[k], &args);
        CHECK(c, all_equal(out, counts[k], 20));
        free(out);
    }
}

/* Many small regions, a new job each: a worker that comes late must not take its tasks. */
static void test_stress(struct check *c, netrt_pool *pool)
{
    float *out = calloc(3 * MAX_TASKS * STRIDE, sizeof *out);
    for (int i = 0; i < 30000; i++) {
        struct netrt_args args = {.out = out + i % 3 * MAX_TASKS * STRIDE};
        run_all(pool, add_one, 1 + i % 3, &args);
    }
    for (int k = 0; k < 3; k++)
        CHECK(c, all_equal(out + k * MAX_TASKS * STRIDE, k + 1, 10000));
    free(out);
}

/* Long enough between regions that the workers sleep. */
static void test_sleep(struct check *c, netrt_pool *pool)
{
    float *out = calloc(MAX_TASKS * STRIDE, sizeof *out);
    struct netrt_args args = {.out = out};
    for (int i = 0; i < 50; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        run_all(pool, add_one_slowly, 50, &args);
    }
    CHECK(c, all_equal(out, 50, 50));
    free(out);
}

/* Element `task` and its neighbours of `in`, into `out`: wrong where a neighbour is not written. */
static void add_neighbours(const struct netrt_args *args, long task)
{
    const float *in = args->in + task * STRIDE;
    args->out[task * STRIDE] = (in[0] + in[-STRIDE] + in[STRIDE]) / 3 + 1;
}

/* Keeps the elements before the first and after the last of add_neighbours() equal to the first. */
static void copy_to_ends(const struct netrt_args *args, long task)
{
    (void)task;
    args->out[0] = args->out[(TASKS + 1) * STRIDE] = args->out[STRIDE];
}

/* A step reads what other threads wrote in the one before; more steps than are handed over at once.
 */
static void test_steps(struct check *c, netrt_pool *pool)
{
    enum { STEPS = 301 };
    float *x[2];
    for (int i = 0; i < 2; i++)
        x[i] = calloc((MAX_TASKS + 2) * STRIDE, sizeof *x[i]);
    for (int run = 0; run < 20; run++) {
        memset(x[0], 0, (TASKS + 2) * STRIDE * sizeof *x[0]);
        netrt_pool *region = netrt_begin(pool);
        for (int i = 0; i < STEPS; i++) {
            struct netrt_args ends = {.out = x[i % 2]};
            struct netrt_args args = {.out = x[(i + 1) % 2] + STRIDE, .in = x[i % 2] + STRIDE};
            netrt_add(region, copy_to_ends, 1, &ends);
            netrt_add(region, add_neighbours, TASKS, &args);
        }
        netrt_end(region);
    }
    for (long i = 1; i <= TASKS; i++)
        CHECK(c, x[STEPS % 2][i * STRIDE] == STEPS);
    for (int i = 0; i < 2; i++)
        free(x[i]);
}

/* Steps that only two threads may take, between others that all do: whoever hands one over and may
 * not take it must wake one that may. */
static void test_slots(struct check *c, netrt_pool *pool)
{
    enum { STEPS = 60, RUNS = 400 };
    float *out = calloc(MAX_TASKS * STRIDE, sizeof *out);
    struct netrt_args all = {.out = out}, two = {.out = out, .scratch = out, .slots = 2};
    for (int run = 0; run < RUNS; run++) {
        netrt_pool *region = netrt_begin(pool);
        for (int i = 0; i < STEPS; i++)
            netrt_add(region, add_one_slowly, i % 2 ? 2 : 7, i % 2 ? &two : &all);
        netrt_end(region);
    }
    for (long i = 0; i < 7; i++)
        CHECK(c, out[i * STRIDE] == (float)(RUNS * (i < 2 ? STEPS : STEPS / 2)));
    free(out);
}

struct caller {
    netrt_pool *pool;
    float *out;
};

static void *call_often(void *argument)
{
    struct caller *caller = argument;
    struct netrt_args args = {.out = caller->out};
    for (int i = 0; i < 500; i++)
        run_all(caller->pool, add_one_slowly, 40, &args);
    return NULL;
}

/* Two threads share a pool: one of them works alone whenever it is busy. */
static void test_two_callers(struct check *c, netrt_pool *pool)
{
    pthread_t thread;
    struct caller callers[2];
    for (int i = 0; i < 2; i++)
        callers[i] = (struct caller){pool, calloc(MAX_TASKS * STRIDE, sizeof(float))};
    CHECK(c, !pthread_create(&thread, NULL, call_often, &callers[0]));
    call_often(&callers[1]);
    pthread_join(thread, NULL);
    for (int i = 0; i < 2; i++) {
        CHECK(c, all_equal(callers[i].out, 40, 500));
        free(callers[i].out);
    }
}

/* Counts in its scratch memory: wrong where two threads have the same. */
static void use_scratch(const struct netrt_args *args, long task)
{
    float before = *args->scratch;
    add_one_slowly(args, task);
    *args->scratch = before + 1;
}

/* No two threads share a piece of scratch memory, and none is used beyond `slots`. */
static void test_scratch(struct check *c, netrt_pool *pool)
{
    enum { SLOTS = 2, MANY = 300 };
    float *out = calloc(MAX_TASKS * STRIDE, sizeof *out);
    float scratch[(SLOTS + 1) * STRIDE] = {0};
    const struct netrt_args args = {
        .out = out, .scratch = scratch, .scratch_size = STRIDE, .slots = SLOTS};
    netrt_pool *region = netrt_begin(pool);
    for (int i = 0; i < 100; i++)
        netrt_add(region, use_scratch, MANY, &args);
    netrt_end(region);
    CHECK(c, all_equal(out, MANY, 100));
    CHECK(c, scratch[0] + scratch[STRIDE] == 100 * MANY && scratch[SLOTS * STRIDE] == 0);
    free(out);
}

struct inner {
    netrt_pool *pool;
    float *out;
};

static void begin_again(const struct netrt_args *args, long task)
{
    const struct inner *inner = (const struct inner *)(const void *)args->in;
    const struct netrt_args own = {.out = inner->out + task * STRIDE};
    run_all(inner->pool, add_one, 1, &own);
}

/* A task may use its own pool: it works alone. */
static void test_nested(struct check *c, netrt_pool *pool)
{
    struct inner inner = {pool, calloc(MAX_TASKS * STRIDE, sizeof(float))};
    const struct netrt_args args = {.in = (const float *)(const void *)&inner};
    for (int i = 0; i < 50; i++)
        run_all(pool, begin_again, 90, &args);
    CHECK(c, all_equal(inner.out, 90, 50));
    free(inner.out);
}

/* More tasks than a ticket counts. */
static void test_many_tasks(struct check *c, netrt_pool *pool)
{
    enum { MOST = 600001 };
    float *out = calloc((size_t)MOST * STRIDE, sizeof *out);
    const struct netrt_args args = {.out = out};
    run_all(pool, add_one, MOST, &args);
    long ones = 0;
    for (long i = 0; i < MOST; i++)
        ones += out[i * STRIDE] == 1;
    CHECK(c, ones == MOST);
    free(out);
}

int main(void)
{
    struct check c = {0};
    static const int threads[] = {1, 2, 3, 7};
    test_counts(&c, NULL);
    CHECK(&c, netrt_pool_threads(NULL) == 1 && netrt_processors() >= 1);
    CHECK(&c, !netrt_pool_new(0) && !netrt_pool_new(-3));
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        netrt_pool *pool = netrt_pool_new(threads[i]);
        if (!CHECK(&c, pool && netrt_pool_threads(pool) == threads[i]))
            continue;
        test_counts(&c, pool);
        test_stress(&c, pool);
        test_sleep(&c, pool);
        test_steps(&c, pool);
        test_slots(&c, pool);
        test_scratch(&c, pool);
        test_nested(&c, pool);
        test_many_tasks(&c, pool);
        test_two_callers(&c, pool);
        netrt_pool_free(pool);
    }
    netrt_pool_free(NULL);
    return check_end(&c);
}
