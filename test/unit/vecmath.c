/* exp, log and the activations on vectors against libm in double, over all of their range. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/act.h"

/* One function, its oracle, and where its relative error is bounded: nearer to the ends of float
 * the results have less than its full precision. */
struct function {
    const char *name;
    netrt_vec (*approximate)(netrt_vec);
    double (*exact)(double);
    double low, high;
};

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double silu(double x)
{
    return x / (1 + exp(-x));
}

static double gelu(double x)
{
    return x / 2 * erfc(-x / sqrt(2));
}

#define VECTOR(name)                                                                               \
    static netrt_vec vector_##name(netrt_vec x)                                                    \
    {                                                                                              \
        return netrt_##name(x);                                                                    \
    }
VECTOR(exp)
VECTOR(exp_share)
VECTOR(log)
VECTOR(sigmoid)
VECTOR(tanh)
VECTOR(gelu)

static netrt_vec vector_silu(netrt_vec x)
{
    return netrt_act_silu(x, 0, 0);
}

static double elu(double x)
{
    return x < 0 ? expm1(x) : x;
}

static double mish(double x)
{
    return x * tanh(log1p(exp(x)));
}

static double softplus(double x)
{
    return x > 20 ? x : log1p(exp(x));
}

static double cube(double x)
{
    return x * x * x;
}

/* As a power that no products make. */
static double fifth_root(double x)
{
    return pow(x, (double)0.2f);
}

static double over_root(double x)
{
    return 1 / (x * sqrt(x));
}

#define VECTOR_ACT(name, act, a, b)                                                                \
    static netrt_vec vector_##name(netrt_vec x)                                                    \
    {                                                                                              \
        return netrt_act_##act(x, a, b);                                                           \
    }
VECTOR_ACT(elu, elu, 1, 0)
VECTOR_ACT(mish, mish, 0, 0)
VECTOR_ACT(softplus, softplus, 1, 20)
VECTOR_ACT(exp_all, exp, 0, 0)
VECTOR_ACT(log_all, log, 0, 0)
VECTOR_ACT(sqrt, sqrt, 0, 0)
VECTOR_ACT(cube, pow, 3, 0)
VECTOR_ACT(fifth_root, pow, 0.2f, 0)
VECTOR_ACT(over_root, pow, -1.5f, 0)

/* The first lane of a function of x in all lanes. */
static float at(const struct function *f, float x)
{
    float lanes[NETRT_VL];
    netrt_store(lanes, f->approximate(netrt_all(x)));
    return lanes[0];
}

/* The greater error; NaN is greater than all. */
static double greater(double most, double error)
{
    return error <= most || isnan(most) ? most : error;
}

/* The worst error over a fine grid, in units of 1e-6 of the value (at least 1e-30). */
static double worst(const struct function *f)
{
    enum { STEPS = 200000 };
    double most = 0;
    for (int i = 0; i <= STEPS; i++) {
        const float x = (float)(f->low + (f->high - f->low) * i / STEPS);
        const double exact = f->exact((double)x);
        most = greater(most, fabs((double)at(f, x) - exact) / fmax(fabs(exact), 1e-30));
    }
    return most / 1e-6;
}

/* Small arguments, where the value is small too. */
static double worst_near_zero(const struct function *f)
{
    double most = 0;
    for (double x = 1e-30; x < 1; x *= 1.01)
        for (int sign = -1; sign <= 1; sign += 2) {
            const float y = (float)(sign * x);
            const double exact = f->exact((double)y);
            most = greater(most, fabs((double)at(f, y) - exact) / fabs(exact));
        }
    return most / 1e-6;
}

/* NaN stays NaN, and nothing else becomes it. */
static int ends_well(const struct function *f)
{
    const float huge[] = {-1e30f, -1000, 1000, 1e30f};
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++)
        if (isnan(at(f, huge[i])))
            return 0;
    return isnan(at(f, NAN));
}

/* The worst error over a geometric grid; zero and what is below, infinity and NaN as libm has them.
 */
static int check_positive(const struct function *f)
{
    const float ends[] = {0, -1, INFINITY, NAN};
    double most = 0;
    for (double x = f->low; x < f->high; x *= 1.0001) {
        const double exact = f->exact((double)(float)x);
        most = fmax(most, fabs((double)at(f, (float)x) - exact) / fmax(fabs(exact), 1e-30));
    }
    int good = most < 2e-6;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const float got = at(f, ends[i]), want = (float)f->exact((double)ends[i]);
        good &= isnan(want) ? isnan(got) : got == want;
    }
    printf("%s %s: relative error %.2fe-6\n", good ? "ok" : "FAIL", f->name, most / 1e-6);
    return !good;
}

/* A share is a normal float or 0. */
static int check_shares(void)
{
    static const struct function share = {.approximate = vector_exp_share};
    const int good = at(&share, -87.01f) == 0 && at(&share, -100) == 0 &&
                     at(&share, -INFINITY) == 0 && isnormal(at(&share, -87));
    puts(good ? "ok shares" : "FAIL shares");
    return !good;
}

/* Where the results leave floats. */
static int check_ends(void)
{
    static const struct function all = {.approximate = vector_exp_all},
                                 cube_of = {.approximate = vector_cube};
    const int good = at(&all, 89) == INFINITY && at(&all, -1000) == 0 &&
                     at(&all, INFINITY) == INFINITY && at(&all, -INFINITY) == 0 &&
                     at(&cube_of, -2) == -8 && at(&cube_of, 0) == 0;
    puts(good ? "ok ends" : "FAIL ends");
    return !good;
}

int main(void)
{
    static const struct function functions[] = {
        {"exp", vector_exp, exp, -86, 87},
        {"sigmoid", vector_sigmoid, sigmoid, -86, 100},
        {"tanh", vector_tanh, tanh, -20, 20},
        {"gelu", vector_gelu, gelu, -5, 30},
        {"silu", vector_silu, silu, -60, 100},
        {"log", vector_log, log, 1e-3, 1e4},
        {"elu", vector_elu, elu, -80, 100},
        {"mish", vector_mish, mish, -60, 100},
        {"softplus", vector_softplus, softplus, -86, 100},
        {"exp of all", vector_exp_all, exp, -87, 88.7},
        {"exp of shares", vector_exp_share, exp, -86, 87},
    };
    /* What is defined above zero alone. */
    static const struct function positive[] = {
        {"log of all", vector_log_all, log, 1e-40, 1e38},
        {"sqrt", vector_sqrt, sqrt, 1e-40, 1e38},
        {"pow 0.2", vector_fifth_root, fifth_root, 1e-15, 1e15},
        {"pow 3", vector_cube, cube, 1e-10, 1e12},
        {"pow -1.5", vector_over_root, over_root, 1e-15, 1e15},
    };
    int failures = 0;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        const struct function *f = &functions[i];
        const int is_log = f->exact == log;
        const double error = worst(f), near_zero = is_log ? 0 : worst_near_zero(f);
        const int good = error < 2 && near_zero < 2 && (is_log || ends_well(f));
        printf("%s %s: relative error %.2fe-6, near zero %.2fe-6\n", good ? "ok" : "FAIL", f->name,
               error, near_zero);
        failures += !good;
    }
    for (size_t i = 0; i < sizeof positive / sizeof positive[0]; i++)
        failures += check_positive(&positive[i]);
    return failures + check_shares() + check_ends() > 0;
}
