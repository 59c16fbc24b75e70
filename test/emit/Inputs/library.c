/* Uses a network as a library: argv[1] is its weights. */
#include "lenet.h"
#include "core/pool.h"
#include "counted.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const lenet_weights *weights;
    float image[28 * 28], output[10];
    void *workspace;
    pthread_barrier_t *start;
    long allocations; /* of both threads, while this one ran */
    int status;
};

static void *work(void *argument)
{
    struct job *job = argument;
    pthread_barrier_wait(job->start);
    long before = allocations;
    for (int i = 0; i < 100; i++)
        job->status |= lenet_run(job->weights, job->image, job->output, job->workspace, NULL);
    job->allocations = allocations - before;
    return NULL;
}

static void *new_workspace(void)
{
    return aligned_alloc(64, (lenet_workspace_size() + 63) / 64 * 64);
}

static void run_twice(const lenet_weights *weights)
{
    static struct job jobs[2];
    pthread_t threads[2];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, 2);
    for (int t = 0; t < 2; t++) {
        jobs[t].weights = weights;
        jobs[t].start = &start;
        jobs[t].workspace = new_workspace();
        for (int i = 0; i < 28 * 28; i++)
            jobs[t].image[i] = (float)(i % 29) / 29;
        pthread_create(&threads[t], NULL, work, &jobs[t]);
    }
    for (int t = 0; t < 2; t++)
        pthread_join(threads[t], NULL);
    printf("workspace off its alignment: %d\n",
           lenet_run(weights, jobs[0].image, jobs[0].output, (char *)jobs[0].workspace + 4, NULL));
    printf("threads agree: %d\n",
           !jobs[0].status && !jobs[1].status && jobs[0].output[0] != jobs[0].output[1] &&
               !memcmp(jobs[0].output, jobs[1].output, sizeof jobs[0].output));
    printf("allocations while running: %ld\n", jobs[0].allocations + jobs[1].allocations);
    free(jobs[0].workspace);
    free(jobs[1].workspace);
}

int main(int argc, char **argv)
{
    lenet_weights *weights;
    char error[256];
    if (argc != 2)
        return 2;
    int status = lenet_bind(&weights, "none.safetensors", error, sizeof error);
    printf("missing file: %d, %s\n", status, error);
    status = lenet_bind(&weights, NULL, error, sizeof error);
    printf("no weights of its own: %d, %s\n", status, error);
    lenet_release(weights);
    status = lenet_bind(&weights, argv[1], error, sizeof error);
    printf("bound: %d\n", status);
    if (status)
        return 1;
    run_twice(weights);
    lenet_release(weights);
    return 0;
}
