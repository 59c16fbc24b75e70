/* Boxes and classes for a program that calls a network as a library. */
#ifndef NETRT_ANSWER_FOUND_H
#define NETRT_ANSWER_FOUND_H

#include "../core/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Of one image's outputs, `output` by their numbers (NULL: those that boxes do not need), what is
 * in the picture, the best first, by the score and overlap of the description: corners x1, y1, x2,
 * y2 in its pixels, by the `place` of netrt_prepare(), or in those of the input where that is NULL;
 * scores; numbers of classes. At most `most` are written. Returns how many were found, or -1 with a
 * message in `error` (at most `error_size` bytes).
 */
long netrt_boxes_found(const struct netrt_model *, const void *const *output, const double *place,
                       long most, double *corners, double *scores, long *classes, char *error,
                       size_t error_size);

/*
 * Of one image's row of the output of classes, the likeliest first: probabilities, by a softmax
 * where the network ends in none, and numbers of classes. At most `most` are written. Returns how
 * many classes there are, or -1 with a message in `error` (at most `error_size` bytes).
 */
long netrt_classes_found(const struct netrt_model *, const float *row, long most,
                         double *probabilities, long *classes, char *error, size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
