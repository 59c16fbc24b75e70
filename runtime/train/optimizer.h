/* A step of an optimizer over one parameter. */
#ifndef NETRT_TRAIN_OPTIMIZER_H
#define NETRT_TRAIN_OPTIMIZER_H

#include <stdbool.h>
#include <stdio.h>

enum netrt_optimizer {
#define OPTIMIZER(name, ...) NETRT_OPTIMIZER_##name,
#include "optimizers.def"
    NETRT_N_OPTIMIZERS
};

/* The optimizer of that name; NETRT_N_OPTIMIZERS: there is none. */
enum netrt_optimizer netrt_optimizer_find(const char *name);
/* All names: "sgd, adam, …". */
void netrt_optimizer_names(char *text, size_t size);

struct netrt_optimizing {
    enum netrt_optimizer optimizer;
    double lr, weight_decay, momentum;
    bool nesterov;
    long step; /* counted from 1 */
};

/* Those of the optimizer, of lr and weight_decay. */
void netrt_optimizing_init(struct netrt_optimizing *, enum netrt_optimizer);
/* Tensors that it keeps of each parameter. */
int netrt_optimizer_states(enum netrt_optimizer);
/* Changes n elements of a parameter by its gradient; `state`: states x n elements, at first 0. */
void netrt_optimizing_step(const struct netrt_optimizing *, float *param, const float *gradient,
                           float *state, long n);

#endif
