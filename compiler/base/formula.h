/*
 * Numbers that know their formulas. A rule computes with quantities, once: where formulas are kept,
 * each result has the formula that made it, and where they are not, it is a number alone.
 */
#ifndef NETC_BASE_FORMULA_H
#define NETC_BASE_FORMULA_H

#include "base/text.h"

enum formula_symbol {
#define SYMBOL(id, ...) SYMBOL_##id,
#include "base/symbols.def"
    N_SYMBOLS
};
const char *symbol_name(enum formula_symbol);
const char *symbol_doc(enum formula_symbol);

struct formula;

struct quantity {
    int64_t value;
    const struct formula *formula; /* NULL: none is kept */
};

/* What a rule computes in. Sums and products above 63 bits set `overflow`, and are 0. */
struct formulas {
    struct arena *arena; /* of the formulas; NULL: none is kept */
    bool overflow;
};

/* A number that a formula has as such. */
struct quantity quantity_number(struct formulas *, int64_t);
/* A number that a symbol stands for. */
struct quantity quantity_symbol(struct formulas *, enum formula_symbol, int64_t);
/* A symbol for what has a formula of its own, which stands in its place where numbers do. */
struct quantity quantity_as(struct formulas *, enum formula_symbol, struct quantity);
/* The same with a name in place of a symbol. The name is kept, not copied. */
struct quantity quantity_named(struct formulas *, const char *name, struct quantity);
/* A figure that is explained elsewhere: its name, and its number. The name is kept, not copied. */
struct quantity quantity_called(struct formulas *, const char *name, struct quantity);

/* A number of the formula that changes nothing (+ 0, - 0, * 1, / 1) is left out of it. */
struct quantity quantity_plus(struct formulas *, struct quantity, struct quantity);
struct quantity quantity_minus(struct formulas *, struct quantity, struct quantity);
struct quantity quantity_times(struct formulas *, struct quantity, struct quantity);
/* Of numbers that are not negative, rounded down; and rounded up. */
struct quantity quantity_over(struct formulas *, struct quantity, struct quantity);
struct quantity quantity_over_up(struct formulas *, struct quantity, struct quantity);

/* A quotient whose rounding is a part of the formula. */
struct quantity quantity_floor(struct formulas *, struct quantity);

/* "(KH * KW * C + 1) * OC" */
void formula_print_symbols(struct text *, const struct formula *);
/* "(11 * 11 * 3 + 1) * 96 = 34,944"; where a quotient was rounded "(224 - 11) / 4 + 1 = 54.25 ->
 * 54". */
void formula_print_numbers(struct text *, const struct formula *);
/* Sets used[symbol] for all symbols that formula_print_symbols() prints. */
void formula_symbols(const struct formula *, bool used[N_SYMBOLS]);

#endif
