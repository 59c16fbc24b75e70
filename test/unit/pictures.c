/*
 * Pictures: every kind of JPEG and PNG, and resizing, byte for byte what PIL makes of them (the
 * folder's golden.txt, made by test/reference/pictures.py); and files that are damaged. Takes the
 * folder of pictures, and one for its own files.
 */
#include "check.h"
#include "runtime/picture/resize.h"

#include <stdlib.h>

enum { PATH_SIZE = 400, LINE_SIZE = 64000 };

struct test {
    struct check check;
    const char *pictures, *folder;
    struct netrt_message message;
};

/* Is each byte what two digits say? */
static int same_pixels(const struct netrt_image *image, const char *hex)
{
    long n = image->width * image->height * 3;
    for (long i = 0; i < n; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1 || byte != image->pixels[i])
            return 0;
    }
    return hex[2 * n] == '\n';
}

static void test_line(struct test *t, const char *line)
{
    char name[100], path[PATH_SIZE];
    long side, width, height;
    int at = 0;
    struct netrt_image image;
    if (!CHECK(&t->check,
               sscanf(line, "%99s %ld %ld %ld %n", name, &side, &width, &height, &at) == 4))
        return;
    snprintf(path, sizeof path, "%s/%s", t->pictures, name);
    if (!CHECK(&t->check, !netrt_image_read(&image, path, &t->message))) {
        fprintf(stderr, "%s\n", t->message.text);
        return;
    }
    if (side)
        CHECK(&t->check, !netrt_image_resize_shorter(&image, side, &t->message));
    if (!CHECK(&t->check, image.width == width && image.height == height) ||
        !CHECK(&t->check, same_pixels(&image, line + at)))
        fprintf(stderr, "  %s, side %ld\n", name, side);
    netrt_image_release(&image);
}

static void test_golden(struct test *t)
{
    char path[PATH_SIZE], *line = malloc(LINE_SIZE);
    snprintf(path, sizeof path, "%s/golden.txt", t->pictures);
    FILE *file = fopen(path, "r");
    int lines = 0;
    while (CHECK(&t->check, file && line) && fgets(line, LINE_SIZE, file))
        if (line[0] != '#') {
            test_line(t, line);
            lines++;
        }
    CHECK(&t->check, lines > 20);
    if (file)
        fclose(file);
    free(line);
}

/* A file of the first bytes of another, with one byte changed (`change` < 0: none). */
static void copy_part(struct test *t, const char *from, const char *to, long size, long change)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!CHECK(&t->check, in && out))
        exit(1);
    for (long i = 0; i < size; i++) {
        int byte = getc(in);
        if (byte == EOF)
            break;
        putc(i == change ? byte ^ 0x55 : byte, out);
    }
    fclose(in);
    fclose(out);
}

/* Cut short it is refused; changed it is read or refused, and nothing worse. */
static void test_damaged(struct test *t, const char *name)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    struct netrt_image image;
    snprintf(from, sizeof from, "%s/%s", t->pictures, name);
    snprintf(to, sizeof to, "%s/damaged", t->folder);
    for (long size = 0; size < 240; size += 7) {
        copy_part(t, from, to, size, -1);
        CHECK(&t->check, netrt_image_read(&image, to, &t->message) == NETRT_FAILED);
        CHECK_TEXT(&t->check, t->message.text, to);
    }
    for (long change = 0; change < 400; change += 3) {
        copy_part(t, from, to, 1 << 20, change);
        if (!netrt_image_read(&image, to, &t->message))
            netrt_image_release(&image);
    }
}

static void test_others(struct test *t)
{
    struct netrt_image image;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/golden.txt", t->pictures);
    CHECK(&t->check, netrt_image_read(&image, path, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, "is not a picture: JPEG and PNG files are");
    CHECK(&t->check, netrt_image_read(&image, t->folder, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, "is a folder");
    image = (struct netrt_image){.width = 1L << 31, .height = 1L << 31, .channels = 3};
    CHECK(&t->check, netrt_image_alloc(&image, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, "too large");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    struct test t = {.pictures = argv[1], .folder = argv[2]};
    test_golden(&t);
    test_damaged(&t, "color.jpg");
    test_damaged(&t, "progressive.jpg");
    test_damaged(&t, "wide.png");
    test_damaged(&t, "palette.png");
    test_damaged(&t, "deep_gray_interlaced.png");
    test_others(&t);
    return check_end(&t.check);
}
