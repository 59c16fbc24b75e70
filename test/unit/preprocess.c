/* Preprocessing of pictures, step by step, against numbers worked out by hand. */
#include "check.h"
#include "runtime/picture/preprocess.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_DATA = 200 };

/* A picture whose pixel (y, x) has red 10 y + x, green 100, blue 10 y + x + 100; gray ones have
 * 10 y + x. */
static struct netrt_image make_image(struct check *c, long width, long height, long channels)
{
    struct netrt_image image = {.width = width, .height = height, .channels = channels};
    struct netrt_message m = {0};
    CHECK(c, !netrt_image_alloc(&image, &m));
    for (long i = 0; i < width * height; i++) {
        unsigned char *p = image.pixels + i * channels;
        p[0] = (unsigned char)(10 * (i / width) + i % width);
        if (channels == 3) {
            p[1] = 100;
            p[2] = (unsigned char)(p[0] + 100);
        }
    }
    return image;
}

struct run {
    struct netrt_picture steps[4];
    int n_steps;
    enum netrt_crop crop;
    long width, height, channels; /* of the picture */
    long dim[3];                  /* of the input */
};

/* The result, of MAX_DATA floats; NULL where it failed. */
static const float *preprocess(struct check *c, const struct run *r, float *data,
                               struct netrt_message *m)
{
    struct netrt_input input = {.tensor = {"x", 4, {1, r->dim[0], r->dim[1], r->dim[2]}},
                                .n_picture = r->n_steps,
                                .picture = r->steps};
    struct netrt_image image = make_image(c, r->width, r->height, r->channels);
    return netrt_preprocess(&input, &image, r->crop, data, NULL, m) ? NULL : data;
}

/* Is the result these values, each of 255ths? */
static void expect(struct check *c, const struct run *r, const int *values)
{
    float data[MAX_DATA];
    struct netrt_message m = {0};
    if (!CHECK(c, preprocess(c, r, data, &m))) {
        fprintf(stderr, "%s\n", m.text);
        return;
    }
    for (long i = 0; i < r->dim[0] * r->dim[1] * r->dim[2]; i++)
        if (!CHECK(c, data[i] == (float)values[i] / 255))
            fprintf(stderr, "  element %ld: %g\n", i, (double)data[i] * 255);
}

static void refuse(struct check *c, const struct run *r, const char *part)
{
    float data[MAX_DATA];
    struct netrt_message m = {0};
    CHECK(c, !preprocess(c, r, data, &m));
    CHECK_TEXT(c, m.text, part);
}

#define CROP(h, w)                                                                                 \
    {                                                                                              \
        .kind = NETRT_PICTURE_center_crop, .size = { h, w }                                        \
    }
#define STEP(name)                                                                                 \
    {                                                                                              \
        .kind = NETRT_PICTURE_##name                                                               \
    }

static void test_plain(struct check *c)
{
    expect(c, &(struct run){.width = 2, .height = 2, .channels = 3, .dim = {3, 2, 2}},
           (const int[]){0, 1, 10, 11, 100, 100, 100, 100, 100, 101, 110, 111});
    expect(c,
           &(struct run){{STEP(bgr)}, 1, .width = 1, .height = 2, .channels = 3, .dim = {3, 2, 1}},
           (const int[]){100, 110, 100, 100, 0, 10});
    /* 0.299 11 + 0.587 100 + 0.114 111 = 74.643 */
    expect(c,
           &(struct run){{STEP(to_gray), CROP(1, 1)},
                         2,
                         .crop = NETRT_CROP_BOTTOM_RIGHT,
                         .width = 2,
                         .height = 2,
                         .channels = 3,
                         .dim = {1, 1, 1}},
           (const int[]){75});
    /* gray pictures stay as they are, or fill three channels */
    expect(
        c,
        &(struct run){{STEP(to_gray)}, 1, .width = 2, .height = 1, .channels = 1, .dim = {1, 1, 2}},
        (const int[]){0, 1});
    expect(c, &(struct run){.width = 2, .height = 1, .channels = 1, .dim = {3, 1, 2}},
           (const int[]){0, 1, 0, 1, 0, 1});
}

