/* Arithmetic on sizes: checked, and what the language lacks. */
#ifndef NETC_BASE_NUMBER_H
#define NETC_BASE_NUMBER_H

#include <stdint.h>

/* False on overflow. */
#define checked_add(a, b, result) (!__builtin_add_overflow((a), (b), (result)))
#define checked_mul(a, b, result) (!__builtin_mul_overflow((a), (b), (result)))

static inline int64_t int_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t int_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Of numbers that are not negative; gcd(a, 0) is a. */
static inline int64_t int_gcd(int64_t a, int64_t b)
{
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* What a number of the language is times for a suffix: K, M, G (powers of 1000), Ki, Mi, Gi (of
 * 1024), 1 for none; 0: there is no such suffix. */
int64_t number_factor(const char *suffix);

/* a / b, rounded down. */
static inline int64_t int_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

#endif
