/*
 * Weights: expressions against numbers computed by hand, every layout against its description in
 * kernels/shapes.def, and the random formula against a program in Python.
 */
#include "check.h"
#include "runtime/core/narrow.h"
#include "runtime/core/weights.h"
#include "runtime/kernels/shapes.h"

#include <math.h>
#include <stdlib.h>

enum { ERROR_SIZE = 200 };

/* A source whose element i of parameter k is 1000 k + i, plus `plus`. */
struct counting_source {
    struct netrt_source source;
    float plus;
    int fail_at; /* the parameter that cannot be read, or -1 */
};

static int count_up(struct netrt_source *source, const struct netrt_tensor *param, int number,
                    long first, long n, float *data, char *error, size_t error_size)
{
    const struct counting_source *s = (const struct counting_source *)source;
    if (number == s->fail_at) {
        snprintf(error, error_size, "no '%s'", param->name);
        return -1;
    }
    for (long i = 0; i < n; i++)
        data[i] = (float)(1000 * number + first + i) + s->plus;
    return 0;
}

/* Parts, the last first, together make the same bytes. */
static void check_parts(struct check *c, const struct netrt_model *model, const float *whole)
{
    enum { PARTS = 3 };
    struct counting_source source = {{.load = count_up}, 1, -1};
    char error[ERROR_SIZE] = "", *out = calloc(1, model->weights_bytes);
    for (long part = PARTS - 1; part >= 0; part--)
        CHECK(c,
              netrt_pack_part(model, &source.source, out, part, PARTS, error, sizeof error) == 0);
    CHECK(c, !memcmp(out, whole, model->weights_bytes));
    free(out);
}

/* Packs one expression; the result is from calloc. */
static float *pack(struct check *c, struct netrt_model *model, struct netrt_packed packed)
{
    struct counting_source source = {{.load = count_up}, 1, -1};
    char error[ERROR_SIZE] = "";
    packed.bytes = netrt_packed_bytes(&packed);
    model->packed = &packed;
    model->n_packed = 1;
    model->weights_bytes = packed.bytes;
    float *out = calloc(1, packed.bytes);
    if (!CHECK(c, netrt_pack_weights(model, &source.source, out, error, sizeof error) == 0))
        fprintf(stderr, "%s\n", error);
    check_parts(c, model, out);
    return out;
}

/* w[o, i] * (g[o] / sqrt(v[o] + 0.5)) and b - m g / ..., as bn is folded: w is [3, 2], element
 * 2 o + i + 1; g is 1001, 1002, 1003; v is 2001, 2002, 2003. */
static void test_expressions(struct check *c)
{
    static const struct netrt_tensor params[] = {
        {"w", 2, {3, 2}}, {"g", 1, {3}}, {"v", 1, {3}}, {"row", 1, {2}}};
    static const struct netrt_expr exprs[] = {
        {NETRT_EXPR_PARAM, .param = 0},      {NETRT_EXPR_PARAM, .param = 1},
        {NETRT_EXPR_PARAM, .param = 2},      {NETRT_EXPR_REAL, .real = 0.5},
        {NETRT_EXPR_ADD, .operand = {2, 3}}, {NETRT_EXPR_SQRT, .operand = {4}},
        {NETRT_EXPR_DIV, .operand = {1, 5}}, {NETRT_EXPR_MUL, .operand = {0, 6}, .axis = 0},
        {NETRT_EXPR_PARAM, .param = 3},      {NETRT_EXPR_SUB, .operand = {8, 0}, .axis = 1},
        {NETRT_EXPR_SUB, .operand = {3, 2}},
    };
    struct netrt_model model = {.n_params = 4, .params = params, .n_exprs = 11, .exprs = exprs};
    struct netrt_packed matrix = {
        NETRT_LAYOUT_CONV, NETRT_STORED_f32, 0, 7, 3, 2, 1, 1, 3, 2, 16, 0, 0, 0, 0, {0}};
    float *out = pack(c, &model, matrix);
    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 2; i++)
            CHECK(c, out[i * 16 + o] == (float)((2 * o + i + 1) * ((1001 + o) / sqrt(2001.5 + o))));
    free(out);
    matrix.expr = 9; /* row[i] - w[o, i], row = 3001, 3002 */
    out = pack(c, &model, matrix);
    for (int o = 0; o < 3; o++)
        for (int i = 0; i < 2; i++)
            CHECK(c, out[i * 16 + o] == (float)(3001 + i - (2 * o + i + 1)));
    free(out);
    struct netrt_packed vector = {
        NETRT_LAYOUT_CHANNELS, NETRT_STORED_f32, 0, 10, 3, 1, 1, 1, 1, 1, 16, 0, 0, 0, 0, {0}};
    out = pack(c, &model, vector); /* 0.5 - v */
    for (int o = 0; o < 16; o++)
        CHECK(c, out[o] == (o < 3 ? -2000.5F - (float)o : 0));
    free(out);
}