/* torchvision's CenterCrop: the start is half of what is left, halves to the even number. */
static void test_crops(struct check *c)
{
    struct run r = {{CROP(2, 2)}, 1, .width = 5, .height = 7, .channels = 1, .dim = {1, 2, 2}};
    /* rows: (7 - 2) / 2 = 2.5 -> 2; columns: 1.5 -> 2 */
    expect(c, &r, (const int[]){22, 23, 32, 33});
    static const int corners[][4] = {[NETRT_CROP_TOP_LEFT] = {0, 1, 10, 11},
                                     [NETRT_CROP_TOP_RIGHT] = {3, 4, 13, 14},
                                     [NETRT_CROP_BOTTOM_LEFT] = {50, 51, 60, 61},
                                     [NETRT_CROP_BOTTOM_RIGHT] = {53, 54, 63, 64}};
    for (int k = NETRT_CROP_TOP_LEFT; k < NETRT_N_CROPS; k++) {
        r.crop = (enum netrt_crop)k;
        expect(c, &r, corners[k]);
    }
    /* the corners of the last crop: those of the middle 3 x 3 */
    r.steps[0] = (struct netrt_picture)CROP(3, 3);
    r.steps[1] = (struct netrt_picture)CROP(1, 2);
    r.n_steps = 2;
    r.crop = NETRT_CROP_BOTTOM_LEFT;
    r.dim[1] = 1;
    expect(c, &r, (const int[]){41, 42});
}

/* A smaller picture lies in the middle of zeros, also after arithmetic. */
static void test_padding(struct check *c)
{
    struct run r = {{CROP(4, 4)}, 1, .width = 1, .height = 3, .channels = 1, .dim = {1, 4, 4}};
    static const int padded[16] = {0, 0, 0, 0, 0, 10, 0, 0, 0, 20};
    expect(c, &r, padded);
    r.steps[1] = r.steps[0];
    r.steps[0] = (struct netrt_picture){.kind = NETRT_PICTURE_scale, .factor = 1};
    r.n_steps = 2;
    expect(c, &r, padded);
}

/* Where a picture's steps put the left upper corner and the right lower one of the input. */
static void expect_place(struct check *c, const struct run *r, const double *corner)
{
    struct netrt_input input = {.tensor = {"x", 4, {1, r->dim[0], r->dim[1], r->dim[2]}},
                                .n_picture = r->n_steps,
                                .picture = r->steps};
    struct netrt_image image = make_image(c, r->width, r->height, r->channels);
    struct netrt_message m = {0};
    struct netrt_place p;
    float data[MAX_DATA];
    if (!CHECK(c, !netrt_preprocess(&input, &image, r->crop, data, &p, &m)))
        return;
    for (int axis = 0; axis < 2; axis++) {
        const double end = (double)r->dim[2 - axis] * p.scale[axis] + p.offset[axis];
        CHECK(c, fabs(p.offset[axis] - corner[axis]) < 1e-9);
        CHECK(c, fabs(end - corner[2 + axis]) < 1e-9);
    }
}

#define SIZED(name, h, w)                                                                          \
    {                                                                                              \
        .kind = NETRT_PICTURE_##name, .size = {h, w}, .fill = 7                                    \
    }

