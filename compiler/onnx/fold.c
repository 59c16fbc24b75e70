/* Nodes whose operands are all known: computed here, so that shapes are numbers. */
#include "base/number.h"
#include "onnx/import.h"

#include <math.h>
#include <string.h>

static double real_add(double a, double b)
{
    return a + b;
}
static double real_sub(double a, double b)
{
    return a - b;
}
static double real_mul(double a, double b)
{
    return a * b;
}
static double real_div(double a, double b)
{
    return a / b;
}
static double real_max(double a, double b)
{
    return a > b || isnan(a) ? a : b;
}
static double real_min(double a, double b)
{
    return a < b || isnan(a) ? a : b;
}
static double real_equal(double a, double b)
{
    return a == b;
}
static double real_less(double a, double b)
{
    return a < b;
}
static double real_greater(double a, double b)
{
    return a > b;
}
static double real_less_equal(double a, double b)
{
    return a <= b;
}
static double real_greater_equal(double a, double b)
{
    return a >= b;
}
static double real_and(double a, double b)
{
    return a != 0 && b != 0;
}
static double real_or(double a, double b)
{
    return a != 0 || b != 0;
}
static double real_xor(double a, double b)
{
    return (a != 0) != (b != 0);
}
static double real_mod(double a, double b)
{
    return fmod(a, b);
}

/* Of integers, which wrap around as ONNX's do; 0 where there is no result. */
static int64_t int_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}
static int64_t int_sub(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}
static int64_t int_mul(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}
static int64_t int_div(int64_t a, int64_t b)
{
    return b == -1 ? int_sub(0, a) : b ? a / b : 0;
}
/* The sign of the result is that of the divisor. */
static int64_t int_mod(int64_t a, int64_t b)
{
    const int64_t rest = b == -1 || !b ? 0 : a % b;
    return rest && (rest < 0) != (b < 0) ? rest + b : rest;
}
static int64_t int_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
static int64_t int_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static int64_t int_equal(int64_t a, int64_t b)
{
    return a == b;
}
static int64_t int_less(int64_t a, int64_t b)
{
    return a < b;
}
static int64_t int_less_equal(int64_t a, int64_t b)
{
    return a <= b;
}
static int64_t int_power(int64_t a, int64_t b)
{
    int64_t power = 1;
    for (; b > 0; b >>= 1, a = int_mul(a, a))
        power = b & 1 ? int_mul(power, a) : power;
    return power;
}
static int64_t int_greater(int64_t a, int64_t b)
{
    return a > b;
}
static int64_t int_greater_equal(int64_t a, int64_t b)
{
    return a >= b;
}
static int64_t int_and(int64_t a, int64_t b)
{
    return a && b;
}
static int64_t int_or(int64_t a, int64_t b)
{
    return a || b;
}
static int64_t int_xor(int64_t a, int64_t b)
{
    return !a != !b;
}

static const struct binary {
    const char *name;
    double (*real)(double, double);
    int64_t (*integer)(int64_t, int64_t);
    bool compares; /* its result is a bool */
} binaries[] = {
    {"Add", real_add, int_add, false},
    {"Sub", real_sub, int_sub, false},
    {"Mul", real_mul, int_mul, false},
    {"Div", real_div, int_div, false},
    {"Mod", real_mod, int_mod, false},
    {"Pow", pow, int_power, false},
    {"Max", real_max, int_larger, false},
    {"Min", real_min, int_smaller, false},
    {"Sum", real_add, int_add, false},
    {"Equal", real_equal, int_equal, true},
    {"Less", real_less, int_less, true},
    {"Greater", real_greater, int_greater, true},
    {"LessOrEqual", real_less_equal, int_less_equal, true},
    {"GreaterOrEqual", real_greater_equal, int_greater_equal, true},
    {"And", real_and, int_and, true},
    {"Or", real_or, int_or, true},
    {"Xor", real_xor, int_xor, true},
};

static double real_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}
static double real_sign(double x)
{
    return (x > 0) - (x < 0);
}
static double real_not(double x)
{
    return x == 0;
}
static double real_negated(double x)
{
    return -x;
}
static double real_inverse(double x)
{
    return 1 / x;
}
static double real_relu(double x)
{
    return x < 0 ? 0 : x;
}

