#include "preprocess.h"
#include "resize.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A picture on its way: in 8 bits until the first arithmetic, then in float. Pixels of channels. */
struct canvas {
    struct netrt_image image; /* its sizes; its pixels while in 8 bits */
    float *real;              /* NULL while in 8 bits */
    struct netrt_place place;
};

static long canvas_elements(const struct canvas *c)
{
    return c->image.width * c->image.height * c->image.channels;
}

static int make_real(struct canvas *c, struct netrt_message *m)
{
    if (c->real)
        return 0;
    long n = canvas_elements(c);
    c->real = malloc((size_t)n * sizeof *c->real);
    if (!c->real)
        return netrt_fail(m, "out of memory");
    for (long i = 0; i < n; i++)
        c->real[i] = (float)c->image.pixels[i] / 255;
    netrt_image_release(&c->image);
    return 0;
}

static int do_resize(struct canvas *c, const struct netrt_picture *step, struct netrt_message *m)
{
    const long width = c->image.width, height = c->image.height;
    const int status = netrt_image_resize_shorter(&c->image, step->size[0], m);
    c->place.scale[0] *= (double)width / (double)c->image.width;
    c->place.scale[1] *= (double)height / (double)c->image.height;
    return status;
}

static int resample(struct canvas *c, long width, long height, struct netrt_message *m)
{
    c->place.scale[0] *= (double)c->image.width / (double)width;
    c->place.scale[1] *= (double)c->image.height / (double)height;
    return netrt_image_resize(&c->image, width, height, m);
}

/* Half of `extra`, halves to the even number: as Python's round() does. */
static long round_half(long extra)
{
    return extra / 2 + (extra % 2 && extra / 2 % 2);
}

/* Where a crop of `size` starts along a side of `have`; zeros go around what is smaller. */
static long crop_start(long have, long size, bool low, bool high)
{
    if (size > have)
        return -((size - have) / 2);
    return low ? 0 : high ? have - size : round_half(have - size);
}

/* Copies the rows and columns that both have; `pixel` is in bytes. */
static void copy_window(const struct netrt_image *from, const void *source, long top, long left,
                        const struct netrt_image *to, void *target, size_t pixel)
{
    long first = left < 0 ? -left : 0;
    long end = from->width - left < to->width ? from->width - left : to->width;
    for (long y = 0; y < to->height; y++)
        if (y + top >= 0 && y + top < from->height && end > first)
            memcpy((char *)target + (size_t)(y * to->width + first) * pixel,
                   (const char *)source + (size_t)((y + top) * from->width + left + first) * pixel,
                   (size_t)(end - first) * pixel);
}

/* A side of a picture that is made as large as fits, rounded, and of one pixel at least. */
static long fitted(long side, long by, long of)
{
    const long size = (2 * side * by + of) / (2 * of);
    return size < 1 ? 1 : size;
}

static int letterbox(struct canvas *c, const struct netrt_picture *step, struct netrt_message *m)
{
    const long width = c->image.width, height = c->image.height;
    const bool wide = step->size[1] * height <= step->size[0] * width; /* columns bind */
    struct netrt_image to = {
        .width = step->size[1], .height = step->size[0], .channels = c->image.channels};
    int status = netrt_image_alloc(&to, m);
    if (!status)
        status = wide ? resample(c, to.width, fitted(height, to.width, width), m)
                      : resample(c, fitted(width, to.height, height), to.height, m);
    if (status) {
        netrt_image_release(&to);
        return status;
    }
    const long top = (to.height - c->image.height) / 2, left = (to.width - c->image.width) / 2;
    memset(to.pixels, step->fill, (size_t)(to.width * to.height * to.channels));
    copy_window(&c->image, c->image.pixels, -top, -left, &to, to.pixels, (size_t)to.channels);
    c->place.offset[0] -= (double)left * c->place.scale[0];
    c->place.offset[1] -= (double)top * c->place.scale[1];
    netrt_image_release(&c->image);
    c->image = to;
    return 0;
}

