/*
 * Checkpoints: values of every type that is read, hostile headers and pickles, and the report of
 * what does not fit. Takes a folder for its files.
 */
#include "check.h"
#include "runtime/core/checkpoint.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { TEXT_SIZE = 300 };

/* A file being tested, and what opening it said. */
struct test {
    struct check check;
    const char *folder;
    char path[TEXT_SIZE], error[TEXT_SIZE];
};

static void write_bytes(struct test *t, const void *header, size_t length, const void *data,
                        size_t size)
{
    snprintf(t->path, sizeof t->path, "%s/test", t->folder);
    FILE *file = fopen(t->path, "wb");
    if (!CHECK(&t->check, file))
        exit(1);
    fwrite(header, 1, length, file);
    fwrite(data, 1, size, file);
    fclose(file);
}

/* A length, a header and data. */
static struct netrt_checkpoint *open_parts(struct test *t, uint64_t length, const char *header,
                                           const void *data, size_t size)
{
    unsigned char start[1000];
    for (int i = 0; i < 8; i++)
        start[i] = (unsigned char)(length >> 8 * i);
    memcpy(start + 8, header, strlen(header));
    write_bytes(t, start, 8 + strlen(header), data, size);
    t->error[0] = 0;
    return netrt_checkpoint_open(t->path, NULL, t->error, sizeof t->error);
}

static struct netrt_checkpoint *open_header(struct test *t, const char *header, const void *data,
                                            size_t size)
{
    return open_parts(t, strlen(header), header, data, size);
}

static struct netrt_checkpoint *open_bytes(struct test *t, const void *bytes, size_t n)
{
    write_bytes(t, bytes, n, "", 0);
    t->error[0] = 0;
    return netrt_checkpoint_open(t->path, NULL, t->error, sizeof t->error);
}

static void load(struct test *t, struct netrt_checkpoint *f, const char *name, long first, long n,
                 float *data)
{
    struct netrt_checkpoint_source source;
    struct netrt_tensor tensor = {name, 1, {first + n}};
    netrt_checkpoint_source_init(&source, f);
    CHECK(&t->check, !source.source.load(&source.source, &tensor, 0, first, n, data, t->error,
                                         sizeof t->error));
}

/* IEEE 754: 0x3c00 is 1, 0xc100 is -2.5, 0x0001 is 2^-24, 0x8400 is -2^-14, 0x7c00 is infinity,
 * 0x7e00 is NaN, 0x7bff is 65504; bfloat16 is the upper half of a float: 0x3fc0 is 1.5. */
static void test_values(struct test *t)
{
    static const struct {
        float f32[3];
        uint16_t f16[8], bf16[2];
    } data = {{1, -2.5F, 3e-40F},
              {0x3c00, 0xc100, 1, 0x8400, 0x7c00, 0x7e00, 0x7bff, 0},
              {0x3fc0, 0xff80}};
    struct netrt_checkpoint *f =
        open_header(t,
                    "{\"__metadata__\":{\"format\":\"pt\"},"
                    "\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},"
                    "\"b\":{\"dtype\":\"F16\",\"shape\":[2,4],\"data_offsets\":[12,28]},"
                    "\"c\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[28,32]}}    ",
                    &data, sizeof data);
    if (!CHECK(&t->check, f))
        return;
    float a[3], b[8], c[2];
    load(t, f, "a", 0, 3, a);
    load(t, f, "b", 0, 8, b);
    load(t, f, "c", 0, 2, c);
    CHECK(&t->check, a[0] == 1 && a[1] == -2.5F && a[2] == 3e-40F);
    CHECK(&t->check, b[0] == 1 && b[1] == -2.5F && b[2] == ldexpf(1, -24));
    CHECK(&t->check, b[3] == -ldexpf(1, -14) && isinf(b[4]) && isnan(b[5]) && b[6] == 65504);
    CHECK(&t->check, c[0] == 1.5F && isinf(c[1]) && c[1] < 0);
    load(t, f, "b", 3, 2, b); /* a range */
    CHECK(&t->check, b[0] == -ldexpf(1, -14) && isinf(b[1]));
    netrt_checkpoint_close(f);
}

