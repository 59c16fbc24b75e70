/* NumPy files: what is written reads back, every type that is read, and hostile headers. Takes a
 * folder for its files. */
#include "check.h"
#include "runtime/host/npy.h"

#include <stdint.h>
#include <stdlib.h>

struct test {
    struct check check;
    char path[300];
    struct netrt_message message;
};

/* A file of this version with this header, and data behind it. */
static void write_npy(struct test *t, int version, const char *header, const void *data,
                      size_t size)
{
    FILE *file = fopen(t->path, "wb");
    if (!CHECK(&t->check, file))
        exit(1);
    size_t n = strlen(header);
    fprintf(file, "\x93NUMPY%c%c%c%c", version, 0, (int)(n & 255), (int)(n >> 8));
    if (version > 1)
        fwrite("\0", 1, 2, file);
    fwrite(header, 1, n, file);
    fwrite(data, 1, size, file);
    fclose(file);
}

static void test_round_trip(struct test *t)
{
    static const float data[] = {1, -2.5F, 3e38F, 0, 5, 6};
    static const long shapes[][3] = {{2, 3, 1}, {6, 1, 1}, {1, 1, 6}};
    for (int rank = 1; rank <= 3; rank++) {
        const long *dim = shapes[rank == 1 ? 1 : rank == 2 ? 0 : 2];
        struct netrt_npy npy;
        CHECK(&t->check, !netrt_npy_write(t->path, NETRT_DTYPE_f32, rank, dim, data, &t->message));
        CHECK(&t->check, !netrt_npy_read(&npy, t->path, NETRT_DTYPE_f32, &t->message));
        CHECK(&t->check, npy.rank == rank && npy.elements == 6 && npy.dim[0] == dim[0]);
        CHECK(&t->check, !memcmp(npy.data, data, sizeof data));
        netrt_npy_release(&npy);
    }
}

/* Two elements, 1 and 2, of a type. */
static void test_type(struct test *t, const char *type, const void *data, size_t size)
{
    char header[100];
    for (int version = 1; version <= 3; version++) {
        struct netrt_npy npy;
        snprintf(header, sizeof header, "{\"shape\": (2,),'fortran_order':False , 'descr': '%s'}\n",
                 type);
        write_npy(t, version, header, data, size);
        CHECK(&t->check, !netrt_npy_read(&npy, t->path, NETRT_DTYPE_f32, &t->message));
        const float *data_read = npy.data;
        CHECK(&t->check,
              npy.rank == 1 && npy.elements == 2 && data_read[0] == 1 && data_read[1] == 2);
        netrt_npy_release(&npy);
    }
}

static void test_types(struct test *t)
{
    test_type(t, "<f4", (const float[]){1, 2}, 8);
    test_type(t, "<f8", (const double[]){1, 2}, 16);
    test_type(t, "|u1", (const unsigned char[]){1, 2}, 2);
    test_type(t, "<i4", (const int32_t[]){1, 2}, 8);
    test_type(t, "<i8", (const int64_t[]){1, 2}, 16);
}

