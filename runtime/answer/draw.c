#include "draw.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { LETTER_ROWS = 7, LETTER_COLUMNS = 5, FIRST_LETTER = 33 };

static const unsigned char letters[][LETTER_ROWS] = {
#define GLYPH(code, ...) {__VA_ARGS__},
#include "letters.def"
};

enum { N_LETTERS = sizeof letters / sizeof *letters };

/* The bits of a number, each third to one of the colors, the lowest to the highest: neighbours
 * differ much. (Pascal VOC's colors of classes are the same.) */
void netrt_class_color(long class, unsigned char rgb[3])
{
    unsigned color[3] = {0};
    for (int bit = 0; bit < 8; bit++)
        for (int c = 0; c < 3; c++)
            color[c] |= (unsigned)(class >> (3 * bit + c) & 1) << (7 - bit);
    for (int c = 0; c < 3; c++)
        rgb[c] = (unsigned char)color[c];
}

void netrt_draw_map(struct netrt_image *image, const struct netrt_map *map,
                    const struct netrt_tensor *input, const struct netrt_place *place)
{
    for (long y = 0; y < image->height; y++) {
        const long row = netrt_map_position(place, 1, y, input->dim[2], map->height);
        for (long x = 0; x < image->width && row >= 0; x++) {
            const long column = netrt_map_position(place, 0, x, input->dim[3], map->width);
            const long class = column < 0 ? 0 : map->at[row * map->width + column];
            unsigned char color[3], *pixel = image->pixels + 3 * (y * image->width + x);
            netrt_class_color(class, color);
            for (int c = 0; c < 3 && class; c++)
                pixel[c] = (unsigned char)((pixel[c] + color[c] + 1) / 2);
        }
    }
}

/* A rectangle of whole pixels. */
struct area {
    long left, top, right, bottom;
};

static void fill(struct netrt_image *image, struct area a, const unsigned char rgb[3])
{
    a.left = a.left < 0 ? 0 : a.left;
    a.top = a.top < 0 ? 0 : a.top;
    a.right = a.right > image->width ? image->width : a.right;
    a.bottom = a.bottom > image->height ? image->height : a.bottom;
    for (long y = a.top; y < a.bottom; y++)
        for (long x = a.left; x < a.right; x++)
            memcpy(image->pixels + 3 * (y * image->width + x), rgb, 3);
}

/* Bits of a letter's row; what is no letter of ASCII is a block. */
static unsigned letter_row(unsigned char code, int row)
{
    if (code == ' ')
        return 0;
    if (code < FIRST_LETTER || code >= FIRST_LETTER + N_LETTERS)
        return 31;
    return letters[code - FIRST_LETTER][row];
}

/* Texts from the left upper corner, each point of a letter `size` pixels wide. */
static void write_text(struct netrt_image *image, long left, long top, long size, const char *text,
                       const unsigned char rgb[3])
{
    for (long i = 0; text[i]; i++)
        for (int row = 0; row < LETTER_ROWS; row++)
            for (int column = 0; column < LETTER_COLUMNS; column++) {
                const long x = left + (i * (LETTER_COLUMNS + 1) + column) * size;
                const long y = top + row * size;
                if (letter_row((unsigned char)text[i], row) >> (LETTER_COLUMNS - 1 - column) & 1)
                    fill(image, (struct area){x, y, x + size, y + size}, rgb);
            }
}

/* A whole number of pixels in or a little outside of the picture. */
static long pixel_of(double x, long size)
{
    const double most = (double)size + 8;
    return lround(x < -8 ? -8 : x > most ? most : x);
}

/* A text on a ground of the box's color, above the box where there is room. */
static void write_label(struct netrt_image *image, long left, long top, long size, const char *text,
                        const unsigned char rgb[3])
{
    static const unsigned char black[3] = {0}, white[3] = {255, 255, 255};
    const long width = (long)strlen(text) * (LETTER_COLUMNS + 1) * size + size;
    const long height = (LETTER_ROWS + 2) * size;
    const bool bright = 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] > 127500;
    const long y = top >= height ? top - height : top < 0 ? 0 : top;
    left = left + width > image->width ? image->width - width : left;
    left = left < 0 ? 0 : left;
    fill(image, (struct area){left, y, left + width, y + height}, rgb);
    write_text(image, left + size, y + size, size, text, bright ? black : white);
}

void netrt_draw_box(struct netrt_image *image, const double corner[4], long class, const char *text)
{
    const long shorter = image->width < image->height ? image->width : image->height;
    const long line = 1 + shorter / 250, size = 1 + shorter / 400;
    const struct area b = {pixel_of(corner[0], image->width), pixel_of(corner[1], image->height),
                           pixel_of(corner[2], image->width), pixel_of(corner[3], image->height)};
    unsigned char rgb[3];
    netrt_class_color(class + 1, rgb);
    fill(image, (struct area){b.left, b.top, b.right, b.top + line}, rgb);
    fill(image, (struct area){b.left, b.bottom - line, b.right, b.bottom}, rgb);
    fill(image, (struct area){b.left, b.top, b.left + line, b.bottom}, rgb);
    fill(image, (struct area){b.right - line, b.top, b.right, b.bottom}, rgb);
    write_label(image, b.left, b.top, size, text, rgb);
}