static const struct unary {
    const char *name;
    double (*real)(double);
} unaries[] = {
    {"Abs", fabs},
    {"Ceil", ceil},
    {"Cos", cos},
    {"Erf", erf},
    {"Exp", exp},
    {"Floor", floor},
    {"Log", log},
    {"Neg", real_negated},
    {"Not", real_not},
    {"Relu", real_relu},
    {"Reciprocal", real_inverse},
    {"Round", nearbyint},
    {"Sigmoid", real_sigmoid},
    {"Sign", real_sign},
    {"Sin", sin},
    {"Sqrt", sqrt},
    {"Tanh", tanh},
};

bool fold_unary(struct call *c)
{
    struct import *s = c->import;
    const struct constant *k = operand_constant(c, 0, "what it computes of");
    const struct unary *f = NULL;
    void *elements;
    struct walk w;
    for (size_t i = 0; i < sizeof unaries / sizeof *unaries; i++)
        if (!strcmp(unaries[i].name, c->node->op_type))
            f = &unaries[i];
    if (!f || !k)
        return k && call_lacks(c, "it is not computed before the network runs");
    struct constant *out = constant_new(s->arena, &s->budget, k->dtype, k->rank, k->dim, &elements);
    walk_begin(&w, k, 0);
    for (int64_t i = 0, n = constant_elements(k); i < n && out; i++)
        constant_put_real(out, elements, i, f->real(constant_real(k, walk_next(&w))));
    return give_constant(c, out);
}

/* The shape to which both spread; false: there is none. */
static bool spread_both(const struct constant *a, const struct constant *b, int *rank, int64_t *dim)
{
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (int i = 1; i <= *rank; i++) {
        const int64_t x = i <= a->rank ? a->dim[a->rank - i] : 1;
        const int64_t y = i <= b->rank ? b->dim[b->rank - i] : 1;
        if (x != y && x != 1 && y != 1)
            return false;
        dim[*rank - i] = x == 1 ? y : x;
    }
    return true;
}

static struct constant *fold_two(struct import *s, const struct binary *f, const struct constant *a,
                                 const struct constant *b)
{
    int rank;
    int64_t dim[CONSTANT_RANK];
    void *elements;
    struct walk left, right;
    if (!spread_both(a, b, &rank, dim))
        return NULL;
    const struct constant *x = constant_spread(s->arena, a, rank, dim);
    const struct constant *y = constant_spread(s->arena, b, rank, dim);
    struct constant *out = constant_new(s->arena, &s->budget, f->compares ? DTYPE_bool : a->dtype,
                                        rank, dim, &elements);
    if (!x || !y || !out)
        return NULL;
    const bool real = dtype_is_float(a->dtype) || dtype_is_float(b->dtype);
    walk_begin(&left, x, 0);
    walk_begin(&right, y, 0);
    for (int64_t i = 0, n = constant_elements(out); i < n; i++) {
        const int64_t p = walk_next(&left), q = walk_next(&right);
        if (real)
            constant_put_real(out, elements, i, f->real(constant_real(x, p), constant_real(y, q)));
        else
            constant_put_int(out, elements, i, f->integer(constant_int(x, p), constant_int(y, q)));
    }
    return out;
}

bool fold_binary(struct call *c)
{
    const struct binary *f = NULL;
    const struct constant *all = c->n_in && c->in[0] ? c->in[0]->constant : NULL;
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (!strcmp(binaries[i].name, c->node->op_type))
            f = &binaries[i];
    if (!f || !all)
        return call_lacks(c, "it is not computed before the network runs");
    for (int i = 1; i < c->n_in && all; i++)
        all = c->in[i] ? fold_two(c->import, f, all, c->in[i]->constant) : NULL;
    return all ? give_constant(c, all)
               : call_lacks(c, "its operands do not spread to each other, or are too large");
}

