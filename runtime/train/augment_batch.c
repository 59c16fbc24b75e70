/* Pictures of a run mixed with one another, and their labels, after torchvision's MixUp and CutMix:
 * picture i with picture i - 1, the first with the last, by one share lam of Beta(alpha, alpha). */
#include "augment.h"
#include "draws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- shares ---- */

/* In (0, 1]. */
static double draw_above(struct draws *d)
{
    return draw(d) + 0x1p-54;
}

/* By the method of Box and Muller (1958). */
static double draw_normal(struct draws *d)
{
    const double radius = sqrt(-2 * log(draw_above(d)));
    return radius * cos(2 * acos(-1) * draw(d));
}

/* The logarithm of a number of Gamma(alpha): one of Gamma(alpha + 1), by the method of Marsaglia
 * and Tsang (2000), times a power of a uniform one. Small alphas make numbers that no double holds.
 */
static double draw_log_gamma(struct draws *d, double alpha)
{
    const double shape = alpha + 1 - 1.0 / 3, scale = 1 / sqrt(9 * shape);
    for (;;) {
        const double x = draw_normal(d), t = 1 + scale * x, v = t * t * t;
        const double u = log(draw_above(d));
        if (v > 0 && u < x * x / 2 + shape - shape * v + shape * log(v))
            return log(shape * v) + log(draw_above(d)) / alpha;
    }
}

/* Of Beta(alpha, alpha): the share that one of two numbers of Gamma(alpha) has in their sum. */
static double draw_share(struct draws *d, double alpha)
{
    const double first = draw_log_gamma(d, alpha), second = draw_log_gamma(d, alpha);
    return 1 / (1 + exp(second - first));
}

/* ---- steps ---- */

/* x is `share` of itself, the rest of y. */
static void blend(float *x, const float *y, long n, double share)
{
    const float own = (float)share, other = (float)(1 - share);
    for (long i = 0; i < n; i++)
        x[i] = y[i] * other + x[i] * own;
}

/* A step mixes one picture with another, and gives the share that the first keeps. */
struct mixing {
    double share;
    long top, left, bottom, right; /* a rectangle */
};

typedef struct mixing draw_function(const struct netrt_augment *, struct draws *,
                                    const struct netrt_batch *);
typedef void mix_function(const struct mixing *, const struct netrt_batch *, float *x,
                          const float *y);

static struct mixing draw_mixup(const struct netrt_augment *a, struct draws *d,
                                const struct netrt_batch *r)
{
    (void)r;
    return (struct mixing){.share = draw_share(d, a->alpha)};
}

static void augment_mixup(const struct mixing *m, const struct netrt_batch *r, float *x,
                          const float *y)
{
    blend(x, y, r->channels * r->height * r->width, m->share);
}

static long within(long x, long least, long most)
{
    return x < least ? least : x > most ? most : x;
}

/* Around a point of the picture, of sides of sqrt(1 - lam), as much of it as lies in the picture.
 */
static struct mixing draw_cutmix(const struct netrt_augment *a, struct draws *d,
                                 const struct netrt_batch *r)
{
    const double side = 0.5 * sqrt(1 - draw_share(d, a->alpha));
    const long x = draw_up_to(d, r->width - 1), y = draw_up_to(d, r->height - 1);
    const long w = (long)(side * (double)r->width), h = (long)(side * (double)r->height);
    struct mixing m = {.top = within(y - h, 0, y),
                       .left = within(x - w, 0, x),
                       .bottom = within(y + h, y, r->height),
                       .right = within(x + w, x, r->width)};
    m.share =
        1 - (double)((m.right - m.left) * (m.bottom - m.top)) / (double)(r->width * r->height);
    return m;
}

static void augment_cutmix(const struct mixing *m, const struct netrt_batch *r, float *x,
                           const float *y)
{
    const size_t bytes = (size_t)(m->right - m->left) * sizeof *x;
    for (long c = 0; c < r->channels; c++)
        for (long row = m->top; row < m->bottom; row++) {
            const long at = (c * r->height + row) * r->width + m->left;
            memcpy(x + at, y + at, bytes);
        }
}

/* ---- a run ---- */

static const struct {
    draw_function *draw;
    mix_function *mix;
} steps_of[NETRT_N_AUGMENTS] = {
#define AUGMENT_NONE(name)                                                                         \
    {                                                                                              \
        NULL, NULL                                                                                 \
    }
#define AUGMENT_BATCH(name)                                                                        \
    {                                                                                              \
        draw_##name, augment_##name                                                                \
    }
#define AUGMENT(name, flags, doc) AUGMENT_##flags(name),
#define NUMBER(...)
#include "../core/augment.def"
};

/* Number `which` of the steps that mix, or how many there are before the list ends. */
static int find_mixing(const struct netrt_augment *steps, int n, int which, int *found)
{
    int seen = 0;
    for (int i = 0; i < n; i++)
        if (steps_of[steps[i].kind].mix && seen++ == which)
            *found = i;
    return seen;
}

bool netrt_augments_batches(const struct netrt_augment *steps, int n)
{
    int found;
    return find_mixing(steps, n, -1, &found) > 0;
}

/* From the last picture on, so that each is mixed with another as it was. */
static void mix_all(const struct mixing *m, mix_function *mix, const struct netrt_batch *r,
                    const float *last)
{
    const long size = r->channels * r->height * r->width;
    const float *last_label = last + size;
    for (long i = r->n; i-- > 0;) {
        float *picture = r->data + i * size, *label = r->labels + i * r->classes;
        mix(m, r, picture, i ? picture - size : last);
        blend(label, i ? label - r->classes : last_label, r->classes, m->share);
    }
}

int netrt_augment_batch(const struct netrt_augment *steps, int n, uint64_t key,
                        const struct netrt_batch *r, struct netrt_message *message)
{
    struct draws d = {.key = key};
    int chosen = 0;
    const int several = find_mixing(steps, n, -1, &chosen);
    const long size = r->channels * r->height * r->width, end = r->n - 1;
    if (!several)
        return 0;
    float *last = malloc((size_t)(size + r->classes) * sizeof *last);
    if (!last)
        return netrt_fail(message, "out of memory");
    memcpy(last, r->data + end * size, (size_t)size * sizeof *last);
    memcpy(last + size, r->labels + end * r->classes, (size_t)r->classes * sizeof *last);
    find_mixing(steps, n, (int)draw_up_to(&d, several - 1), &chosen);
    const struct mixing m = steps_of[steps[chosen].kind].draw(&steps[chosen], &d, r);
    mix_all(&m, steps_of[steps[chosen].kind].mix, r, last);
    free(last);
    return 0;
}
