/* From a picture to the numbers that a network reads: the pipeline in the input's own body. */
#ifndef NETRT_PICTURE_PREPROCESS_H
#define NETRT_PICTURE_PREPROCESS_H

#include "image.h"
#include "../core/model.h"

/* Where the last center_crop cuts. */
enum netrt_crop {
    NETRT_CROP_CENTER,
    NETRT_CROP_TOP_LEFT,
    NETRT_CROP_TOP_RIGHT,
    NETRT_CROP_BOTTOM_LEFT,
    NETRT_CROP_BOTTOM_RIGHT,
    NETRT_N_CROPS
};

/* Where what the network reads lies in the picture that it was prepared from: column x of it is at
 * x * scale[0] + offset[0] there, row y at y * scale[1] + offset[1], both counted from the edges.
 */
struct netrt_place {
    double scale[2], offset[2];
};

/* The number of the input's last center_crop; -1: it has none, and no crop differs from another. */
int netrt_crop_step(const struct netrt_input *);
/* Fills `data`, one image of the input ([channels, rows, columns], dense), and uses up `image`,
 * which lies at `place` (which may be NULL). A failure speaks of the picture without naming it. */
int netrt_preprocess(const struct netrt_input *, struct netrt_image *image, enum netrt_crop,
                     float *data, struct netrt_place *place, struct netrt_message *);

#endif
