#include "onnx/constant.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

static const int64_t most_elements = (int64_t)1 << 44;

bool budget_take(struct budget *b, int64_t elements)
{
    if (elements > b->elements)
        return false;
    b->elements -= elements;
    return true;
}

bool dtype_is_float(enum dtype t)
{
    return t == DTYPE_f32 || t == DTYPE_f16 || t == DTYPE_bf16 || t == DTYPE_f64;
}

bool constant_count(int rank, const int64_t *dim, int64_t *elements)
{
    *elements = 1;
    for (int i = 0; i < rank; i++)
        if (dim[i] < 0 || dim[i] > most_elements || !checked_mul(*elements, dim[i], elements) ||
            *elements > most_elements)
            return false;
    return true;
}

int64_t constant_elements(const struct constant *c)
{
    int64_t n = 1;
    for (int i = 0; i < c->rank; i++)
        n *= c->dim[i];
    return n;
}

void constant_order(struct constant *c)
{
    int64_t stride = 1;
    for (int i = c->rank - 1; i >= 0; i--) {
        c->stride[i] = stride;
        stride *= c->dim[i];
    }
}

bool constant_is_in_order(const struct constant *c)
{
    int64_t stride = 1;
    for (int i = c->rank - 1; i >= 0; i--) {
        if (c->dim[i] != 1 && c->stride[i] != stride)
            return false;
        stride *= c->dim[i];
    }
    return true;
}

bool constant_same_shape(const struct constant *a, const struct constant *b)
{
    return a->rank == b->rank && !memcmp(a->dim, b->dim, (size_t)a->rank * sizeof *a->dim);
}

void walk_begin(struct walk *w, const struct constant *c, int64_t first)
{
    *w = (struct walk){.of = c};
    for (int i = c->rank - 1; i >= 0 && first; i--) {
        w->index[i] = first % c->dim[i];
        w->at += w->index[i] * c->stride[i];
        first /= c->dim[i];
    }
}

int64_t walk_next(struct walk *w)
{
    const int64_t at = w->at;
    for (int i = w->of->rank - 1; i >= 0; i--) {
        w->at += w->of->stride[i];
        if (++w->index[i] < w->of->dim[i])
            break;
        w->at -= w->of->stride[i] * w->of->dim[i];
        w->index[i] = 0;
    }
    return at;
}

/* The bits of an element, of `size` bytes, the lowest first. */
static uint64_t bits_at(const struct constant *c, int64_t at, size_t size)
{
    const unsigned char *p = c->data + at * (int64_t)size;
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)p[i] << 8 * i;
    return bits;
}

