/*
 * A group of MPI's ranks. Nothing blocks: whoever waits for the others looks for a signal that
 * wants the program to end, which mpirun sends when a rank has died, so that rank 0 can save what
 * was trained before mpirun kills it.
 */
#define _POSIX_C_SOURCE 200809L
#include "ranks.h"
#include "commands.h"
#include "group.h"
#include "../host/profile.h"

#include <mpi.h>

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Floats that are summed at a time: 1 MiB. */
enum { BUCKET = 1 << 18 };

/* Seconds that rank 0 waits for others behind such a signal: less than mpirun waits to kill. */
static const double patience = 0.5;

struct ranks {
    struct netrt_group group;
    float *parts, *sums; /* a bucket of each, with what makes it whole for all ranks */
};

static struct ranks *ranks_of(struct netrt_group *g)
{
    return (struct ranks *)((char *)g - offsetof(struct ranks, group));
}

/* ---- waiting ---- */

static int broken(struct netrt_group *g)
{
    g->broken = true;
    return NETRT_FAILED;
}

/* Waits for what was started, `failed` being whether that went wrong. */
static int finish(struct netrt_group *g, int failed, MPI_Request *request)
{
    double since = 0;
    int done = 0;
    while (failed == MPI_SUCCESS && !done) {
        failed = MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done || failed != MPI_SUCCESS)
            break;
        if (g->rank == 0 && netrt_is_to_end()) {
            since = since > 0 ? since : netrt_seconds();
            if (netrt_seconds() - since > patience)
                return broken(g);
        }
        sched_yield();
    }
    return failed == MPI_SUCCESS ? 0 : broken(g);
}

/* ---- the group's functions ---- */

static int gather(struct netrt_group *g, const double *mine, int n, double *all)
{
    MPI_Request request;
    const int failed =
        MPI_Iallgather(mine, n, MPI_DOUBLE, all, n, MPI_DOUBLE, MPI_COMM_WORLD, &request);
    return finish(g, failed, &request);
}

static int spread(struct netrt_group *g, float *data, long n)
{
    int status = 0;
    for (long at = 0; at < n && !status; at += BUCKET) {
        MPI_Request request;
        const int part = (int)(n - at < BUCKET ? n - at : BUCKET);
        const int failed = MPI_Ibcast(data + at, part, MPI_FLOAT, 0, MPI_COMM_WORLD, &request);
        status = finish(g, failed, &request);
    }
    return status;
}

/* Each rank gets a share of the bucket from all of them, sums it in their order, and gives it to
 * all. */
static int sum_bucket(struct netrt_group *g, float *data, long n)
{
    struct ranks *r = ranks_of(g);
    const long share = (n + g->size - 1) / g->size;
    float *mine = r->parts + share * g->rank; /* summed where its own part has come to lie */
    MPI_Request request;
    memcpy(r->sums, data, (size_t)n * sizeof *data);
    int status = finish(g,
                        MPI_Ialltoall(r->sums, (int)share, MPI_FLOAT, r->parts, (int)share,
                                      MPI_FLOAT, MPI_COMM_WORLD, &request),
                        &request);
    if (status)
        return status;
    for (long i = 0; i < share; i++) {
        float sum = r->parts[i];
        for (int k = 1; k < g->size; k++)
            sum += r->parts[k * share + i];
        mine[i] = sum;
    }
    status = finish(g,
                    MPI_Iallgather(mine, (int)share, MPI_FLOAT, r->sums, (int)share, MPI_FLOAT,
                                   MPI_COMM_WORLD, &request),
                    &request);
    if (!status)
        memcpy(data, r->sums, (size_t)n * sizeof *data);
    return status;
}

static int sum(struct netrt_group *g, float *data, long n)
{
    int status = 0;
    for (long at = 0; at < n && !status; at += BUCKET)
        status = sum_bucket(g, data + at, n - at < BUCKET ? n - at : BUCKET);
    return status;
}

/* ---- the command ---- */

static bool open_ranks(struct ranks *r)
{
    *r = (struct ranks){.group = {.gather = gather, .sum = sum, .spread = spread}};
    MPI_Comm_rank(MPI_COMM_WORLD, &r->group.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &r->group.size);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    r->parts = calloc((size_t)(BUCKET + r->group.size), sizeof *r->parts);
    r->sums = calloc((size_t)(BUCKET + r->group.size), sizeof *r->sums);
    return r->parts && r->sums;
}

/* Says what went wrong, on the rank that knows it, before the others end: mpirun kills what still
 * runs when one does. */
static void say_first(struct netrt_program *p)
{
    if (*p->message->text)
        netrt_program_say(p, "error", p->message);
    p->message->text[0] = '\0';
}

/* Where a rank has ended, MPI cannot: the others are left to mpirun. A signal must not end the
 * threads that MPI makes, and the program with them. */
static int command_train(struct netrt_program *p)
{
    struct ranks r;
    sigset_t before;
    int threads;
    netrt_block_signals(&before);
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &threads) != MPI_SUCCESS)
        return netrt_fail(p->message, "MPI does not start");
    const int status =
        open_ranks(&r) ? netrt_train(p, &r.group) : netrt_fail(p->message, "out of memory");
    free(r.parts);
    free(r.sums);
    if (status)
        say_first(p);
    if (!r.group.broken)
        MPI_Finalize();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

int netrt_mpi_train_main(const struct netrt_model *model, int argc, char **argv)
{
    return netrt_train_main_by(model, command_train, argc, argv);
}
