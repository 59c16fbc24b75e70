/* Augmentation, step by step, against pixels worked out by hand. */
#include "check.h"
#include "runtime/train/augment.h"

#include <math.h>
#include <string.h>

/* A picture of one channel, whose pixel (y, x) is 10 y + x + 1. */
static struct netrt_image make_image(struct check *c, long width, long height)
{
    struct netrt_image image = {.width = width, .height = height, .channels = 1};
    struct netrt_message m = {0};
    CHECK(c, !netrt_image_alloc(&image, &m));
    for (long i = 0; i < width * height; i++)
        image.pixels[i] = (unsigned char)(10 * (i / width) + i % width + 1);
    return image;
}

static void check_pixels(struct check *c, struct netrt_image *image, long width, long height,
                         const unsigned char *wanted)
{
    CHECK(c, image->width == width && image->height == height);
    CHECK(c, !memcmp(image->pixels, wanted, (size_t)(width * height)));
    netrt_image_release(image);
}

static void run(struct check *c, const struct netrt_augment *step, uint64_t key,
                struct netrt_image *image)
{
    struct netrt_message m = {0};
    CHECK(c, !netrt_augment(step, 1, key, image, NULL, &m));
}

static void check_pad_and_flip(struct check *c)
{
    const struct netrt_augment pad = {.kind = NETRT_AUGMENT_pad, .padding = 1};
    const struct netrt_augment flip = {.kind = NETRT_AUGMENT_flip, .p = 1};
    const unsigned char padded[] = {0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 11, 12, 13, 0, 0, 0, 0, 0, 0};
    const unsigned char turned[] = {3, 2, 1, 13, 12, 11};
    struct netrt_image image = make_image(c, 3, 2);
    run(c, &pad, 1, &image);
    check_pixels(c, &image, 5, 4, padded);
    image = make_image(c, 3, 2);
    run(c, &flip, 1, &image);
    check_pixels(c, &image, 3, 2, turned);
}

/* Of the four corners that a crop can have, each comes, and about as often. */
static void check_crop(struct check *c)
{
    const struct netrt_augment crop = {.kind = NETRT_AUGMENT_random_crop, .size = 2};
    int seen[4] = {0};
    for (uint64_t key = 0; key < 400; key++) {
        struct netrt_image image = make_image(c, 3, 3);
        run(c, &crop, 1000 * key, &image);
        const int top = (image.pixels[0] - 1) / 10, left = (image.pixels[0] - 1) % 10;
        const unsigned char wanted[] = {image.pixels[0], (unsigned char)(image.pixels[0] + 1),
                                        (unsigned char)(image.pixels[0] + 10),
                                        (unsigned char)(image.pixels[0] + 11)};
        CHECK(c, top < 2 && left < 2);
        seen[2 * top + left]++;
        check_pixels(c, &image, 2, 2, wanted);
    }
    for (int i = 0; i < 4; i++)
        CHECK(c, seen[i] > 60 && seen[i] < 140);
}

static void check_large_crop(struct check *c)
{
    const struct netrt_augment crop = {.kind = NETRT_AUGMENT_random_crop, .size = 4};
    struct netrt_image image = make_image(c, 3, 5);
    struct netrt_message m = {0};
    CHECK(c, netrt_augment(&crop, 1, 1, &image, NULL, &m) == NETRT_FAILED);
    CHECK_TEXT(c, m.text, "a crop of 4x4 does not lie in its 5x3");
    netrt_image_release(&image);
}

