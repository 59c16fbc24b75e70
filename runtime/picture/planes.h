/* Pictures that flow out of a network: planes of numbers to 8 bits. */
#ifndef NETRT_PICTURE_PLANES_H
#define NETRT_PICTURE_PLANES_H

#include "image.h"
#include "../core/model.h"

/* The picture that a row of an output of that purpose is, gray or RGB, with what is darker than
 * black and lighter than white clipped; netrt_image_release() is the caller's. A failure speaks of
 * the output without naming its picture. */
int netrt_planes_read(struct netrt_image *, const struct netrt_output *, const float *row,
                      struct netrt_message *);

#endif
