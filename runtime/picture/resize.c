#include "resize.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * A triangle filter over the input, 1 output pixel wide on either side (and never less than 1 input
 * pixel), its weights in fixed point with 22 bits after the point: rows first, then columns, each
 * rounded to 8 bits. A size that does not change leaves its pass out.
 */
enum { FRACTION_BITS = 22 };

/* For each output position, the first input position and the weights from there on. */
struct resize_filter {
    long size; /* weights of a position; those not needed are 0 */
    long *first, *count;
    int32_t *weight;
};

static void filter_release(struct resize_filter *f)
{
    free(f->first);
    free(f->count);
    free(f->weight);
}

static int32_t fixed_point(double weight)
{
    return (int32_t)(weight * (1 << FRACTION_BITS) + 0.5);
}

/* The weights of one output position. Volatile: products are rounded before they are used, also
 * where the machine could multiply and add in one. */
static void filter_position(struct resize_filter *f, long position, double scale, double support,
                            long in, double *weights)
{
    volatile double center = ((double)position + 0.5) * scale;
    long first = (long)(center - support + 0.5), end = (long)(center + support + 0.5);
    first = first < 0 ? 0 : first;
    end = end > in ? in : end;
    double sum = 0;
    for (long i = first; i < end; i++) {
        volatile double distance = ((double)i - center + 0.5) * (1 / support);
        double inside = 1 - fabs(distance);
        weights[i - first] = inside > 0 ? inside : 0;
        sum += weights[i - first];
    }
    f->first[position] = first;
    f->count[position] = end - first;
    for (long i = 0; i < end - first; i++)
        f->weight[position * f->size + i] = fixed_point(sum > 0 ? weights[i] / sum : 0);
}

static int filter_init(struct resize_filter *f, long in, long out, struct netrt_message *m)
{
    double scale = (double)in / (double)out, support = scale < 1 ? 1 : scale;
    *f = (struct resize_filter){.size = (long)ceil(support) * 2 + 1};
    double *weights = calloc((size_t)f->size, sizeof *weights);
    f->first = calloc((size_t)out, sizeof *f->first);
    f->count = calloc((size_t)out, sizeof *f->count);
    f->weight = calloc((size_t)(f->size * out), sizeof *f->weight);
    int good = weights && f->first && f->count && f->weight;
    for (long i = 0; good && i < out; i++)
        filter_position(f, i, scale, support, in, weights);
    free(weights);
    return good ? 0 : netrt_fail(m, "out of memory");
}

/* One byte: the weighted sum of bytes `stride` apart. */
static unsigned char filtered(const struct resize_filter *f, long position,
                              const unsigned char *from, long stride)
{
    const int32_t *weight = f->weight + position * f->size;
    int32_t sum = 1 << (FRACTION_BITS - 1);
    from += f->first[position] * stride;
    for (long i = 0; i < f->count[position]; i++)
        sum += from[i * stride] * weight[i];
    sum >>= FRACTION_BITS;
    return (unsigned char)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static void resize_rows(const struct resize_filter *f, const struct netrt_image *from,
                        struct netrt_image *to)
{
    long c = from->channels;
    for (long y = 0; y < to->height; y++)
        for (long x = 0; x < to->width; x++)
            for (long k = 0; k < c; k++)
                to->pixels[(y * to->width + x) * c + k] =
                    filtered(f, x, from->pixels + y * from->width * c + k, c);
}

static void resize_columns(const struct resize_filter *f, const struct netrt_image *from,
                           struct netrt_image *to)
{
    long row = from->width * from->channels;
    for (long y = 0; y < to->height; y++)
        for (long x = 0; x < row; x++)
            to->pixels[y * row + x] = filtered(f, y, from->pixels + x, row);
}

typedef void resize_pass(const struct resize_filter *, const struct netrt_image *from,
                         struct netrt_image *to);

static int run_pass(struct netrt_image *image, long width, long height, long in, long out,
                    resize_pass *pass, struct netrt_message *m)
{
    if (in == out)
        return 0;
    struct resize_filter filter = {0};
    struct netrt_image to = {.width = width, .height = height, .channels = image->channels};
    int status = netrt_image_alloc(&to, m);
    if (!status)
        status = filter_init(&filter, in, out, m);
    if (!status)
        pass(&filter, image, &to);
    filter_release(&filter);
    netrt_image_release(status ? &to : image);
    if (!status)
        *image = to;
    return status;
}

int netrt_image_resize(struct netrt_image *image, long width, long height, struct netrt_message *m)
{
    int status = run_pass(image, width, image->height, image->width, width, resize_rows, m);
    if (status)
        return status;
    return run_pass(image, width, height, image->height, height, resize_columns, m);
}

int netrt_image_resize_shorter(struct netrt_image *image, long side, struct netrt_message *m)
{
    if (image->width <= image->height)
        return netrt_image_resize(image, side, side * image->height / image->width, m);
    return netrt_image_resize(image, side * image->width / image->height, side, m);
}