/* An integer cut to the bits of its type. */
static int64_t cut(enum dtype to, int64_t value)
{
    switch (to) {
    case DTYPE_i8:
        return (int8_t)value;
    case DTYPE_u8:
        return (uint8_t)value;
    case DTYPE_i16:
        return (int16_t)value;
    case DTYPE_u16:
        return (uint16_t)value;
    case DTYPE_i32:
        return (int32_t)value;
    case DTYPE_u32:
        return (uint32_t)value;
    default:
        return value;
    }
}

bool fold_cast(struct call *c, enum dtype to)
{
    struct import *s = c->import;
    const struct constant *k = operand_constant(c, 0, "what it casts");
    void *elements;
    struct walk w;
    if (!k || (dtype_is_float(to) && dtype_is_float(k->dtype)))
        return k && give_constant(c, k);
    struct constant *out = constant_new(s->arena, &s->budget, to, k->rank, k->dim, &elements);
    walk_begin(&w, k, 0);
    for (int64_t i = 0, n = constant_elements(k); i < n && out; i++) {
        const int64_t at = walk_next(&w);
        if (dtype_is_float(to))
            constant_put_real(out, elements, i, constant_real(k, at));
        else if (to == DTYPE_bool)
            constant_put_int(out, elements, i, constant_real(k, at) != 0);
        else
            constant_put_int(out, elements, i, cut(to, constant_int(k, at)));
    }
    return give_constant(c, out);
}

bool fold_where(struct call *c)
{
    struct import *s = c->import;
    const struct constant *k[3];
    int rank;
    int64_t dim[CONSTANT_RANK];
    void *elements;
    struct walk w[3];
    for (int i = 0; i < 3; i++)
        if (!(k[i] = operand_constant(c, i, "what it chooses from")))
            return false;
    struct constant shape = *k[0];
    for (int i = 1; i < 3; i++) {
        if (!spread_both(&shape, k[i], &rank, dim))
            return call_lacks(c, "its operands do not spread to each other");
        shape.rank = rank;
        memcpy(shape.dim, dim, sizeof dim);
    }
    struct constant *out = constant_new(s->arena, &s->budget, k[1]->dtype, rank, dim, &elements);
    for (int i = 0; i < 3 && out; i++)
        if (!(k[i] = constant_spread(s->arena, k[i], rank, dim)))
            return give_constant(c, NULL);
    for (int i = 0; i < 3 && out; i++)
        walk_begin(&w[i], k[i], 0);
    for (int64_t i = 0, n = out ? constant_elements(out) : 0; i < n; i++) {
        const int64_t which = walk_next(&w[0]), yes = walk_next(&w[1]), no = walk_next(&w[2]);
        const bool chosen = constant_int(k[0], which) != 0;
        constant_put(out, elements, i, k[chosen ? 1 : 2], chosen ? yes : no);
    }
    return give_constant(c, out);
}

/* One element of a reduction, over what a view has left. */
static double reduce_one(enum op op, const struct constant *part)
{
    const int64_t n = constant_elements(part);
    struct walk w;
    walk_begin(&w, part, 0);
    double all = op == OP_mul ? 1 : 0;
    for (int64_t i = 0; i < n; i++) {
        const double x = constant_real(part, walk_next(&w));
        if (op == OP_mul)
            all *= x;
        else if (op == OP_amax || op == OP_amin)
            all = !i || (op == OP_amax ? x > all : x < all) ? x : all;
        else
            all += x;
    }
    return op == OP_mean && n ? all / (double)n : all;
}

/* OP_mul stands for the product. Numbers are added in double: integers of shapes stay exact. */
bool fold_reduce(struct call *c, enum op op, unsigned axes, bool keep)
{
    struct import *s = c->import;
    const struct constant *k = operand_constant(c, 0, "what it reduces");
    struct constant kept, part;
    int64_t dim[CONSTANT_RANK];
    int rank = 0;
    void *elements;
    if (!k)
        return false;
    kept = part = *k;
    for (int i = 0; i < k->rank; i++) {
        const bool reduced = axes >> i & 1;
        *(reduced ? &kept.dim[i] : &part.dim[i]) = 1;
        if (keep || !reduced)
            dim[rank++] = reduced ? 1 : k->dim[i];
    }
    if (!budget_take(&s->budget, constant_elements(k)))
        return give_constant(c, NULL);
    struct constant *out = constant_new(s->arena, &s->budget, k->dtype, rank, dim, &elements);
    struct walk w;
    walk_begin(&w, &kept, 0);
    for (int64_t i = 0, n = out ? constant_elements(out) : 0; i < n; i++) {
        part.data = k->data + walk_next(&w) * dtype_bytes(k->dtype);
        constant_put_real(out, elements, i, reduce_one(op, &part));
    }
    return give_constant(c, out);
}

