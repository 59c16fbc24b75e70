#include "weights.h"
#include "../kernels/shapes.h"
#include "../kernels/winograd_points.h"
#include "narrow.h"
#include "random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NETRT_LINE = 64 };      /* bytes: each packed tensor starts with a line of the caches */
enum { WEIGHTS_CHUNK = 4096 }; /* elements evaluated at a time: in cache, in float64 */
enum { WEIGHTS_INPUTS = 32 };  /* input channels packed at a time: those of 3 x 3 taps in 18 KB */

struct weights_shape {
    int rank;
    long dim[NETRT_MAX_RANK];
};

struct weights_binder {
    const struct netrt_model *model;
    struct netrt_source *source;
    struct weights_shape *shapes; /* of each expression */
    long part, parts;             /* which of the blocks of rows, counted over all tensors */
    long blocks;                  /* that were counted */
    char *error;
    size_t error_size;
};

static int weights_fail(struct weights_binder *b, const char *text)
{
    snprintf(b->error, b->error_size, "%s", text);
    return -1;
}

static long shape_elements(const struct weights_shape *s, int from)
{
    long n = 1;
    for (int i = from; i < s->rank; i++)
        n *= s->dim[i];
    return n;
}

static struct weights_shape expr_shape(const struct weights_binder *b, const struct netrt_expr *e)
{
    struct weights_shape s = {0};
    if (e->kind == NETRT_EXPR_REAL)
        return s;
    if (e->kind == NETRT_EXPR_LIST)
        return (struct weights_shape){.rank = 1, .dim = {e->n}};
    if (e->kind == NETRT_EXPR_PARAM) {
        const struct netrt_tensor *t = &b->model->params[e->param];
        s.rank = t->rank;
        memcpy(s.dim, t->dim, sizeof s.dim);
        while (s.rank > 1 && s.dim[s.rank - 1] == 1) /* a vector too, or a matrix */
            s.rank--;
        return s;
    }
    const struct weights_shape *left = &b->shapes[e->operand[0]];
    if (e->kind == NETRT_EXPR_SQRT)
        return *left;
    const struct weights_shape *right = &b->shapes[e->operand[1]];
    const long more = shape_elements(right, 0) - shape_elements(left, 0);
    return more > 0 || (more == 0 && right->rank > left->rank) ? *right : *left;
}

static int evaluate(struct weights_binder *, int expr, long first, long n, double *out);

static int evaluate_param(struct weights_binder *b, int param, long first, long n, double *out)
{
    float data[WEIGHTS_CHUNK];
    if (b->source->load(b->source, &b->model->params[param], param, first, n, data, b->error,
                        b->error_size))
        return -1;
    for (long i = 0; i < n; i++)
        out[i] = data[i];
    return 0;
}

/* Elements first .. first + n - 1 of a tensor of `shape`, each the element of vector `expr` at its
 * index along `axis`. */
static int evaluate_along(struct weights_binder *b, int expr, const struct weights_shape *shape,
                          int axis, long first, long n, double *out)
{
    long stride = shape_elements(shape, axis + 1), length = shape->dim[axis];
    double *vector = (double *)malloc(WEIGHTS_CHUNK * sizeof *vector);
    if (!vector)
        return weights_fail(b, "out of memory");
    int status = 0;
    for (long at = first; at < first + n && !status;) {
        /* up to where the index starts again from 0 */
        long wrap = (at / (stride * length) + 1) * stride * length;
        long end = wrap < first + n ? wrap : first + n;
        long low = at / stride, high = (end - 1) / stride;
        status = evaluate(b, expr, low % length, high - low + 1, vector);
        for (long k = low; k <= high && !status; k++)
            for (; at < end && at / stride == k; at++)
                out[at - first] = vector[k - low];
    }
    free(vector);
    return status;
}

/* An operand, spread to the shape of the expression that it stands in. */
static int evaluate_operand(struct weights_binder *b, int expr, const struct weights_shape *shape,
                            int axis, long first, long n, double *out)
{
    const struct weights_shape *own = &b->shapes[expr];
    if (own->rank && shape_elements(own, 0) == shape_elements(shape, 0))
        return evaluate(b, expr, first, n, out);
    if (own->rank == 1)
        return evaluate_along(b, expr, shape, axis, first, n, out);
    double number;
    if (evaluate(b, expr, 0, 1, &number))
        return -1;
    for (long i = 0; i < n; i++)
        out[i] = number;
    return 0;
}