/* Chunks of an expression join without a seam: row[i] w[o, i] over 9000 columns. */
static void test_long_rows(struct check *c)
{
    enum { COLUMNS = 9000 };
    static const struct netrt_tensor params[] = {{"w", 2, {17, COLUMNS}}, {"row", 1, {COLUMNS}}};
    static const struct netrt_expr exprs[] = {{NETRT_EXPR_PARAM, .param = 0},
                                              {NETRT_EXPR_PARAM, .param = 1},
                                              {NETRT_EXPR_ADD, .operand = {0, 1}, .axis = 1}};
    struct netrt_model model = {.n_params = 2, .params = params, .n_exprs = 3, .exprs = exprs};
    struct netrt_packed matrix = {NETRT_LAYOUT_CONV,
                                  NETRT_STORED_f32,
                                  0,
                                  2,
                                  17,
                                  COLUMNS,
                                  1,
                                  1,
                                  17,
                                  COLUMNS,
                                  16,
                                  0,
                                  0,
                                  0,
                                  0,
                                  {0}};
    float *out = pack(c, &model, matrix);
    int good = 1;
    for (long o = 0; o < 17; o++)
        for (long i = 0; i < COLUMNS; i++)
            good &= out[(o / 16 * COLUMNS + i) * 16 + o % 16] ==
                    (float)(o * COLUMNS + i + 1 + 1000 + i + 1);
    CHECK(c, good);
    free(out);
}

/* One parameter of this shape, packed as it is. */
static float *pack_dense(struct check *c, struct netrt_tensor tensor, struct netrt_packed packed)
{
    static const struct netrt_expr expr = {NETRT_EXPR_PARAM, .param = 0};
    struct netrt_model model = {.n_params = 1, .params = &tensor, .n_exprs = 1, .exprs = &expr};
    return pack(c, &model, packed);
}

/* [oc/16][ic/16][kh][kw][16 in][16 out], the last input block as deep as it has channels; other
 * lanes and the channels of other groups are zero. */
