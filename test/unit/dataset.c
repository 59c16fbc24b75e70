/* Data sets: idx files, raw and gzipped, CIFAR-10 batches, folders and csv files, and damaged ones.
 * Takes a folder for its files, and a picture. */
#include "check.h"
#include "runtime/data/dataset.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 500, CLASSES = 10 };

struct test {
    struct check check;
    const char *folder, *picture;
    char path[PATH_SIZE]; /* of the file or folder that make_path() named last */
    struct netrt_message message;
    struct netrt_dataset data;
};

static const char *const labels[] = {"cat", "dog", "tree"};
static const struct netrt_model model = {.n_labels = 3, .labels = labels};

static const char *make_path(struct test *t, const char *name)
{
    snprintf(t->path, sizeof t->path, "%s/%s", t->folder, name);
    return t->path;
}

static void write_file(struct test *t, const char *name, const void *data, size_t size)
{
    FILE *file = fopen(make_path(t, name), "wb");
    if (!CHECK(&t->check, file))
        exit(1);
    fwrite(data, 1, size, file);
    fclose(file);
}

static void make_folder(struct test *t, const char *name)
{
    CHECK(&t->check, !mkdir(make_path(t, name), 0777));
}

/* Puts the picture into a folder, under a name. */
static void copy_picture(struct test *t, const char *name)
{
    unsigned char bytes[4000];
    FILE *file = fopen(t->picture, "rb");
    if (!CHECK(&t->check, file))
        exit(1);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    write_file(t, name, bytes, n);
}

static int open_data(struct test *t, const char *name, long classes)
{
    t->message.text[0] = 0;
    return netrt_dataset_open(&t->data, make_path(t, name), NETRT_SPLIT_test, &model, classes,
                              &t->message);
}

/* Opens, and compares the labels with a list that ends with -1. */
static void expect_labels(struct test *t, const char *name, const int *expected)
{
    long n = 0;
    if (!CHECK(&t->check, !open_data(t, name, CLASSES)))
        fprintf(stderr, "%s\n", t->message.text);
    for (; expected[n] >= 0; n++)
        CHECK(&t->check, n < t->data.n && t->data.samples[n].label == expected[n]);
    CHECK(&t->check, t->data.n == n);
}

static void refuse(struct test *t, const char *name, long classes, const char *part)
{
    CHECK(&t->check, open_data(t, name, classes) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, part);
    netrt_dataset_release(&t->data);
}

/* Two pictures, 2 high and 3 wide. */
#define IDX_IMAGES                                                                                 \
    "\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\3"                                                            \
    "abcdefghijkl"
#define IDX_LABELS                                                                                 \
    "\0\0\10\1\0\0\0\2"                                                                            \
    "\7\3"

static void test_idx(struct test *t)
{
    struct netrt_image image;
    make_folder(t, "mnist");
    write_file(t, "mnist/train-images-idx3-ubyte", "x", 1); /* t10k is preferred */
    write_file(t, "mnist/t10k-images-idx3-ubyte", IDX_IMAGES, 28);
    refuse(t, "mnist", CLASSES, "t10k-labels-idx1-ubyte");
    write_file(t, "mnist/t10k-labels-idx1-ubyte", IDX_LABELS, 10);
    expect_labels(t, "mnist", (const int[]){7, 3, -1});
    CHECK(&t->check, !netrt_dataset_read(&t->data, 1, &image, &t->message));
    CHECK(&t->check, image.width == 3 && image.height == 2 && image.channels == 1);
    CHECK(&t->check, !memcmp(image.pixels, "ghijkl", 6));
    netrt_image_release(&image);
    netrt_dataset_release(&t->data);
    expect_labels(t, "mnist/t10k-images-idx3-ubyte", (const int[]){7, 3, -1});
    netrt_dataset_release(&t->data);
    refuse(t, "mnist", 7, "has a label 7, the network 7 classes");
}