/* left = left (op) right, one operation a pass: nothing for a compiler to fuse and round once. */
static void apply(enum netrt_expr_kind kind, long n, double *left, const double *right)
{
    switch (kind) {
    case NETRT_EXPR_ADD:
        for (long i = 0; i < n; i++)
            left[i] += right[i];
        return;
    case NETRT_EXPR_SUB:
        for (long i = 0; i < n; i++)
            left[i] -= right[i];
        return;
    case NETRT_EXPR_MUL:
        for (long i = 0; i < n; i++)
            left[i] *= right[i];
        return;
    case NETRT_EXPR_DIV:
        for (long i = 0; i < n; i++)
            left[i] /= right[i];
        return;
    default:
        return;
    }
}

static int evaluate_binary(struct weights_binder *b, int expr, long first, long n, double *out)
{
    const struct netrt_expr *e = &b->model->exprs[expr];
    const struct weights_shape *shape = &b->shapes[expr];
    double *right = (double *)malloc((size_t)n * sizeof *right);
    if (!right)
        return weights_fail(b, "out of memory");
    int status = evaluate_operand(b, e->operand[0], shape, e->axis, first, n, out);
    if (!status)
        status = evaluate_operand(b, e->operand[1], shape, e->axis, first, n, right);
    if (!status)
        apply(e->kind, n, out, right);
    free(right);
    return status;
}

/* Elements first .. first + n - 1 of an expression, n at most WEIGHTS_CHUNK. */
static int evaluate(struct weights_binder *b, int expr, long first, long n, double *out)
{
    const struct netrt_expr *e = &b->model->exprs[expr];
    switch (e->kind) {
    case NETRT_EXPR_PARAM:
        return evaluate_param(b, e->param, first, n, out);
    case NETRT_EXPR_REAL:
        for (long i = 0; i < n; i++)
            out[i] = e->real;
        return 0;
    case NETRT_EXPR_LIST:
        memcpy(out, e->list + first, (size_t)n * sizeof *out);
        return 0;
    case NETRT_EXPR_SQRT:
        if (evaluate(b, e->operand[0], first, n, out))
            return -1;
        for (long i = 0; i < n; i++)
            out[i] = sqrt(out[i]);
        return 0;
    default:
        return evaluate_binary(b, expr, first, n, out);
    }
}

/* Any number of elements, rounded; those of a parameter come straight from the source. */
static int evaluate_rounded(struct weights_binder *b, int expr, long first, long n, float *out)
{
    const struct netrt_expr *e = &b->model->exprs[expr];
    if (e->kind == NETRT_EXPR_PARAM)
        return b->source->load(b->source, &b->model->params[e->param], e->param, first, n, out,
                               b->error, b->error_size);
    double chunk[WEIGHTS_CHUNK];
    for (long done = 0; done < n; done += WEIGHTS_CHUNK) {
        long count = n - done < WEIGHTS_CHUNK ? n - done : WEIGHTS_CHUNK;
        if (evaluate(b, expr, first + done, count, chunk))
            return -1;
        for (long i = 0; i < count; i++)
            out[done + i] = (float)chunk[i];
    }
    return 0;
}

/* The same, where they lie if the source has them in memory, else in `out`. NULL: failed. */
static const float *view_rounded(struct weights_binder *b, int expr, long first, long n, float *out)
{
    const struct netrt_expr *e = &b->model->exprs[expr];
    if (e->kind == NETRT_EXPR_PARAM && b->source->view)
        return b->source->view(b->source, e->param, first);
    return evaluate_rounded(b, expr, first, n, out) ? NULL : out;
}

static long min_long(long a, long b)
{
    return a < b ? a : b;
}

static long max_long(long a, long b)
{
    return a > b ? a : b;
}

/* The first input channel that the block of outputs with channel `o` reads. */
static long first_input(const struct netrt_packed *p, long o)
{
    return o / NETRT_BLOCK * NETRT_BLOCK / p->group_oc * p->group_ic / NETRT_BLOCK * NETRT_BLOCK;
}

/* Where tap 0 of input channel `i` (of those that a block reads) to output channel `o` lies in the
 * layout of CONV, and how far apart its taps are. */
