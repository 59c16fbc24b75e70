#include "augment.h"
#include "draws.h"
#include "../picture/resize.h"

#include <math.h>
#include <string.h>

static double draw_between(struct draws *d, double low, double high)
{
    return low + (high - low) * draw(d);
}

/* A picture, and the map of the labels of its pixels, where it has one: what moves pixels moves
 * these likewise. */
struct pictured {
    struct netrt_image *image, *labels;
};

typedef int augment_function(const struct netrt_augment *, struct draws *, const struct pictured *,
                             struct netrt_message *);

/* Makes the picture rows x columns, of which the old one's row 0 is row `top`, column 0 `left`;
 * where it has none it is `around`. */
static int cut(struct netrt_image *image, long rows, long columns, long top, long left,
               unsigned char around, struct netrt_message *m)
{
    struct netrt_image to = {.width = columns, .height = rows, .channels = image->channels};
    const int status = netrt_image_alloc(&to, m);
    const long first = left > 0 ? left : 0;
    const long end = left + image->width < columns ? left + image->width : columns;
    if (status)
        return status;
    memset(to.pixels, around, (size_t)(rows * columns * to.channels));
    for (long y = 0; y < rows; y++)
        if (y >= top && y < top + image->height && first < end)
            memcpy(to.pixels + (y * columns + first) * to.channels,
                   image->pixels + ((y - top) * image->width + first - left) * to.channels,
                   (size_t)((end - first) * to.channels));
    netrt_image_release(image);
    *image = to;
    return 0;
}

/* Around the picture it is black, and nothing has a label. */
static int window(const struct pictured *p, long rows, long columns, long top, long left,
                  struct netrt_message *m)
{
    const int status = cut(p->image, rows, columns, top, left, 0, m);
    return status || !p->labels ? status
                                : cut(p->labels, rows, columns, top, left, NETRT_NO_LABEL, m);
}

static int augment_pad(const struct netrt_augment *a, struct draws *d, const struct pictured *p,
                       struct netrt_message *m)
{
    (void)d;
    return window(p, p->image->height + 2 * a->padding, p->image->width + 2 * a->padding,
                  a->padding, a->padding, m);
}

static int augment_random_crop(const struct netrt_augment *a, struct draws *d,
                               const struct pictured *p, struct netrt_message *m)
{
    const struct netrt_image *image = p->image;
    if (image->height < a->size || image->width < a->size)
        return netrt_fail(m, "a crop of %ldx%ld does not lie in its %ldx%ld", a->size, a->size,
                          image->height, image->width);
    const long top = draw_up_to(d, image->height - a->size);
    return window(p, a->size, a->size, -top, -draw_up_to(d, image->width - a->size), m);
}

static void turn_over(struct netrt_image *image)
{
    const long n = image->channels, width = image->width;
    for (long y = 0; y < image->height; y++)
        for (long x = 0; x < width / 2; x++)
            for (long c = 0; c < n; c++) {
                unsigned char *row = image->pixels + y * width * n;
                const unsigned char left = row[x * n + c];
                row[x * n + c] = row[(width - 1 - x) * n + c];
                row[(width - 1 - x) * n + c] = left;
            }
}

static int augment_flip(const struct netrt_augment *a, struct draws *d, const struct pictured *p,
                        struct netrt_message *m)
{
    (void)m;
    if (draw(d) >= a->p)
        return 0;
    turn_over(p->image);
    if (p->labels)
        turn_over(p->labels);
    return 0;
}

/* A size of a share of the picture, and of a shape, that lies in it: false where ten draws give
 * none. */
static bool draw_size(const struct netrt_augment *a, double max_scale, struct draws *d,
                      const struct netrt_image *image, long *rows, long *columns)
{
    const double bend = -log(a->min_ratio);
    for (int i = 0; i < 10; i++) {
        const double area =
            (double)(image->width * image->height) * draw_between(d, a->min_scale, max_scale);
        const double ratio = exp(draw_between(d, -bend, bend));
        *columns = lround(sqrt(area * ratio));
        *rows = lround(sqrt(area / ratio));
        if (*columns > 0 && *columns <= image->width && *rows > 0 && *rows <= image->height)
            return true;
    }
    return false;
}