static void test_conv(struct check *c, long oc, long groups, long group_ic, long k, long block)
{
    long group_oc = oc / groups, taps = k * k, sum_ic = groups * group_ic;
    /* what a block of outputs reads: from the first channel of its first group, rounded down */
    long ic = 0;
    for (long o = 0; o < oc; o++) {
        long base = o / 16 * 16 / group_oc * group_ic / 16 * 16;
        long end = (o / group_oc + 1) * group_ic - base;
        ic = end > ic ? end : ic;
    }
    struct netrt_tensor tensor = {"w", 4, {oc, group_ic, k, k}};
    struct netrt_packed p = {
        NETRT_LAYOUT_CONV, NETRT_STORED_f32,       0, 0, oc, ic, k,  k, group_oc,
        group_ic,          block ? block : sum_ic, 0, 0, 0,  0,  {0}};
    float *out = pack_dense(c, tensor, p), *at = out;
    int good = 1;
    for (long b = 0; b < (oc + 15) / 16; b++)
        for (long first = 0; first < ic; first += p.ic_block)
            for (long t = 0; t < taps; t++)
                for (long i = first; i < ic && i < first + p.ic_block; i++)
                    for (long o = 16 * b; o < 16 * b + 16; o++, at++) {
                        long channel = 16 * b / group_oc * group_ic / 16 * 16 + i;
                        long j = channel - o / group_oc * group_ic;
                        int inside = o < oc && j >= 0 && j < group_ic;
                        good &= *at == (inside ? (float)((o * group_ic + j) * taps + t + 1) : 0);
                    }
    CHECK(c, good && at - out == (long)(netrt_packed_bytes(&p) / sizeof(float)));
    free(out);
}

/* From [ic, oc / groups, kh, kw] to the same layout. */
static void test_transpose(struct check *c, long oc, long groups, long group_ic, long k)
{
    long group_oc = oc / groups, taps = k * k, ic = groups * group_ic;
    struct netrt_tensor tensor = {"w", 4, {ic, group_oc, k, k}};
    struct netrt_packed p = {NETRT_LAYOUT_CONV, NETRT_STORED_f32, 1,  0, oc, ic, k, k,
                             group_oc,          group_ic,         16, 0, 0,  0,  0, {0}};
    p.ic = groups == 1 ? ic : group_ic * ((16 + group_oc - 1) / group_oc);
    float *out = pack_dense(c, tensor, p);
    for (long o = 0; o < oc; o++)
        for (long j = 0; j < group_ic; j++)
            for (long t = 0; t < taps; t++) {
                long channel = o / group_oc * group_ic + j;
                long i = channel - o / 16 * 16 / group_oc * group_ic / 16 * 16, first = i / 16 * 16;
                long depth = p.ic - first < 16 ? p.ic - first : 16;
                const float *block = out + (o / 16 * p.ic + first) * taps * 16;
                CHECK(c, block[(t * depth + i - first) * 16 + o % 16] ==
                             (float)((channel * group_oc + o % group_oc) * taps + t + 1));
            }
    free(out);
}

/* [c/16][kh][kw][group][16]: depthwise and planes with one channel a group. */
static void test_channels(struct check *c, enum netrt_layout layout, long channels, long group,
                          long h, long w)
{
    struct netrt_tensor tensor = {"w", 4, {channels, group, h, w}};
    struct netrt_packed p = {
        layout, NETRT_STORED_f32, 0, 0, channels, group, h, w, group, group, 16, 0, 0, 0, 0, {0}};
    if (layout == NETRT_LAYOUT_PLANES)
        tensor = (struct netrt_tensor){"w", 3, {channels, h, w}};
    float *out = pack_dense(c, tensor, p), *at = out;
    int good = 1;
    for (long b = 0; b < (channels + 15) / 16; b++)
        for (long t = 0; t < h * w; t++)
            for (long j = 0; j < group; j++)
                for (long o = 16 * b; o < 16 * b + 16; o++, at++)
                    good &= *at == (o < channels ? (float)((o * group + j) * h * w + t + 1) : 0);
    CHECK(c, good);
    free(out);
}

static void test_layouts(struct check *c)
{
    test_conv(c, 16, 1, 16, 1, 16);
    test_conv(c, 33, 1, 37, 3, 16);
    test_conv(c, 7, 1, 3, 5, 0); /* planar input: all channels in one block */
    test_conv(c, 64, 2, 32, 3, 16);
    test_conv(c, 24, 3, 24, 1, 16); /* groups that do not align with blocks */
    test_conv(c, 12, 4, 5, 2, 16);
    test_transpose(c, 20, 1, 18, 2);
    test_transpose(c, 32, 2, 16, 3);
    test_channels(c, NETRT_LAYOUT_DEPTHWISE, 35, 1, 3, 3);
    test_channels(c, NETRT_LAYOUT_GROUPED, 32, 4, 3, 3);
    test_channels(c, NETRT_LAYOUT_PLANES, 17, 1, 4, 5);
}

