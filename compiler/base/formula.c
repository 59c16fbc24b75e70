#include "base/formula.h"

#include "base/number.h"

#include <math.h>

enum kind { NUMBER, AS, CALLED, FLOOR, PLUS, MINUS, TIMES, OVER, OVER_UP };

struct formula {
    enum kind kind;
    int64_t value;
    enum formula_symbol symbol; /* AS, without a name */
    const char *name;
    const struct formula *left, *right; /* AS: left is its own formula, or NULL */
};

static const struct {
    const char *name, *doc;
} symbols[] = {
#define SYMBOL(id, name, doc) {name, doc},
#include "base/symbols.def"
};

const char *symbol_name(enum formula_symbol symbol)
{
    return symbols[symbol].name;
}

const char *symbol_doc(enum formula_symbol symbol)
{
    return symbols[symbol].doc;
}

static struct quantity keep(struct formulas *f, struct formula formula)
{
    struct formula *kept = f->arena ? arena_new_of(f->arena, struct formula) : NULL;
    if (kept)
        *kept = formula;
    return (struct quantity){formula.value, kept};
}

struct quantity quantity_number(struct formulas *f, int64_t value)
{
    return keep(f, (struct formula){.kind = NUMBER, .value = value});
}

struct quantity quantity_symbol(struct formulas *f, enum formula_symbol symbol, int64_t value)
{
    return keep(f, (struct formula){.kind = AS, .value = value, .symbol = symbol});
}

struct quantity quantity_as(struct formulas *f, enum formula_symbol symbol, struct quantity q)
{
    return keep(
        f, (struct formula){.kind = AS, .value = q.value, .symbol = symbol, .left = q.formula});
}

struct quantity quantity_named(struct formulas *f, const char *name, struct quantity q)
{
    return keep(f, (struct formula){.kind = AS, .value = q.value, .name = name, .left = q.formula});
}

struct quantity quantity_called(struct formulas *f, const char *name, struct quantity q)
{
    return keep(f, (struct formula){.kind = CALLED, .value = q.value, .name = name});
}

static bool is_number(struct quantity q, int64_t value)
{
    return q.formula && q.formula->kind == NUMBER && q.value == value;
}

static struct quantity join(struct formulas *f, enum kind kind, struct quantity a,
                            struct quantity b, int64_t value)
{
    return keep(
        f, (struct formula){.kind = kind, .value = value, .left = a.formula, .right = b.formula});
}

struct quantity quantity_plus(struct formulas *f, struct quantity a, struct quantity b)
{
    int64_t sum = 0;
    if (is_number(a, 0))
        return b;
    if (is_number(b, 0))
        return a;
    if (!checked_add(a.value, b.value, &sum)) {
        f->overflow = true;
        sum = 0;
    }
    return join(f, PLUS, a, b, sum);
}

/* Of numbers that are not negative. */
struct quantity quantity_minus(struct formulas *f, struct quantity a, struct quantity b)
{
    return is_number(b, 0) ? a : join(f, MINUS, a, b, a.value - b.value);
}

struct quantity quantity_times(struct formulas *f, struct quantity a, struct quantity b)
{
    int64_t product = 0;
    if (is_number(a, 1))
        return b;
    if (is_number(b, 1))
        return a;
    if (!checked_mul(a.value, b.value, &product)) {
        f->overflow = true;
        product = 0;
    }
    return join(f, TIMES, a, b, product);
}

struct quantity quantity_over(struct formulas *f, struct quantity a, struct quantity b)
{
    return is_number(b, 1) ? a : join(f, OVER, a, b, a.value / b.value);
}

struct quantity quantity_over_up(struct formulas *f, struct quantity a, struct quantity b)
{
    const int64_t up = a.value / b.value + (a.value % b.value != 0);
    return is_number(b, 1) ? a : join(f, OVER_UP, a, b, up);
}

