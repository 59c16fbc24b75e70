/* Prints the classes of outputs: of a network with a batch, and of one whose output comes from a
 * softmax.
 */
#include "net.h"
#include "two.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLASSES = net_scores_dim_1, BEST = 2 };

static double probabilities[CLASSES];
static long classes[CLASSES];
static char error[256];

static void print(const char *what, long found, long most)
{
    printf("%s: %ld classes", what, found);
    for (long i = 0; i < found && i < most; i++)
        printf(", %ld with %.6f", classes[i], probabilities[i]);
    printf("\n");
}

int main(void)
{
    static const float images[net_image_size] = {0, 1, 1, 1, 1, 0}, likely[] = {0.2f, 0.5f, 0.3f};
    static const char *const names[] = {"image 0", "image 1"};
    float scores[net_scores_size];
    net_weights *weights;
    if (net_bind(&weights, NULL, error, sizeof error))
        return 1;
    void *workspace = aligned_alloc(64, (net_workspace_size() + 63) / 64 * 64);
    net_run(weights, images, scores, workspace, NULL);
    for (int i = 0; i < net_scores_dim_0; i++)
        print(names[i],
              net_classes(scores + i * CLASSES, BEST, probabilities, classes, error, sizeof error),
              BEST);
    print("behind a softmax",
          two_classes(likely, BEST, probabilities, classes, error, sizeof error), BEST);
    print("all of them", net_classes(images, 9, probabilities, classes, error, sizeof error), 9);
    scores[1] = NAN;
    const long status = net_classes(scores, BEST, probabilities, classes, error, sizeof error);
    printf("refused: %ld, %s\n", status, error);
    free(workspace);
    net_release(weights);
}
