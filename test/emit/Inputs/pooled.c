/* A network that needs scratch memory, as a library: argv[1] is its weights. Two threads
 * run it at once, each in a workspace of its own, without and with a pool that they share. */
#include "net.h"
#include "core/pool.h"
#include "counted.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { RUNS = 50, IN = 3 * 32 * 32, OUT = 10 };

struct job {
    const net_weights *weights;
    float image[IN], alone[OUT], pooled[OUT];
    void *workspace;
    netrt_pool *pool;
    pthread_barrier_t *start;
    long allocations; /* of all threads, while this one ran */
    int status;
};

static void *work(void *argument)
{
    struct job *job = argument;
    pthread_barrier_wait(job->start);
    long before = allocations;
    for (int i = 0; i < RUNS; i++) {
        memset(job->workspace, 255,
               net_workspace_size()); /* NaN: nothing may be left from before */
        job->status |= net_run(job->weights, job->image, job->alone, job->workspace, NULL);
        job->status |= net_run(job->weights, job->image, job->pooled, job->workspace, job->pool);
        job->status |= memcmp(job->alone, job->pooled, sizeof job->alone) != 0;
    }
    job->allocations = allocations - before;
    return NULL;
}

/* The numbers at the end of a NumPy file. */
static void read_image(float *image, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, -(long)(IN * sizeof *image), SEEK_END) ||
        fread(image, sizeof *image, IN, file) != IN)
        exit(2);
    fclose(file);
}

static void start(struct job *job, pthread_t *thread, const char *image)
{
    read_image(job->image, image);
    job->workspace = aligned_alloc(64, (net_workspace_size() + 63) / 64 * 64);
    pthread_create(thread, NULL, work, job);
}

int main(int argc, char **argv)
{
    net_weights *weights;
    char error[256];
    if (argc != 3 || net_bind(&weights, argv[1], error, sizeof error))
        return 2;
    static struct job jobs[2];
    pthread_t threads[2];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    netrt_pool *pool = netrt_pool_new(2);
    for (int t = 0; t < 2; t++) {
        jobs[t] = (struct job){.weights = weights, .pool = pool, .start = &barrier};
        start(&jobs[t], &threads[t], argv[2]);
    }
    for (int t = 0; t < 2; t++)
        pthread_join(threads[t], NULL);
    printf("good: %d\n", !jobs[0].status && !jobs[1].status);
    printf("agree: %d\n", !memcmp(jobs[0].alone, jobs[1].pooled, sizeof jobs[0].alone));
    printf("allocations: %ld\n", jobs[0].allocations + jobs[1].allocations);
    FILE *output = fopen("library.out", "wb");
    if (!output || fwrite(jobs[0].pooled, sizeof *jobs[0].pooled, OUT, output) != OUT ||
        fclose(output))
        return 2;
    netrt_pool_free(pool);
    net_release(weights);
    for (int t = 0; t < 2; t++)
        free(jobs[t].workspace);
    return 0;
}