/* The elements 1 and -3 000 000 000 of a type as integers. */
static void test_integers(struct test *t)
{
    static const int64_t wide[] = {1, -3000000000};
    static const int32_t narrow[] = {1, -7};
    const char *header = "{'shape': (2,), 'fortran_order': False, 'descr': '%s'}\n";
    char text[100];
    struct netrt_npy npy;
    snprintf(text, sizeof text, header, "<i8");
    write_npy(t, 1, text, wide, sizeof wide);
    CHECK(&t->check, !netrt_npy_read(&npy, t->path, NETRT_DTYPE_i64, &t->message));
    CHECK(&t->check, !memcmp(npy.data, wide, sizeof wide));
    netrt_npy_release(&npy);
    CHECK(&t->check, netrt_npy_read(&npy, t->path, NETRT_DTYPE_i32, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, "holds -3000000000 at element 1, which is no i32");
    netrt_npy_release(&npy);
    snprintf(text, sizeof text, header, "<i4");
    write_npy(t, 1, text, narrow, sizeof narrow);
    CHECK(&t->check, !netrt_npy_read(&npy, t->path, NETRT_DTYPE_i64, &t->message));
    CHECK(&t->check, ((const int64_t *)npy.data)[0] == 1 && ((const int64_t *)npy.data)[1] == -7);
    netrt_npy_release(&npy);
    snprintf(text, sizeof text, header, "<f4");
    write_npy(t, 1, text, narrow, sizeof narrow);
    CHECK(&t->check, netrt_npy_read(&npy, t->path, NETRT_DTYPE_i64, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, "save it with .astype('int64')");
    netrt_npy_release(&npy);
}

/* What is written as i64 reads back so. */
static void test_write_integers(struct test *t)
{
    static const int64_t data[] = {INT64_MIN, 3};
    const long dim[] = {2};
    struct netrt_npy npy;
    CHECK(&t->check, !netrt_npy_write(t->path, NETRT_DTYPE_i64, 1, dim, data, &t->message));
    CHECK(&t->check, !netrt_npy_read(&npy, t->path, NETRT_DTYPE_i64, &t->message));
    CHECK(&t->check, npy.elements == 2 && !memcmp(npy.data, data, sizeof data));
    netrt_npy_release(&npy);
}

static void refuse(struct test *t, const char *header, size_t size, const char *part)
{
    struct netrt_npy npy;
    write_npy(t, 1, header, "123456789012345678901234567890", size);
    CHECK(&t->check, netrt_npy_read(&npy, t->path, NETRT_DTYPE_f32, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, part);
    CHECK_TEXT(&t->check, t->message.text, t->path);
    netrt_npy_release(&npy);
}

#define HEADER(shape) "{'descr': '<f4', 'fortran_order': False, 'shape': " shape "}"

static void test_hostile(struct test *t)
{
    static const char *const headers[] = {
        "",
        "{",
        "{}",
        "{'descr': '<f4'}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}",
        HEADER("(-1,)"),
        HEADER("(1"),
        HEADER("1"),
        HEADER("(1,,2)"),
        HEADER("(1,1,1,1,1,1,1,1,1)"),
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
        "{'descr': 'a type with a long name', 'fortran_order': False, 'shape': ()}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        refuse(t, headers[i], 4, "is not a NumPy file");
    refuse(t, HEADER("(2,)"), 4, "cut short or too long");
    refuse(t, HEADER("(2,)"), 12, "cut short or too long");
    refuse(t, HEADER("(4294967296, 4294967296)"), 0, "cut short or too long");
    refuse(t, HEADER("(99999999999999999999999,)"), 4, "cut short or too long");
    refuse(t, "{'descr': '\x1b[2J', 'fortran_order': False, 'shape': ()}", 8,
           "is not a NumPy file");
    refuse(t, "{'descr': '<c8', 'fortran_order': False, 'shape': ()}", 8, "type '<c8'");
    refuse(t, "{'descr': '1234567', 'fortran_order': False, 'shape': ()}", 8, "type '1234567'");
    refuse(t, "{'descr': '12345678', 'fortran_order': False, 'shape': ()}", 8,
           "is not a NumPy file");
    refuse(t, "{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}", 4, "Fortran order");
    struct netrt_npy npy;
    write_npy(t, 4, HEADER("(2,)"), "12345678", 8); /* a version that there is not */
    CHECK(&t->check, netrt_npy_read(&npy, t->path, NETRT_DTYPE_f32, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, "is not a NumPy file");
    CHECK(&t->check,
          netrt_npy_read(&npy, "/nowhere/x.npy", NETRT_DTYPE_f32, &t->message) == NETRT_FAILED);
    CHECK_TEXT(&t->check, t->message.text, "cannot open '/nowhere/x.npy'");
}

/* A file that cannot be completed leaves nothing behind, and the old one as it was. */
static void test_unwritable(struct test *t, const char *folder)
{
    static const float data[] = {1};
    long dim[] = {1};
    CHECK(&t->check, netrt_npy_write("/nowhere/x.npy", NETRT_DTYPE_f32, 1, dim, data, &t->message));
    CHECK_TEXT(&t->check, t->message.text, "cannot write '/nowhere/x.npy'");
    CHECK(&t->check, netrt_npy_write(folder, NETRT_DTYPE_f32, 1, dim, data, &t->message));
    CHECK_TEXT(&t->check, t->message.text, "directory");
    CHECK(&t->check, netrt_npy_write("/dev/full", NETRT_DTYPE_f32, 1, dim, data, &t->message));
    CHECK_TEXT(&t->check, t->message.text, "cannot write '/dev/full'");
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    struct test t = {0};
    snprintf(t.path, sizeof t.path, "%s/test.npy", argv[1]);
    test_round_trip(&t);
    test_types(&t);
    test_integers(&t);
    test_write_integers(&t);
    test_hostile(&t);
    test_unwritable(&t, argv[1]);
    return check_end(&t.check);
}
