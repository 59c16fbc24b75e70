/*
 * What this machine can do: fused multiply-adds from registers, memory and cache bandwidth; each
 * the best of some runs. A program of its own, built for the target with -O3.
 *
 *   peak FILE                writes to FILE, as JSON: figures of one thread and of all processors
 *   peak THREADS BYTES...    prints GFLOP/s of so many threads, then GB/s of reading so many bytes
 */
#include "../core/caches.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#if defined __AVX512F__
enum { LANES = 16, CHAINS = 24 };
#elif defined __AVX__
enum { LANES = 8, CHAINS = 12 };
#elif defined __aarch64__
enum { LANES = 4, CHAINS = 24 };
#else
enum { LANES = 4, CHAINS = 12 };
#endif
enum {
    STEPS = 100000,
    RUNS = 200,
    SWEEPS = 12,
    MEMORY_SWEEPS = 4,
    MOST_THREADS = 256,
    PAGE = 2 << 20 /* a huge page, such as hold a network's weights */
};

typedef float vector __attribute__((vector_size(4 * LANES)));

/* A thread's work: `run` is timed between two barriers. */
struct job {
    double (*run)(struct job *); /* what it did, in units of 1e9 */
    pthread_barrier_t *barrier;
    int runs;
    size_t bytes; /* of each of the arrays */
    float *array[3];
    double rate; /* the best, per second, of all threads */
    int threads;
    volatile float kept;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* STEPS rounds of CHAINS multiply-adds; the sum keeps the compiler from dropping them. */
static double multiply(struct job *job)
{
    float start = job->kept > 0 ? 0.5f : 0.25f;
    vector a = {0}, b = {0}, x[CHAINS], sum = {0};
    a += start;
    b += 1 - start;
    for (int i = 0; i < CHAINS; i++)
        x[i] = b + (float)i;
    for (long n = 0; n < STEPS; n++) {
#pragma GCC unroll 32
        for (int i = 0; i < CHAINS; i++)
            x[i] = x[i] * a + b;
    }
    for (int i = 0; i < CHAINS; i++)
        sum += x[i];
    job->kept = sum[0];
    return 2e-9 * LANES * CHAINS * STEPS;
}

/* Two arrays are read and one is written. */
static double sweep(struct job *job)
{
    size_t n = job->bytes / sizeof(vector);
    vector *to = (vector *)job->array[0];
    const vector *a = (vector *)job->array[1], *b = (vector *)job->array[2];
    for (size_t i = 0; i < n; i++)
        to[i] = a[i] + b[i] * 0.5f;
    job->kept = job->array[0][0];
    return 3e-9 * (double)job->bytes;
}

/* All three are read, as the weights of a network are. */
static double read_all(struct job *job)
{
    size_t n = job->bytes / sizeof(vector);
    const vector *a = (vector *)job->array[0], *b = (vector *)job->array[1],
                 *c = (vector *)job->array[2];
    vector sum[4] = {{0}};
    for (size_t i = 0; i + 4 <= n; i += 4)
#pragma GCC unroll 4
        for (size_t k = 0; k < 4; k++)
            sum[k] += a[i + k] + b[i + k] + c[i + k];
    job->kept = (sum[0] + sum[1] + sum[2] + sum[3])[0];
    return 3e-9 * (double)job->bytes;
}

/* The cached arrays, as often as takes a while. */
static double sweep_often(struct job *job)
{
    double done = 0;
    while (done < 0.3)
        done += sweep(job);
    return done;
}

static double read_often(struct job *job)
{
    double done = 0;
    while (done < 0.05)
        done += read_all(job);
    return done;
}

static void *work(void *argument)
{
    struct job *job = argument;
    for (int i = 0; i < job->runs; i++) {
        pthread_barrier_wait(job->barrier);
        double start = now(), done = job->run(job);
        pthread_barrier_wait(job->barrier);
        double rate = done * job->threads / (now() - start);
        job->rate = rate > job->rate ? rate : job->rate;
    }
    return NULL;
}

static int allocate(struct job *job)
{
    const size_t align = job->bytes < PAGE ? 64 : PAGE;
    for (int i = 0; i < 3 && job->bytes; i++) {
        job->array[i] = aligned_alloc(align, (job->bytes + align - 1) / align * align);
        if (!job->array[i])
            return 0;
#ifdef MADV_HUGEPAGE
        madvise(job->array[i], job->bytes / PAGE * PAGE, MADV_HUGEPAGE);
#endif
        memset(job->array[i], 0, job->bytes);
    }
    return 1;
}

/* The rate of `threads` threads together; 0: no memory, or the system gives no threads. */
static double measure(const struct job *kind, int threads)
{
    struct job *job = calloc((size_t)threads, sizeof *job);
    pthread_t thread[MOST_THREADS];
    pthread_barrier_t barrier;
    int ready = job != NULL;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int i = 0; ready && i < threads; i++) {
        job[i] = *kind;
        job[i].barrier = &barrier;
        job[i].threads = threads;
        ready = allocate(&job[i]);
    }
    for (int i = 1; ready && i < threads; i++)
        if (pthread_create(&thread[i], NULL, work, &job[i]))
            exit(1);
    if (ready)
        work(&job[0]);
    for (int i = 1; ready && i < threads; i++)
        pthread_join(thread[i], NULL);
    double rate = ready ? job[0].rate : 0;
    for (int i = 0; job && i < threads; i++)
        for (int k = 0; k < 3; k++)
            free(job[i].array[k]);
    free(job);
    pthread_barrier_destroy(&barrier);
    return rate;
}

