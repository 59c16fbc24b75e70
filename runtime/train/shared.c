/* bn by the statistics of all ranks: between two steps of a run, what each has found in its own
 * batch becomes that of all, by the same sums in the order of the ranks, so that it has the same
 * bits on each. Their batches are of one size. */
#include "training.h"

#include <stdlib.h>

/* Channels that are shared at a time. */
enum { SHARED_PIECE = 512 };

int netrt_shared_open(struct netrt_training *t)
{
    const size_t each = 2 * SHARED_PIECE;
    t->gradient_sums.found = calloc((size_t)(t->group->size + 1) * each, sizeof(double));
    return t->gradient_sums.found ? 0 : netrt_fail(t->program->message, "out of memory");
}

void netrt_shared_close(struct netrt_training *t)
{
    free(t->gradient_sums.found);
}

static double average(const double *all, int ranks, long step)
{
    double sum = 0;
    for (int r = 0; r < ranks; r++)
        sum += all[r * step];
    return sum / ranks;
}

/* The mean of squares around the mean of all, of means and, n behind these, variances. */
static double variance(const double *all, int ranks, long n, double mean)
{
    double sum = 0;
    for (int r = 0; r < ranks; r++) {
        const double apart = all[2 * n * r] - mean;
        sum += all[2 * n * r + n] + apart * apart;
    }
    return sum / ranks;
}

/* n channels, whose second halves lie at `second`. */
static void join_piece(struct netrt_training *t, float *first, float *second, long n, int moments)
{
    double *mine = t->gradient_sums.found, *all = mine + 2 * SHARED_PIECE;
    const int ranks = t->group->size;
    for (long c = 0; c < n; c++) {
        mine[c] = (double)first[c];
        mine[n + c] = (double)second[c];
    }
    if (t->group->broken || t->group->gather(t->group, mine, (int)(2 * n), all))
        return; /* the end of the step says that a rank has ended */
    for (long c = 0; c < n; c++) {
        const double mean = average(all + c, ranks, 2 * n);
        first[c] = (float)mean;
        second[c] = (float)(moments ? variance(all + c, ranks, n, mean)
                                    : average(all + n + c, ranks, 2 * n));
    }
}

void netrt_shared_join(struct netrt_training *t, float *found, long n, int moments)
{
    for (long c = 0; c < n; c += SHARED_PIECE)
        join_piece(t, found + c, found + n + c, n - c < SHARED_PIECE ? n - c : SHARED_PIECE,
                   moments);
}