static void test_bad_idx(struct test *t)
{
    make_folder(t, "bad");
    write_file(t, "bad/images-idx3", IDX_IMAGES, 27);
    refuse(t, "bad/images-idx3", CLASSES, "cut short or too long");
    write_file(t, "bad/images-idx3", IDX_IMAGES, 15);
    refuse(t, "bad/images-idx3", CLASSES, "is not an idx file of pictures");
    write_file(t, "bad/images-idx3", "\0\0\10\3\377\377\377\377\377\377\377\377\377\377\377\377",
               16);
    refuse(t, "bad/images-idx3", CLASSES, "cut short or too long");
    write_file(t, "bad/images-idx3", IDX_IMAGES, 28);
    write_file(t, "bad/labels-idx1", IDX_IMAGES, 28);
    refuse(t, "bad/images-idx3", CLASSES, "is not an idx file of labels");
    write_file(t, "bad/labels-idx1", "\0\0\10\1\0\0\0\1\1", 9);
    refuse(t, "bad/images-idx3", CLASSES, "has 2 pictures");
    write_file(t, "bad/something", IDX_IMAGES, 28);
    refuse(t, "bad/something", CLASSES, "needs 'images'");
    write_file(t, "bad/images-idx3", "\37\213\10\0nothing gzipped", 19);
    refuse(t, "bad/images-idx3", CLASSES, "is gzipped");
    refuse(t, "nowhere", CLASSES, "cannot open");
}

static void test_cifar(struct test *t)
{
    static unsigned char batch[2 * 3073];
    struct netrt_image image;
    batch[0] = 9;
    batch[1 + 33] = 1;        /* red of (1, 1) */
    batch[1 + 1024 + 33] = 2; /* green */
    batch[1 + 2048 + 33] = 3;
    make_folder(t, "cifar");
    write_file(t, "cifar/test_batch.bin", batch, sizeof batch);
    expect_labels(t, "cifar", (const int[]){9, 0, -1});
    CHECK(&t->check, !netrt_dataset_read(&t->data, 0, &image, &t->message));
    CHECK(&t->check, image.width == 32 && image.height == 32 && image.channels == 3);
    CHECK(&t->check, !memcmp(image.pixels + 3 * 33, "\1\2\3", 3));
    netrt_image_release(&image);
    netrt_dataset_release(&t->data);
    write_file(t, "cifar/test_batch.bin", batch, sizeof batch - 1);
    refuse(t, "cifar", CLASSES, "is not a file of CIFAR-10 or CIFAR-100, or cut short");
    write_file(t, "cifar/test_batch.bin", batch, 0);
    refuse(t, "cifar/test_batch.bin", CLASSES, "is not a file of CIFAR-10 or CIFAR-100");
}

/* Batches to the last without a gap; a fine label after the coarse one; what `train` takes. */
static void test_cifar_folders(struct test *t)
{
    static unsigned char batch[2 * 3073], hundred[3 * 3074];
    make_folder(t, "batches");
    for (int i = 1; i <= 2; i++) {
        char name[] = "batches/data_batch_1.bin";
        batch[0] = (unsigned char)(2 + i);
        name[sizeof "batches/data_batch_" - 1] = (char)('0' + i);
        write_file(t, name, batch, sizeof batch);
    }
    expect_labels(t, "batches", (const int[]){3, 0, 4, 0, -1});
    netrt_dataset_release(&t->data);
    make_folder(t, "hundred");
    hundred[0] = 7; /* coarse */
    hundred[1] = 8;
    hundred[2 * 3074 + 1] = 5;
    write_file(t, "hundred/train.bin", hundred, sizeof hundred);
    write_file(t, "hundred/test.bin", hundred, 3074);
    expect_labels(t, "hundred", (const int[]){8, -1});
    netrt_dataset_release(&t->data);
    expect_labels(t, "hundred/train.bin", (const int[]){8, 0, 5, -1});
    netrt_dataset_release(&t->data);
}

