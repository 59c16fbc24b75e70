/* Drawing into pictures what was found in them. */
#ifndef NETRT_ANSWER_DRAW_H
#define NETRT_ANSWER_DRAW_H

#include "map.h"
#include "../picture/preprocess.h"

/* A colour for each class; that of class 0 is black. Few classes have colours far apart. */
void netrt_class_color(long class, unsigned char rgb[3]);
/* Half of each class's color over an RGB picture but class 0, where the map lies in it: over the
 * `input`, which lies at `place`. What lies outside stays. */
void netrt_draw_map(struct netrt_image *, const struct netrt_map *,
                    const struct netrt_tensor *input, const struct netrt_place *place);
/* The edge of a box whose corners are x1, y1, x2, y2, counted from the edges of the picture, in its
 * class's color, with a text above; what lies outside of the picture is left out. */
void netrt_draw_box(struct netrt_image *, const double corner[4], long class, const char *text);

#endif