static long conv_place(const struct netrt_packed *p, long o, long i, long *tap_stride)
{
    long taps = p->kh * p->kw, first = i / p->ic_block * p->ic_block;
    long depth = min_long(p->ic_block, p->ic - first);
    *tap_stride = depth * NETRT_BLOCK;
    return (o / NETRT_BLOCK * p->ic + first) * taps * NETRT_BLOCK + (i - first) * NETRT_BLOCK +
           o % NETRT_BLOCK;
}

/* `n` elements that lie `apart` to element `at` of a packed tensor and on, there `stride` apart. */
static void put(const struct netrt_packed *p, long n, const float *from, long apart, void *packed,
                long at, long stride)
{
    netrt_element *elements = (netrt_element *)packed + at;
    uint16_t *halves = (uint16_t *)packed + at;
    if (p->stored == NETRT_STORED_f32)
        for (long i = 0; i < n; i++)
            elements[i * stride] = from[i * apart];
    else
        for (long i = 0; i < n; i++)
            halves[i * stride] = netrt_narrow(p->stored, from[i * apart]);
}

/* Input channels low .. high - 1 of those that a block reads, to output channel `o`; all lie in one
 * block of input channels. `from`: [high - low][kh][kw]. */
static void pack_conv_lane(const struct netrt_packed *p, long o, long low, long high,
                           const float *from, void *packed)
{
    const long taps = p->kh * p->kw;
    long stride;
    const long at = conv_place(p, o, low, &stride);
    for (long t = 0; t < taps; t++)
        put(p, high - low, from + t, taps, packed, at + t * stride, NETRT_BLOCK);
}

/* Input channels first .. end - 1 of those that a block reads, in one block of them, as
 * pack_conv_rows() has the others. */
static void pack_conv_inputs(const struct netrt_packed *p, long o, long n, long first, long end,
                             const float *rows, void *packed)
{
    const long taps = p->kh * p->kw, base = first_input(p, o);
    for (long lane = 0; lane < n; lane++) {
        const long own = (o + lane) / p->group_oc * p->group_ic - base;
        const long low = max_long(first, own), high = min_long(end, own + p->group_ic);
        if (low < high)
            pack_conv_lane(p, o + lane, low, high, rows + (lane * p->group_ic + low - own) * taps,
                           packed);
    }
}

/* `rows`: output channels o .. o + n - 1, in one block, each [group_ic][kh][kw]. A few input
 * channels at a time, so that what is written stays in cache. */
static void pack_conv_rows(const struct netrt_packed *p, long o, long n, const float *rows,
                           void *packed)
{
    for (long first = 0; first < p->ic; first += p->ic_block) {
        const long end = min_long(first + p->ic_block, p->ic);
        for (long i = first; i < end; i += WEIGHTS_INPUTS)
            pack_conv_inputs(p, o, n, i, min_long(i + WEIGHTS_INPUTS, end), rows, packed);
    }
}

/* G of Winograd's algorithm: the polynomial with `taps` coefficients at n points, divided by what
 * the transforms of inputs and outputs leave out. */
static void winograd_matrix(long n, long taps, double G[NETRT_WINOGRAD_MOST][NETRT_WINOGRAD_MOST])
{
    for (long i = 0; i < n - 1; i++) {
        double power = 1 / (double)netrt_winograd_divisor(n, i);
        for (long j = 0; j < taps; j++, power *= (double)netrt_winograd_point(n, i))
            G[i][j] = power;
    }
    for (long j = 0; j < taps; j++)
        G[n - 1][j] = j == taps - 1;
}

struct winograd_transform {
    long down, right; /* points */
    double left[NETRT_WINOGRAD_MOST][NETRT_WINOGRAD_MOST];
    double other[NETRT_WINOGRAD_MOST][NETRT_WINOGRAD_MOST];
};

/* Two kernels' numbers, as all processors of 64 bits multiply them at once. */
typedef double winograd_pair __attribute__((vector_size(16)));
enum { WINOGRAD_PAIRS = NETRT_BLOCK / 2 };

static inline winograd_pair both(double x)
{
    return (winograd_pair){x, x};
}

/* G g G' in float64, of two kernels g, whose next tap is a block further; their point i is at
 * to[16 i]. The sizes are constants where it is inlined with such. */
