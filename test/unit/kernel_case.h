/* What the tests of kernels share: random cases, operands dense and packed, and the verdict. */
#ifndef NETC_TEST_UNIT_KERNEL_CASE_H
#define NETC_TEST_UNIT_KERNEL_CASE_H

#include "kernels/reference.h"

#include "blocked.h"

/* Of the largest output, at least 1: float sums of a few hundred terms, whose size an activation
 * may hide. */
static const double TOLERANCE = 2e-5;

/* What a case draws its numbers from, and how many cases failed. */
struct test {
    uint64_t seed, drawn;
    int clean;   /* no NaN among the numbers */
    int rounded; /* by Winograd's transforms, ten times as coarsely */
    long failures, cases;
};

/* A random integer from low to high. */
static inline long draw(struct test *t, long low, long high)
{
    return low + (long)(splitmix64(t->seed * 1000003 + t->drawn++) % (uint64_t)(high - low + 1));
}

static inline struct border draw_border(struct test *t)
{
    return (struct border){draw(t, 0, 2), draw(t, 0, 2), draw(t, 0, 2), draw(t, 0, 2)};
}

/* Random numbers; in one case of eight, a NaN among them. */
static inline float *draw_floats(struct test *t, long n)
{
    float *x = new_uniform(splitmix64(t->seed + (t->drawn++ << 20)), n);
    if (draw(t, 0, 7) == 0 && !t->clean)
        x[draw(t, 0, n - 1)] = NAN;
    return x;
}