static int cut(struct canvas *c, const long size[2], enum netrt_crop crop, struct netrt_message *m)
{
    bool above = crop == NETRT_CROP_TOP_LEFT || crop == NETRT_CROP_TOP_RIGHT;
    bool below = crop == NETRT_CROP_BOTTOM_LEFT || crop == NETRT_CROP_BOTTOM_RIGHT;
    bool left = crop == NETRT_CROP_TOP_LEFT || crop == NETRT_CROP_BOTTOM_LEFT;
    bool right = crop == NETRT_CROP_TOP_RIGHT || crop == NETRT_CROP_BOTTOM_RIGHT;
    struct netrt_image to = {.width = size[1], .height = size[0], .channels = c->image.channels};
    size_t channels = (size_t)to.channels;
    long top = crop_start(c->image.height, size[0], above, below);
    long start = crop_start(c->image.width, size[1], left, right);
    int status = netrt_image_alloc(&to, m);
    float *real = c->real ? calloc((size_t)(size[0] * size[1]), channels * sizeof *real) : NULL;
    if (!status && c->real && !real)
        status = netrt_fail(m, "out of memory");
    if (!status && c->real)
        copy_window(&c->image, c->real, top, start, &to, real, channels * sizeof *real);
    else if (!status)
        copy_window(&c->image, c->image.pixels, top, start, &to, to.pixels, channels);
    c->place.offset[0] += (double)start * c->place.scale[0];
    c->place.offset[1] += (double)top * c->place.scale[1];
    free(c->real);
    netrt_image_release(&c->image);
    c->image = to;
    c->real = real;
    return status;
}

static int to_gray(struct canvas *c)
{
    if (c->image.channels == 1)
        return 0;
    long n = c->image.width * c->image.height;
    for (long i = 0; i < n && c->real; i++) {
        const float *p = c->real + 3 * i;
        c->real[i] = 0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2];
    }
    for (long i = 0; i < n && !c->real; i++) {
        const unsigned char *p = c->image.pixels + 3 * i; /* in units of 2^-16 */
        c->image.pixels[i] =
            (unsigned char)((19595 * p[0] + 38470 * p[1] + 7471 * p[2] + 32768) >> 16);
    }
    c->image.channels = 1;
    return 0;
}

static int swap_channels(struct canvas *c)
{
    long n = c->image.channels == 3 ? canvas_elements(c) : 0;
    for (long i = 0; i < n; i += 3) {
        if (c->real) {
            float red = c->real[i];
            c->real[i] = c->real[i + 2];
            c->real[i + 2] = red;
        } else {
            unsigned char red = c->image.pixels[i];
            c->image.pixels[i] = c->image.pixels[i + 2];
            c->image.pixels[i + 2] = red;
        }
    }
    return 0;
}

static int scale(struct canvas *c, const struct netrt_picture *step, struct netrt_message *m)
{
    int status = make_real(c, m);
    long n = status ? 0 : canvas_elements(c);
    for (long i = 0; i < n; i++)
        c->real[i] *= step->factor;
    return status;
}

static int normalize(struct canvas *c, const struct netrt_picture *step, struct netrt_message *m)
{
    int status = make_real(c, m);
    long n = status ? 0 : canvas_elements(c), channels = c->image.channels;
    for (long i = 0; i < n; i++)
        c->real[i] = (c->real[i] - step->mean[i % channels]) / step->std[i % channels];
    return status;
}

