/*
 * Threads: every task runs once and is finished when netrt_for() returns, with any number of
 * threads and tasks, in regions that follow at once or after sleep, and from two callers.
 */
#include "check.h"
#include "runtime/core/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_TASKS = 1000, STRIDE = 16 };

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
            netrt_for(pool, i % 2 ? add_one : add_one_slowly, counts[k], &args);
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
        netrt_for(pool, add_one, 1 + i % 3, &args);
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
        netrt_for(pool, add_one_slowly, 50, &args);
    }
    CHECK(c, all_equal(out, 50, 50));
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
        netrt_for(caller->pool, add_one_slowly, 40, &args);
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
        test_two_callers(&c, pool);
        netrt_pool_free(pool);
    }
    netrt_pool_free(NULL);
    return check_end(&c);
}