static inline __attribute__((always_inline)) void
transform_winograd(const struct winograd_transform *t, long kh, long kw, const winograd_pair *g,
                   netrt_element *to)
{
    winograd_pair half[NETRT_WINOGRAD_MOST];
    for (long i = 0; i < t->down; i++) {
        for (long x = 0; x < kw; x++) {
            half[x] = both(t->left[i][0]) * g[x * WINOGRAD_PAIRS];
            for (long y = 1; y < kh; y++)
                half[x] += both(t->left[i][y]) * g[(y * kw + x) * WINOGRAD_PAIRS];
        }
        for (long j = 0; j < t->right; j++, to += NETRT_BLOCK) {
            winograd_pair sum = both(t->other[j][0]) * half[0];
            for (long x = 1; x < kw; x++)
                sum += both(t->other[j][x]) * half[x];
            to[0] = (netrt_element)sum[0];
            to[1] = (netrt_element)sum[1];
        }
    }
}

static struct winograd_transform winograd_transform(const struct netrt_packed *p)
{
    struct winograd_transform t = {.down = p->tile_h + p->kh - 1, .right = p->tile_w + p->kw - 1};
    winograd_matrix(t.down, p->kh, t.left);
    winograd_matrix(t.right, p->kw, t.other);
    return t;
}

/* Kernels of input channel i to `n` output channels from o on, in one block, each `apart` elements
 * behind the one before; to [point][ic][16]. */
static void pack_winograd_block(const struct netrt_packed *p, const struct winograd_transform *t,
                                long o, long n, long i, const float *kernels, long apart,
                                netrt_element *packed)
{
    const long points = t->down * t->right;
    netrt_element *block = packed + o * p->ic * points;
    netrt_element all[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST * NETRT_BLOCK];
    winograd_pair g[NETRT_WINOGRAD_MOST * NETRT_WINOGRAD_MOST * WINOGRAD_PAIRS];
    for (long tap = 0; tap < p->kh * p->kw; tap++)
        for (long lane = 0; lane < NETRT_BLOCK; lane++)
            g[tap * WINOGRAD_PAIRS + lane / 2][lane % 2] =
                lane < n ? (double)kernels[lane * apart + tap] : 0;
    for (long pair = 0; pair < WINOGRAD_PAIRS; pair++)
        if (p->kh == 3 && p->kw == 3) /* nearly all */
            transform_winograd(t, 3, 3, g + pair, all + 2 * pair);
        else
            transform_winograd(t, p->kh, p->kw, g + pair, all + 2 * pair);
    for (long k = 0; k < points; k++)
        memcpy(block + (k * p->ic + i) * NETRT_BLOCK, all + k * NETRT_BLOCK,
               NETRT_BLOCK * sizeof *all);
}

/* `rows`: output channels o .. o + n - 1, in one block, each [ic][kh][kw]. */
static void pack_winograd_rows(const struct netrt_packed *p, long o, long n, const float *rows,
                               netrt_element *packed)
{
    const struct winograd_transform t = winograd_transform(p);
    const long taps = p->kh * p->kw;
    for (long i = 0; i < p->ic; i++)
        pack_winograd_block(p, &t, o, n, i, rows + i * taps, p->ic * taps, packed);
}

/* `rows`: input channels c .. c + n - 1, each [oc][kh][kw]. What they write into a block of output
 * channels lies side by side. */
static void pack_winograd_transposed(const struct netrt_packed *p, long c, long n,
                                     const float *rows, netrt_element *packed)
{
    const struct winograd_transform t = winograd_transform(p);
    const long taps = p->kh * p->kw;
    for (long o = 0; o < p->oc; o += NETRT_BLOCK)
        for (long i = 0; i < n; i++)
            pack_winograd_block(p, &t, o, min_long(NETRT_BLOCK, p->oc - o), c + i,
                                rows + (i * p->oc + o) * taps, taps, packed);
}

/* Output channels o .. o + n - 1, in one block, that read `channel`. `from`: [n][kh][kw]. */
static void pack_conv_line(const struct netrt_packed *p, long channel, long o, long n,
                           const float *from, void *packed)
{
    const long taps = p->kh * p->kw;
    long stride;
    const long at = conv_place(p, o, channel - first_input(p, o), &stride);
    for (long t = 0; t < taps; t++)
        put(p, n, from + t, taps, packed, at + t * stride, 1);
}

/* `row`: [16][kh][kw] or fewer of output channel number k on of those that read `channel`. Their
 * channels may lie in two blocks, where groups are not made of whole ones. */
