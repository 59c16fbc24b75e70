/* Schedules beside PyTorch's: their learning rates, and the momentum of a cycle. */
#include "check.h"
#include "runtime/train/schedule.h"

#include <math.h>

enum { TOTAL = 12 };

#include "golden_schedule.h"

static int near(double got, double wanted)
{
    return fabs(got - wanted) <= 1e-9 * fabs(wanted) + 1e-15;
}

/* By epochs or by steps, whatever the other is. */
static void compare(struct check *c, size_t i, int by_step)
{
    struct netrt_recipe recipe = {.optimizer = {.lr = 0.1, .momentum = 0.9},
                                  .schedule = golden[i].schedule};
    recipe.schedule.by_step = by_step;
    const int steps = by_step || recipe.schedule.kind == NETRT_SCHEDULE_one_cycle;
    for (long t = 0; t < TOTAL; t++) {
        const struct netrt_stand at = {.step = steps ? t : 7 * t,
                                       .steps = steps ? TOTAL : 7 * TOTAL,
                                       .epoch = steps ? t / 3 : t,
                                       .epochs = steps ? TOTAL / 3 : TOTAL};
        const struct netrt_optimizer now = netrt_schedule_now(&recipe, &at);
        CHECK(c, near(now.lr, golden[i].lr[t]));
        CHECK(c, near(now.momentum, golden[i].momentum[t]));
    }
}

int main(void)
{
    struct check c = {0};
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
        for (int by_step = 0; by_step < 2; by_step++)
            compare(&c, i, by_step);
    return check_end(&c);
}
