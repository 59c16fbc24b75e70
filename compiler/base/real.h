/*
 * Real numbers that know their formulas, as quantities know theirs. What nobody said a number of is
 * NaN; its formula is the same.
 */
#ifndef NETC_BASE_REAL_H
#define NETC_BASE_REAL_H

#include "base/formula.h"

struct real {
    double value;
    const struct formula *formula;
};

/* A number that a formula has as such; and one that a name stands for, which is kept. */
struct real real_number(struct arena *, double);
struct real real_named(struct arena *, const char *name, double value);

/*
 * Numbers among the operands are computed, and stand in front of their product; what changes
 * nothing (+ 0, * 1) is left out; of two equal operands the sum is twice one, and the product its
 * square.
 */
struct real real_plus(struct arena *, struct real, struct real);
struct real real_minus(struct arena *, struct real, struct real);
struct real real_times(struct arena *, struct real, struct real);
struct real real_over(struct arena *, struct real, struct real);
/* To the power of a number. */
struct real real_power(struct arena *, struct real, double exponent);

/* A function of that name, which is kept, where its value is known: of one argument, and of two. */
struct real real_function(struct arena *, const char *name, double value, struct real);
struct real real_function2(struct arena *, const char *name, double value, struct real,
                           struct real);

/* How many numbers, names and functions a formula has; `most` where it is more. */
int real_terms(struct real, int most);

#endif
