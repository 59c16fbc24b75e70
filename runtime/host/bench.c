#include "tensors.h"
#include "packed.h"
#include "profile.h"

#include <stdlib.h>

enum { BENCH_MIN_RUNS = 10, BENCH_MAX_RUNS = 10000 };

static const double bench_seconds = 2, warm_up_seconds = 0.2;

/* Numbers in -1..1 that are neither sorted nor equal: the time of some kernels depends on them.
 * Integers among the positions that they choose from, or 0. */
static void fill_input(const struct netrt_input *input, void *data, uint32_t *state)
{
    const long n = netrt_tensor_elements(&input->tensor);
    for (long k = 0; k < n; k++) {
        *state = *state * 1664525 + 1013904223;
        const long position = input->positions ? (long)(*state >> 8) % input->positions : 0;
        if (input->dtype == NETRT_DTYPE_i64)
            ((int64_t *)data)[k] = position;
        else if (input->dtype == NETRT_DTYPE_i32)
            ((int32_t *)data)[k] = (int32_t)position;
        else
            ((float *)data)[k] = (float)(*state >> 8) / 8388608 - 1;
    }
}

static void fill_inputs(struct netrt_program *p)
{
    uint32_t state = 1;
    for (int i = 0; i < p->model->n_inputs; i++)
        fill_input(&p->model->inputs[i], p->inputs[i], &state);
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double timed_run(struct netrt_program *p)
{
    double start = netrt_seconds();
    (void)netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
    return netrt_seconds() - start;
}

/* Measures into `times`; returns how many runs. */
static long measure(struct netrt_program *p, double *times)
{
    double total = 0;
    for (int i = 0; i < 2 || (total < warm_up_seconds && i < BENCH_MAX_RUNS); i++)
        total += timed_run(p);
    netrt_step_clock_reset(p->clock);
    long wanted = p->options->runs, n = 0;
    for (total = 0; n < BENCH_MAX_RUNS; n++) {
        if (wanted ? n >= wanted : n >= BENCH_MIN_RUNS && total >= bench_seconds)
            break;
        times[n] = timed_run(p);
        total += times[n];
    }
    return n;
}

static void print_times(const struct netrt_program *p, double *times, long n)
{
    qsort(times, (size_t)n, sizeof *times, compare_times);
    double median = (times[(n - 1) / 2] + times[n / 2]) / 2, gflop = 2e-9 * p->model->macs;
    int threads = netrt_pool_threads(p->pool);
    printf("%s, %s, %d thread%s, %ld runs\n", p->model->name, p->code->target, threads,
           threads == 1 ? "" : "s", n);
    printf("median  %10.4f ms  %8.1f GFLOP/s\n", 1e3 * median, gflop / median);
    printf("minimum %10.4f ms  %8.1f GFLOP/s\n", 1e3 * times[0], gflop / times[0]);
}

int netrt_command_bench(struct netrt_program *p)
{
    int status = netrt_program_open(p);
    if (!status)
        status = netrt_program_buffers(p);
    if (status)
        return status;
    double *times = (double *)malloc(BENCH_MAX_RUNS * sizeof *times);
    if (!times)
        return netrt_fail(p->message, "out of memory");
    fill_inputs(p);
    long n = measure(p, times);
    status = netrt_packed_check(p);
    if (!status) {
        print_times(p, times, n);
        status = netrt_step_clock_report(p->clock, p->options, p->message);
    }
    free(times);
    return status;
}
