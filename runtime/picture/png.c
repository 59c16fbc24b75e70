#include "codecs.h"
#include "exif.h"

#if defined NETRT_HAVE_PNG

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct png_reader {
    const struct netrt_bytes *bytes;
    size_t at;
    struct netrt_message *message;
    jmp_buf escape;
};

static void png_failed(png_structp png, png_const_charp text)
{
    struct png_reader *reader = png_get_error_ptr(png);
    netrt_fail(reader->message, "%s", text);
    longjmp(reader->escape, 1);
}

static void png_warned(png_structp png, png_const_charp text)
{
    (void)png, (void)text;
}

static void png_take(png_structp png, png_bytep to, size_t size)
{
    struct png_reader *reader = png_get_io_ptr(png);
    if (size > reader->bytes->size - reader->at)
        png_error(png, "the file is cut short");
    memcpy(to, reader->bytes->data + reader->at, size);
    reader->at += size;
}

/* Every kind of PNG but gray of 16 bits, to RGB of 8 bits: 16 bits lose their low byte, alpha is
 * left out. */
static void png_ask_for_rgb(png_structp png)
{
    png_set_strip_16(png);
    png_set_palette_to_rgb(png);
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_gray_to_rgb(png);
    png_set_strip_alpha(png);
}

/* Reads all rows, which are shorter than those of the image where pixels have two bytes. */
static void read_passes(png_structp png, png_infop info, struct netrt_image *image,
                        size_t pixel_bytes)
{
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (size_t)image->width * pixel_bytes)
        png_error(png, "an unknown kind of PNG");
    for (int pass = 0; pass < passes; pass++)
        for (long y = 0; y < image->height; y++)
            png_read_row(png, image->pixels + image->channels * image->width * y, NULL);
    png_read_end(png, NULL);
}

/* A row of gray of 16 bits to RGB in place, clipped to 255: PIL takes such numbers as they are. */
static void clip_row(unsigned char *row, long width)
{
    for (long x = width - 1; x >= 0; x--) {
        unsigned char gray = row[2 * x] ? 255 : row[2 * x + 1];
        memset(row + 3 * x, gray, 3);
    }
}

/* What a chunk of Exif before the pixels says of how the picture stands. */
static int orientation_of(png_structp png, png_infop info)
{
    int orientation = 1;
#if defined PNG_eXIf_SUPPORTED
    png_uint_32 size;
    png_bytep data;
    if (png_get_eXIf_1(png, info, &size, &data))
        orientation = netrt_exif_orientation(data, size);
#else
    (void)png, (void)info;
#endif
    return orientation;
}

/* Indices, or gray, a byte each, with the values that they have in the file. */
static int read_labels(png_structp png, png_infop info, struct netrt_image *image,
                       struct netrt_message *m)
{
    const png_byte kind = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
    if ((kind != PNG_COLOR_TYPE_PALETTE && kind != PNG_COLOR_TYPE_GRAY) || depth > 8)
        return netrt_fail(m, "a map of labels has a palette, or is gray of 8 bits at most");
    png_set_packing(png);
    read_passes(png, info, image, 1);
    return 0;
}

/* Everything that may jump out: what it allocates belongs to `image`. */
static int png_rows(png_structp png, png_infop info, struct png_reader *reader,
                    struct netrt_image *image)
{
    png_set_read_fn(png, reader, png_take);
    png_read_info(png, info);
    image->width = png_get_image_width(png, info);
    image->height = png_get_image_height(png, info);
    image->orientation = orientation_of(png, info);
    int status = netrt_image_alloc(image, reader->message);
    if (status)
        return status;
    if (image->channels == 1)
        return read_labels(png, info, image, reader->message);
    if (png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY &&
        png_get_bit_depth(png, info) == 16) {
        read_passes(png, info, image, 2);
        for (long y = 0; y < image->height; y++)
            clip_row(image->pixels + 3 * image->width * y, image->width);
        return 0;
    }
    png_ask_for_rgb(png);
    read_passes(png, info, image, 3);
    return 0;
}

int netrt_decode_png(struct netrt_image *image, const struct netrt_bytes *bytes,
                     struct netrt_message *m)
{
    struct png_reader reader = {.bytes = bytes, .message = m};
    png_structp png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, png_failed, png_warned);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    int status;
    if (!info)
        status = netrt_fail(m, "out of memory");
    else if (setjmp(reader.escape))
        status = NETRT_FAILED;
    else
        status = png_rows(png, info, &reader, image);
    png_destroy_read_struct(&png, &info, NULL);
    return status;
}

#else
typedef int png_is_not_built;
#endif