/* Shares of the picture that are resized lie where they are said to, and so do erased ones. */
static void check_shares(struct check *c)
{
    const struct netrt_augment erasing = {.kind = NETRT_AUGMENT_erasing,
                                          .p = 1,
                                          .min_scale = 0.1,
                                          .max_scale = 0.4,
                                          .min_ratio = 0.5};
    const struct netrt_augment resized = {
        .kind = NETRT_AUGMENT_random_resized_crop, .size = 6, .min_scale = 0.2, .min_ratio = 0.75};
    for (uint64_t key = 0; key < 100; key++) {
        struct netrt_image image = make_image(c, 20, 10);
        int black = 0;
        run(c, &erasing, 100 * key, &image);
        for (int i = 0; i < 200; i++)
            black += image.pixels[i] == 0;
        CHECK(c, black >= 12 && black <= 92); /* 20 to 80, by sides rounded by up to a half */
        run(c, &resized, 100 * key, &image);
        CHECK(c, image.width == 6 && image.height == 6);
        netrt_image_release(&image);
    }
}

/* Of two pixels, 100 and 50 gray: the mean is 75. With these factors each is blended to a value
 * between that of the least and the largest factor. */
static void check_jitter(struct check *c)
{
    const struct netrt_augment light = {.kind = NETRT_AUGMENT_color_jitter, .brightness = 0.2};
    const struct netrt_augment contrast = {.kind = NETRT_AUGMENT_color_jitter, .contrast = 0.4};
    for (uint64_t key = 0; key < 100; key++) {
        for (int k = 0; k < 2; k++) {
            struct netrt_image image = make_image(c, 2, 1);
            image.pixels[0] = 100;
            image.pixels[1] = 50;
            run(c, k ? &contrast : &light, 100 * key, &image);
            const int a = image.pixels[0], b = image.pixels[1];
            CHECK(c, k ? a >= 89 && a <= 110 && b >= 39 && b <= 60 : a >= 79 && a <= 120);
            CHECK(c, k ? a + b >= 148 && a + b <= 150 : 2 * b >= a - 2 && 2 * b <= a + 1);
            netrt_image_release(&image);
        }
    }
}

/* What torchvision's adjust_hue() makes of PIL's pictures, for 0.1, -0.25, 0.5 and 0.013. */
static void check_hue(struct check *c)
{
    static const unsigned char pixels[] = {
        255, 0,   0,   0, 255, 0, 0,   0,  255, 200, 100, 50,  12, 34, 56, 90,  90, 90,
        255, 255, 254, 1, 2,   0, 250, 10, 130, 77,  200, 199, 0,  0,  0,  128, 64, 192};
    static const struct {
        int shift;
        unsigned char wanted[sizeof pixels];
    } turned[] = {
        {25, {255, 150, 0,   0, 255, 150, 150, 0,  255, 200, 188, 50,  15, 12, 56, 90,  90, 90,
              254, 255, 254, 0, 2,   0,   250, 22, 11,  78,  129, 200, 0,  0,  0,  192, 64, 181}},
        {193, {138, 0,   255, 255, 132, 0, 0,  255, 132, 181, 50,  200, 12, 56, 12, 90, 90,  90,
               255, 254, 254, 2,   0,   0, 11, 11,  250, 138, 200, 78,  0,  0,  0,  64, 190, 192}},
        {127, {0,   255, 252, 252, 0, 255, 255, 246, 0,   50,  152, 200, 56, 32, 12, 90,  90,  90,
               254, 254, 255, 1,   0, 2,   11,  250, 118, 200, 78,  81,  0,  0,  0,  133, 192, 64}},
        {3, {255, 18,  0,   0, 255, 18, 18,  0,  255, 200, 110, 50,  12, 32, 56, 90,  90, 90,
             255, 255, 254, 1, 2,   0,  250, 11, 118, 78,  193, 200, 0,  0,  0,  136, 64, 192}},
    };
    for (size_t i = 0; i < sizeof turned / sizeof *turned; i++) {
        unsigned char made[sizeof pixels];
        memcpy(made, pixels, sizeof made);
        for (size_t k = 0; k < sizeof made; k += 3)
            netrt_hue_turn(made + k, turned[i].shift);
        CHECK(c, !memcmp(made, turned[i].wanted, sizeof made));
    }
}

/* ---- maps of labels ---- */