/* Bytes of the caches of a core, and of the last one that cores share. */
static void cache_sizes(long *core, long *last)
{
    *core = netrt_cache_bytes(NETRT_CACHES, 2);
    *last = netrt_cache_bytes(NETRT_CACHES, 3);
    *core = *core > 0 ? *core : 1 << 19;
    *last = *last > *core ? *last : *core;
}

/* GB/s of threads that sweep over three arrays each, of so many bytes together. */
static double swept(double (*run)(struct job *), int runs, long bytes, int threads)
{
    const size_t part = (size_t)(bytes / threads) / 3 / 64 * 64;
    const struct job job = {.run = run, .runs = runs, .bytes = part};
    return measure(&job, threads);
}

/* As much as leaves nothing in the last cache, if there is so much memory. */
static long beyond(long last)
{
    const long most = sysconf(_SC_PHYS_PAGES) / 8 * sysconf(_SC_PAGESIZE);
    return 2 * last < most ? 2 * last : most;
}

static void write_memory(FILE *file, int threads)
{
    long core, last;
    cache_sizes(&core, &last);
    const long memory = beyond(last), near = last / 2 < 8 * core ? last / 2 : 8 * core;
    const long full = last < memory ? last : memory;
    fprintf(file, "\"gbytes\": [%.2f, %.2f], ", swept(read_all, MEMORY_SWEEPS, memory, 1),
            swept(read_all, MEMORY_SWEEPS, memory, threads));
    fprintf(file, "\"full_gbytes\": [%.2f, %.2f], ", swept(read_all, MEMORY_SWEEPS, full, 1),
            swept(read_all, MEMORY_SWEEPS, full, threads));
    fprintf(file, "\"cache_gbytes\": %.2f, \"cache_bytes\": %ld, ",
            swept(sweep_often, SWEEPS, near, 1), last);
    fprintf(file, "\"core_gbytes\": %.2f, \"core_bytes\": %ld",
            swept(sweep_often, SWEEPS, core / 2, 1), core);
}

static int write_all(const char *path)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = processors < 1 ? 1 : processors > MOST_THREADS ? MOST_THREADS : (int)processors;
    const struct job flops = {.run = multiply, .runs = RUNS, .kept = 0.5f};
    FILE *file = fopen(path, "w");
    if (!file)
        return 1;
    fprintf(file, "{\"threads\": %d, \"gflops\": [%.1f, %.1f], ", threads, measure(&flops, 1),
            measure(&flops, threads));
    write_memory(file, threads);
    fputs("}\n", file);
    return fclose(file) != 0;
}

static int print_rates(int threads, char **sizes, int n)
{
    const struct job flops = {.run = multiply, .runs = RUNS, .kept = 0.5f};
    printf("%.1f", measure(&flops, threads));
    for (int i = 0; i < n; i++)
        printf(" %.2f", swept(read_often, MEMORY_SWEEPS, atol(sizes[i]), threads));
    puts("");
    return 0;
}

int main(int argc, char **argv)
{
    const int threads = argc > 2 ? atoi(argv[1]) : 0;
    if (threads > 0 && threads <= MOST_THREADS)
        return print_rates(threads, argv + 2, argc - 2);
    return argc == 2 ? write_all(argv[1]) : 2;
}