/* Where no size is drawn, the middle, as much of it as the shapes allow. */
static void middle_size(const struct netrt_augment *a, const struct netrt_image *image, long *rows,
                        long *columns)
{
    const double ratio = (double)image->width / (double)image->height;
    *rows = image->height;
    *columns = image->width;
    if (ratio < a->min_ratio)
        *rows = lround((double)image->width / a->min_ratio);
    else if (ratio > 1 / a->min_ratio)
        *columns = lround((double)image->height / a->min_ratio);
}

/* Labels are not mixed: each is that of the nearest pixel. */
static int resize_labels(struct netrt_image *labels, long size, struct netrt_message *m)
{
    struct netrt_image to = {.width = size, .height = size, .channels = 1};
    const int status = netrt_image_alloc(&to, m);
    if (status)
        return status;
    for (long y = 0; y < size; y++)
        for (long x = 0; x < size; x++)
            to.pixels[y * size + x] =
                labels->pixels[(2 * y + 1) * labels->height / (2 * size) * labels->width +
                               (2 * x + 1) * labels->width / (2 * size)];
    netrt_image_release(labels);
    *labels = to;
    return 0;
}

static int augment_random_resized_crop(const struct netrt_augment *a, struct draws *d,
                                       const struct pictured *p, struct netrt_message *m)
{
    const struct netrt_image *image = p->image;
    long rows, columns, top, left;
    if (draw_size(a, 1, d, image, &rows, &columns)) {
        top = draw_up_to(d, image->height - rows);
        left = draw_up_to(d, image->width - columns);
    } else {
        middle_size(a, image, &rows, &columns);
        top = (image->height - rows) / 2;
        left = (image->width - columns) / 2;
    }
    int status = window(p, rows, columns, -top, -left, m);
    if (!status && p->labels)
        status = resize_labels(p->labels, a->size, m);
    return status ? status : netrt_image_resize(p->image, a->size, a->size, m);
}

