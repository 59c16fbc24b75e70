/* From a picture to the numbers that a network reads: the pipeline in the input's own body. */
#ifndef NETRT_HOST_PREPROCESS_H
#define NETRT_HOST_PREPROCESS_H

#include "image.h"
#include "../core/model.h"

/* Where the last center_crop cuts; without one, the input's size is cut at the end. */
enum netrt_crop {
    NETRT_CROP_CENTER,
    NETRT_CROP_TOP_LEFT,
    NETRT_CROP_TOP_RIGHT,
    NETRT_CROP_BOTTOM_LEFT,
    NETRT_CROP_BOTTOM_RIGHT,
    NETRT_N_CROPS
};

/* Fills `data`, one image of the input ([channels, rows, columns], dense), and uses up `image`.
 * A failure speaks of the picture without naming it. */
int netrt_preprocess(const struct netrt_input *, struct netrt_image *image, enum netrt_crop,
                     float *data, struct netrt_message *);

#endif
