/* The learning rate of a step. */
#ifndef NETRT_TRAIN_SCHEDULE_H
#define NETRT_TRAIN_SCHEDULE_H

#include "../core/recipe.h"

/* Where training stands: steps and epochs done, and how many it will be. */
struct netrt_stand {
    long step, steps, epoch, epochs;
};

/* The optimizer's numbers as they are at the next step: lr, and where the schedule moves it,
 * momentum or beta1. */
struct netrt_optimizer netrt_schedule_now(const struct netrt_recipe *, const struct netrt_stand *);

#endif