static void pack_conv_piece(const struct netrt_packed *p, long channel, long k, const float *row,
                            void *packed)
{
    const long o = channel / p->group_ic * p->group_oc + k;
    const long n = min_long(NETRT_BLOCK, p->group_oc - k);
    const long head = min_long(n, NETRT_BLOCK - o % NETRT_BLOCK);
    pack_conv_line(p, channel, o, head, row, packed);
    if (head < n)
        pack_conv_line(p, channel, o + head, n - head, row + head * p->kh * p->kw, packed);
}

/* `rows`: input channels c .. c + n - 1, each [group_oc][kh][kw]. Goes through blocks of output
 * channels: what the rows write into one lies side by side. */
static void pack_conv_transposed(const struct netrt_packed *p, long c, long n, const float *rows,
                                 void *packed)
{
    const long taps = p->kh * p->kw;
    for (long k = 0; k < p->group_oc; k += NETRT_BLOCK)
        for (long i = 0; i < n; i++)
            pack_conv_piece(p, c + i, k, rows + (i * p->group_oc + k) * taps, packed);
}

/* `rows`: channels c .. c + n - 1, in one block, each [group][kh][kw]; to [kh][kw][group][16]. */
static void pack_channel_rows(const struct netrt_packed *p, long c, long n, const float *rows,
                              netrt_element *packed)
{
    long taps = p->kh * p->kw, group = p->layout == NETRT_LAYOUT_GROUPED ? p->group_ic : 1;
    netrt_element *block = packed + c * taps * group;
    for (long lane = 0; lane < n; lane++)
        for (long j = 0; j < group; j++)
            for (long t = 0; t < taps; t++)
                block[(t * group + j) * NETRT_BLOCK + lane] = rows[(lane * group + j) * taps + t];
}

/* `rows`: n rows of ic elements, the first of them number r. */
static void pack_plain_rows(const struct netrt_packed *p, long r, long n, const float *rows,
                            netrt_element *packed)
{
    const long pitch = netrt_ceil_div(p->ic, NETRT_BLOCK) * NETRT_BLOCK;
    if (rows == packed + r * pitch) /* the source has them here */
        return;
    for (long i = 0; i < n; i++)
        for (long k = 0; k < p->ic; k++)
            packed[(r + i) * pitch + k] = rows[i * p->ic + k];
}

/* The dense tensor behind a packed one, as rows: so many, of so many elements. */
static void packed_rows(const struct netrt_packed *p, long *rows, long *row)
{
    long taps = p->kh * p->kw;
    *rows = p->oc;
    *row = p->layout == NETRT_LAYOUT_ROWS ? p->ic : taps;
    if (p->transposed) {
        *rows = p->oc / p->group_oc * p->group_ic;
        *row = p->group_oc * taps;
    } else if (p->layout == NETRT_LAYOUT_CONV || p->layout == NETRT_LAYOUT_WINOGRAD ||
               p->layout == NETRT_LAYOUT_GROUPED) {
        *row = p->group_ic * taps;
    }
}

/* Where kernel number k of those that are packed stands: of a volume's row [c][planes] as
 * [planes][c]. */
static long kernel_from(const struct netrt_packed *p, long k)
{
    const long planes = p->taps.planes, all = p->group_ic, i = k % all;
    return planes ? k - i + i % (all / planes) * planes + i / (all / planes) : k;
}

/* Whether taps of the parameter's kernels are left out, or are in another order. */
static int has_taps(const struct netrt_packed *p)
{
    return p->taps.all > 1 || p->taps.planes;
}

/* Keeps the taps that are packed, of `kernels` kernels one after the other. */
static void keep_taps(const struct netrt_packed *p, long kernels, const float *from, float *kept)
{
    const struct netrt_taps *t = &p->taps;
    for (long k = 0; k < kernels; k++) {
        const float *all = from + kernel_from(p, k) * t->all;
        for (long i = 0, column = 0, at = t->first; i < p->kh * p->kw; i++) {
            *kept++ = all[at + column * t->column];
            if (++column == t->columns) {
                column = 0;
                at += t->row;
            }
        }
    }
}

/* The parameter that an expression is made of: of a product, the one that is scaled. */
static const char *param_of(const struct netrt_model *model, int expr)
{
    while (model->exprs[expr].kind >= NETRT_EXPR_ADD)
        expr = model->exprs[expr].operand[0];
    return model->exprs[expr].kind == NETRT_EXPR_PARAM
               ? model->params[model->exprs[expr].param].name
               : "";
}

