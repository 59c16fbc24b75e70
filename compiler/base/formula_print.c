#include "base/formula_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* How strongly a formula binds: a number below zero, sums, products, powers, what has no operator.
 */
enum level { NEGATIVE, SUM, PRODUCT, POWER, LEAF };

/* The least denominator of a real number that six digits do not say; 0: they do, or none is small.
 */
static int denominator(double x)
{
    enum { MOST = 1000 };
    char digits[32];
    snprintf(digits, sizeof digits, "%.6g", x);
    if (strtod(digits, NULL) == x || !isfinite(x))
        return 0;
    for (int q = 2; q <= MOST; q++)
        if (round(x * q) / q == x)
            return q;
    return 0;
}

static bool has_operator(const struct formula *f)
{
    return f->kind >= FORMULA_power;
}

static enum level level_of(const struct formula *f, bool numbers)
{
    const bool number = f->is_real && (numbers || f->kind == FORMULA_number);
    if (!has_operator(f) && f->kind != FORMULA_function)
        return number && signbit(f->real)                                    ? NEGATIVE
               : number && f->kind == FORMULA_number && denominator(f->real) ? PRODUCT
                                                                             : LEAF;
    return f->kind >= FORMULA_times   ? PRODUCT
           : f->kind >= FORMULA_plus  ? SUM
           : f->kind == FORMULA_power ? POWER
                                      : LEAF;
}

static void print(struct text *, const struct formula *, bool numbers, enum level outer);

static bool is_minus_one(const struct formula *f)
{
    return f->kind == FORMULA_number && f->is_real && f->real == -1;
}

/* A product or sum on the right of one reads the same without brackets; not of `-` and `/`. */
static void print_operation(struct text *t, const struct formula *f, bool numbers)
{
    static const char *const signs[] = {
        [FORMULA_power] = "^",   [FORMULA_plus] = " + ", [FORMULA_minus] = " - ",
        [FORMULA_times] = " * ", [FORMULA_over] = " / ", [FORMULA_over_up] = " / "};
    const enum level level = level_of(f, numbers);
    const bool associative = f->kind == FORMULA_plus || f->kind == FORMULA_times;
    if (f->kind == FORMULA_times && is_minus_one(f->left))
        text_append(t, "-");
    else {
        print(t, f->left, numbers, f->kind == FORMULA_power ? LEAF : level);
        text_append(t, signs[f->kind]);
    }
    print(t, f->right, numbers, associative ? level : level + 1);
}

static void print_function(struct text *t, const struct formula *f, bool numbers)
{
    text_append(t, f->name);
    text_append(t, "(");
    print(t, f->left, numbers, NEGATIVE);
    if (f->right) {
        text_append(t, ", ");
        print(t, f->right, numbers, NEGATIVE);
    }
    text_append(t, ")");
}

/* A number of a formula as it is: "0.5", "1/6", or with all its digits. */
static void print_constant(struct text *t, double x)
{
    const int q = denominator(x);
    char digits[32];
    if (q) {
        text_printf(t, "%.0f/%d", round(x * q), q);
        return;
    }
    for (int n = 6; n <= 17; n++) {
        snprintf(digits, sizeof digits, "%.*g", n, x);
        if (strtod(digits, NULL) == x)
            break;
    }
    text_append(t, digits);
}

static void print_value(struct text *t, const struct formula *f)
{
    if (f->is_real && f->kind == FORMULA_number)
        print_constant(t, f->real);
    else if (f->is_real)
        text_printf(t, "%.6g", f->real);
    else
        text_append_number(t, f->value);
}

static void print_leaf(struct text *t, const struct formula *f, bool numbers)
{
    if (f->kind == FORMULA_floor) {
        text_append(t, "floor(");
        print(t, f->left, numbers, SUM);
        text_append(t, ")");
    } else if (f->kind == FORMULA_function)
        print_function(t, f, numbers);
    else if (numbers || f->kind == FORMULA_number)
        print_value(t, f);
    else
        text_append(t, f->name ? f->name : symbol_name(f->symbol));
}

/* What a symbol stands for is in brackets, so that it is seen. */
static void print(struct text *t, const struct formula *f, bool numbers, enum level outer)
{
    const bool opened =
        numbers && f->kind == FORMULA_as && f->left && level_of(f->left, numbers) < LEAF;
    const bool brackets = opened || level_of(f, numbers) < outer;
    if (brackets)
        text_append(t, "(");
    if (opened)
        print(t, f->left, numbers, SUM);
    else if (has_operator(f))
        print_operation(t, f, numbers);
    else
        print_leaf(t, f, numbers);
    if (brackets)
        text_append(t, ")");
}

/* A symbol alone says nothing: its own formula is printed. */
static const struct formula *inside(const struct formula *f)
{
    while (f->kind == FORMULA_as && f->left)
        f = f->left;
    return f;
}

void formula_print_symbols(struct text *t, const struct formula *f)
{
    print(t, inside(f), false, NEGATIVE);
}

/* The value before any quotient is rounded. */
static double real_of(const struct formula *f)
{
    if (f->kind == FORMULA_as && f->left)
        return real_of(f->left);
    if (!has_operator(f))
        return (double)f->value;
    const double a = real_of(f->left), b = real_of(f->right);
    return f->kind == FORMULA_plus    ? a + b
           : f->kind == FORMULA_minus ? a - b
           : f->kind == FORMULA_times ? a * b
                                      : a / b;
}

/* Whether a quotient in it was rounded. */
static bool is_rounded(const struct formula *f)
{
    if (f->is_real)
        return false;
    if (!has_operator(f))
        return f->kind == FORMULA_as && f->left && is_rounded(f->left);
    const bool divides = f->kind == FORMULA_over || f->kind == FORMULA_over_up;
    return (divides && f->left->value % f->right->value) || is_rounded(f->left) ||
           is_rounded(f->right);
}

void formula_print_numbers(struct text *t, const struct formula *f)
{
    f = inside(f);
    if (f->kind > FORMULA_floor) {
        print(t, f, true, NEGATIVE);
        text_append(t, " = ");
        if (is_rounded(f))
            text_printf(t, "%.6g -> ", real_of(f));
    }
    print_value(t, f);
}

static void collect(const struct formula *f, bool used[N_SYMBOLS])
{
    if (f->kind == FORMULA_as && !f->name)
        used[f->symbol] = true;
    if (f->kind < FORMULA_floor)
        return;
    collect(f->left, used);
    if (f->right)
        collect(f->right, used);
}

void formula_symbols(const struct formula *f, bool used[N_SYMBOLS])
{
    collect(inside(f), used);
}