static int run_step(struct canvas *c, const struct netrt_picture *step, enum netrt_crop crop,
                    struct netrt_message *m)
{
    if (c->real && step->kind <= NETRT_PICTURE_letterbox)
        return netrt_fail(m, "a change of size stands after arithmetic in the input's "
                             "preprocessing");
    switch (step->kind) {
    case NETRT_PICTURE_resize:
        return do_resize(c, step, m);
    case NETRT_PICTURE_stretch:
        return resample(c, step->size[1], step->size[0], m);
    case NETRT_PICTURE_letterbox:
        return letterbox(c, step, m);
    case NETRT_PICTURE_center_crop:
        return cut(c, step->size, crop, m);
    case NETRT_PICTURE_to_gray:
        return to_gray(c);
    case NETRT_PICTURE_bgr:
        return swap_channels(c);
    case NETRT_PICTURE_scale:
        return scale(c, step, m);
    case NETRT_PICTURE_normalize:
        return normalize(c, step, m);
    }
    return 0;
}

int netrt_crop_step(const struct netrt_input *input)
{
    int last = -1;
    for (int i = 0; i < input->n_picture; i++)
        if (input->picture[i].kind == NETRT_PICTURE_center_crop)
            last = i;
    return last;
}

/* A gray picture for a network that reads colors. */
static int spread_gray(struct netrt_image *image, struct netrt_message *m)
{
    struct netrt_image to = {.width = image->width, .height = image->height, .channels = 3};
    int status = netrt_image_alloc(&to, m);
    for (long i = 0; i < 3 * to.width * to.height && !status; i++)
        to.pixels[i] = image->pixels[i / 3];
    netrt_image_release(image);
    *image = to;
    return status;
}

/* A picture of another size than the network reads, and what brings it there. */
static int refuse_size(const struct netrt_input *input, const struct netrt_image *image,
                       struct netrt_message *m)
{
    const struct netrt_tensor *t = &input->tensor;
    const long rows = t->dim[2], columns = t->dim[3];
    char sizes[160];
    snprintf(sizes, sizeof sizes,
             "the network reads %ld x %ld pixels, the picture has %ld x %ld: ", columns, rows,
             image->width, image->height);
    if (input->n_picture)
        return netrt_fail(
            m, "%s'resize' and 'center_crop' in the input's preprocessing bring it there", sizes);
    return netrt_fail(m,
                      "%s'netc --prepare \"resize(%ld) -> center_crop\"' compiles a program that "
                      "brings it there",
                      sizes, rows > columns ? rows : columns);
}

/* From pixels to planes. */
static int take_planes(struct canvas *c, const struct netrt_input *input, float *data,
                       struct netrt_message *m)
{
    const struct netrt_image *image = &c->image;
    const struct netrt_tensor *t = &input->tensor;
    if (image->channels != t->dim[1])
        return netrt_fail(m,
                          "the network reads %ld channel%s, the picture has %ld: 'to_gray' in "
                          "the input's preprocessing makes one of three",
                          t->dim[1], t->dim[1] == 1 ? "" : "s", image->channels);
    if (image->height != t->dim[2] || image->width != t->dim[3])
        return refuse_size(input, image, m);
    long plane = image->width * image->height;
    for (long k = 0; k < t->dim[1]; k++)
        for (long i = 0; i < plane; i++)
            data[k * plane + i] = c->real[i * image->channels + k];
    return 0;
}

int netrt_preprocess(const struct netrt_input *input, struct netrt_image *image,
                     enum netrt_crop crop, float *data, struct netrt_place *place,
                     struct netrt_message *m)
{
    struct canvas c = {.image = *image, .place = {{1, 1}, {0, 0}}};
    const struct netrt_tensor *t = &input->tensor;
    *image = (struct netrt_image){0};
    int status = t->rank == 4 ? 0 : netrt_fail(m, "input '%s' is not one of pictures", t->name);
    if (!status && c.image.channels == 1 && t->dim[1] == 3)
        status = spread_gray(&c.image, m);
    int chosen = netrt_crop_step(input);
    for (int i = 0; i < input->n_picture && !status; i++)
        status = run_step(&c, &input->picture[i], i == chosen ? crop : NETRT_CROP_CENTER, m);
    if (!status)
        status = make_real(&c, m);
    if (!status)
        status = take_planes(&c, input, data, m);
    if (place)
        *place = c.place;
    free(c.real);
    netrt_image_release(&c.image);
    return status;
}