static void test_folders(struct test *t)
{
    struct netrt_image image;
    make_folder(t, "none");
    refuse(t, "none", CLASSES, "holds no folders of pictures");
    make_folder(t, "sorted");
    make_folder(t, "sorted/n02");
    make_folder(t, "sorted/n10");
    refuse(t, "sorted", CLASSES, "hold no pictures");
    copy_picture(t, "sorted/n10/a.PNG");
    copy_picture(t, "sorted/n10/.hidden.png");
    copy_picture(t, "sorted/n02/b.png");
    copy_picture(t, "sorted/n02/a.png");
    write_file(t, "sorted/n02/readme.txt", "x", 1);
    write_file(t, "sorted/a.png", "x", 1);
    make_folder(t, "sorted/n02/sub");
    expect_labels(t, "sorted", (const int[]){0, 0, 1, -1});
    CHECK_TEXT(&t->check, t->data.samples[0].path, "n02/a.png");
    CHECK(&t->check, t->data.left_out == 3);
    CHECK_TEXT(&t->check, t->data.first_left_out, "sorted/a.png");
    CHECK(&t->check, !netrt_dataset_read(&t->data, 0, &image, &t->message));
    netrt_image_release(&image);
    netrt_dataset_release(&t->data);
    refuse(t, "sorted", 1, "has 2 folders, the network 1 classes");
    CHECK(&t->check, !symlink("loop", make_path(t, "sorted/loop")));
    refuse(t, "sorted", CLASSES, "cannot look at");
    CHECK(&t->check, !unlink(make_path(t, "sorted/loop")) && !symlink("nowhere", t->path));
    refuse(t, "sorted", CLASSES, "sorted/loop' is a link to nothing");
    CHECK(&t->check, !unlink(make_path(t, "sorted/loop")));
    make_folder(t, "named");
    make_folder(t, "named/tree");
    make_folder(t, "named/4");
    copy_picture(t, "named/tree/a.png");
    copy_picture(t, "named/4/a.png");
    expect_labels(t, "named", (const int[]){4, 2, -1});
    netrt_dataset_release(&t->data);
}

static void test_csv(struct test *t)
{
    static const char good[] = "class,other,file\r\n2,x,a.png\r\ndog,y,sub/b.png\n\n";
    write_file(t, "good.csv", good, sizeof good - 1);
    expect_labels(t, "good.csv", (const int[]){2, 1, -1});
    CHECK_TEXT(&t->check, t->data.samples[1].path, "/sub/b.png");
    netrt_dataset_release(&t->data);
    write_file(t, "marked.csv",
               "\xef\xbb\xbf"
               "file,class\na.png,3\n",
               22);
    expect_labels(t, "marked.csv", (const int[]){3, -1});
    netrt_dataset_release(&t->data);
    write_file(t, "bad.csv", "file;class\na,1\n", 15);
    refuse(t, "bad.csv", CLASSES, "has no header row with 'file' and 'class'");
    write_file(t, "bad.csv", "file,class\na,10\n", 16);
    refuse(t, "bad.csv", CLASSES, "line 2: needs a file, and a class below 10");
    write_file(t, "bad.csv", "file,class\na\n", 13);
    refuse(t, "bad.csv", CLASSES, "line 2");
    write_file(t, "bad.csv", "file,class\n", 11);
    refuse(t, "bad.csv", CLASSES, "names no pictures");
    write_file(t, "bad.csv", "", 0);
    refuse(t, "bad.csv", CLASSES, "has no header row");
}

/* The same idx files, gzipped by another program. */
static int test_gzipped(struct test *t)
{
    expect_labels(t, "mnist", (const int[]){7, 3, -1});
    netrt_dataset_release(&t->data);
    return check_end(&t->check);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct test t = {.folder = argv[1], .picture = argv[2]};
    if (argc == 4)
        return test_gzipped(&t);
    test_idx(&t);
    test_bad_idx(&t);
    test_cifar(&t);
    test_cifar_folders(&t);
    test_folders(&t);
    test_csv(&t);
    return check_end(&t.check);
}