/* A picture and the map of its labels, which are the same numbers, after a step. */
static void run_both(struct check *c, const struct netrt_augment *step, uint64_t key,
                     struct netrt_image *image, struct netrt_image *labels)
{
    struct netrt_message m = {0};
    *image = make_image(c, 4, 3);
    *labels = make_image(c, 4, 3);
    CHECK(c, !netrt_augment(step, 1, key, image, labels, &m));
    CHECK(c, labels->width == image->width && labels->height == image->height);
}

/* Labels move as their pixels do; around the picture there are none, where pixels are black. */
static void check_moved_labels(struct check *c)
{
    static const struct netrt_augment steps[] = {
        {.kind = NETRT_AUGMENT_pad, .padding = 2},
        {.kind = NETRT_AUGMENT_flip, .p = 0.5},
        {.kind = NETRT_AUGMENT_random_crop, .size = 2},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (uint64_t key = 0; key < 20; key++) {
            struct netrt_image image, labels;
            run_both(c, &steps[i], 1000 * key, &image, &labels);
            for (long k = 0; k < image.width * image.height; k++)
                CHECK(c, labels.pixels[k] == (image.pixels[k] ? image.pixels[k] : NETRT_NO_LABEL));
            netrt_image_release(&image);
            netrt_image_release(&labels);
        }
}

/* What changes colours leaves labels as they are. */
static void check_kept_labels(struct check *c)
{
    static const struct netrt_augment steps[] = {
        {.kind = NETRT_AUGMENT_color_jitter, .brightness = 0.5},
        {.kind = NETRT_AUGMENT_erasing, .p = 1, .min_scale = 0.3, .max_scale = 0.3, .min_ratio = 1},
    };
    static const unsigned char kept[] = {1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct netrt_image image, labels;
        run_both(c, &steps[i], 7, &image, &labels);
        CHECK(c, memcmp(image.pixels, kept, sizeof kept));
        netrt_image_release(&image);
        check_pixels(c, &labels, 4, 3, kept);
    }
}

/* A whole picture of 3 x 3, brought to 6 x 6 and to 2 x 2: each label is that of the pixel in which
 * the middle of the new one lies, (2 i + 1) / 4 and 3 (2 i + 1) / 4. */
static void check_resized_labels(struct check *c)
{
    static const unsigned char large[] = {1,  1,  2,  2,  3,  3,  1,  1,  2,  2,  3,  3,
                                          11, 11, 12, 12, 13, 13, 11, 11, 12, 12, 13, 13,
                                          21, 21, 22, 22, 23, 23, 21, 21, 22, 22, 23, 23};
    static const unsigned char small[] = {1, 3, 21, 23};
    for (int k = 0; k < 2; k++) {
        const struct netrt_augment resized = {.kind = NETRT_AUGMENT_random_resized_crop,
                                              .size = k ? 2 : 6,
                                              .min_scale = 1,
                                              .min_ratio = 1};
        struct netrt_image image = make_image(c, 3, 3), labels = make_image(c, 3, 3);
        struct netrt_message m = {0};
        CHECK(c, !netrt_augment(&resized, 1, 1, &image, &labels, &m));
        netrt_image_release(&image);
        check_pixels(c, &labels, resized.size, resized.size, k ? small : large);
    }
}

/* ---- pictures of a run, mixed ---- */

/* How many of n shares that a recipe's mixup draws lie below x: a run of two pictures, all 0 and
 * all 1, shows them. */
static int count_below(struct check *c, double alpha, double x, int n)
{
    const struct netrt_augment mixup = {.kind = NETRT_AUGMENT_mixup, .alpha = alpha};
    int below = 0;
    for (int key = 0; key < n; key++) {
        float data[2] = {0, 1}, labels[4] = {1, 0, 0, 1};
        const struct netrt_batch run = {2, 1, 1, 1, 2, data, labels};
        struct netrt_message m = {0};
        CHECK(c, !netrt_augment_batch(&mixup, 1, (uint64_t)key * 1000, &run, &m));
        CHECK(c, data[0] == labels[1] && data[1] == labels[3] && labels[0] == labels[3]);
        below += data[1] < (float)x;
    }
    return below;
}

/* The distribution functions of Beta(1, 1), (2, 2) and (1/2, 1/2): x, x^2 (3 - 2 x) and
 * 2/pi asin(sqrt(x)). Of n numbers the share below x is off by 1/sqrt(4 n) at most, as a standard
 * deviation, of which four are allowed. Shares of a small alpha are 0 or 1 but for one in many. */
static void check_mixup_shares(struct check *c)
{
    const int n = 4000;
    const double four = 4 / sqrt(4.0 * n), at[] = {0.05, 0.25, 0.5, 0.8};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const double x = at[i];
        CHECK(c, fabs(count_below(c, 1, x, n) / (double)n - x) < four);
        CHECK(c, fabs(count_below(c, 2, x, n) / (double)n - x * x * (3 - 2 * x)) < four);
        CHECK(c, fabs(count_below(c, 0.5, x, n) / (double)n - 2 / acos(-1) * asin(sqrt(x))) < four);
        CHECK(c, fabs(count_below(c, 1e-4, x, n) / (double)n - 0.5) < four);
    }
}

