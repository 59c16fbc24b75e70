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
VECTOR(log)
VECTOR(sigmoid)
VECTOR(tanh)
VECTOR(gelu)

static netrt_vec vector_silu(netrt_vec x)
{
    return netrt_act_silu(x, 0);
}

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

int main(void)
{
    static const struct function functions[] = {
        {"exp", vector_exp, exp, -86, 87},     {"sigmoid", vector_sigmoid, sigmoid, -86, 100},
        {"tanh", vector_tanh, tanh, -20, 20},  {"gelu", vector_gelu, gelu, -5, 30},
        {"silu", vector_silu, silu, -60, 100}, {"log", vector_log, log, 1e-3, 1e4},
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
    return failures > 0;
}
