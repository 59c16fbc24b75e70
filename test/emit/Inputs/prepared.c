/* Prepares a picture of 4 x 2 pixels for the network, runs it, and says where its numbers came
 * from. */
#include "net.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    unsigned char rgb[4 * 2 * 3];
    float image[net_image_size], out[net_out_size];
    double place[4];
    char error[256] = "";
    net_weights *weights;
    if (net_bind(&weights, NULL, error, sizeof error))
        return fprintf(stderr, "%s\n", error), 1;
    for (int i = 0; i < 4 * 2 * 3; i++)
        rgb[i] = (unsigned char)(10 * i);
    printf("of %d planes of %d x %d, a map of %d x %d x %d\n", net_image_dim_1, net_image_dim_2,
           net_image_dim_3, net_out_dim_1, net_out_dim_2, net_out_dim_3);
    void *workspace = aligned_alloc(64, (net_workspace_size() + 63) / 64 * 64);
    int status = net_prepare(rgb, 4, 2, image, place, error, sizeof error);
    printf("prepared: %d, at %g %g %g %g\n", status, place[0], place[1], place[2], place[3]);
    status = net_run(weights, image, out, workspace, NULL);
    for (int i = 0; i < net_out_size && !status; i++)
        printf("%s%g", i ? " " : "", (double)out[i] * 255);
    printf("\nclasses: %s, %s\n", net_label(1), net_label(2) ? net_label(2) : "none");
    status = net_prepare(rgb, 0, 2, image, NULL, error, sizeof error);
    printf("refused: %d, %s\n", status, error);
    free(workspace);
    net_release(weights);
}
