/*
 * The plain references of the kernels against what PyTorch makes of the same operands: the lines
 * of the golden file on the command line, which test/reference/kernels.py writes and explains.
 * Pairs of kernels have none but those of the two.
 * To add a kernel: a row of shapes.def, lines in the file, and a function golden_<name> here.
 */
#include "kernels/reference.h"

#include "blocked.h"

static const double TOLERANCE = 2e-6;       /* of a sample, in the largest output */
static const double PROBE_TOLERANCE = 1e-5; /* of a sum over all outputs, likewise */

enum { PROBES = 4, SAMPLES = 6 };

/* A case: its line, the fields that no shape has, and its operands. */
struct golden {
    uint64_t number;
    char *fields, *wanted;
    double ih, iw, shift, weight, in_ones, other_ones, transposed, over, queries, e, v, levels,
        nans;
    struct netrt_args a;
    long outputs;
};

/* set_<name>(): sets a field of a shape by its name; 0 where it has none such. */
#define KERNEL(name, doc)                                                                          \
    static int set_##name(struct netrt_##name *k, const char *field, double value)                 \
    {
#define INT(field_, doc)                                                                           \
    if (strcmp(field, #field_) == 0) {                                                             \
        k->field_ = (long)value;                                                                   \
        return 1;                                                                                  \
    }
#define REAL(field_, doc)                                                                          \
    if (strcmp(field, #field_) == 0) {                                                             \
        k->field_ = (float)value;                                                                  \
        return 1;                                                                                  \
    }
#define END(name)                                                                                  \
    return 0;                                                                                      \
    }
#define PAIR(name, first, then, doc)
#include "kernels/shapes.def"

/* Sets a field that no shape has. */
static int set_extra(struct golden *g, const char *field, double value)
{
    const struct {
        const char *name;
        double *value;
    } extras[] = {{"ih", &g->ih},
                  {"iw", &g->iw},
                  {"shift", &g->shift},
                  {"weight", &g->weight},
                  {"in_ones", &g->in_ones},
                  {"other_ones", &g->other_ones},
                  {"transposed", &g->transposed},
                  {"over", &g->over},
                  {"queries", &g->queries},
                  {"e", &g->e},
                  {"v", &g->v},
                  {"levels", &g->levels},
                  {"nans", &g->nans}};
    for (size_t i = 0; i < sizeof extras / sizeof extras[0]; i++)
        if (strcmp(field, extras[i].name) == 0) {
            *extras[i].value = value;
            return 1;
        }
    return 0;
}

/* Reads "field=value" words into a shape k. */
#define READ_SHAPE(name, g, k)                                                                     \
    do {                                                                                           \
        for (char *word = strtok((g)->fields, " "); word; word = strtok(NULL, " ")) {              \
            char *const equals = strchr(word, '=');                                                \
            if (!equals)                                                                           \
                abort();                                                                           \
            *equals = 0;                                                                           \
            const double value = strtod(equals + 1, NULL);                                         \
            if (!set_##name((k), word, value) && !set_extra((g), word, value)) {                   \
                printf("no field '%s'\n", word);                                                   \
                abort();                                                                           \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* Makes the operands, of so many elements. */
static void make_operands(struct golden *g, long in, long weight, long bias, long outputs)
{
    float *inputs = new_uniform(8 * g->number, in);
    float *weights = new_uniform(8 * g->number + 1, weight);
    for (long i = 0; i < in; i++)
        inputs[i] += (float)g->shift;
    for (long i = 0; g->weight > 0 && i < weight; i++)
        weights[i] = (float)g->weight;
    g->outputs = outputs;
    g->a.in = inputs;
    g->a.weight = weights;
    g->a.bias = new_uniform(8 * g->number + 2, bias);
    g->a.other = new_uniform(8 * g->number + 3, outputs);
    g->a.out = new_floats(outputs);
}

static void golden_conv(struct golden *g)
{
    struct netrt_conv k = {0};
    READ_SHAPE(conv, g, &k);
    const long ih = (long)g->ih, iw = (long)g->iw, ic = k.oc / k.group_oc * k.group_ic;
    make_operands(g, k.images * ic * ih * iw, k.oc * k.group_ic * k.kh * k.kw, k.oc,
                  k.images * k.oc * k.oh * k.ow);
    netrt_reference_conv(&k, &g->a, ih, iw);
}

static void golden_winograd(struct golden *g)
{
    struct netrt_winograd k = {0};
    READ_SHAPE(winograd, g, &k);
    const long ih = (long)g->ih, iw = (long)g->iw;
    make_operands(g, k.images * k.ic * ih * iw, k.oc * k.ic * k.kh * k.kw, k.oc,
                  k.images * k.oc * k.oh * k.ow);
    netrt_reference_winograd(&k, &g->a, ih, iw);
}

static void golden_depthwise(struct golden *g)
{
    struct netrt_depthwise k = {0};
    READ_SHAPE(depthwise, g, &k);
    const long ih = (long)g->ih, iw = (long)g->iw;
    make_operands(g, k.images * k.c * ih * iw, k.c * k.kh * k.kw, k.c,
                  k.images * k.c * k.oh * k.ow);
    netrt_reference_depthwise(&k, &g->a, ih, iw);
}

static void golden_grouped(struct golden *g)
{
    struct netrt_grouped k = {0};
    READ_SHAPE(grouped, g, &k);
    const long ih = (long)g->ih, iw = (long)g->iw;
    make_operands(g, k.images * k.c * ih * iw, k.c * k.group * k.kh * k.kw, k.c,
                  k.images * k.c * k.oh * k.ow);
    netrt_reference_grouped(&k, &g->a, ih, iw);
}

static void golden_border(struct golden *g)
{
    struct netrt_border k = {0};
    READ_SHAPE(border, g, &k);
    const long rows = k.border_top + k.h + k.border_bottom;
    make_operands(g, k.images * k.c * k.h * k.w, 0, 0,
                  k.images * k.c * rows * (k.border_left + k.w + k.border_right));
    netrt_reference_border(&k, &g->a);
}

static void golden_conv_transpose(struct golden *g)
{
    struct netrt_conv_transpose k = {0};
    READ_SHAPE(conv_transpose, g, &k);
    const long ic = k.oc / k.group_oc * k.group_ic;
    make_operands(g, k.images * ic * k.ih * k.iw, ic * k.group_oc * k.kh * k.kw, k.oc,
                  k.images * k.oc * k.oh * k.ow);
    netrt_reference_conv_transpose(&k, &g->a);
}

static void golden_pointwise(struct golden *g)
{
    struct netrt_pointwise k = {0};
    READ_SHAPE(pointwise, g, &k);
    const long elements = k.images * k.c * k.h * k.w;
    make_operands(g, elements, k.c, k.c, elements);
    netrt_reference_pointwise(&k, &g->a, (int)g->in_ones, (int)g->other_ones);
}

/* golden_<name>() of a kernel with an input of c_in channels, ih x iw, an output of c, oh x ow. */
#define GOLDEN(name, c_in, ih, iw, c, oh, ow)                                                      \
    static void golden_##name(struct golden *g)                                                    \
    {                                                                                              \
        struct netrt_##name k = {0};                                                               \
        READ_SHAPE(name, g, &k);                                                                   \
        const long elements = k.c * k.oh * k.ow;                                                   \
        make_operands(g, k.images *k.c_in *k.ih *k.iw, elements, elements, k.images *elements);    \
        netrt_reference_##name(&k, &g->a);                                                         \
    }
GOLDEN(pooling, c, ih, iw, c, oh, ow)
GOLDEN(adaptive_pooling, c, ih, iw, c, oh, ow)
GOLDEN(copy, ic, ih, iw, c, oh, ow)

static void golden_pixel_shuffle(struct golden *g)
{
    struct netrt_pixel_shuffle k = {0};
    READ_SHAPE(pixel_shuffle, g, &k);
    const long outputs = k.images * k.c * k.oh * k.ow;
    make_operands(g, outputs, 1, 1, outputs);
    netrt_reference_pixel_shuffle(&k, &g->a);
}

GOLDEN(resample, c, ih, iw, c, oh, ow)
/* Dense operands, the input in the order that its steps say. */
static void golden_strided(struct golden *g)
{
    struct netrt_strided k = {0};
    READ_SHAPE(strided, g, &k);
    const long elements = k.n0 * k.n1 * k.n2 * k.n3 * k.n4 * k.n5;
    make_operands(g, elements, 1, 1, elements);
    netrt_reference_strided(&k, &g->a);
}
/* Field `over`: bits for what is reduced. */
static void golden_reduce(struct golden *g)
{
    struct netrt_reduce k = {0};
    READ_SHAPE(reduce, g, &k);
    const long ih = (long)g->ih, iw = (long)g->iw;
    const int over = (int)g->over;
    make_operands(g, k.images * k.c * ih * iw, 1, 1,
                  k.images * (over & 1 ? 1 : k.c) * (over & 2 ? 1 : ih) * (over & 4 ? 1 : iw));
    netrt_reference_reduce(&k, &g->a, ih, iw, over);
}

/* Fields of one product are read as well. */
static int set_product(struct netrt_matmul *k, const char *field, double value)
{
    return set_matmul(k, field, value) || set_conv(&k->product, field, value);
}

/* Dense operands; field `transposed` says that the second lies transposed. */
static void golden_matmul(struct golden *g)
{
    struct netrt_matmul k = {0};
    struct netrt_conv *c = &k.product;
    READ_SHAPE(product, g, &k);
    const int transposed = g->transposed != 0;
    c->in.col = c->ic;
    c->in.lane = 1;
    k.other_row = transposed ? 1 : c->oc;
    k.other_col = transposed ? c->ic : 1;
    c->out.col = c->oc;
    const long products = k.n0 * k.n1 * k.n2 * k.n3, out = products * c->ow * c->oc;
    make_operands(g, products * c->ow * c->ic, 1, 1, out);
    free((void *)g->a.other);
    g->a.other = new_uniform(8 * g->number + 3, products * c->ic * c->oc);
    netrt_reference_matmul(&k, &g->a);
}

/* Fields of both products are read as well: `e`, the columns of queries and keys, and `v`, those of
 * the values, of which there are as many as keys. Dense operands; a mask of minus infinity above
 * 0.9. */
static void golden_attention(struct golden *g)
{
    struct netrt_attention k = {0};
    READ_SHAPE(attention, g, &k);
    const long queries = (long)g->queries, e = (long)g->e, v = (long)g->v;
    const long n = netrt_attention_matrices(&k);
    k.scores.oc = queries;
    k.scores.ic = k.in_row = k.scores.in.col = e;
    k.product.ow = k.product.in.lane = k.out_row = v;
    k.scores.in.lane = k.product.in.col = k.in_col = k.fourth_col = 1;
    k.fourth_row = k.keys;
    make_operands(g, n * queries * e, 1, 1, n * queries * v);
    free((void *)g->a.other);
    g->a.other = new_uniform(8 * g->number + 3, n * k.keys * e);
    g->a.third = new_uniform(8 * g->number + 4, n * k.keys * v);
    float *mask = new_uniform(8 * g->number + 5, queries * k.keys);
    for (long i = 0; i < queries * k.keys; i++)
        mask[i] = mask[i] > 0.25F || i < k.keys ? -INFINITY : mask[i];
    g->a.fourth = mask;
    netrt_reference_attention(&k, &g->a);
}

/* Weights and biases of one direction after those of the other; the states follow the output. */
static void golden_recurrent(struct golden *g)
{
    struct netrt_recurrent k = {0};
    READ_SHAPE(recurrent, g, &k);
    const long gates = NETRT_RECURRENT_GATES(&k) * k.h, cells = k.images * k.directions;
    const long out = k.steps * cells * k.h;
    double *states = malloc((size_t)(4 * k.h) * sizeof *states);
    make_operands(g, k.steps * cells * gates, k.directions * gates * k.h, k.directions * gates,
                  out + (k.lstm ? 2 : 1) * cells * k.h);
    g->a.first_weight = g->a.weight + gates * k.h;
    g->a.first_bias = g->a.bias + gates;
    g->a.more = g->a.out + out;
    netrt_reference_recurrent(&k, &g->a, states, states + 2 * k.h);
    free(states);
}
/* Field `levels`: inputs are rounded down to so many for each 1, so that some are equal; `nans`:
 * each of that number is NaN. */
static void make_levels(struct golden *g, long in)
{
    float *x = (float *)g->a.in;
    for (long i = 0; i < in; i++) {
        if (g->levels > 0)
            x[i] = (float)(floor((double)x[i] * g->levels) / g->levels);
        if (g->nans > 0 && i % (long)g->nans == (long)g->nans - 1)
            x[i] = NAN;
    }
}

/* Integers as numbers. */
static void make_numbers(float *at, long n)
{
    for (long i = 0; i < n; i++)
        at[i] = (float)netrt_reference_integer(at + i);
}

/* Integers from -3 on, as numbers. */
static void golden_integers(struct golden *g)
{
    struct netrt_integers k = {0};
    READ_SHAPE(integers, g, &k);
    make_operands(g, 2 * k.n, 1, 1, k.n);
    for (long i = 0; i < k.n; i++)
        ((int64_t *)(void *)g->a.in)[i] = i - 3;
    netrt_reference_integers(&k, &g->a);
    make_numbers(g->a.out, k.n);
}

/* Positions are the first numbers of operand 3, spread over all there are. */
static void golden_gather(struct golden *g)
{
    struct netrt_gather k = {0};
    READ_SHAPE(gather, g, &k);
    const long outputs = k.n3 * k.n4 * k.n5;
    make_operands(g, outputs * k.size, 1, 1, outputs);
    float *index = (float *)g->a.other;
    for (long i = 0; i < outputs; i++)
        netrt_reference_put(index + i, (int32_t)(((double)index[i] + 1) / 2 * (double)k.size));
    netrt_reference_gather(&k, &g->a);
}

static void golden_argmax(struct golden *g)
{
    struct netrt_argmax k = {0};
    READ_SHAPE(argmax, g, &k);
    const long outputs = k.n3 * k.n4 * k.n5;
    make_operands(g, outputs * k.size, 1, 1, outputs);
    make_levels(g, outputs * k.size);
    netrt_reference_argmax(&k, &g->a);
    make_numbers(g->a.out, outputs);
}

/* The positions follow the values. */
static void golden_topk(struct golden *g)
{
    struct netrt_topk k = {0};
    READ_SHAPE(topk, g, &k);
    const long groups = k.n2 * k.n3 * k.n4, outputs = groups * k.k;
    make_operands(g, groups * k.size, 1, 1, 2 * outputs);
    g->a.more = g->a.out + outputs;
    netrt_reference_topk(&k, &g->a);
    make_numbers(g->a.more, outputs);
}

#include "golden_boxes.h"
#include "golden_gradient.h"

GOLDEN(softmax, c, h, w, c, h, w)
GOLDEN(channelnorm, c, h, w, c, h, w)
GOLDEN(lrn, c, h, w, c, h, w)
GOLDEN(groupnorm, c, h, w, c, h, w)

static int agree(double want, double got, double tolerance)
{
    return isnan(want) ? isnan(got) : fabs(want - got) <= tolerance;
}

/* Compares the outputs with the rest of the line: probes, then samples. */
static int agrees(const struct golden *g)
{
    const double most = magnitude(g->a.out, g->outputs);
    char *rest = g->wanted;
    int good = 1;
    for (uint64_t j = 0; j < PROBES; j++) {
        double sum = 0;
        for (long i = 0; i < g->outputs; i++)
            sum += (double)g->a.out[i] * (double)uniform(((uint64_t)1 << 32) + j, (uint64_t)i);
        good &= agree(strtod(rest, &rest), sum, PROBE_TOLERANCE * most);
    }
    for (long i = 0; i < SAMPLES; i++)
        good &= agree(strtod(rest, &rest), (double)g->a.out[i * g->outputs / SAMPLES],
                      TOLERANCE * most);
    return good && *rest == '\n';
}

static void release_operands(struct golden *g)
{
    free((void *)g->a.in);
    free((void *)g->a.weight);
    free((void *)g->a.bias);
    free((void *)g->a.other);
    free((void *)g->a.third);
    free((void *)g->a.fourth);
    free(g->a.out);
}

struct kernel {
    const char *name;
    void (*compute)(struct golden *);
    long cases;
};

/* One line of the file; 0 where the reference does not agree. */
static int check_line(struct kernel *kernels, size_t n, uint64_t number, char *line)
{
    struct golden g = {.number = number};
    char *const colon = strstr(line, " : "), *const space = strchr(line, ' ');
    if (!colon || !space)
        abort();
    *colon = *space = 0;
    g.fields = space + 1;
    g.wanted = colon + 3;
    for (size_t i = 0; i < n; i++)
        if (strcmp(line, kernels[i].name) == 0) {
            kernels[i].compute(&g);
            kernels[i].cases++;
            break;
        }
    const int good = g.a.out && agrees(&g);
    if (!good)
        printf("FAIL %s, case %d\n", line, (int)number);
    release_operands(&g);
    return good;
}

int main(int argc, char **argv)
{
    struct kernel kernels[] = {
#define KERNEL(name, doc) {#name, golden_##name, 0},
#define PAIR(name, first, then, doc)
#include "kernels/shapes.def"
    };
    const size_t n = sizeof kernels / sizeof kernels[0];
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    char line[1024];
    int failures = 0;
    if (!file)
        return 2;
    for (uint64_t number = 0; fgets(line, sizeof line, file); number++)
        failures += !check_line(kernels, n, number, line);
    fclose(file);
    for (size_t i = 0; i < n; i++) {
        printf("%s: %ld cases\n", kernels[i].name, kernels[i].cases);
        failures += kernels[i].cases == 0;
    }
    return failures > 0;
}
