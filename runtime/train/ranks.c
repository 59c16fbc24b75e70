/*
 * A group of MPI's ranks. Nothing blocks: whoever waits for the others looks for a signal that
 * wants the program to end, which mpirun sends when a rank has died, so that rank 0 can save what
 * was trained before mpirun kills it.
 */
#define _POSIX_C_SOURCE 200809L
#include "ranks.h"
#include "commands.h"
#include "group.h"
#include "../core/recipe.h"
#include "../host/profile.h"

#include <mpi.h>

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Sums that may be under way. */
enum { N_BUCKETS = 4 };

/* Seconds that rank 0 waits for others behind such a signal: less than mpirun waits to kill. */
static const double patience = 0.5;

/* What a bucket waits for. */
enum stage { STAGE_none, STAGE_parts, STAGE_sums };

struct bucket {
    MPI_Comm comm; /* its own: on two ranks, buckets may go on in different orders */
    MPI_Request request;
    enum stage stage;
    float *data;
    long n;
    float *parts, *sums; /* a bucket of each, with what makes it whole for all ranks */
};

struct ranks {
    struct netrt_group group;
    struct bucket buckets[N_BUCKETS];
    int next; /* the one that takes the next floats: none has been under way for longer */
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
    for (long at = 0; at < n && !status; at += NETRT_BUCKET) {
        MPI_Request request;
        const int part = (int)(n - at < NETRT_BUCKET ? n - at : NETRT_BUCKET);
        const int failed = MPI_Ibcast(data + at, part, MPI_FLOAT, 0, MPI_COMM_WORLD, &request);
        status = finish(g, failed, &request);
    }
    return status;
}

/* ---- sums ---- */

/* Elements of a bucket that each rank sums; of the last rank's some may be none of it. */
static int share_of(const struct bucket *b, int size)
{
    return (int)((b->n + size - 1) / size);
}

/* Each rank gets its share of the bucket from all others. */
static int exchange(struct bucket *b, int size)
{
    const int share = share_of(b, size);
    memcpy(b->sums, b->data, (size_t)b->n * sizeof *b->data);
    b->stage = STAGE_parts;
    return MPI_Ialltoall(b->sums, share, MPI_FLOAT, b->parts, share, MPI_FLOAT, b->comm,
                         &b->request);
}

/* It sums them in the order of the ranks, where its own has come to lie, and gives that to all. */
static int add_parts(const struct netrt_group *g, struct bucket *b)
{
    const long share = share_of(b, g->size);
    float *mine = b->parts + share * g->rank;
    for (long i = 0; i < share; i++) {
        float sum = b->parts[i];
        for (int k = 1; k < g->size; k++)
            sum += b->parts[k * share + i];
        mine[i] = sum;
    }
    b->stage = STAGE_sums;
    return MPI_Iallgather(mine, (int)share, MPI_FLOAT, b->sums, (int)share, MPI_FLOAT, b->comm,
                          &b->request);
}

/* What follows where the bucket's request is done. */
static int go_on(struct netrt_group *g, struct bucket *b)
{
    if (b->stage == STAGE_parts)
        return add_parts(g, b) == MPI_SUCCESS ? 0 : broken(g);
    memcpy(b->data, b->sums, (size_t)b->n * sizeof *b->data);
    b->stage = STAGE_none;
    return 0;
}

static int settle(struct netrt_group *g, struct bucket *b)
{
    int status = 0;
    while (b->stage != STAGE_none && !status) {
        status = finish(g, MPI_SUCCESS, &b->request);
        if (!status)
            status = go_on(g, b);
    }
    return status;
}

static int sum_begin(struct netrt_group *g, float *data, long n)
{
    struct ranks *r = ranks_of(g);
    int status = 0;
    for (long at = 0; at < n && !status; at += NETRT_BUCKET) {
        struct bucket *b = &r->buckets[r->next];
        r->next = (r->next + 1) % N_BUCKETS;
        status = settle(g, b);
        b->data = data + at;
        b->n = n - at < NETRT_BUCKET ? n - at : NETRT_BUCKET;
        if (!status && exchange(b, g->size) != MPI_SUCCESS)
            status = broken(g);
    }
    return status;
}

static int sum_poll(struct netrt_group *g)
{
    struct ranks *r = ranks_of(g);
    int status = 0;
    for (int i = 0; i < N_BUCKETS && !status; i++) {
        struct bucket *b = &r->buckets[i];
        int done = 0;
        if (b->stage != STAGE_none &&
            MPI_Test(&b->request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            status = broken(g);
        else if (done)
            status = go_on(g, b);
    }
    return status;
}

static int sum_end(struct netrt_group *g)
{
    struct ranks *r = ranks_of(g);
    int status = 0;
    for (int i = 0; i < N_BUCKETS && !status; i++)
        status = settle(g, &r->buckets[(r->next + i) % N_BUCKETS]);
    return status;
}

/* ---- the command ---- */

static bool open_bucket(struct bucket *b, size_t n)
{
    b->parts = calloc(n, sizeof *b->parts);
    b->sums = calloc(n, sizeof *b->sums);
    return MPI_Comm_dup(MPI_COMM_WORLD, &b->comm) == MPI_SUCCESS && b->parts && b->sums;
}

static bool open_ranks(struct ranks *r)
{
    *r = (struct ranks){.group = {.gather = gather,
                                  .sum_begin = sum_begin,
                                  .sum_poll = sum_poll,
                                  .sum_end = sum_end,
                                  .spread = spread}};
    MPI_Comm_rank(MPI_COMM_WORLD, &r->group.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &r->group.size);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    bool good = true;
    for (int i = 0; i < N_BUCKETS; i++)
        good &= open_bucket(&r->buckets[i], (size_t)(NETRT_BUCKET + r->group.size));
    return good;
}

static void close_ranks(struct ranks *r)
{
    for (int i = 0; i < N_BUCKETS; i++) {
        free(r->buckets[i].parts);
        free(r->buckets[i].sums);
    }
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
    close_ranks(&r);
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
