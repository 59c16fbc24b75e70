/* A step of an optimizer over one parameter. */
#ifndef NETRT_TRAIN_OPTIMIZER_H
#define NETRT_TRAIN_OPTIMIZER_H

#include "../core/recipe.h"

#include <stdio.h>

/* The optimizer of that name; NETRT_N_OPTIMIZERS: there is none. */
enum netrt_optimizer_kind netrt_optimizer_find(const char *name);
/* All names: "sgd, adam, …". */
void netrt_optimizer_names(char *text, size_t size);
/* The optimizer's default numbers. */
struct netrt_optimizer netrt_optimizer_default(enum netrt_optimizer_kind);
/* Tensors that it keeps of each parameter. */
int netrt_optimizer_states(enum netrt_optimizer_kind);

/* The numbers of a step: lr and momentum as they are now. `step` is counted from 1. */
struct netrt_optimizing {
    struct netrt_optimizer numbers;
    long step;
};
/* Some elements of a parameter, their gradient, and what the optimizer keeps of them: states
 * `stride` elements apart, at first 0. */
struct netrt_piece {
    float *param;
    const float *gradient;
    float *state;
    long stride, n;
};
/* Changes them, of a parameter of that weight decay. */
void netrt_optimizing_step(const struct netrt_optimizing *, double decay,
                           const struct netrt_piece *);

#endif
