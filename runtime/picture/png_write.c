#include "codecs.h"

#if defined NETRT_HAVE_PNG

#include <png.h>
#include <setjmp.h>

struct png_writer {
    struct netrt_message *message;
    jmp_buf escape;
};

static void png_failed(png_structp png, png_const_charp text)
{
    struct png_writer *writer = png_get_error_ptr(png);
    netrt_fail(writer->message, "cannot write a PNG picture: %s", text);
    longjmp(writer->escape, 1);
}

static void png_warned(png_structp png, png_const_charp text)
{
    (void)png, (void)text;
}

/* Everything that may jump out. */
static int write_rows(png_structp png, png_infop info, const struct netrt_image *image,
                      const unsigned char *palette, FILE *file)
{
    png_color colors[PNG_MAX_PALETTE_LENGTH];
    const int type = palette                ? PNG_COLOR_TYPE_PALETTE
                     : image->channels == 1 ? PNG_COLOR_TYPE_GRAY
                                            : PNG_COLOR_TYPE_RGB;
    for (int i = 0; i < PNG_MAX_PALETTE_LENGTH && palette; i++)
        colors[i] = (png_color){palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]};
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8, type,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (palette)
        png_set_PLTE(png, info, colors, PNG_MAX_PALETTE_LENGTH);
    png_write_info(png, info);
    for (long y = 0; y < image->height; y++)
        png_write_row(png, image->pixels + y * image->width * image->channels);
    png_write_end(png, info);
    return 0;
}

int netrt_encode_png(const struct netrt_image *image, const unsigned char *palette, FILE *file,
                     struct netrt_message *m)
{
    struct png_writer writer = {.message = m};
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, png_failed, png_warned);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    int status;
    if (!info)
        status = netrt_fail(m, "out of memory");
    else if (setjmp(writer.escape))
        status = NETRT_FAILED;
    else
        status = write_rows(png, info, image, palette, file);
    png_destroy_write_struct(&png, &info);
    return status;
}

#else
typedef int png_is_not_written;
#endif