struct quantity quantity_floor(struct formulas *f, struct quantity q)
{
    return keep(f, (struct formula){.kind = FLOOR, .value = q.value, .left = q.formula});
}

/* ---- printing ---- */

/* How strongly a formula binds: sums, products, what has no operator. */
enum level { SUM = 1, PRODUCT, LEAF };

static enum level level_of(const struct formula *f)
{
    return f->kind < PLUS ? LEAF : f->kind < TIMES ? SUM : PRODUCT;
}

static void print(struct text *, const struct formula *, bool numbers, enum level outer);

/* A product or sum on the right of one reads the same without brackets; not of `-` and `/`. */
static void print_operation(struct text *t, const struct formula *f, bool numbers)
{
    static const char *const signs[] = {
        [PLUS] = " + ", [MINUS] = " - ", [TIMES] = " * ", [OVER] = " / ", [OVER_UP] = " / "};
    const enum level level = level_of(f);
    const bool associative = f->kind == PLUS || f->kind == TIMES;
    print(t, f->left, numbers, level);
    text_append(t, signs[f->kind]);
    print(t, f->right, numbers, associative ? level : level + 1);
}

static void print_leaf(struct text *t, const struct formula *f, bool numbers)
{
    if (f->kind == FLOOR) {
        text_append(t, "floor(");
        print(t, f->left, numbers, SUM);
        text_append(t, ")");
    } else if (numbers || f->kind == NUMBER)
        text_append_number(t, f->value);
    else
        text_append(t, f->name ? f->name : symbol_name(f->symbol));
}

/* What a symbol stands for is in brackets, so that it is seen. */
static void print(struct text *t, const struct formula *f, bool numbers, enum level outer)
{
    const bool opened = numbers && f->kind == AS && f->left && level_of(f->left) < LEAF;
    const bool brackets = opened || level_of(f) < outer;
    if (brackets)
        text_append(t, "(");
    if (opened)
        print(t, f->left, numbers, SUM);
    else if (f->kind < PLUS)
        print_leaf(t, f, numbers);
    else
        print_operation(t, f, numbers);
    if (brackets)
        text_append(t, ")");
}

/* A symbol alone says nothing: its own formula is printed. */
static const struct formula *inside(const struct formula *f)
{
    while (f->kind == AS && f->left)
        f = f->left;
    return f;
}

void formula_print_symbols(struct text *t, const struct formula *f)
{
    print(t, inside(f), false, SUM);
}

/* The value before any quotient is rounded. */
static double real_of(const struct formula *f)
{
    if (f->kind == AS && f->left)
        return real_of(f->left);
    if (f->kind < PLUS)
        return (double)f->value;
    const double a = real_of(f->left), b = real_of(f->right);
    return f->kind == PLUS ? a + b : f->kind == MINUS ? a - b : f->kind == TIMES ? a * b : a / b;
}

/* Whether a quotient in it was rounded. */
static bool is_rounded(const struct formula *f)
{
    if (f->kind < PLUS)
        return f->kind == AS && f->left && is_rounded(f->left);
    const bool divides = f->kind == OVER || f->kind == OVER_UP;
    return (divides && f->left->value % f->right->value) || is_rounded(f->left) ||
           is_rounded(f->right);
}

void formula_print_numbers(struct text *t, const struct formula *f)
{
    f = inside(f);
    if (f->kind >= PLUS) {
        print(t, f, true, SUM);
        text_append(t, " = ");
        if (is_rounded(f))
            text_printf(t, "%.6g -> ", real_of(f));
    }
    text_append_number(t, f->value);
}

static void collect(const struct formula *f, bool used[N_SYMBOLS])
{
    if (f->kind == AS && !f->name)
        used[f->symbol] = true;
    if (f->kind < FLOOR)
        return;
    collect(f->left, used);
    if (f->kind > FLOOR)
        collect(f->right, used);
}

void formula_symbols(const struct formula *f, bool used[N_SYMBOLS])
{
    collect(inside(f), used);
}
