#include "group.h"

#include <stdlib.h>
#include <string.h>

/* ---- one process alone ---- */

static int keep(struct netrt_group *g, float *data, long n)
{
    (void)g, (void)data, (void)n;
    return 0;
}

struct netrt_group netrt_group_alone(void)
{
    return (struct netrt_group){.size = 1, .spread = keep};
}

/* ---- what is made of gathering ---- */

enum { MOST_NUMBERS = 8 };

int netrt_group_add(struct netrt_group *g, double *numbers, int n)
{
    if (g->size == 1)
        return 0;
    double *all = calloc((size_t)g->size * MOST_NUMBERS, sizeof *all);
    const int status = all ? g->gather(g, numbers, n, all) : NETRT_FAILED;
    for (int i = 0; i < n && !status; i++) {
        numbers[i] = 0;
        for (int r = 0; r < g->size; r++)
            numbers[i] += all[r * n + i];
    }
    free(all);
    return status;
}

int netrt_group_agree(struct netrt_group *g, int status, struct netrt_message *m)
{
    if (g->size == 1)
        return status;
    const double mine = status;
    double *all = calloc((size_t)g->size, sizeof *all);
    int first = 0;
    if (g->broken || !all || g->gather(g, &mine, 1, all)) {
        free(all);
        return status ? status : NETRT_FAILED;
    }
    while (first < g->size && !(all[first] > 0))
        first++;
    if (first < g->size && first != g->rank)
        m->text[0] = '\0';
    const int agreed = first < g->size ? (int)all[first] : 0;
    free(all);
    return agreed;
}