/* Weights that are finite, and would not be as they are to be stored, are an error. */
static int check_range(struct weights_binder *b, const struct netrt_packed *p, const float *rows,
                       long n)
{
    static const struct {
        const char *name, *others;
    } types[] = {
#define STORED(name, c_type, over, others, doc) {#name, others},
#include "../kernels/stored.def"
    };
    long i = 0;
    while (i < n && !netrt_narrow_overflows(p->stored, rows[i]))
        i++;
    if (i == n)
        return 0;
    const int folded = b->model->exprs[p->expr].kind != NETRT_EXPR_PARAM;
    snprintf(b->error, b->error_size,
             "'%s'%s has the number %g, which %s does not hold: compile with --weights-as %s",
             param_of(b->model, p->expr), folded ? ", with what is folded into it," : "",
             (double)rows[i], types[p->stored].name, types[p->stored].others);
    return -1;
}

/* Of the layouts, those that kernels read in another type than f32. */
static int may_be_narrow(enum netrt_layout layout)
{
    return layout == NETRT_LAYOUT_CONV;
}

/* Rows r .. r + n - 1, each of so many elements: where the source has them, or in `rows`; of the
 * taps that are packed, in its second half where these are not all. Returns where, or NULL. */
static const float *load_rows(struct weights_binder *b, const struct netrt_packed *p, long r,
                              long n, long row, float *rows)
{
    const long taps = p->kh * p->kw, kernels = n * row / (p->taps.all ? p->taps.all : taps);
    const float *loaded = view_rounded(b, p->expr, r * row, n * row, rows);
    if (loaded && has_taps(p)) {
        keep_taps(p, kernels, loaded, rows + NETRT_BLOCK * row);
        loaded = rows + NETRT_BLOCK * row;
    }
    if (loaded && p->stored != NETRT_STORED_f32 && check_range(b, p, loaded, kernels * taps))
        return NULL;
    return loaded;
}

static void pack_rows(const struct netrt_packed *p, long r, long n, const float *rows, void *packed)
{
    netrt_element *elements = (netrt_element *)packed;
    if (p->layout == NETRT_LAYOUT_CONV)
        (p->transposed ? pack_conv_transposed : pack_conv_rows)(p, r, n, rows, packed);
    else if (p->layout == NETRT_LAYOUT_WINOGRAD)
        (p->transposed ? pack_winograd_transposed : pack_winograd_rows)(p, r, n, rows, elements);
    else if (p->layout == NETRT_LAYOUT_ROWS)
        pack_plain_rows(p, r, n, rows, elements);
    else
        pack_channel_rows(p, r, n, rows, elements);
}

static int pack_tensor(struct weights_binder *b, const struct netrt_packed *p, void *packed)
{
    long n_rows, row;
    packed_rows(p, &n_rows, &row);
    row = p->taps.all ? row / (p->kh * p->kw) * p->taps.all : row;
    const struct weights_shape *shape = &b->shapes[p->expr];
    if ((shape->rank && shape_elements(shape, 0) != n_rows * row) || /* a number is spread */
        netrt_packed_bytes(p) != p->bytes || p->offset + p->bytes > b->model->weights_bytes ||
        (p->stored != NETRT_STORED_f32 && !may_be_narrow(p->layout)))
        return weights_fail(b, "the network's table of weights contradicts itself");
    float *rows =
        (float *)malloc((size_t)(NETRT_BLOCK * row) * (has_taps(p) ? 2 : 1) * sizeof *rows);
    if (!rows)
        return weights_fail(b, "out of memory");
    int status = 0;
    for (long r = 0; r < n_rows && !status; r += NETRT_BLOCK) {
        long n = min_long(NETRT_BLOCK, n_rows - r);
        if (b->blocks++ % b->parts != b->part)
            continue;
        const float *loaded = load_rows(b, p, r, n, row, rows);
        if (loaded)
            pack_rows(p, r, n, loaded, packed);
        status = loaded ? 0 : -1;
    }
    free(rows);
    return status;
}

/* 0: too many. */
static size_t rows_bytes(const struct netrt_packed *p)
{
    const size_t pitch =
        (size_t)netrt_ceil_div(p->ic, NETRT_BLOCK) * NETRT_BLOCK * NETRT_ELEMENT_BYTES;
    size_t bytes;
    return p->oc < 0 || p->ic < 0 || __builtin_mul_overflow((size_t)p->oc, pitch, &bytes) ? 0
                                                                                          : bytes;
}

