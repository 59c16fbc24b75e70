/* Pictures: 8 bits a channel, read from JPEG and PNG files as PIL's Image.open(f).convert("RGB").
 */
#ifndef NETRT_PICTURE_IMAGE_H
#define NETRT_PICTURE_IMAGE_H

#include "../host/message.h"

/* In a map of labels: the pixel has none. */
enum { NETRT_NO_LABEL = 255 };

struct netrt_image {
    long width, height, channels; /* channels: 3 (RGB) or, from data sets, 1 */
    unsigned char *pixels;        /* rows of pixels of channels, from malloc */
    int orientation;              /* Exif's, 1 to 8; 0 or 1: upright */
};

/* Room for a picture, zeroed; its size must be set. Fails for one too large. */
int netrt_image_alloc(struct netrt_image *, struct netrt_message *);
/* A picture of the same pixels; netrt_image_release() is the caller's. */
int netrt_image_copy(struct netrt_image *, const struct netrt_image *from, struct netrt_message *);
void netrt_image_release(struct netrt_image *);
/* Reads a file, or standard input where `path` is "-"; netrt_image_release() is the caller's. */
int netrt_image_read(struct netrt_image *, const char *path, struct netrt_message *);
/* Reads the classes of a map of labels, as one channel: the indices of a PNG file with a palette,
 * or the numbers of a gray one, of 8 bits at most. */
int netrt_image_read_labels(struct netrt_image *, const char *path, struct netrt_message *);
/* Turns a picture as its orientation says, so that it is upright. */
int netrt_image_turn(struct netrt_image *, struct netrt_message *);
/* Whether pictures can be written. */
int netrt_image_can_write(struct netrt_message *);
/* Writes a PNG file: gray, RGB, or, of one channel with a palette, 256 colors. A file that is not
 * complete never bears its name. */
int netrt_image_write(const struct netrt_image *, const unsigned char *palette, const char *path,
                      struct netrt_message *);

#endif
