#include "planes.h"

#include <math.h>

/* A number between black and white as a byte, rounded. */
static unsigned char byte_of(float x, float black, float white)
{
    const float share = (x - black) / (white - black) * 255 + 0.5F;
    return (unsigned char)(share < 0 ? 0 : share > 255 ? 255 : share);
}

int netrt_planes_read(struct netrt_image *image, const struct netrt_output *o, const float *row,
                      struct netrt_message *m)
{
    const struct netrt_tensor *t = &o->tensor;
    long bad = 0;
    *image = (struct netrt_image){.channels = t->dim[1], .height = t->dim[2], .width = t->dim[3]};
    int status = netrt_image_alloc(image, m);
    const long channels = image->channels, n = image->height * image->width;
    for (long i = 0; i < n * channels && !status; i++) {
        const long c = i / n, to = o->reversed ? channels - 1 - c : c;
        bad += !isfinite(row[i]);
        image->pixels[i % n * channels + to] =
            isfinite(row[i]) ? byte_of(row[i], o->black[c], o->white[c]) : 0;
    }
    return bad && !status ? netrt_fail(m, "%ld of %ld outputs are not finite", bad, n * channels)
                          : status;
}
