#include "base/formula_tree.h"
#include "base/number.h"

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
    return keep(f, (struct formula){.kind = FORMULA_number, .value = value});
}

struct quantity quantity_symbol(struct formulas *f, enum formula_symbol symbol, int64_t value)
{
    return keep(f, (struct formula){.kind = FORMULA_as, .value = value, .symbol = symbol});
}

struct quantity quantity_as(struct formulas *f, enum formula_symbol symbol, struct quantity q)
{
    return keep(f, (struct formula){
                       .kind = FORMULA_as, .value = q.value, .symbol = symbol, .left = q.formula});
}

struct quantity quantity_named(struct formulas *f, const char *name, struct quantity q)
{
    return keep(
        f, (struct formula){.kind = FORMULA_as, .value = q.value, .name = name, .left = q.formula});
}

struct quantity quantity_called(struct formulas *f, const char *name, struct quantity q)
{
    return keep(f, (struct formula){.kind = FORMULA_called, .value = q.value, .name = name});
}

static bool is_number(struct quantity q, int64_t value)
{
    return q.formula && q.formula->kind == FORMULA_number && q.value == value;
}

static struct quantity join(struct formulas *f, enum formula_kind kind, struct quantity a,
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
    return join(f, FORMULA_plus, a, b, sum);
}

/* Of numbers that are not negative. */
struct quantity quantity_minus(struct formulas *f, struct quantity a, struct quantity b)
{
    return is_number(b, 0) ? a : join(f, FORMULA_minus, a, b, a.value - b.value);
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
    return join(f, FORMULA_times, a, b, product);
}

struct quantity quantity_over(struct formulas *f, struct quantity a, struct quantity b)
{
    return is_number(b, 1) ? a : join(f, FORMULA_over, a, b, a.value / b.value);
}

struct quantity quantity_over_up(struct formulas *f, struct quantity a, struct quantity b)
{
    const int64_t up = a.value / b.value + (a.value % b.value != 0);
    return is_number(b, 1) ? a : join(f, FORMULA_over_up, a, b, up);
}

struct quantity quantity_floor(struct formulas *f, struct quantity q)
{
    return keep(f, (struct formula){.kind = FORMULA_floor, .value = q.value, .left = q.formula});
}