/* Of pictures 1, 2 and 3 each has a rectangle of the one before it, the first of the last; labels
 * are shared by area. */
static void check_cutmix(struct check *c)
{
    enum { N = 3, H = 5, W = 4, SIZE = H * W };
    const struct netrt_augment cutmix = {.kind = NETRT_AUGMENT_cutmix, .alpha = 1};
    for (uint64_t key = 0; key < 200; key++) {
        float data[N * SIZE], labels[N * N] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
        const struct netrt_batch run = {N, 1, H, W, N, data, labels};
        struct netrt_message m = {0};
        for (int i = 0; i < N * SIZE; i++)
            data[i] = (float)(i / SIZE + 1);
        CHECK(c, !netrt_augment_batch(&cutmix, 1, key * 1000, &run, &m));
        for (int i = 0; i < N; i++) {
            const int other = (i + N - 1) % N;
            int cut = 0, own = 0;
            for (int k = 0; k < SIZE; k++) {
                cut += data[i * SIZE + k] == (float)(other + 1);
                own += data[i * SIZE + k] == (float)(i + 1);
            }
            CHECK(c, cut + own == SIZE);
            CHECK(c, fabs(labels[i * N + other] - cut / (double)SIZE) < 1e-6);
            CHECK(c, fabs(labels[i * N + i] - own / (double)SIZE) < 1e-6);
        }
    }
}

/* Of two steps that mix a run has one, about as often either; what changes a picture is none. */
static void check_choice(struct check *c)
{
    const struct netrt_augment steps[] = {{.kind = NETRT_AUGMENT_flip, .p = 1},
                                          {.kind = NETRT_AUGMENT_mixup, .alpha = 1},
                                          {.kind = NETRT_AUGMENT_cutmix, .alpha = 1}};
    int cut = 0;
    for (uint64_t key = 0; key < 400; key++) {
        float data[2] = {0, 1}, labels[4] = {1, 0, 0, 1};
        const struct netrt_batch run = {2, 1, 1, 1, 2, data, labels};
        struct netrt_message m = {0};
        CHECK(c, !netrt_augment_batch(steps, 3, key * 1000, &run, &m));
        cut += data[1] == 1 || data[1] == 0; /* a pixel is cut whole, or not at all */
    }
    CHECK(c, cut > 150 && cut < 250);
    CHECK(c, netrt_augments_batches(steps, 3) && !netrt_augments_batches(steps, 1));
}

int main(void)
{
    struct check c = {0};
    check_pad_and_flip(&c);
    check_crop(&c);
    check_large_crop(&c);
    check_shares(&c);
    check_jitter(&c);
    check_hue(&c);
    check_moved_labels(&c);
    check_kept_labels(&c);
    check_resized_labels(&c);
    check_mixup_shares(&c);
    check_cutmix(&c);
    check_choice(&c);
    return check_end(&c);
}
