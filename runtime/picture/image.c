#include "image.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Larger ones are refused, as a file of a few bytes can claim any size. PIL's own limit. */
static const long max_pixels = 178956970;

int netrt_image_alloc(struct netrt_image *image, struct netrt_message *m)
{
    if (image->width < 1 || image->height < 1 || image->width > max_pixels / image->height)
        return netrt_fail(m, "a picture of %ld x %ld pixels is too large", image->width,
                          image->height);
    image->pixels = calloc((size_t)(image->width * image->height), (size_t)image->channels);
    return image->pixels ? 0 : netrt_fail(m, "no memory for a picture");
}

int netrt_image_copy(struct netrt_image *image, const struct netrt_image *from,
                     struct netrt_message *m)
{
    *image = *from;
    int status = netrt_image_alloc(image, m);
    if (!status)
        memcpy(image->pixels, from->pixels, (size_t)(from->width * from->height * from->channels));
    return status;
}

void netrt_image_release(struct netrt_image *image)
{
    free(image->pixels);
    image->pixels = NULL;
}

/*
 * What to do with an orientation, from where pixel (row, column) of the upright picture is taken:
 * rows and columns exchanged, then the last row or column for the first.
 */
static const struct {
    bool exchanged, last_row, last_column;
} turns[] = {[1] = {false, false, false}, [2] = {false, false, true}, [3] = {false, true, true},
             [4] = {false, true, false},  [5] = {true, false, false}, [6] = {true, true, false},
             [7] = {true, true, true},    [8] = {true, false, true}};

int netrt_image_turn(struct netrt_image *image, struct netrt_message *m)
{
    const int how = image->orientation;
    struct netrt_image to = *image;
    if (how < 2)
        return 0;
    to.width = turns[how].exchanged ? image->height : image->width;
    to.height = turns[how].exchanged ? image->width : image->height;
    to.orientation = 1;
    int status = netrt_image_alloc(&to, m);
    if (status)
        return status;
    for (long i = 0; i < to.width * to.height; i++) {
        long row = i / to.width, column = i % to.width;
        if (turns[how].exchanged) {
            row = i % to.width;
            column = i / to.width;
        }
        row = turns[how].last_row ? image->height - 1 - row : row;
        column = turns[how].last_column ? image->width - 1 - column : column;
        memcpy(to.pixels + i * to.channels,
               image->pixels + (row * image->width + column) * to.channels, (size_t)to.channels);
    }
    netrt_image_release(image);
    *image = to;
    return 0;
}
