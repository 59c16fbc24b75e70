/* Activations and their derivatives, as formulas. */
#include "report/elements.h"

#include <math.h>

static struct real number(struct arena *arena, double value)
{
    return real_number(arena, value);
}

static struct real sigmoid(struct arena *arena, struct real x)
{
    return real_function(arena, "sigmoid", 1 / (1 + exp(-x.value)), x);
}

static struct real tangent(struct arena *arena, struct real x)
{
    return real_function(arena, "tanh", tanh(x.value), x);
}

/* 1 where x is positive, else 0. */
static struct real step(struct arena *arena, struct real x)
{
    return real_function(arena, "step", isnan(x.value) ? x.value : x.value > 0, x);
}

static struct real exponential(struct arena *arena, struct real x)
{
    return real_function(arena, "exp", exp(x.value), x);
}

static struct real complement(struct arena *arena, struct real y)
{
    return real_minus(arena, number(arena, 1), y);
}

/* ---- by activation ---- */

static struct real none_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arena, (void)arg;
    return x;
}

static struct real none_slope(struct arena *arena, const double arg[2], struct real x,
                              struct real y)
{
    (void)arg, (void)x, (void)y;
    return number(arena, 1);
}

static struct real relu_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return real_function(arena, "relu", x.value < 0 ? 0 : x.value, x);
}

static struct real relu_slope(struct arena *arena, const double arg[2], struct real x,
                              struct real y)
{
    (void)arg, (void)x;
    return step(arena, y);
}

static struct real leaky_relu_of(struct arena *arena, const double arg[2], struct real x)
{
    return real_function2(arena, "leaky_relu", x.value < 0 ? arg[0] * x.value : x.value, x,
                          number(arena, arg[0]));
}

/* a, and 1 - a more where x is positive. */
static struct real leaky_relu_slope(struct arena *arena, const double arg[2], struct real x,
                                    struct real y)
{
    (void)y;
    return real_plus(arena, number(arena, arg[0]),
                     real_times(arena, number(arena, 1 - arg[0]), step(arena, x)));
}

static struct real sigmoid_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return sigmoid(arena, x);
}

static struct real sigmoid_slope(struct arena *arena, const double arg[2], struct real x,
                                 struct real y)
{
    (void)arg, (void)x;
    return real_times(arena, y, complement(arena, y));
}

static struct real tanh_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return tangent(arena, x);
}

static struct real tanh_slope(struct arena *arena, const double arg[2], struct real x,
                              struct real y)
{
    (void)arg, (void)x;
    return complement(arena, real_times(arena, y, y));
}

static struct real silu_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return real_times(arena, x, sigmoid(arena, x));
}

/* With s = sigmoid(x): s (1 + x (1 - s)). */
static struct real silu_slope(struct arena *arena, const double arg[2], struct real x,
                              struct real y)
{
    const struct real s = sigmoid(arena, x);
    (void)arg, (void)y;
    return real_times(
        arena, s, real_plus(arena, number(arena, 1), real_times(arena, x, complement(arena, s))));
}

/* Of what is above the threshold, x, the formula is this one too: there they are equal in
 * float32. */
static struct real softplus_of(struct arena *arena, const double arg[2], struct real x)
{
    const struct real beta = number(arena, arg[0]);
    const struct real sum =
        real_plus(arena, number(arena, 1), exponential(arena, real_times(arena, beta, x)));
    return real_over(arena, real_function(arena, "log", log(sum.value), sum), beta);
}

static struct real softplus_slope(struct arena *arena, const double arg[2], struct real x,
                                  struct real y)
{
    (void)y;
    return sigmoid(arena, real_times(arena, number(arena, arg[0]), x));
}

static struct real exp_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return exponential(arena, x);
}

static struct real exp_slope(struct arena *arena, const double arg[2], struct real x, struct real y)
{
    (void)arena, (void)arg, (void)x;
    return y;
}

static struct real log_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return real_function(arena, "log", log(x.value), x);
}

static struct real log_slope(struct arena *arena, const double arg[2], struct real x, struct real y)
{
    (void)arg, (void)y;
    return real_over(arena, number(arena, 1), x);
}

static struct real sqrt_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return real_function(arena, "sqrt", sqrt(x.value), x);
}

static struct real sqrt_slope(struct arena *arena, const double arg[2], struct real x,
                              struct real y)
{
    (void)arg, (void)x;
    return real_over(arena, number(arena, 0.5), y);
}

static struct real abs_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return real_function(arena, "abs", fabs(x.value), x);
}

static struct real abs_slope(struct arena *arena, const double arg[2], struct real x, struct real y)
{
    const double sign = isnan(x.value) ? x.value : (x.value > 0) - (x.value < 0);
    (void)arg, (void)y;
    return real_function(arena, "sign", sign, x);
}

static struct real neg_of(struct arena *arena, const double arg[2], struct real x)
{
    (void)arg;
    return real_times(arena, number(arena, -1), x);
}

static struct real neg_slope(struct arena *arena, const double arg[2], struct real x, struct real y)
{
    (void)arg, (void)x, (void)y;
    return number(arena, -1);
}

static struct real pow_of(struct arena *arena, const double arg[2], struct real x)
{
    return real_power(arena, x, arg[0]);
}

static struct real pow_slope(struct arena *arena, const double arg[2], struct real x, struct real y)
{
    (void)y;
    return real_times(arena, number(arena, arg[0]), real_power(arena, x, arg[0] - 1));
}

/* ---- the table ---- */

/* An activation that has no row has no formulas. */
static const struct {
    struct real (*of)(struct arena *, const double arg[2], struct real x);
    struct real (*slope)(struct arena *, const double arg[2], struct real x, struct real y);
} activations[] = {
#define ACTIVATION(name) [NETRT_ACT_##name] = {name##_of, name##_slope}
    ACTIVATION(none), ACTIVATION(relu), ACTIVATION(leaky_relu), ACTIVATION(sigmoid),
    ACTIVATION(tanh), ACTIVATION(silu), ACTIVATION(softplus),   ACTIVATION(exp),
    ACTIVATION(log),  ACTIVATION(sqrt), ACTIVATION(abs),        ACTIVATION(neg),
    ACTIVATION(pow),
#undef ACTIVATION
};

bool elements_activation_has(enum netrt_act act)
{
    return (size_t)act < sizeof activations / sizeof *activations && activations[act].of;
}

struct real elements_activation(struct arena *arena, enum netrt_act act, const double arg[2],
                                struct real x)
{
    return activations[act].of(arena, arg, x);
}

struct real elements_derivative(struct arena *arena, enum netrt_act act, const double arg[2],
                                struct real x, struct real y)
{
    return activations[act].slope(arena, arg, x, y);
}