/* print_<name>(): the numbers of a shape, for the message of a failed case. */
#define KERNEL(name, doc)                                                                          \
    static inline void print_##name(const struct netrt_##name *k)                                  \
    {                                                                                              \
        printf("FAIL %s", #name);
#define INT(field, doc)  printf(" %s=%ld", #field, k->field);
#define REAL(field, doc) printf(" %s=%g", #field, (double)k->field);
#define SHAPE(kernel, field, doc)                                                                  \
    printf(" %s:", #field);                                                                        \
    print_##kernel(&k->field);
#define END(name)                                                                                  \
    printf("\n");                                                                                  \
    }
#include "kernels/shapes.def"

#define SET_BORDER(k, b)                                                                           \
    ((k).border_top = (b).top, (k).border_left = (b).left, (k).border_bottom = (b).bottom,         \
     (k).border_right = (b).right)
#define BORDER_OF(k)                                                                               \
    ((struct border){(k).border_top, (k).border_left, (k).border_bottom, (k).border_right})

/* Runs all tasks, the last first: any order must do. */
#define RUN(name, k, a, run)                                                                       \
    do {                                                                                           \
        for (long i = netrt_##name##_tasks(k) - 1; i >= 0; i--)                                    \
            (run)((k), (a), i);                                                                    \
    } while (0)

/* Judges `out` against `want`, prints the shape if it fails, and frees both. */
#define JUDGE(t, name, k, out, want)                                                               \
    do {                                                                                           \
        (t)->cases++;                                                                              \
        if (faults_in(&(out), want, (t)->rounded ? 10 * TOLERANCE : TOLERANCE)) {                  \
            (t)->failures++;                                                                       \
            print_##name(k);                                                                       \
        }                                                                                          \
        free((out).base);                                                                          \
        free(want);                                                                                \
    } while (0)

/* Rows (or columns) of zeros that windows reach below (right of) the input. */
static inline long reach(long out, long taps, long stride, long dilation, long pad, long in)
{
    const long need = (out - 1) * stride + (taps - 1) * dilation + 1 - pad - in;
    return need > 0 ? need : 0;
}

/* Where input channels of output block b begin, as the table says. */
static inline long first_channel(long b, long group_oc, long group_ic)
{
    return b * NETRT_BLOCK / group_oc * group_ic / NETRT_BLOCK * NETRT_BLOCK;
}

/* Channels that a block of outputs must be able to read, for groups of any size. */
static inline long channels_read(long oc, long group_oc, long group_ic)
{
    long most = 0;
    for (long b = 0; b * NETRT_BLOCK < oc; b++) {
        const long last = b * NETRT_BLOCK + NETRT_BLOCK < oc ? b * NETRT_BLOCK + NETRT_BLOCK : oc;
        const long end = ((last - 1) / group_oc + 1) * group_ic;
        const long read = end - first_channel(b, group_oc, group_ic);
        most = read > most ? read : most;
    }
    return most;
}

/* ---- weights that are stored in 16 bits ---- */

/* A number of 16 bits, by the definition of its fields. */
static inline double narrow_value(long stored, unsigned bits)
{
    const int digits = stored == NETRT_STORED_bf16 ? 7 : 10;
    const int largest = stored == NETRT_STORED_bf16 ? 255 : 31;
    const int exponent = (int)(bits >> digits) & largest;
    const double fraction = ldexp((double)(bits & ((1U << digits) - 1)), -digits);
    const double size = exponent == largest ? (fraction > 0 ? (double)NAN : (double)INFINITY)
                        : exponent          ? ldexp(1 + fraction, exponent - largest / 2)
                                            : ldexp(fraction, 1 - largest / 2);
    return bits & 0x8000 ? -size : size;
}

/* The nearest number of 16 bits, of two the even one, in their range: as many times the last digit
 * of its exponent as it is, where a carry is one exponent more. */
static inline unsigned narrow_bits(long stored, double x)
{
    const int digits = stored == NETRT_STORED_bf16 ? 7 : 10;
    const int smallest = stored == NETRT_STORED_bf16 ? -126 : -14;
    int exponent;
    frexp(x, &exponent);
    exponent = x == 0 || exponent <= smallest ? smallest : exponent - 1;
    const double times = rint(ldexp(fabs(x), digits - exponent));
    const unsigned nearest = ((unsigned)(exponent - smallest) << digits) + (unsigned)times;
    return nearest | (signbit(x) ? 0x8000 : 0);
}

/* Rounds weights to what they are stored as. */
static inline void round_weights(long stored, const float *weights, long n)
{
    float *to = (float *)weights; /* of new_uniform() */
    for (long i = 0; i < n && stored; i++)
        to[i] = (float)narrow_value(stored, narrow_bits(stored, (double)to[i]));
}

/* ---- packed weights ---- */

/* The fields that say how weights of a convolution are packed. */
struct packing {
    long oc, ic, group_oc, group_ic, ic_block, taps;
    int transposed; /* from [ic][oc / groups][taps] rather than [oc][ic / groups][taps] */
    long stored;    /* as an enum netrt_stored; the dense ones are rounded to it */
};

/* One weight of the packed array: output o, input i (counted from the block's first), tap. */
static inline float weight_of(const struct packing *p, const float *dense, long o, long i, long tap)
{
    const long from = first_channel(o / NETRT_BLOCK, p->group_oc, p->group_ic) + i;
    if (o >= p->oc || from / p->group_ic != o / p->group_oc)
        return 0;
    return p->transposed ? dense[(from * p->group_oc + o % p->group_oc) * p->taps + tap]
                         : dense[(o * p->group_ic + from % p->group_ic) * p->taps + tap];
}

/* Element i of weights that are packed. */
static inline void put_weight(long stored, float *packed, long i, float x)
{
    if (stored)
        ((uint16_t *)packed)[i] = (uint16_t)narrow_bits(stored, (double)x);
    else
        packed[i] = x;
}

/* [oc/16][ic/16][taps][16 in][16 out], the last input block as deep as it has channels. */
static inline float *pack_weights(const struct packing *p, const float *dense)
{
    const long blocks = netrt_ceil_div(p->oc, NETRT_BLOCK);
    float *packed = new_floats(blocks * NETRT_BLOCK * p->ic * p->taps);
    long at = 0;
    round_weights(p->stored, dense, p->oc * p->group_ic * p->taps);
    for (long b = 0; b < blocks; b++)
        for (long c = 0; c < p->ic; c += p->ic_block)
            for (long tap = 0; tap < p->taps; tap++)
                for (long i = c; i < c + p->ic_block && i < p->ic; i++)
                    for (long o = 0; o < NETRT_BLOCK; o++)
                        put_weight(p->stored, packed, at++,
                                   weight_of(p, dense, b * NETRT_BLOCK + o, i, tap));
    return packed;
}

/* A vector over channels, zeros up to a whole block. */
static inline float *pack_channels(const float *dense, long c)
{
    float *packed = new_floats(c + NETRT_BLOCK);
    for (long i = 0; i < c + NETRT_BLOCK; i++)
        packed[i] = i < c ? dense[i] : 0;
    return packed;
}

/* Blocks of 16 channels for each position, so many floats apart: weights of groupnorm. */
static inline float *pack_planes(const float *dense, long c, long plane, long block, long position)
{
    const long whole = netrt_ceil_div(c, NETRT_BLOCK) * NETRT_BLOCK;
    float *packed = new_floats(whole * plane);
    for (long i = 0; i < whole * plane; i++) {
        const long channel = i / plane, at = i % plane;
        packed[channel / NETRT_BLOCK * block + at * position + channel % NETRT_BLOCK] =
            channel < c ? dense[channel * plane + at] : 0;
    }
    return packed;
}

/* The dense operands of a kernel and the packed ones. */
struct operands {
    struct netrt_args dense, packed;
    struct tensor in, out, other;
};

static inline struct operands draw_operands(struct test *t, long n, const long in[3],
                                            struct border border, int planar, const long out[3],
                                            struct border out_border, long weights)
{
    struct operands o;
    const long outputs = n * out[0] * out[1] * out[2];
    o.dense.in = draw_floats(t, n * in[0] * in[1] * in[2]);
    o.dense.other = draw_floats(t, outputs);
    o.dense.weight = new_uniform(t->seed + (t->drawn++ << 20), weights);
    o.dense.bias = new_uniform(t->seed + (t->drawn++ << 20), out[0]);
    o.dense.out = new_floats(outputs);
    o.in = new_packed(o.dense.in, n, in[0], in[1], in[2], border, planar);
    o.out = new_tensor(n, out[0], out[1], out[2], out_border, 0);
    o.other = new_packed(o.dense.other, n, out[0], out[1], out[2], (struct border){0, 1, 0, 0}, 0);
    o.packed.in = o.in.at;
    o.packed.out = o.out.at;
    o.packed.other = o.other.at;
    o.packed.bias = pack_channels(o.dense.bias, out[0]);
    o.packed.weight = NULL;
    return o;
}

static inline void release_operands(struct operands *o)
{
    free((void *)o->dense.in);
    free((void *)o->dense.other);
    free((void *)o->dense.weight);
    free((void *)o->dense.bias);
    free((void *)o->packed.bias);
    free((void *)o->packed.weight);
    free(o->in.base);
    free(o->other.base);
}

/* [c/16][taps][depth][16 out] from [c][depth][taps]: depthwise (depth 1) and grouped. */
static inline float *pack_block_weights(const float *dense, long c, long depth, long taps)
{
    const long blocks = netrt_ceil_div(c, NETRT_BLOCK);
    float *packed = new_floats(blocks * taps * depth * NETRT_BLOCK), *to = packed;
    for (long b = 0; b < blocks; b++)
        for (long tap = 0; tap < taps; tap++)
            for (long d = 0; d < depth; d++)
                for (long o = b * NETRT_BLOCK; o < (b + 1) * NETRT_BLOCK; o++)
                    *to++ = o < c ? dense[(o * depth + d) * taps + tap] : 0;
    return packed;
}

/* Number j of the numbers that weigh a kernel of `taps` in a direction, at point i of n: the powers
 * of the point, over the product of its distances to the others; infinity has the last one alone.
 */
static inline double winograd_factor(long n, long taps, long i, long j)
{
    static const double five[] = {0, 0.75, -0.75, 2}, six[] = {0, 0.625, -0.625, 1.5, -1.5};
    static const double other[] = {0, 1, -1, 2, -2, 0.5, -0.5};
    const double *at = n == 5 ? five : n == 6 ? six : other;
    double over = 1;
    if (i == n - 1)
        return j == taps - 1;
    for (long k = 0; k < n - 1; k++)
        over *= k == i ? 1 : at[i] - at[k];
    return pow(at[i], (double)j) / over;
}

/* What weighs each number of a kernel at each point: [point][tap]. */
static inline double *winograd_factors(const struct netrt_winograd *k)
{
    const long down = k->tile_h + k->kh - 1, right = k->tile_w + k->kw - 1, taps = k->kh * k->kw;
    double *factors = malloc((size_t)(down * right * taps) * sizeof *factors);
    for (long p = 0; p < down * right; p++)
        for (long t = 0; t < taps; t++)
            factors[p * taps + t] = winograd_factor(down, k->kh, p / right, t / k->kw) *
                                    winograd_factor(right, k->kw, p % right, t % k->kw);
    return factors;
}

/* [oc/16][point][ic][16] from [oc][ic][kh][kw]: each kernel g as G g G', by the sums of its
 * definition. */
static inline float *pack_winograd(const struct netrt_winograd *k, const float *dense)
{
    const long points = (k->tile_h + k->kh - 1) * (k->tile_w + k->kw - 1), taps = k->kh * k->kw;
    const long blocks = netrt_ceil_div(k->oc, NETRT_BLOCK);
    float *packed = new_floats(blocks * points * k->ic * NETRT_BLOCK);
    double *factors = winograd_factors(k);
    for (long o = 0; o < k->oc; o++)
        for (long c = 0; c < k->ic; c++)
            for (long p = 0; p < points; p++) {
                double sum = 0;
                for (long t = 0; t < taps; t++)
                    sum += (double)dense[(o * k->ic + c) * taps + t] * factors[p * taps + t];
                packed[((o / NETRT_BLOCK * points + p) * k->ic + c) * NETRT_BLOCK +
                       o % NETRT_BLOCK] = (float)sum;
            }
    free(factors);
    return packed;
}

/* The operands of a convolution k with `ic` input channels of ih x iw, and its views. */
#define CONV_OPERANDS(t, k, ic, oc, ih, iw, planar, weights)                                       \
    draw_operands(t, (k)->images, (const long[]){ic, ih, iw},                                      \
                  (struct border){(k)->pt, (k)->pl,                                                \
                                  reach((k)->oh, (k)->kh, (k)->sh, (k)->dh, (k)->pt, ih),          \
                                  reach((k)->ow, (k)->kw, (k)->sw, (k)->dw, (k)->pl, iw)},         \
                  planar, (const long[]){oc, (k)->oh, (k)->ow}, BORDER_OF(*(k)), weights)
#define SET_IN_OUT(k, o) ((k)->in = (o).in.view, (k)->out = (o).out.view)
#define SET_VIEWS(k, o)  (SET_IN_OUT(k, o), (k)->other = (o).other.view)

#endif