/* A narrow tensor is the same one in f32, element by element; what follows it up to a line of the
 * caches is left as it was. */
static void test_narrow(struct check *c, struct netrt_packed p, enum netrt_stored stored)
{
    const int wide = p.layout == NETRT_LAYOUT_CONV;
    struct netrt_tensor tensor = {
        "w", 4, {wide ? p.oc : p.ic, wide ? p.group_ic : p.group_oc, p.kh, p.kw}};
    float *floats = pack_dense(c, tensor, p);
    const size_t n = netrt_packed_bytes(&p) / sizeof *floats;
    p.stored = stored;
    uint16_t *halves = (uint16_t *)pack_dense(c, tensor, p);
    int good = netrt_packed_bytes(&p) % 64 == 0 && netrt_packed_bytes(&p) - 2 * n < 64;
    for (size_t i = 0; i < n; i++)
        good &= halves[i] == netrt_narrow(stored, floats[i]);
    CHECK(c, good);
    free(floats);
    free(halves);
}

static void test_all_narrow(struct check *c)
{
    for (int stored = NETRT_STORED_bf16; stored <= NETRT_STORED_f16; stored++) {
        const enum netrt_stored type = (enum netrt_stored)stored;
        /* 3 x 5 x 5 kernels of 16 halves: 2400 bytes are no whole lines of caches */
        test_narrow(
            c,
            (struct netrt_packed){
                NETRT_LAYOUT_CONV, NETRT_STORED_f32, 0, 0, 7, 3, 5, 5, 7, 3, 3, 0, 0, 0, 0, {0}},
            type);
        test_narrow(c,
                    (struct netrt_packed){NETRT_LAYOUT_CONV,
                                          NETRT_STORED_f32,
                                          0,
                                          0,
                                          33,
                                          37,
                                          1,
                                          1,
                                          33,
                                          37,
                                          16,
                                          0,
                                          0,
                                          0,
                                          0,
                                          {0}},
                    type);
        test_narrow(c,
                    (struct netrt_packed){NETRT_LAYOUT_CONV,
                                          NETRT_STORED_f32,
                                          1,
                                          0,
                                          20,
                                          18,
                                          2,
                                          2,
                                          20,
                                          18,
                                          16,
                                          0,
                                          0,
                                          0,
                                          0,
                                          {0}},
                    type);
    }
}

/* Numbers that would become infinite; one that is infinite stays so. */
static void test_range(struct check *c)
{
    static const struct netrt_tensor params[] = {{"conv1.weight", 2, {1, 2}},
                                                 {"bn.weight", 1, {1}}};
    static const struct netrt_expr exprs[] = {{NETRT_EXPR_PARAM, .param = 0},
                                              {NETRT_EXPR_PARAM, .param = 1},
                                              {NETRT_EXPR_MUL, .operand = {0, 1}}};
    struct netrt_packed p = {
        NETRT_LAYOUT_CONV, NETRT_STORED_f16, 0, 0, 1, 2, 1, 1, 1, 2, 16, 0, 64, 0, 0, {0}};
    struct netrt_model model = {.n_params = 2,
                                .params = params,
                                .n_exprs = 3,
                                .exprs = exprs,
                                .n_packed = 1,
                                .packed = &p,
                                .weights_bytes = 64};
    struct counting_source source = {{.load = count_up}, 65519, -1};
    char error[ERROR_SIZE] = "";
    uint16_t out[32] = {0};
    p.offset = 0;
    p.bytes = 64;
    CHECK(c, netrt_pack_weights(&model, &source.source, out, error, sizeof error) == -1);
    CHECK_TEXT(c, error,
               "'conv1.weight' has the number 65520, which f16 does not hold: compile with "
               "--weights-as bf16 or f32");
    p.expr = 2;
    source.plus = 0x1.ffdp63F; /* whose square is 0x1.ffap127 */
    p.stored = NETRT_STORED_bf16;
    CHECK(c, netrt_pack_weights(&model, &source.source, out, error, sizeof error) == -1);
    CHECK_TEXT(c, error, "'conv1.weight', with what is folded into it, has the number");
    CHECK_TEXT(c, error, "which bf16 does not hold: compile with --weights-as f32");
    p.expr = 0;
    source.plus = INFINITY;
    p.stored = NETRT_STORED_f16;
    CHECK(c, netrt_pack_weights(&model, &source.source, out, error, sizeof error) == 0);
    CHECK(c, out[0] == 0x7c00 && out[16] == 0x7c00);
    p.layout = NETRT_LAYOUT_DEPTHWISE; /* whose kernel reads floats */
    CHECK(c, netrt_pack_weights(&model, &source.source, out, error, sizeof error) == -1);
}

