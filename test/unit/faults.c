/*
 * Allocations that fail, and files that cannot be looked at, one after the other, while data sets,
 * pictures and tensors are read: what cannot be done is said, and nothing is left out in silence.
 * Takes the folder that test/unit/dataset filled, a PNG picture, and a NumPy file of float64.
 */
#include "check.h"
#include "runtime/data/dataset.h"
#include "runtime/host/npy.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PATH_SIZE = 500, CLASSES = 10, MOST_CALLS = 1000 };

/* The linker puts these in the place of libc's functions, which keep __real_ names (--wrap). */
static long calls_left; /* the call that fails; 0: none */

static int fails(void)
{
    if (!calls_left || --calls_left)
        return 0;
    errno = ENOMEM;
    return 1;
}

#define WRAPPED(type, name, parameters, arguments, failure)                                        \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails() ? failure : __real_##name arguments;                                        \
    }
WRAPPED(void *, malloc, (size_t n), (n), NULL)
WRAPPED(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAPPED(void *, realloc, (void *old, size_t n), (old, n), NULL)
WRAPPED(char *, strdup, (const char *text), (text), NULL)
WRAPPED(char *, strndup, (const char *text, size_t n), (text, n), NULL)
WRAPPED(int, stat, (const char *path, struct stat *info), (path, info), -1)

struct test {
    struct check check;
    struct netrt_message message;
};

/* Reads what stands at a path: returns 0 with how much was read, or a status with a message. */
typedef int reader(const char *path, long *n, struct netrt_message *);

static int read_dataset(const char *path, long *n, struct netrt_message *m)
{
    static const char *const labels[] = {"cat", "dog", "tree"};
    static const struct netrt_model model = {.n_labels = 3, .labels = labels};
    struct netrt_dataset data;
    int status = netrt_dataset_open(&data, path, NETRT_SPLIT_test, &model, CLASSES, m);
    *n = data.n + data.left_out;
    netrt_dataset_release(&data);
    return status;
}

static int read_picture(const char *path, long *n, struct netrt_message *m)
{
    struct netrt_image image;
    int status = netrt_image_read(&image, path, m);
    *n = image.width * image.height;
    if (!status)
        netrt_image_release(&image);
    return status;
}

static int read_tensor(const char *path, long *n, struct netrt_message *m)
{
    struct netrt_npy npy;
    int status = netrt_npy_read(&npy, path, NETRT_DTYPE_f32, m);
    *n = npy.elements;
    netrt_npy_release(&npy);
    return status;
}

/* Lets the first call fail, then the second, until there is none left that could. */
static void fail_each(struct test *t, reader *read, const char *path, long expected)
{
    long call = 0, n = 0;
    int status = NETRT_FAILED;
    while (status && ++call < MOST_CALLS) {
        calls_left = call;
        t->message.text[0] = 0;
        status = read(path, &n, &t->message);
        if (status)
            CHECK_TEXT(&t->check, t->message.text, "memory");
    }
    CHECK(&t->check, calls_left && n == expected);
    CHECK(&t->check, call > 1);
    if (!calls_left || n != expected)
        fprintf(stderr, "  '%s', call %ld: %ld\n", path, call, n);
    calls_left = 0;
}

static void fail_in(struct test *t, const char *folder, const char *name, long expected)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    fail_each(t, read_dataset, path, expected);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    struct test t = {0};
    fail_in(&t, argv[1], "mnist", 2);
    fail_in(&t, argv[1], "mnist/t10k-images-idx3-ubyte.gz", 2);
    fail_in(&t, argv[1], "sorted", 6); /* three pictures, and three files that are left out */
    fail_in(&t, argv[1], "named", 2);
    fail_in(&t, argv[1], "good.csv", 2);
    fail_each(&t, read_picture, argv[2], 23 * 14);
    fail_each(&t, read_tensor, argv[3], 6);
    return check_end(&t.check);
}
