/* The decoders behind image.h: each fills `image` with RGB, or says why not. */
#ifndef NETRT_HOST_CODECS_H
#define NETRT_HOST_CODECS_H

#include "file.h"
#include "image.h"

typedef int netrt_decoder(struct netrt_image *, const struct netrt_bytes *, struct netrt_message *);

#if defined NETRT_HAVE_JPEG
netrt_decoder netrt_decode_jpeg;
#define NETRT_DECODE_JPEG netrt_decode_jpeg
#else
#define NETRT_DECODE_JPEG NULL
#endif

#if defined NETRT_HAVE_PNG
netrt_decoder netrt_decode_png;
#define NETRT_DECODE_PNG netrt_decode_png
#else
#define NETRT_DECODE_PNG NULL
#endif

#endif
