#include "optimizer.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    int states;
} rows[NETRT_N_OPTIMIZERS] = {
#define OPTIMIZER(name, states, doc) {#name, states},
#define NUMBER(...)
#include "../core/optimizers.def"
};

enum netrt_optimizer_kind netrt_optimizer_find(const char *name)
{
    int i = 0;
    while (i < NETRT_N_OPTIMIZERS && strcmp(rows[i].name, name) != 0)
        i++;
    return (enum netrt_optimizer_kind)i;
}

void netrt_optimizer_names(char *text, size_t size)
{
    *text = 0;
    for (int i = 0; i < NETRT_N_OPTIMIZERS; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, size - n, "%s%s", i ? ", " : "", rows[i].name);
    }
}

struct netrt_optimizer netrt_optimizer_default(enum netrt_optimizer_kind kind)
{
    struct netrt_optimizer o = {.kind = kind};
#define OPTIMIZER(...)
#define NUMBER(optimizer, name, type, presence, value, least, doc)                                 \
    if (kind == NETRT_OPTIMIZER_##optimizer)                                                       \
        o.name = value;
#include "../core/optimizers.def"
    return o;
}

int netrt_optimizer_states(enum netrt_optimizer_kind o)
{
    return rows[o].states;
}

typedef void step_function(const struct netrt_optimizing *, float decay,
                           const struct netrt_piece *);

static void step_still(float lr, float decay, const struct netrt_piece *x)
{
    float *restrict param = x->param;
    const float *restrict gradient = x->gradient;
    const long n = x->n;
    for (long i = 0; i < n; i++)
        param[i] -= lr * (gradient[i] + decay * param[i]);
}

/* The first gradient is the first momentum. */
static void step_sgd(const struct netrt_optimizing *t, float decay, const struct netrt_piece *x)
{
    const struct netrt_optimizer *o = &t->numbers;
    const float lr = (float)o->lr, momentum = (float)o->momentum;
    const float kept = t->step == 1 ? 0 : momentum;
    const float taken = t->step == 1 ? 1 : (float)(1 - o->dampening);
    const int nesterov = o->nesterov;
    float *restrict param = x->param, *restrict state = x->state;
    const float *restrict gradient = x->gradient;
    const long n = o->momentum > 0 ? x->n : 0;
    if (!n)
        step_still(lr, decay, x);
    for (long i = 0; i < n; i++) {
        const float g = gradient[i] + decay * param[i];
        state[i] = kept * state[i] + taken * g;
        param[i] -= lr * (nesterov ? g + momentum * state[i] : state[i]);
    }
}

/* The two kinds of Adam differ in where weights decay. */
static void step_either(const struct netrt_optimizing *t, const struct netrt_piece *x, float decay,
                        float kept)
{
    const struct netrt_optimizer *o = &t->numbers;
    const double first = 1 - pow(o->beta1, (double)t->step),
                 second = 1 - pow(o->beta2, (double)t->step);
    const float size = (float)(o->lr / first), root = (float)sqrt(second), eps = (float)o->eps;
    const float share1 = (float)(1 - o->beta1), share2 = (float)(1 - o->beta2);
    const float beta2 = (float)o->beta2;
    float *restrict param = x->param, *restrict mean = x->state;
    float *restrict square = x->state + x->stride;
    const float *restrict gradient = x->gradient;
    const long n = x->n;
    for (long i = 0; i < n; i++) {
        const float g = gradient[i] + decay * param[i];
        mean[i] += (g - mean[i]) * share1;
        square[i] = beta2 * square[i] + share2 * g * g;
        param[i] = param[i] * kept - size * (mean[i] / (sqrtf(square[i]) / root + eps));
    }
}

static void step_adam(const struct netrt_optimizing *t, float decay, const struct netrt_piece *x)
{
    step_either(t, x, decay, 1);
}

static void step_adamw(const struct netrt_optimizing *t, float decay, const struct netrt_piece *x)
{
    step_either(t, x, 0, (float)(1 - t->numbers.lr * (double)decay));
}

static void step_rmsprop(const struct netrt_optimizing *t, float decay, const struct netrt_piece *x)
{
    const struct netrt_optimizer *o = &t->numbers;
    const float lr = (float)o->lr, momentum = (float)o->momentum, eps = (float)o->eps;
    const float alpha = (float)o->alpha, share = (float)(1 - o->alpha);
    float *restrict param = x->param, *restrict square = x->state;
    float *restrict buffer = x->state + x->stride;
    const float *restrict gradient = x->gradient;
    const long n = x->n;
    for (long i = 0; i < n; i++) {
        const float g = gradient[i] + decay * param[i];
        square[i] = alpha * square[i] + share * g * g;
        const float way = g / (sqrtf(square[i]) + eps);
        buffer[i] = momentum * buffer[i] + way; /* which is 0 where there is no momentum */
        param[i] -= lr * buffer[i];
    }
}

void netrt_optimizing_step(const struct netrt_optimizing *t, double decay,
                           const struct netrt_piece *x)
{
    static step_function *const steps[NETRT_N_OPTIMIZERS] = {
#define OPTIMIZER(name, ...) step_##name,
#define NUMBER(...)
#include "../core/optimizers.def"
    };
    steps[t->numbers.kind](t, (float)decay, x);
}
