/* Pictures changed by chance, in 8 bits. */
#ifndef NETRT_TRAIN_AUGMENT_H
#define NETRT_TRAIN_AUGMENT_H

#include "../core/recipe.h"
#include "../picture/image.h"

#include <stdint.h>

/* Runs the steps of a recipe on a picture, whose pixels and size may become others. What is drawn
 * follows from `key` alone, which is another one for each picture and epoch. */
int netrt_augment(const struct netrt_augment *, int n, uint64_t key, struct netrt_image *,
                  struct netrt_message *);

/* Turns the hue of a pixel of three channels by shift / 255 of a circle, 0 to 255, by PIL's bytes.
 */
void netrt_hue_turn(unsigned char *pixel, int shift);

#endif