static void refuse(struct test *t, struct netrt_checkpoint *f, const char *part)
{
    CHECK(&t->check, !f);
    CHECK_TEXT(&t->check, t->error, part);
    netrt_checkpoint_close(f);
}

#define ENTRY(text) "{\"a\":{" text "}}"

static void test_hostile(struct test *t)
{
    static const char *const entries[] = {
        ENTRY("\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[2]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]"),
        ENTRY("\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]"),
        "{\"a\":[]}",
        "{\"a\":null}",
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        refuse(t, open_header(t, entries[i], "12345678", 8), "tensor 'a' does not fit in it");
    refuse(t, open_header(t, "[1, 2]", "", 0), "is not a checkpoint");
    refuse(t, open_header(t, "{\"a\":}", "", 0), "header is not a JSON object");
    refuse(t, open_header(t, "{\"a\":1,\"a\":1}", "", 0), "header is not a JSON object");
    refuse(t, open_header(t, "{\"\\u001b[2J\":[]}", "", 0), "tensor '?[2J' does not fit");
    refuse(t, open_parts(t, 200, "{}", "", 0), "is cut short");
    refuse(t, open_parts(t, UINT64_MAX, "{}", "", 0), "is not a checkpoint");
    refuse(t, open_parts(t, 0, "", "", 0), "is not a checkpoint");
    refuse(t, open_bytes(t, "1234567", 7), "is not a checkpoint");
    refuse(t, open_bytes(t, "", 0), "is not a checkpoint");
    refuse(t, open_bytes(t, "PK\3\4 a zip file", 16), "zip archive that is cut short or damaged");
    refuse(t, netrt_checkpoint_open(t->folder, NULL, t->error, sizeof t->error),
           "not a regular file");
    refuse(t, netrt_checkpoint_open("/nowhere/x", NULL, t->error, sizeof t->error), "cannot open");
}

/* A pickle of the older form, up to the state_dict: magic number, version, machine. */
#define OLD_START    "\x80\2\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\2M\xe9\3.\x80\2}."
#define PICKLE(text) OLD_START "\x80\2" text, sizeof(OLD_START "\x80\2" text) - 1
/* A storage of two floats at key '0', and of it a tensor of these numbers. */
#define STORAGE                                                                                    \
    "(U\7storagectorch\nFloatStorage\nU\1"                                                         \
    "0"                                                                                            \
    "U\3cpuK\2tQ"
#define TENSOR(numbers)                                                                            \
    "}U\1ac"                                                                                       \
    "torch._utils\n_rebuild_tensor_v2\n(" STORAGE numbers "tRs."
#define KEYS                                                                                       \
    "\x80\2]U\1"                                                                                   \
    "0"                                                                                            \
    "a."
#define ELEMENTS "\2\0\0\0\0\0\0\0\0\0\x80?\0\0\0@"

/* Offset, shape and strides; the elements are 1 and 2. */
static void test_pickle(struct test *t)
{
    struct netrt_checkpoint *f =
        open_bytes(t, PICKLE(TENSOR("K\0K\1K\2\x86K\1K\1\x86") KEYS ELEMENTS));
    float a[2];
    if (!CHECK(&t->check, f))
        return;
    load(t, f, "a", 0, 2, a);
    CHECK(&t->check, a[0] == 1 && a[1] == 2);
    netrt_checkpoint_close(f);
    /* both elements are the second */
    f = open_bytes(t, PICKLE(TENSOR("K\1K\2\x85K\0\x85") KEYS ELEMENTS));
    if (!CHECK(&t->check, f))
        return;
    load(t, f, "a", 0, 2, a);
    CHECK(&t->check, a[0] == 2 && a[1] == 2);
    netrt_checkpoint_close(f);
}

/* What is no tensor's, or does not fit in its storage; nothing is imported. */
static void test_hostile_pickles(struct test *t)
{
    static const char no_fit[] = "tensor 'a' does not fit in it",
                      damaged[] = "cut short or damaged";
    refuse(t, open_bytes(t, PICKLE("cos\nsystem\n(U\4truetR.")), "imports 'os.system'");
    refuse(t, open_bytes(t, PICKLE("U\2osU\6system\x93(U\4truetR.")), "imports 'os.system'");
    refuse(t, open_bytes(t, PICKLE("c__builtin__\neval\n.")), "imports '__builtin__.eval'");
    refuse(t, open_bytes(t, PICKLE("ctorch\nload\n.")), "imports 'torch.load'");
    refuse(t, open_bytes(t, PICKLE("c\033[2J\nx\n.")), "imports '?[2J.x'");
    refuse(t, open_bytes(t, PICKLE("(ios\nsystem\n.")), "opcode 0x69");
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\1K\2\x85K\1\x85") KEYS ELEMENTS)), no_fit);
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\3K\0\x85K\1\x85") KEYS ELEMENTS)), no_fit);
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\0K\2\x85J\xff\xff\xff\x7f\x85") KEYS ELEMENTS)),
           no_fit);
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\0K\2\x85\x8a\10\0\0\0\0\0\0\0@\x85") KEYS ELEMENTS)),
           no_fit);
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\0J\xff\xff\xff\xff\x85K\1\x85") KEYS ELEMENTS)),
           damaged);
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\0K\2\x85)") KEYS ELEMENTS)), damaged);
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\0K\2\x85K\1\x85") "\x80\2]." ELEMENTS)), no_fit);
    refuse(t, open_bytes(t, PICKLE(TENSOR("K\0K\2\x85K\1\x85") KEYS "\3" ELEMENTS)), damaged);
    refuse(t,
           open_bytes(t, PICKLE("X\xff\xff\xff\xff"
                                "a.")),
           damaged);
    refuse(t,
           open_bytes(t, PICKLE("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
                                "a.")),
           damaged);
    refuse(t, open_bytes(t, PICKLE("Nr\xff\xff\xff\x7f.")), damaged);
    refuse(t, open_bytes(t, PICKLE("h\5.")), damaged);
    refuse(t, open_bytes(t, PICKLE("t.")), damaged);
    refuse(t, open_bytes(t, PICKLE("a.")), damaged);
    refuse(t, open_bytes(t, PICKLE(".")), damaged);
    refuse(t, open_bytes(t, PICKLE("(.")), damaged);
    refuse(t, open_bytes(t, PICKLE("}K\1(s.")), damaged);
    refuse(t,
           open_bytes(t, PICKLE("K\7."
                                "\x80\2].")),
           "holds no state_dict");
    refuse(t, open_bytes(t, "\x80\2K\1.", 5), "not of torch.save()");
}

