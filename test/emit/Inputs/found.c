/* Finds boxes in the outputs of two networks: one whose program leaves out what overlaps, and one
 * that counts. */
#include "best.h"
#include "net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static float rows[5][4] = {
    {0, 1, 2, 3}, {0.5f, 1, 2.5f, 3}, {0.5f, 1, 2.5f, 3}, {0, 0, 1, 1}, {2, 0, 4, 1}};
static const float likely[5][3] = {
    {0, 0.9f, 0}, {0, 0.7f, 0.1f}, {0, 0.1f, 0.8f}, {0.4f, 0, 0}, {0.6f, 0, 0}};
static double corners[5 * 4], scores[5];
static long classes[5];
static char error[256];

static void print_box(long i)
{
    const double *c = corners + 4 * i;
    printf("class %ld, %.1f: %g %g %g %g\n", classes[i], scores[i], c[0], c[1], c[2], c[3]);
}

static void find(void)
{
    static unsigned char rgb[8 * 4 * 3];
    static float image[net_width_size], found[5 * 4], likely_too[5 * 3];
    double place[4];
    net_weights *weights;
    if (net_bind(&weights, NULL, error, sizeof error) ||
        net_prepare(rgb, 8, 4, image, place, error, sizeof error)) {
        printf("%s\n", error);
        return;
    }
    void *workspace = aligned_alloc(64, (net_workspace_size() + 63) / 64 * 64);
    net_run(weights, image, rows[0], likely[0], found, likely_too, workspace, NULL);
    const long n =
        net_boxes(found, likely_too, place, 5, corners, scores, classes, error, sizeof error);
    printf("found %ld\n", n);
    for (long i = 0; i < n; i++)
        print_box(i);
    printf("one of %ld: class %ld\n",
           net_boxes(found, likely_too, NULL, 1, corners, scores, classes, error, sizeof error),
           classes[0]);
    free(workspace);
    net_release(weights);
}

static void find_counted(void)
{
    static float best[best_best_size], best_scores[best_best_scores_size];
    static int64_t best_classes[best_best_classes_size], best_count[1];
    best_weights *weights;
    if (best_bind(&weights, NULL, error, sizeof error))
        return;
    void *workspace = aligned_alloc(64, (best_workspace_size() + 63) / 64 * 64);
    best_run(weights, rows[0], likely[0], best, best_scores, best_classes, best_count, workspace,
             NULL);
    printf("counted %ld: ", best_boxes(best, best_scores, best_classes, best_count, NULL, 5,
                                       corners, scores, classes, error, sizeof error));
    print_box(0);
    best[1] = NAN;
    const long n = best_boxes(best, best_scores, best_classes, best_count, NULL, 5, corners, scores,
                              classes, error, sizeof error);
    printf("refused: %ld, %s\n", n, error);
    free(workspace);
    best_release(weights);
}

int main(void)
{
    find();
    find_counted();
}