static void test_failures(struct check *c)
{
    static const struct netrt_tensor param = {"conv1.weight", 1, {3}};
    static const struct netrt_expr expr = {NETRT_EXPR_PARAM, .param = 0};
    struct netrt_packed p = {
        NETRT_LAYOUT_CHANNELS, NETRT_STORED_f32, 0, 0, 3, 1, 1, 1, 1, 1, 16, 0, 0, 0, 64, {0}};
    struct netrt_model model = {.n_params = 1,
                                .params = &param,
                                .n_exprs = 1,
                                .exprs = &expr,
                                .n_packed = 1,
                                .packed = &p,
                                .weights_bytes = 64};
    struct counting_source source = {{.load = count_up}, 0, 0};
    char error[ERROR_SIZE] = "";
    float out[16] = {0};
    CHECK(c, netrt_pack_weights(&model, &source.source, out, error, sizeof error) == -1);
    CHECK_TEXT(c, error, "no 'conv1.weight'");
    source.fail_at = -1;
    p.oc = 4; /* the parameter has 3 elements */
    CHECK(c, netrt_pack_weights(&model, &source.source, out, error, sizeof error) == -1);
    struct netrt_packed huge = {
        .layout = NETRT_LAYOUT_CONV, .oc = 1L << 40, .ic = 1L << 40, .kh = 1, .kw = 1};
    CHECK(c, netrt_packed_bytes(&huge) == 0);
}

/* Some elements of tensors of every role, as random_weights.py prints them. */
static int print_random(void)
{
    static const struct netrt_tensor tensors[] = {
        {"conv1.weight", 4, {8, 3, 5, 5}}, {"conv1.bias", 1, {8}},      {"bn.weight", 1, {40}},
        {"bn.running_mean", 1, {40}},      {"bn.running_var", 1, {40}}, {"fc.weight", 2, {7, 11}},
        {"norm.weight", 3, {2, 3, 4}},     {"weight", 2, {3, 3}},
    };
    struct netrt_random_source random;
    for (uint64_t seed = 0; seed < 3; seed++) {
        netrt_random_source_init(&random, seed * 0x123456789abcdef);
        for (size_t k = 0; k < sizeof tensors / sizeof *tensors; k++) {
            float data[4];
            random.source.load(&random.source, &tensors[k], (int)k, 1, 4, data, NULL, 0);
            printf("%s", tensors[k].name);
            for (int i = 0; i < 4; i++)
                printf(" %.9g", (double)data[i]);
            printf("\n");
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "random"))
        return print_random();
    struct check c = {0};
    test_expressions(&c);
    test_long_rows(&c);
    test_layouts(&c);
    test_all_narrow(&c);
    test_range(&c);
    test_failures(&c);
    return check_end(&c);
}
