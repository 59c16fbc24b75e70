/* Runs the library pick: positions that are there, and some that are not. */
#include "pick.h"
#include <stdio.h>
#include <stdlib.h>

static void run(const pick_weights *weights, void *workspace, int64_t second, int64_t third,
                int32_t other)
{
    const float x[] = {10, 11, 12, 13, 14};
    const int64_t i[] = {4, second, third, 2};
    const int32_t j[] = {other, 1};
    float picked[4];
    int64_t of_i[2], best[1];
    const int status = pick_run(weights, x, i, j, picked, of_i, best, workspace, NULL);
    printf("%d: %g %g %g %g, %lld %lld, %lld\n", status, (double)picked[0], (double)picked[1],
           (double)picked[2], (double)picked[3], (long long)of_i[0], (long long)of_i[1],
           (long long)best[0]);
}

int main(void)
{
    char error[1024];
    pick_weights *weights;
    if (pick_bind(&weights, NULL, error, sizeof error))
        return fprintf(stderr, "%s\n", error), 1;
    void *workspace = aligned_alloc(64, pick_workspace_size());
    run(weights, workspace, 0, 2, 2);
    run(weights, workspace, -1, 2, 4);
    run(weights, workspace, 5, 5000000000, 3);
    run(weights, workspace, 0, 2, 2);
    free(workspace);
    pick_release(weights);
}