/* A header with one-element tensors of these names. */
static struct netrt_checkpoint *open_names(struct test *t, const char *const *names)
{
    char header[TEXT_SIZE + 500] = "{";
    for (int i = 0; names[i]; i++) {
        size_t n = strlen(header);
        snprintf(header + n, sizeof header - n,
                 "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", i ? "," : "",
                 names[i]);
    }
    strcat(header, "}");
    return open_header(t, header, "1234", 4);
}

/* Checks the names against a network of conv1.weight and fc.bias; the report, or NULL. */
static char *report_of(struct test *t, const char *const *names)
{
    static const struct netrt_tensor params[] = {{"conv1.weight", 1, {1}}, {"fc.bias", 1, {1}}};
    static const char *const ignored[] = {"aux", NULL};
    const struct netrt_model model = {.n_params = 2, .params = params, .ignored = ignored};
    struct netrt_checkpoint *f = open_names(t, names);
    char *report = NULL;
    if (CHECK(&t->check, f))
        CHECK(&t->check, netrt_checkpoint_fit(f, &model, NULL, &report) == (report ? -1 : 0));
    netrt_checkpoint_close(f);
    return report;
}

/* The report must contain each of these parts. */
static void expect_report(struct test *t, const char *const *names, const char *const *parts)
{
    char *report = report_of(t, names);
    CHECK(&t->check, !report == !parts);
    for (int i = 0; report && parts && parts[i]; i++)
        CHECK_TEXT(&t->check, report, parts[i]);
    free(report);
}

