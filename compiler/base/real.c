#include "base/real.h"

#include "base/formula_tree.h"

#include <math.h>

/* A NaN loses its sign, which says nothing and differs between machines. */
static struct real keep(struct arena *arena, struct formula formula)
{
    struct formula *kept = arena_new_of(arena, struct formula);
    formula.is_real = true;
    formula.real = isnan(formula.real) ? (double)NAN : formula.real;
    *kept = formula;
    return (struct real){formula.real, kept};
}

struct real real_number(struct arena *arena, double value)
{
    return keep(arena, (struct formula){.kind = FORMULA_number, .real = value});
}

struct real real_named(struct arena *arena, const char *name, double value)
{
    return keep(arena, (struct formula){.kind = FORMULA_as, .name = name, .real = value});
}

static struct real join(struct arena *arena, enum formula_kind kind, struct real a, struct real b,
                        double value)
{
    return keep(arena, (struct formula){
                           .kind = kind, .real = value, .left = a.formula, .right = b.formula});
}

/* ---- what formulas are ---- */

static bool is_number(struct real a)
{
    return a.formula->kind == FORMULA_number;
}

static bool is(struct real a, double value)
{
    return is_number(a) && a.value == value;
}

/* A name is the same where it is the same leaf. */
static bool same(const struct formula *a, const struct formula *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind)
        return false;
    if (a->kind == FORMULA_number)
        return a->real == b->real;
    return a->name == b->name && a->left && same(a->left, b->left) && same(a->right, b->right);
}

static struct real of_formula(const struct formula *f)
{
    return (struct real){f->real, f};
}

/* A product with a number in front as that number and the rest; anything else as 1 and itself. */
static double take_factor(struct real *a)
{
    const struct formula *f = a->formula;
    if (f->kind != FORMULA_times || f->left->kind != FORMULA_number)
        return 1;
    *a = of_formula(f->right);
    return f->left->real;
}

/* ---- arithmetic ---- */

static struct real scaled(struct arena *arena, double factor, struct real a)
{
    if (factor == 0 || is_number(a))
        return real_number(arena, factor == 0 ? 0 : factor * a.value);
    factor *= take_factor(&a);
    if (factor == -1 && a.formula->kind == FORMULA_minus)
        return join(arena, FORMULA_minus, of_formula(a.formula->right), of_formula(a.formula->left),
                    -a.value);
    return factor == 1
               ? a
               : join(arena, FORMULA_times, real_number(arena, factor), a, factor * a.value);
}

/* Where b begins with a number below zero, a less the rest. */
struct real real_plus(struct arena *arena, struct real a, struct real b)
{
    struct real rest = b;
    if (is(a, 0) || is(b, 0))
        return is(a, 0) ? b : a;
    if (is_number(a) && is_number(b))
        return real_number(arena, a.value + b.value);
    if (same(a.formula, b.formula))
        return scaled(arena, 2, a);
    const double factor = is_number(b) ? b.value : take_factor(&rest);
    return factor < 0 ? real_minus(arena, a, scaled(arena, -1, b))
                      : join(arena, FORMULA_plus, a, b, a.value + b.value);
}

struct real real_minus(struct arena *arena, struct real a, struct real b)
{
    struct real rest = b;
    if (is(b, 0))
        return a;
    if (is(a, 0) || (is_number(a) && is_number(b)))
        return is(a, 0) ? scaled(arena, -1, b) : real_number(arena, a.value - b.value);
    if (same(a.formula, b.formula))
        return real_number(arena, 0);
    const double factor = is_number(b) ? b.value : take_factor(&rest);
    return factor < 0 ? real_plus(arena, a, scaled(arena, -1, b))
                      : join(arena, FORMULA_minus, a, b, a.value - b.value);
}

struct real real_times(struct arena *arena, struct real a, struct real b)
{
    if (is_number(a))
        return scaled(arena, a.value, b);
    if (is_number(b))
        return scaled(arena, b.value, a);
    double factor = take_factor(&a);
    factor *= take_factor(&b);
    struct real product = same(a.formula, b.formula)
                              ? real_power(arena, a, 2)
                              : join(arena, FORMULA_times, a, b, a.value * b.value);
    return scaled(arena, factor, product);
}

struct real real_over(struct arena *arena, struct real a, struct real b)
{
    if (is(b, 1) || is(a, 0))
        return a;
    if (is_number(a) && is_number(b))
        return real_number(arena, a.value / b.value);
    return join(arena, FORMULA_over, a, b, a.value / b.value);
}

struct real real_power(struct arena *arena, struct real a, double exponent)
{
    const double value = pow(a.value, exponent);
    if (exponent == 0 || is_number(a))
        return real_number(arena, value);
    return exponent == 1 ? a : join(arena, FORMULA_power, a, real_number(arena, exponent), value);
}

/* ---- functions ---- */

struct real real_function(struct arena *arena, const char *name, double value, struct real of)
{
    return keep(arena,
                (struct formula){
                    .kind = FORMULA_function, .name = name, .real = value, .left = of.formula});
}

struct real real_function2(struct arena *arena, const char *name, double value, struct real a,
                           struct real b)
{
    return keep(arena, (struct formula){.kind = FORMULA_function,
                                        .name = name,
                                        .real = value,
                                        .left = a.formula,
                                        .right = b.formula});
}

static int count_terms(const struct formula *f, int most)
{
    int n = !f->left || f->kind == FORMULA_function;
    if (f->left && n < most)
        n += count_terms(f->left, most - n);
    if (f->right && n < most)
        n += count_terms(f->right, most - n);
    return n;
}

int real_terms(struct real a, int most)
{
    return count_terms(a.formula, most);
}
