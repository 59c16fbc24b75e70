/* The class that LeNet-5 gives a picture of nothing but zeros, from the weights in its library. */
#include "lenet.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static float image[lenet_image_size], scores[lenet_fc3_size];
    char error[4096];
    lenet_weights *weights;
    double probability;
    long best;
    if (lenet_bind(&weights, NULL, error, sizeof error))
        return fprintf(stderr, "%s\n", error), 1;
    void *workspace = aligned_alloc(64, (lenet_workspace_size() + 63) / 64 * 64);
    if (!workspace || lenet_run(weights, image, scores, workspace, NULL))
        return 1;
    const long n = lenet_classes(scores, 1, &probability, &best, error, sizeof error);
    printf("%ld of %ld classes\n", best, n);
    free(workspace);
    lenet_release(weights);
}