#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void test_reports(struct test *t)
{
    expect_report(t, LIST("conv1.weight", "fc.bias"), NULL);
    expect_report(t,
                  LIST("conv1.weight", "fc.bias", "bn.num_batches_tracked", "aux.conv.weight",
                       "attn.relative_position_index"),
                  NULL);
    expect_report(t, LIST("conv1.wieght", "fc.bias", "auxiliary.weight"),
                  LIST("missing: 'conv1.weight' [1]; did you mean 'conv1.wieght'?",
                       "extra: 'conv1.wieght' [1]", "extra: 'auxiliary.weight' [1]"));
    expect_report(t, LIST("fc.bias"), LIST("missing: 'conv1.weight' [1]\n"));
    expect_report(t, LIST("net.conv1.weight", "net.fc.bias"),
                  LIST("all names in the file begin with 'net.'"));
    expect_report(t, LIST("onv1.weight", "c.bias"), LIST("missing: 'fc.bias'", "extra: 'c.bias'"));
    expect_report(t, LIST("a\\u001b[2J", "fc.bias"), LIST("extra: 'a?[2J'"));
}

/* Every name of the network begins with a scope that the file does not have; shapes and types. */
static void test_other_reports(struct test *t)
{
    static const struct netrt_tensor deep[] = {{"net.a", 1, {1}}, {"net.b", 1, {1}}};
    static const struct netrt_tensor shaped[] = {{"a", 2, {2, 3}}, {"b", 1, {2}}};
    struct netrt_model model = {.n_params = 2, .params = deep};
    struct netrt_checkpoint *f = open_names(t, LIST("a", "b"));
    char *report = NULL;
    CHECK(&t->check, netrt_checkpoint_fit(f, &model, NULL, &report) == -1);
    CHECK_TEXT(&t->check, report, "all names of the network begin with 'net.'");
    CHECK_TEXT(&t->check, report, "inline");
    free(report);
    netrt_checkpoint_close(f);
    f = open_header(t,
                    "{\"a\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]},"
                    "\"b\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]}}",
                    "123456781234567812345678", 24);
    model.params = shaped;
    CHECK(&t->check, f && netrt_checkpoint_fit(f, &model, NULL, &report) == -1);
    CHECK_TEXT(&t->check, report, "'a' is [3, 2] in the file, [2, 3] in the network");
    CHECK_TEXT(&t->check, report, "'b' is I64 in the file");
    free(report);
    netrt_checkpoint_close(f);
}

/* Opens a header of that version, with so many bytes behind, and n floats 0, 1, 2, ... */
static struct netrt_checkpoint *open_darknet(struct test *t, int minor, size_t bytes, int n)
{
    const int32_t version[3] = {0, minor, 0};
    unsigned char rest[TEXT_SIZE] = {0};
    for (int i = 0; i < n; i++) {
        const float number = (float)i;
        memcpy(rest + bytes + (size_t)i * sizeof number, &number, sizeof number);
    }
    write_bytes(t, version, sizeof version, rest, bytes + (size_t)n * sizeof(float));
    t->error[0] = 0;
    return netrt_checkpoint_open(t->path, NULL, t->error, sizeof t->error);
}

/* Of a convolution with bn biases come first, then scales, means and variances, then its kernel; of
 * a linear layer biases, then its matrix. */
static const struct netrt_tensor layered[] = {
    {"c.weight", 4, {1, 2, 1, 1}}, {"bn.weight", 1, {1}},      {"bn.bias", 1, {1}},
    {"bn.running_mean", 1, {1}},   {"bn.running_var", 1, {1}}, {"fc.weight", 2, {2, 1}},
    {"fc.bias", 1, {2}},
};