/* Where the elements that an index names begin, in C order; -1: outside. */
static int64_t scattered_place(const struct constant *k, const struct constant *index, int64_t row,
                               int depth)
{
    int64_t at = 0;
    for (int d = 0; d < depth; d++) {
        int64_t i = constant_int_at(index, row * depth + d);
        i = i < 0 ? i + k->dim[d] : i;
        if (i < 0 || i >= k->dim[d])
            return -1;
        at = at * k->dim[d] + i;
    }
    return at;
}

/* A copy, with the parts that the last dimension of the indices names in place of its own. */
bool fold_scatter(struct call *c)
{
    struct import *s = c->import;
    const struct constant *k = operand_constant(c, 0, "what it changes");
    const struct constant *index = k ? operand_constant(c, 1, "the positions") : NULL;
    const struct constant *part = index ? operand_constant(c, 2, "what it puts there") : NULL;
    void *elements;
    if (!part)
        return false;
    const int64_t depth = index->rank ? index->dim[index->rank - 1] : 0;
    if (depth < 1 || depth > k->rank)
        return call_lacks(c, "its positions do not fit its operand");
    struct constant *out = constant_new(s->arena, &s->budget, k->dtype, k->rank, k->dim, &elements);
    const int64_t rows = constant_elements(index) / depth, all = out ? constant_elements(out) : 0;
    int64_t each = 1;
    for (int i = (int)depth; i < k->rank; i++)
        each *= k->dim[i];
    if (rows * each != constant_elements(part))
        return call_lacks(c, "what it puts there has another size");
    if (!budget_take(&s->budget, rows * each))
        return give_constant(c, NULL);
    struct walk w, from;
    walk_begin(&w, k, 0);
    walk_begin(&from, part, 0);
    for (int64_t i = 0; i < all; i++)
        constant_put(out, elements, i, k, walk_next(&w));
    for (int64_t row = 0; row < rows && all; row++) {
        const int64_t at = scattered_place(k, index, row, (int)depth);
        if (at < 0)
            return call_lacks(c, "a position outside of its operand");
        for (int64_t i = 0; i < each; i++)
            constant_put(out, elements, at * each + i, part, walk_next(&from));
    }
    return give_constant(c, out);
}

/* Row i of `a`, in C order of its other dimensions, times column j. */
static double row_times_column(const struct constant *a, const struct constant *b, int64_t i,
                               int64_t j)
{
    const int last = a->rank - 1;
    struct walk row;
    double sum = 0;
    walk_begin(&row, a, i * a->dim[last]);
    for (int64_t k = 0; k < a->dim[last]; k++)
        sum += constant_real(a, row.at + k * a->stride[last]) *
               constant_real(b, k * b->stride[0] + j * b->stride[1]);
    return sum;
}

const struct constant *fold_product(struct import *s, const struct constant *a,
                                    const struct constant *b)
{
    struct constant shape = *a;
    int64_t multiplications;
    void *elements;
    shape.dim[a->rank - 1] = b->dim[1];
    if (a->dim[a->rank - 1] != b->dim[0] || !dtype_is_float(a->dtype) ||
        !checked_mul(constant_elements(a), b->dim[1], &multiplications) ||
        !budget_take(&s->budget, multiplications))
        return NULL;
    struct constant *out =
        constant_new(s->arena, &s->budget, a->dtype, shape.rank, shape.dim, &elements);
    for (int64_t i = 0, n = out ? constant_elements(out) : 0; i < n; i++)
        constant_put_real(out, elements, i, row_times_column(a, b, i / b->dim[1], i % b->dim[1]));
    return out;
}