static void test_sizes(struct check *c)
{
    /* a triangle two columns wide on either side of 1 and of 3: 3/7, 3/7, 1/7 of 0, 1, 2 and 1/7,
     * 3/7, 3/7 of 1, 2, 3 */
    struct run r = {{SIZED(stretch, 1, 2)}, 1, .width = 4, .height = 1, .channels = 1,
                    .dim = {1, 1, 2}};
    expect(c, &r, (const int[]){1, 2});
    expect_place(c, &r, (const double[]){0, 0, 4, 1});
    /* 4 x 2 in 4 x 3: as it is, rounded down to row 0, with gray below; in 2 x 4: columns 1 to 2 */
    r = (struct run){{SIZED(letterbox, 3, 4)}, 1, .width = 4, .height = 2, .channels = 1,
                     .dim = {1, 3, 4}};
    expect(c, &r, (const int[]){0, 1, 2, 3, 10, 11, 12, 13, 7, 7, 7, 7});
    expect_place(c, &r, (const double[]){0, 0, 4, 3});
    r = (struct run){{SIZED(letterbox, 2, 4)}, 1, .width = 2, .height = 2, .channels = 3,
                     .dim = {3, 2, 4}};
    expect(c, &r, (const int[]){7, 0,   1,   7, 7, 10,  11,  7, 7, 100, 100, 7,
                                7, 100, 100, 7, 7, 100, 101, 7, 7, 110, 111, 7});
    expect_place(c, &r, (const double[]){-1, 0, 3, 2});
    /* one pixel; very wide: a row of the least height there is, in the middle of five */
    r = (struct run){{SIZED(letterbox, 3, 5)}, 1, .width = 1, .height = 1, .channels = 1,
                     .dim = {1, 3, 5}};
    expect(c, &r, (const int[]){7, 0, 0, 0, 7, 7, 0, 0, 0, 7, 7, 0, 0, 0, 7});
    expect_place(c, &r, (const double[]){-1.0 / 3, 0, 4.0 / 3, 1});
    r = (struct run){{SIZED(letterbox, 5, 5)}, 1, .width = 60, .height = 1, .channels = 1,
                     .dim = {1, 5, 5}};
    expect_place(c, &r, (const double[]){0, -2, 60, 3});
    /* 6 x 3 with the shorter side 6 is 12 x 6; the middle 4 x 4 of that is from 4 to 8 and from 1
     * to 5 */
    r = (struct run){{{.kind = NETRT_PICTURE_resize, .size = {6}}, CROP(4, 4)},
                     2,
                     .width = 6,
                     .height = 3,
                     .channels = 1,
                     .dim = {1, 4, 4}};
    expect_place(c, &r, (const double[]){2, 0.5, 4, 2.5});
    r.crop = NETRT_CROP_BOTTOM_RIGHT;
    expect_place(c, &r, (const double[]){4, 1, 6, 3});
}

static void test_arithmetic(struct check *c)
{
    static const struct netrt_picture scale = {.kind = NETRT_PICTURE_scale, .factor = 255};
    static const struct netrt_picture normalize = {
        .kind = NETRT_PICTURE_normalize, .mean = {0.5F, 0.25F, 0}, .std = {0.5F, 0.125F, 2}};
    float data[MAX_DATA];
    struct netrt_message m = {0};
    struct run r = {{scale}, 1, .width = 2, .height = 1, .channels = 3, .dim = {3, 1, 2}};
    const float *x = preprocess(c, &r, data, &m);
    CHECK(c, x && fabsf(x[1] - 1) < 1e-6F && fabsf(x[3] - 100) < 1e-4F);
    r.steps[0] = normalize;
    x = preprocess(c, &r, data, &m);
    CHECK(c, x && x[0] == -1 && x[2] == (100.0F / 255 - 0.25F) / 0.125F);
    CHECK(c, x && x[5] == 101.0F / 255 / 2);
    r.steps[1] = (struct netrt_picture)STEP(bgr);
    r.n_steps = 2;
    x = preprocess(c, &r, data, &m);
    CHECK(c, x && x[4] == -1);
}

static void test_refused(struct check *c)
{
    struct run r = {.width = 3, .height = 2, .channels = 3, .dim = {3, 2, 2}};
    refuse(c, &r, "reads 2 x 2 pixels, the picture has 3 x 2");
    r = (struct run){.width = 2, .height = 2, .channels = 3, .dim = {1, 2, 2}};
    refuse(c, &r, "'to_gray'");
    r.n_steps = 2;
    r.steps[0] = (struct netrt_picture){.kind = NETRT_PICTURE_scale, .factor = 2};
    r.steps[1] = (struct netrt_picture){.kind = NETRT_PICTURE_resize, .size = {4}};
    refuse(c, &r, "a change of size stands after arithmetic");
}

int main(void)
{
    struct check c = {0};
    test_plain(&c);
    test_crops(&c);
    test_padding(&c);
    test_sizes(&c);
    test_arithmetic(&c);
    test_refused(&c);
    return check_end(&c);
}
