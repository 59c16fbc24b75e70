/* Formulas as trees: what makes them, of whole or real numbers, and what prints them share. */
#ifndef NETC_BASE_FORMULA_TREE_H
#define NETC_BASE_FORMULA_TREE_H

#include "base/formula.h"

/* In the order of how strongly they bind: leaves, powers, sums, products. */
enum formula_kind {
    FORMULA_number,
    FORMULA_as,
    FORMULA_called,
    FORMULA_floor,
    FORMULA_function,
    FORMULA_power,
    FORMULA_plus,
    FORMULA_minus,
    FORMULA_times,
    FORMULA_over,
    FORMULA_over_up
};

struct formula {
    enum formula_kind kind;
    bool is_real; /* its value is `real`, and not `value` */
    int64_t value;
    double real;
    enum formula_symbol symbol; /* FORMULA_as, without a name */
    const char *name;           /* of a symbol, a figure or a function */
    /* FORMULA_as: left is its own formula, or NULL; FORMULA_function: right is NULL if it takes one
     * argument */
    const struct formula *left, *right;
};

#endif
