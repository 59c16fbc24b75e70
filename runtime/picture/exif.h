/* How a camera was held, of what it notes beside a picture. */
#ifndef NETRT_PICTURE_EXIF_H
#define NETRT_PICTURE_EXIF_H

#include <stddef.h>

/* The orientation, 1 to 8, that a block of Exif says (a TIFF file, hostile until parsed); 1, which
 * is upright, where it says none. */
int netrt_exif_orientation(const unsigned char *data, size_t size);

#endif
