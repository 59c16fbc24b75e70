/* Evaluation of outputs of pictures: how near they are to those that are right, as the ratio of the
 * range of 8 bits to the mean square of the difference, in decibels. */
#include "eval_pairs.h"

#include <math.h>

struct state {
    struct netrt_pairs pairs;
    double sum;    /* of decibels */
    long n, equal; /* pictures that differ, and that do not: these have no ratio */
};

static int open_pictures(struct netrt_eval *e, struct netrt_message *m)
{
    return netrt_eval_pairs_open(e, sizeof(struct state), m);
}

/* Where what the network made lies in the picture that is right, from its left upper corner. */
struct part {
    long left, top;
};

/* The first pixel, along columns (axis 0) or rows, of the part that the network saw. Fails where
 * that part has not as many pixels as the network made. */
static bool find_start(const struct netrt_eval *e, const struct netrt_shot *shot, int axis,
                       long right, long made, long *start)
{
    const long picture = axis ? shot->image.height : shot->image.width;
    const double scale = (double)right / (double)picture;
    const double input = (double)e->queue.input->tensor.dim[3 - axis];
    *start = lround(shot->place.offset[axis] * scale);
    return fabs(shot->place.scale[axis] * input * scale - (double)made) < 0.5;
}

static int find_part(const struct netrt_eval *e, const struct netrt_shot *shot,
                     const struct netrt_image *right, struct part *part, struct netrt_message *m)
{
    const struct netrt_image *made = &e->finding.image;
    if (find_start(e, shot, 0, right->width, made->width, &part->left) &&
        find_start(e, shot, 1, right->height, made->height, &part->top))
        return 0;
    return netrt_fail(m,
                      "the network makes %ld x %ld pixels of what is not as many of the %ld x %ld "
                      "that are right",
                      made->width, made->height, right->width, right->height);
}

/* The brightness of a pixel of RGB, as 'to_gray' makes it, or one of its channels. */
static int value_at(const unsigned char *pixel, long channel, long channels)
{
    return channels == 1 ? (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + 32768) >> 16
                         : pixel[channel];
}

/* The mean square of the difference, over pixels `border` from the edges; below 0: there are none.
 */
static double mean_square(const struct netrt_image *made, const struct netrt_image *right,
                          const struct part *part, long border)
{
    double sum = 0;
    long n = 0;
    for (long y = border; y < made->height - border; y++)
        for (long x = border; x < made->width - border; x++) {
            const long row = y + part->top, column = x + part->left;
            if (row < 0 || row >= right->height || column < 0 || column >= right->width)
                continue;
            for (long c = 0; c < made->channels; c++, n++) {
                const int difference =
                    made->pixels[(y * made->width + x) * made->channels + c] -
                    value_at(right->pixels + 3 * (row * right->width + column), c, made->channels);
                sum += difference * difference;
            }
        }
    return n ? sum / (double)n : -1;
}

static int add_ratio(struct netrt_eval *e, double square, struct netrt_message *m)
{
    struct state *s = e->state;
    if (square < 0)
        return netrt_fail(m, "--border %ld leaves no pixels of %ld x %ld",
                          e->program->options->border, e->finding.image.width,
                          e->finding.image.height);
    s->equal += square == 0;
    s->n += square > 0;
    s->sum += square > 0 ? 10 * log10(255.0 * 255.0 / square) : 0;
    return 0;
}

static int judge_picture(struct netrt_eval *e, const struct netrt_shot *shot,
                         struct netrt_message *m)
{
    const struct state *s = e->state;
    struct netrt_image right = {0};
    struct part part = {0};
    int status = netrt_image_read(&right, s->pairs.at[shot->number].right, m);
    if (!status)
        status = find_part(e, shot, &right, &part, m);
    if (!status)
        status = add_ratio(
            e, mean_square(&e->finding.image, &right, &part, e->program->options->border), m);
    netrt_image_release(&right);
    return status;
}

static double mean_ratio(const struct state *s)
{
    return s->sum / (double)s->n;
}

static void tell_progress(const struct netrt_eval *e, char *text, size_t size)
{
    const struct state *s = e->state;
    if (s->n)
        snprintf(text, size, ", PSNR %.2f dB", mean_ratio(s));
}

static void print_pictures(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    if (s->equal)
        printf("equal %ld / %ld\n", s->equal, e->n);
    if (s->n)
        printf("PSNR %.4f dB\n", mean_ratio(s));
}

static void json_pictures(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    printf(", \"equal\": %ld", s->equal);
    if (s->n)
        printf(", \"PSNR\": %.12g", mean_ratio(s));
}

const struct netrt_eval_kind netrt_evaluates_picture = {.purpose = NETRT_PURPOSE_picture,
                                                        .open = open_pictures,
                                                        .release = netrt_eval_pairs_release,
                                                        .read = netrt_eval_pairs_read,
                                                        .name = netrt_eval_pairs_name,
                                                        .judge = judge_picture,
                                                        .progress = tell_progress,
                                                        .print = print_pictures,
                                                        .json = json_pictures};