static void test_darknet_order(struct test *t)
{
    static const float first[] = {4, 1, 0, 2, 3, 8, 6};
    const struct netrt_model model = {.n_params = 7, .params = layered};
    for (int minor = 1; minor <= 2; minor++) {
        struct netrt_checkpoint *f = open_darknet(t, minor, minor == 1 ? 4 : 8, 10);
        char *report = NULL;
        float value = -1;
        if (!CHECK(&t->check, f))
            return;
        CHECK(&t->check, !netrt_checkpoint_fit(f, &model, NULL, &report) && !report);
        for (int i = 0; i < 7; i++) {
            load(t, f, layered[i].name, 0, 1, &value);
            CHECK(&t->check, value == first[i]);
        }
        CHECK(&t->check, !netrt_checkpoint_fit(f, &model, NULL, &report)); /* named by now */
        netrt_checkpoint_close(f);
    }
}

/* What does not fit is said in a line. */
static void refuse_darknet(struct test *t, const struct netrt_tensor *params, int n, int numbers,
                           const char *part)
{
    const struct netrt_model model = {.n_params = n, .params = params};
    struct netrt_checkpoint *f = open_darknet(t, 2, 8, numbers);
    char *report = NULL;
    CHECK(&t->check, f && netrt_checkpoint_fit(f, &model, NULL, &report) == -1);
    CHECK_TEXT(&t->check, report ? report : "", part);
    free(report);
    netrt_checkpoint_close(f);
}

static void test_hostile_darknet(struct test *t)
{
    static const struct netrt_tensor bare[] = {{"c.weight", 2, {1, 2}}};
    static const struct netrt_tensor two[] = {
        {"c.weight", 2, {1, 2}}, {"c.bias", 1, {1}}, {"bn.bias", 1, {1}}};
    static const struct netrt_tensor other[] = {{"table", 2, {1, 2}}};
    static const struct netrt_tensor late[] = {{"bn.bias", 1, {1}}, {"c.weight", 2, {1, 1}}};
    refuse_darknet(t, layered, 7, 9, "too short: the file holds 9 numbers, the network has 10");
    refuse_darknet(t, layered, 7, 11, "too long: the file holds 11 numbers, the network has 10");
    refuse_darknet(t, bare, 1, 2, "'c.weight' has no bias beside it");
    refuse_darknet(t, two, 3, 4, "'bn.bias' is none of a layer of Darknet's");
    refuse_darknet(t, other, 1, 2, "'table' is none of a layer of Darknet's");
    refuse_darknet(t, late, 2, 2, "'bn.bias' is none of a layer of Darknet's");
    refuse(t, open_darknet(t, 2, 7, 0), "is cut short");
    refuse(t, open_darknet(t, 2, 9, 3), "Darknet's weights are whole floats");
    refuse(t, open_darknet(t, 3, 8, 3), "is not a checkpoint");
    const struct netrt_checkpoint_options map = {.map = "names.map"};
    netrt_checkpoint_close(open_darknet(t, 2, 8, 3));
    refuse(t, netrt_checkpoint_open(t->path, &map, t->error, sizeof t->error),
           "has no names that 'names.map' could change");
}

/* No layer of a file is one of a network's; whatever it holds, that is no failure. */
static void align_none(struct test *t, const char *header, size_t size)
{
    static const struct netrt_tensor params[] = {{"c.weight", 1, {2}}, {"c.bias", 1, {2}}};
    const struct netrt_model m = {.name = "n", .n_params = 2, .params = params};
    char *list = NULL;
    size_t listed = 1;
    struct netrt_checkpoint *f = open_header(t, header, (float[4]){0}, size);
    FILE *out = open_memstream(&list, &listed);
    if (CHECK(&t->check, f && out)) {
        CHECK(&t->check, !netrt_checkpoint_align(f, &m, out));
        fclose(out);
        CHECK(&t->check, listed == 0);
    }
    free(list);
    netrt_checkpoint_close(f);
}

static void test_order(struct test *t)
{
    align_none(t, "{}", 0);
    align_none(t,
               "{\"weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
               "\".weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
               16);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    struct test t = {.folder = argv[1]};
    test_values(&t);
    test_hostile(&t);
    test_pickle(&t);
    test_hostile_pickles(&t);
    test_reports(&t);
    test_other_reports(&t);
    test_darknet_order(&t);
    test_hostile_darknet(&t);
    test_order(&t);
    return check_end(&t.check);
}
