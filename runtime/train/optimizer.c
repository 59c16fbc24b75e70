#include "optimizer.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    int states;
    double lr, weight_decay;
} rows[NETRT_N_OPTIMIZERS] = {
#define OPTIMIZER(name, states, lr, weight_decay, doc) {#name, states, lr, weight_decay},
#include "optimizers.def"
};

enum netrt_optimizer netrt_optimizer_find(const char *name)
{
    int i = 0;
    while (i < NETRT_N_OPTIMIZERS && strcmp(rows[i].name, name) != 0)
        i++;
    return (enum netrt_optimizer)i;
}

void netrt_optimizer_names(char *text, size_t size)
{
    *text = 0;
    for (int i = 0; i < NETRT_N_OPTIMIZERS; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, size - n, "%s%s", i ? ", " : "", rows[i].name);
    }
}

void netrt_optimizing_init(struct netrt_optimizing *o, enum netrt_optimizer optimizer)
{
    *o = (struct netrt_optimizing){.optimizer = optimizer,
                                   .lr = rows[optimizer].lr,
                                   .weight_decay = rows[optimizer].weight_decay};
}

int netrt_optimizer_states(enum netrt_optimizer o)
{
    return rows[o].states;
}

typedef void step_function(const struct netrt_optimizing *, float *param, const float *gradient,
                           float *state, long n);

/* The first gradient is the first momentum. */
static void step_sgd(const struct netrt_optimizing *o, float *param, const float *gradient,
                     float *state, long n)
{
    const float lr = (float)o->lr, decay = (float)o->weight_decay, momentum = (float)o->momentum;
    for (long i = 0; i < n; i++) {
        float g = gradient[i] + decay * param[i];
        if (o->momentum > 0) {
            state[i] = o->step == 1 ? g : momentum * state[i] + g;
            g = o->nesterov ? g + momentum * state[i] : state[i];
        }
        param[i] -= lr * g;
    }
}

/* The two kinds of Adam differ in where weights decay. */
static void step_either(const struct netrt_optimizing *o, float *param, const float *gradient,
                        float *state, long n, float decay, float kept)
{
    const double beta1 = 0.9, beta2 = 0.999;
    const double first = 1 - pow(beta1, (double)o->step), second = 1 - pow(beta2, (double)o->step);
    const float size = (float)(o->lr / first), root = (float)sqrt(second), eps = 1e-8f;
    const float share1 = (float)(1 - beta1), share2 = (float)(1 - beta2);
    float *mean = state, *square = state + n;
    for (long i = 0; i < n; i++) {
        const float g = gradient[i] + decay * param[i];
        mean[i] += (g - mean[i]) * share1;
        square[i] = (float)beta2 * square[i] + share2 * g * g;
        param[i] = param[i] * kept - size * (mean[i] / (sqrtf(square[i]) / root + eps));
    }
}

static void step_adam(const struct netrt_optimizing *o, float *param, const float *gradient,
                      float *state, long n)
{
    step_either(o, param, gradient, state, n, (float)o->weight_decay, 1);
}

static void step_adamw(const struct netrt_optimizing *o, float *param, const float *gradient,
                       float *state, long n)
{
    step_either(o, param, gradient, state, n, 0, (float)(1 - o->lr * o->weight_decay));
}

static void step_rmsprop(const struct netrt_optimizing *o, float *param, const float *gradient,
                         float *state, long n)
{
    const float lr = (float)o->lr, decay = (float)o->weight_decay, momentum = (float)o->momentum;
    const float alpha = 0.99f, share = (float)(1 - 0.99), eps = 1e-8f;
    float *square = state, *buffer = state + n;
    for (long i = 0; i < n; i++) {
        const float g = gradient[i] + decay * param[i];
        square[i] = alpha * square[i] + share * g * g;
        const float way = g / (sqrtf(square[i]) + eps);
        buffer[i] = o->momentum > 0 ? momentum * buffer[i] + way : way;
        param[i] -= lr * buffer[i];
    }
}

void netrt_optimizing_step(const struct netrt_optimizing *o, float *param, const float *gradient,
                           float *state, long n)
{
    static step_function *const steps[NETRT_N_OPTIMIZERS] = {
#define OPTIMIZER(name, ...) step_##name,
#include "optimizers.def"
    };
    steps[o->optimizer](o, param, gradient, state, n);
}
