/* What is behind image.h: decoders, each of which fills `image` with RGB, or, where it is of one
 * channel, with labels, or says why not; and an encoder. */
#ifndef NETRT_PICTURE_CODECS_H
#define NETRT_PICTURE_CODECS_H

#include "../host/file.h"
#include "image.h"

typedef int netrt_decoder(struct netrt_image *, const struct netrt_bytes *, struct netrt_message *);

#if defined NETRT_HAVE_JPEG
netrt_decoder netrt_decode_jpeg;
#define NETRT_DECODE_JPEG netrt_decode_jpeg
#else
#define NETRT_DECODE_JPEG NULL
#endif

/* Writes a picture; one of one channel with a palette is of 256 colors, of three bytes each. */
typedef int netrt_encoder(const struct netrt_image *, const unsigned char *palette, FILE *,
                          struct netrt_message *);

#if defined NETRT_HAVE_PNG
netrt_encoder netrt_encode_png;
#define NETRT_ENCODE_PNG netrt_encode_png
netrt_decoder netrt_decode_png;
#define NETRT_DECODE_PNG netrt_decode_png
#else
#define NETRT_DECODE_PNG NULL
#define NETRT_ENCODE_PNG NULL
#endif

#endif