size_t netrt_packed_bytes(const struct netrt_packed *p)
{
    const int winograd = p->layout == NETRT_LAYOUT_WINOGRAD; /* points, not taps */
    int wide = winograd || p->layout == NETRT_LAYOUT_CONV;
    if (p->layout == NETRT_LAYOUT_ROWS)
        return rows_bytes(p);
    long depth = wide ? p->ic : p->layout == NETRT_LAYOUT_GROUPED ? p->group_ic : 1;
    long sizes[] = {netrt_ceil_div(p->oc, NETRT_BLOCK), depth,
                    winograd ? p->tile_h + p->kh - 1 : p->kh,
                    winograd ? p->tile_w + p->kw - 1 : p->kw, NETRT_BLOCK};
    size_t bytes = (size_t)netrt_stored_bytes(p->stored);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i] < 0 || __builtin_mul_overflow(bytes, (size_t)sizes[i], &bytes))
            return 0;
    return (bytes + NETRT_LINE - 1) / NETRT_LINE * NETRT_LINE;
}

int netrt_packed_is_plain(const struct netrt_packed *p, enum netrt_expr_kind kind)
{
    return kind == NETRT_EXPR_PARAM && p->layout == NETRT_LAYOUT_ROWS && p->ic % NETRT_BLOCK == 0 &&
           p->stored == NETRT_STORED_f32;
}

int netrt_pack_weights(const struct netrt_model *model, struct netrt_source *source, void *packed,
                       char *error, size_t error_size)
{
    return netrt_pack_part(model, source, packed, 0, 1, error, error_size);
}

int netrt_pack_part(const struct netrt_model *model, struct netrt_source *source, void *packed,
                    long part, long parts, char *error, size_t error_size)
{
    struct weights_binder b = {.model = model,
                               .source = source,
                               .part = part,
                               .parts = parts,
                               .error = error,
                               .error_size = error_size};
    b.shapes = (struct weights_shape *)calloc((size_t)model->n_exprs + 1, sizeof *b.shapes);
    if (!b.shapes)
        return weights_fail(&b, "out of memory");
    for (int i = 0; i < model->n_exprs; i++)
        b.shapes[i] = expr_shape(&b, &model->exprs[i]);
    int status = 0;
    for (int i = 0; i < model->n_packed && !status; i++)
        status = pack_tensor(&b, &model->packed[i], (char *)packed + model->packed[i].offset);
    free(b.shapes);
    return status;
}

enum netrt_stored netrt_weights_stored(const struct netrt_model *model)
{
    for (int i = 0; i < model->n_packed; i++)
        if (model->packed[i].stored != NETRT_STORED_f32)
            return model->packed[i].stored;
    return NETRT_STORED_f32;
}

const char *netrt_stored_name(enum netrt_stored stored)
{
    static const char *const names[] = {
#define STORED(name, c_type, over, others, doc) #name,
#include "../kernels/stored.def"
    };
    return names[stored];
}

/* Scale and shift of u for a tensor; u + shift is exact, so that only one rounding is left. */
static void random_range(const struct netrt_tensor *t, double *scale, double *shift)
{
    const char *dot = strrchr(t->name, '.'), *role = dot ? dot + 1 : t->name;
    *scale = 0.2;
    *shift = -0.5;
    if (!strcmp(role, "running_var")) {
        *scale = 1;
        *shift = 0.5;
    } else if (!strcmp(role, "weight") && (t->rank == 1 || t->rank == 3)) {
        *scale = 0.5;
        *shift = 1;
    } else if (!strcmp(role, "weight")) {
        double fan = 1;
        for (int i = 1; i < t->rank; i++)
            fan *= (double)t->dim[i];
        *scale = 2 * sqrt(6 / fan);
    }
}

static int random_load(struct netrt_source *source, const struct netrt_tensor *t, int number,
                       long first, long n, float *data, char *error, size_t error_size)
{
    const struct netrt_random_source *random = (const struct netrt_random_source *)source;
    const uint64_t start = netrt_random_start(t->name, random->seed);
    double scale, shift;
    random_range(t, &scale, &shift);
    for (long i = 0; i < n; i++) {
        const double u = netrt_random_at(start, first + i);
        data[i] = (float)((u + shift) * scale);
    }
    (void)number, (void)error, (void)error_size;
    return 0;
}

void netrt_random_source_init(struct netrt_random_source *random, uint64_t seed)
{
    *random = (struct netrt_random_source){.source = {.load = random_load}, .seed = seed};
}
