/* Pictures: 8 bits a channel, read from JPEG and PNG files as PIL's Image.open(f).convert("RGB").
 */
#ifndef NETRT_HOST_IMAGE_H
#define NETRT_HOST_IMAGE_H

#include "message.h"

struct netrt_image {
    long width, height, channels; /* channels: 3 (RGB) or, from data sets, 1 */
    unsigned char *pixels;        /* rows of pixels of channels, from malloc */
};

/* Room for a picture, zeroed; its size must be set. Fails for one too large. */
int netrt_image_alloc(struct netrt_image *, struct netrt_message *);
void netrt_image_release(struct netrt_image *);
/* Reads a file; netrt_image_release() is the caller's. */
int netrt_image_read(struct netrt_image *, const char *path, struct netrt_message *);

#endif
