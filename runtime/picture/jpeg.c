#include "codecs.h"
#include "exif.h"

#if defined NETRT_HAVE_JPEG

#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>

struct jpeg_failure {
    struct jpeg_error_mgr base; /* first: the library knows it as this */
    jmp_buf escape;
    struct netrt_message *message;
};

static void jpeg_failed(j_common_ptr common)
{
    struct jpeg_failure *failure = (struct jpeg_failure *)common->err;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    netrt_fail(failure->message, "%s", text);
    longjmp(failure->escape, 1);
}

/* Warnings pass in silence, but for a file that ends too early. */
static void jpeg_warned(j_common_ptr common, int level)
{
    if (level < 0 && common->err->msg_code == JWRN_JPEG_EOF) {
        netrt_fail(((struct jpeg_failure *)common->err)->message, "the file is cut short");
        longjmp(((struct jpeg_failure *)common->err)->escape, 1);
    }
}

/* a b / 255, rounded */
static int scaled(int a, int b)
{
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/* A row of CMYK, inverted as Adobe writes it, to RGB. */
static void cmyk_row(const unsigned char *from, unsigned char *to, long width)
{
    for (long x = 0; x < width; x++)
        for (int c = 0; c < 3; c++) {
            int black = from[4 * x + 3], ink = 255 - from[4 * x + c];
            to[3 * x + c] = (unsigned char)(black - scaled(ink, black));
        }
}

/* What the first block of Exif says of how the picture stands. */
static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    static const char name[6] = "Exif\0";
    for (const struct jpeg_marker_struct *p = jpeg->marker_list; p; p = p->next)
        if (p->data_length > sizeof name && !memcmp(p->data, name, sizeof name))
            return netrt_exif_orientation(p->data + sizeof name, p->data_length - sizeof name);
    return 1;
}

/* Everything that may jump out: what it allocates belongs to `image` or the library. */
static int jpeg_rows(struct jpeg_decompress_struct *jpeg, struct netrt_image *image,
                     const struct netrt_bytes *bytes, struct netrt_message *m)
{
    jpeg_create_decompress(jpeg);
    jpeg_mem_src(jpeg, bytes->data, (unsigned long)bytes->size);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    image->orientation = orientation_of(jpeg);
    int cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    image->width = jpeg->image_width;
    image->height = jpeg->image_height;
    int status = netrt_image_alloc(image, m);
    if (status)
        return status;
    jpeg_start_decompress(jpeg);
    JSAMPARRAY row =
        jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, jpeg->output_width * 4, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        unsigned char *to = image->pixels + 3 * image->width * (long)jpeg->output_scanline;
        jpeg_read_scanlines(jpeg, row, 1);
        if (cmyk)
            cmyk_row(row[0], to, image->width);
        else
            memcpy(to, row[0], (size_t)image->width * 3);
    }
    jpeg_finish_decompress(jpeg);
    return 0;
}

int netrt_decode_jpeg(struct netrt_image *image, const struct netrt_bytes *bytes,
                      struct netrt_message *m)
{
    struct jpeg_decompress_struct jpeg = {0};
    struct jpeg_failure failure = {.message = m};
    jpeg.err = jpeg_std_error(&failure.base);
    failure.base.error_exit = jpeg_failed;
    failure.base.emit_message = jpeg_warned;
    int status;
    if (setjmp(failure.escape))
        status = NETRT_FAILED;
    else
        status = jpeg_rows(&jpeg, image, bytes, m);
    jpeg_destroy_decompress(&jpeg);
    return status;
}

#else
typedef int jpeg_is_not_built;
#endif
