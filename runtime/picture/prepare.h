/* Pictures for a program that calls a network as a library. */
#ifndef NETRT_PICTURE_PREPARE_H
#define NETRT_PICTURE_PREPARE_H

#include "../core/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes of a picture, rows of RGB of 8 bits, one image of an input, as its description says. Column
 * x and row y of the input lie at x * place[0] + place[2] and y * place[1] + place[3] of the
 * picture, counted from the edges; `place` may be NULL. Returns 0, or -1 with a message in `error`
 * (at most `error_size` bytes).
 */
int netrt_prepare(const struct netrt_input *, const unsigned char *rgb, long width, long height,
                  float *data, double *place, char *error, size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