static double real_of_f32(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

static double real_of_f64(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* (-1)^s 2^(e - 15) 1.m, or 2^-14 0.m where e is 0. */
static double real_of_f16(uint16_t bits)
{
    const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    double value = exponent == 31 ? (mantissa ? NAN : INFINITY)
                   : exponent     ? ldexp(1024 + mantissa, exponent - 25)
                                  : ldexp(mantissa, -24);
    return bits >> 15 ? -value : value;
}

double constant_real(const struct constant *c, int64_t at)
{
    const uint64_t bits = bits_at(c, at, (size_t)dtype_bytes(c->dtype));
    switch (c->dtype) {
    case DTYPE_f32:
        return real_of_f32((uint32_t)bits);
    case DTYPE_f64:
        return real_of_f64(bits);
    case DTYPE_f16:
        return real_of_f16((uint16_t)bits);
    case DTYPE_bf16:
        return real_of_f32((uint32_t)bits << 16);
    case DTYPE_u64:
        return (double)bits;
    default:
        return (double)constant_int(c, at);
    }
}

/* Cut off, also at the ends of what there is; 0 of what is no number. */
static int64_t int_of_real(double real)
{
    return real >= 9.2e18    ? INT64_MAX
           : real <= -9.2e18 ? INT64_MIN
           : real == real    ? (int64_t)real
                             : 0;
}

int64_t constant_int(const struct constant *c, int64_t at)
{
    const uint64_t bits = bits_at(c, at, (size_t)dtype_bytes(c->dtype));
    if (dtype_is_float(c->dtype))
        return int_of_real(constant_real(c, at));
    switch (c->dtype) {
    case DTYPE_i8:
        return (int8_t)bits;
    case DTYPE_i16:
        return (int16_t)bits;
    case DTYPE_i32:
        return (int32_t)bits;
    default:
        return (int64_t)bits;
    }
}

static int64_t place_of(const struct constant *c, int64_t i)
{
    struct walk w;
    walk_begin(&w, c, i);
    return w.at;
}

double constant_real_at(const struct constant *c, int64_t i)
{
    return constant_real(c, place_of(c, i));
}

int64_t constant_int_at(const struct constant *c, int64_t i)
{
    return constant_int(c, place_of(c, i));
}

void constant_floats(const struct constant *c, int64_t first, int64_t n, float *to)
{
    if (c->dtype == DTYPE_f32 && constant_is_in_order(c)) {
        memcpy(to, c->data + first * (int64_t)sizeof *to, (size_t)n * sizeof *to);
        return;
    }
    struct walk w;
    walk_begin(&w, c, first);
    for (int64_t i = 0; i < n; i++)
        to[i] = (float)constant_real(c, walk_next(&w));
}

bool constant_uniform(const struct constant *c, double *value)
{
    enum { MOST = 4096 };
    struct constant distinct = *c;
    struct walk w;
    for (int i = 0; i < c->rank; i++)
        distinct.dim[i] = c->stride[i] || !c->dim[i] ? c->dim[i] : 1;
    const int64_t n = constant_elements(&distinct);
    if (n < 1 || n > MOST)
        return false;
    walk_begin(&w, &distinct, 0);
    *value = constant_real(c, walk_next(&w));
    for (int64_t i = 1; i < n; i++)
        if (constant_real(c, walk_next(&w)) != *value)
            return false;
    return true;
}

/* What elements that are computed are written as. */
static enum dtype written_as(enum dtype t)
{
    if (t == DTYPE_f64 || t == DTYPE_bool)
        return t;
    return dtype_is_float(t) ? DTYPE_f32 : DTYPE_i64;
}

struct constant *constant_new(struct arena *arena, struct budget *budget, enum dtype dtype,
                              int rank, const int64_t *dim, void **elements)
{
    int64_t n;
    if (rank > CONSTANT_RANK || !constant_count(rank, dim, &n) || !budget_take(budget, n))
        return NULL;
    struct constant *c = arena_new_of(arena, struct constant);
    c->dtype = written_as(dtype);
    c->rank = rank;
    memcpy(c->dim, dim, (size_t)rank * sizeof *dim);
    constant_order(c);
    *elements = arena_array(arena, (size_t)n + 1, (size_t)dtype_bytes(c->dtype));
    c->data = *elements;
    return c;
}

void constant_put_real(struct constant *c, void *elements, int64_t i, double value)
{
    if (c->dtype == DTYPE_f32)
        ((float *)elements)[i] = (float)value;
    else if (c->dtype == DTYPE_f64)
        ((double *)elements)[i] = value;
    else
        constant_put_int(c, elements, i, int_of_real(value));
}

void constant_put_int(struct constant *c, void *elements, int64_t i, int64_t value)
{
    if (dtype_is_float(c->dtype))
        constant_put_real(c, elements, i, (double)value);
    else if (c->dtype == DTYPE_bool)
        ((unsigned char *)elements)[i] = value != 0;
    else
        ((int64_t *)elements)[i] = value;
}

void constant_put(struct constant *c, void *elements, int64_t i, const struct constant *from,
                  int64_t at)
{
    if (dtype_is_float(c->dtype))
        constant_put_real(c, elements, i, constant_real(from, at));
    else
        constant_put_int(c, elements, i, constant_int(from, at));
}

struct constant *constant_view(struct arena *arena, const struct constant *c)
{
    struct constant *view = arena_new_of(arena, struct constant);
    *view = *c;
    view->of = c->name ? c : c->of;
    view->name = NULL;
    return view;
}

/* What was turned and turned back is the initializer again. */
static struct constant *named_again(struct constant *view)
{
    const struct constant *of = view->of;
    bool same = of && of->data == view->data && constant_same_shape(of, view);
    for (int i = 0; same && i < view->rank; i++)
        same = of->stride[i] == view->stride[i];
    view->name = same ? of->name : NULL;
    return view;
}

struct constant *constant_permuted(struct arena *arena, const struct constant *c, const int *perm)
{
    struct constant *view = constant_view(arena, c);
    for (int i = 0; i < c->rank; i++) {
        view->dim[i] = c->dim[perm[i]];
        view->stride[i] = c->stride[perm[i]];
    }
    return named_again(view);
}

struct constant *constant_sliced(struct arena *arena, const struct constant *c, int axis,
                                 int64_t first, int64_t n, int64_t step)
{
    struct constant *view = constant_view(arena, c);
    view->dim[axis] = n;
    view->stride[axis] = n > 1 ? c->stride[axis] * step : 0;
    if (n)
        view->data += first * c->stride[axis] * dtype_bytes(c->dtype);
    return view;
}

struct constant *constant_spread(struct arena *arena, const struct constant *c, int rank,
                                 const int64_t *dim)
{
    struct constant *view = constant_view(arena, c);
    int64_t n;
    if (rank < c->rank || rank > CONSTANT_RANK || !constant_count(rank, dim, &n))
        return NULL;
    for (int i = rank - 1, j = c->rank - 1; i >= 0; i--, j--) {
        const int64_t own = j >= 0 ? c->dim[j] : 1;
        if (own != dim[i] && own != 1)
            return NULL;
        view->dim[i] = dim[i];
        view->stride[i] = own == dim[i] && j >= 0 ? c->stride[j] : 0;
    }
    view->rank = rank;
    return view;
}

struct constant *constant_reshaped(struct arena *arena, struct budget *budget,
                                   const struct constant *c, int rank, const int64_t *dim)
{
    void *elements;
    struct walk w;
    if (constant_is_in_order(c)) {
        struct constant *view = constant_view(arena, c);
        view->rank = rank;
        memcpy(view->dim, dim, (size_t)rank * sizeof *dim);
        constant_order(view);
        return named_again(view);
    }
    struct constant *copy = constant_new(arena, budget, c->dtype, rank, dim, &elements);
    if (!copy)
        return NULL;
    walk_begin(&w, c, 0);
    for (int64_t i = 0, n = constant_elements(c); i < n; i++)
        constant_put(copy, elements, i, c, walk_next(&w));
    return copy;
}

struct constant *constant_of_ints(struct arena *arena, int rank, int64_t n, const int64_t *values)
{
    struct budget budget = {n};
    void *elements;
    struct constant *c = constant_new(arena, &budget, DTYPE_i64, rank, &n, &elements);
    if (n)
        memcpy(elements, values, (size_t)n * sizeof *values);
    return c;
}
