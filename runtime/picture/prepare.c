#include "prepare.h"
#include "preprocess.h"

#include <stdint.h>
#include <stdio.h>

int netrt_prepare(const struct netrt_input *input, const unsigned char *rgb, long width,
                  long height, float *data, double *place, char *error, size_t error_size)
{
    const struct netrt_image from = {
        .width = width, .height = height, .channels = 3, .pixels = (unsigned char *)(uintptr_t)rgb};
    struct netrt_image image = {0};
    struct netrt_place where;
    struct netrt_message why = {0};
    int status = netrt_image_copy(&image, &from, &why);
    if (!status)
        status = netrt_preprocess(input, &image, NETRT_CROP_CENTER, data, &where, &why);
    for (int axis = 0; axis < 2 && place && !status; axis++) {
        place[axis] = where.scale[axis];
        place[2 + axis] = where.offset[axis];
    }
    if (status && error_size)
        snprintf(error, error_size, "%s", why.text);
    return status ? -1 : 0;
}
