#include "image.h"
#include "file.h"
#include "codecs.h"

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

struct codec {
    const char *name;
    const char *magic;
    size_t magic_size;
    netrt_decoder *decode; /* NULL: this program was built without */
};

static const struct codec codecs[] = {
    {"JPEG", "\xff\xd8\xff", 3, NETRT_DECODE_JPEG},
    {"PNG", "\x89PNG\r\n\x1a\n", 8, NETRT_DECODE_PNG},
};

static int decode(struct netrt_image *image, const struct netrt_bytes *bytes, const char *path,
                  struct netrt_message *m)
{
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        const struct codec *codec = &codecs[i];
        if (bytes->size < codec->magic_size ||
            memcmp(bytes->data, codec->magic, codec->magic_size) != 0)
            continue;
        if (!codec->decode)
            return netrt_fail(m, "'%s' is a %s picture, which this program was built without", path,
                              codec->name);
        struct netrt_message why = {0};
        if (codec->decode(image, bytes, &why))
            return netrt_fail(m, "cannot read picture '%s': %s", path, why.text);
        return 0;
    }
    return netrt_fail(m, "'%s' is not a picture: JPEG and PNG files are", path);
}

int netrt_image_read(struct netrt_image *image, const char *path, struct netrt_message *m)
{
    struct netrt_bytes bytes;
    *image = (struct netrt_image){.channels = 3};
    const bool input = !strcmp(path, "-");
    const char *name = input ? "standard input" : path;
    int status =
        input ? netrt_stream_read(stdin, name, &bytes, m) : netrt_file_read(path, &bytes, m);
    if (status)
        return status;
    status = decode(image, &bytes, name, m);
    free(bytes.data);
    if (status)
        netrt_image_release(image);
    return status;
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

int netrt_image_can_write(struct netrt_message *m)
{
    netrt_encoder *encode = NETRT_ENCODE_PNG;
    return encode ? 0
                  : netrt_fail(m, "this program was built without PNG, so it writes no pictures");
}

int netrt_image_write(const struct netrt_image *image, const unsigned char *palette,
                      const char *path, struct netrt_message *m)
{
    netrt_encoder *encode = NETRT_ENCODE_PNG;
    struct netrt_writer out;
    int status = netrt_image_can_write(m);
    if (!status)
        status = netrt_writer_open(&out, path, m);
    if (status)
        return status;
    status = encode(image, palette, out.file, m);
    return netrt_writer_close(&out, status, m);
}
