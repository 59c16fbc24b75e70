/* Pictures changed by chance, in 8 bits. */
#ifndef NETRT_TRAIN_AUGMENT_H
#define NETRT_TRAIN_AUGMENT_H

#include "../core/recipe.h"
#include "../picture/image.h"

#include <stdbool.h>
#include <stdint.h>

/* Runs the steps of a recipe that change a picture, whose pixels and size may become others, and
 * those of the map of its labels likewise (NULL: it has none). What is drawn follows from `key`
 * alone, which is another one for each picture and epoch. */
int netrt_augment(const struct netrt_augment *, int n, uint64_t key, struct netrt_image *,
                  struct netrt_image *labels, struct netrt_message *);

/* The pictures of a run as a network reads them, [n, channels, height, width], and the shares that
 * their classes have, [n, classes]. */
struct netrt_batch {
    long n, channels, height, width, classes;
    float *data, *labels;
};

/* Whether a recipe mixes the pictures of a run, so that labels are shares of classes. */
bool netrt_augments_batches(const struct netrt_augment *, int n);
/* Runs a step of the recipe that does, if there is any: of several, one by chance. What is drawn
 * follows from `key` alone, which is another one for each run and epoch. */
int netrt_augment_batch(const struct netrt_augment *, int n, uint64_t key,
                        const struct netrt_batch *, struct netrt_message *);

/* Turns the hue of a pixel of three channels by shift / 255 of a circle, 0 to 255, by PIL's bytes.
 */
void netrt_hue_turn(unsigned char *pixel, int shift);

#endif