static unsigned char blended(double value, double other, double factor)
{
    const double sum = factor * value + (1 - factor) * other;
    return (unsigned char)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* As PIL's conversion to "L", in units of 2^-16. */
static double gray_of(const unsigned char *pixel, long channels)
{
    return channels < 3
               ? pixel[0]
               : (double)((pixel[0] * 19595L + pixel[1] * 38470L + pixel[2] * 7471L + 0x8000) >>
                          16);
}

static double mean_gray(const struct netrt_image *image)
{
    const long n = image->width * image->height;
    double sum = 0;
    for (long i = 0; i < n; i++)
        sum += gray_of(image->pixels + i * image->channels, image->channels);
    return floor(sum / (double)n + 0.5);
}

/* Hue, of which 255 is a circle, and saturation, as PIL's bytes of HSV. */
static void hue_of(const unsigned char *pixel, int *hue, int *saturation)
{
    const int r = pixel[0], g = pixel[1], b = pixel[2];
    const int most = r > g ? (r > b ? r : b) : (g > b ? g : b);
    const int least = r < g ? (r < b ? r : b) : (g < b ? g : b);
    const float range = (float)(most - least);
    const float red = (float)(most - r) / range, green = (float)(most - g) / range,
                blue = (float)(most - b) / range;
    const float h = r == most   ? blue - green
                    : g == most ? (float)(2.0 + (double)red - (double)blue)
                                : (float)(4.0 + (double)green - (double)red);
    const float circle = (float)fmod((double)h / 6.0 + 1.0, 1.0);
    *hue = (int)((double)circle * 255.0);
    *saturation = (int)((double)(range / (float)most) * 255.0);
}

void netrt_hue_turn(unsigned char *pixel, int shift)
{
    /* which of value, its least, and what falls and rises between them, each sixth has as r, g, b
     */
    static const unsigned char sixths[6][3] = {{0, 3, 1}, {2, 0, 1}, {1, 0, 3},
                                               {1, 2, 0}, {3, 1, 0}, {0, 1, 2}};
    const int value = pixel[0] > pixel[1] ? pixel[0] : pixel[1],
              v = value > pixel[2] ? value : pixel[2];
    int hue, saturation;
    if (pixel[0] == pixel[1] && pixel[1] == pixel[2])
        return;
    hue_of(pixel, &hue, &saturation);
    hue = (hue + shift) & 255;
    if (!saturation) {
        memset(pixel, v, 3);
        return;
    }
    const float at = (float)hue * 6.0f / 255.0f, part = at - floorf(at);
    const double s = (double)((float)saturation / 255.0f), f = (double)part;
    const double parts[4] = {v, v * (1 - s), v * (1 - s * f), v * (1 - s * (1 - f))};
    for (int i = 0; i < 3; i++)
        pixel[i] = (unsigned char)lround(parts[sixths[(int)floorf(at) % 6][i]]);
}

/* Of all pixels, by a share of a circle. */
static void turn_hues(struct netrt_image *image, double share)
{
    const int shift = (int)(share * 255) & 255;
    const long n = image->width * image->height * image->channels;
    for (long i = 0; image->channels >= 3 && i < n; i += image->channels)
        netrt_hue_turn(image->pixels + i, shift);
}

static double factor_of(double range, struct draws *d)
{
    return draw_between(d, range < 1 ? 1 - range : 0, 1 + range);
}

/* In torchvision's order before it is shuffled: brightness, contrast, saturation, hue. */
static int augment_color_jitter(const struct netrt_augment *a, struct draws *d,
                                const struct pictured *p, struct netrt_message *m)
{
    struct netrt_image *image = p->image;
    const double brightness = factor_of(a->brightness, d), contrast = factor_of(a->contrast, d),
                 saturation = factor_of(a->saturation, d);
    const long n = image->width * image->height, channels = image->channels;
    (void)m;
    for (long i = 0; i < n * channels; i++)
        image->pixels[i] = blended(image->pixels[i], 0, brightness);
    const double mean = mean_gray(image);
    for (long i = 0; i < n; i++) {
        unsigned char *pixel = image->pixels + i * channels;
        for (long c = 0; c < channels; c++)
            pixel[c] = blended(pixel[c], mean, contrast);
        const double gray = gray_of(pixel, channels);
        for (long c = 0; c < channels; c++)
            pixel[c] = blended(pixel[c], gray, saturation);
    }
    if (a->hue > 0)
        turn_hues(image, draw_between(d, -a->hue, a->hue));
    return 0;
}

/* Labels stay, as those of torchvision's masks do. */
static int augment_erasing(const struct netrt_augment *a, struct draws *d, const struct pictured *p,
                           struct netrt_message *m)
{
    struct netrt_image *image = p->image;
    const long n = image->channels;
    long rows, columns;
    (void)m;
    if (draw(d) >= a->p || !draw_size(a, a->max_scale, d, image, &rows, &columns))
        return 0;
    const long top = draw_up_to(d, image->height - rows);
    const long left = draw_up_to(d, image->width - columns);
    for (long y = top; y < top + rows; y++)
        memset(image->pixels + (y * image->width + left) * n, 0, (size_t)(columns * n));
    return 0;
}

int netrt_augment(const struct netrt_augment *steps, int n, uint64_t key, struct netrt_image *image,
                  struct netrt_image *labels, struct netrt_message *m)
{
#define AUGMENT_NONE(name)  augment_##name
#define AUGMENT_BATCH(name) NULL
    static augment_function *const functions[NETRT_N_AUGMENTS] = {
#define AUGMENT(name, flags, doc) AUGMENT_##flags(name),
#define NUMBER(...)
#include "../core/augment.def"
    };
    const struct pictured p = {image, labels};
    struct draws d = {.key = key};
    int status = 0;
    for (int i = 0; i < n && !status; i++)
        if (functions[steps[i].kind])
            status = functions[steps[i].kind](&steps[i], &d, &p, m);
    return status;
}
