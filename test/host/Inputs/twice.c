/* Runs a library of a network that doubles its input, whose weights no file is bound for. */
#include "twice.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char error[256] = "";
    twice_weights *weights;
    static float x[48], y[48];
    if (twice_bind(&weights, NULL, error, sizeof error))
        return fprintf(stderr, "%s\n", error), 1;
    void *workspace = aligned_alloc(64, (twice_workspace_size() + 63) / 64 * 64 + 64);
    for (int i = 0; i < 48; i++)
        x[i] = (float)i;
    int status = twice_run(weights, x, y, workspace, NULL);
    for (int i = 0; i < 48; i++)
        status |= !(y[i] == 2 * x[i]);
    free(workspace);
    twice_release(weights);
    return status;
}
