/* Antialiased bilinear resizing in 8 bits: the same bytes as PIL's Image.resize(BILINEAR), where
 * both sides shrink or both grow. */
#ifndef NETRT_PICTURE_RESIZE_H
#define NETRT_PICTURE_RESIZE_H

#include "image.h"

/* Makes `image` width x height. */
int netrt_image_resize(struct netrt_image *image, long width, long height, struct netrt_message *);
/* Makes its shorter side `side`, as torchvision's Resize(side): the longer one is rounded down. */
int netrt_image_resize_shorter(struct netrt_image *image, long side, struct netrt_message *);

#endif
