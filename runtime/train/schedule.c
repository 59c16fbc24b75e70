#include "schedule.h"

#include <math.h>

/* The rate after `t` of `total` epochs or steps. */
typedef double rate_function(const struct netrt_schedule *, double lr, long t, long total);

static double rate_constant(const struct netrt_schedule *s, double lr, long t, long total)
{
    (void)s, (void)t, (void)total;
    return lr;
}

static double rate_steps(const struct netrt_schedule *s, double lr, long t, long total)
{
    (void)total;
    for (long i = 0; i < s->milestones.n; i++)
        lr *= s->milestones.at[i] <= t ? s->gamma : 1;
    return lr;
}

static double rate_cosine(const struct netrt_schedule *s, double lr, long t, long total)
{
    const double wave = (double)t / (double)(s->T_max ? s->T_max : total);
    return s->eta_min + (lr - s->eta_min) * (1 + cos(M_PI * wave)) / 2;
}

static double rate_polynomial(const struct netrt_schedule *s, double lr, long t, long total)
{
    const double way = (double)t / (double)(s->total_iters ? s->total_iters : total);
    return lr * pow(way < 1 ? 1 - way : 0, s->power);
}

static double rate_exponential(const struct netrt_schedule *s, double lr, long t, long total)
{
    (void)total;
    return lr * pow(s->gamma, (double)t);
}

/* From a to b by half a wave of a cosine. */
static double annealed(double a, double b, double share)
{
    return b + (a - b) / 2 * (1 + cos(M_PI * share));
}

/* Of the cycle: first to top where it rises, top to last where it falls. */
static double cycled(const struct netrt_schedule *s, long t, long total, double first, double top,
                     double last)
{
    const double turn = s->pct_start * (double)total - 1, end = (double)total - 1;
    const double at = (double)t;
    if (at <= turn)
        return annealed(first, top, turn > 0 ? at / turn : 1);
    return annealed(top, last, end > turn ? (at - turn) / (end - turn) : 1);
}

static double rate_one_cycle(const struct netrt_schedule *s, double lr, long t, long total)
{
    const double first = lr / s->div_factor;
    return cycled(s, t, total, first, lr, first / s->final_div_factor);
}

static rate_function *const rates[NETRT_N_SCHEDULES] = {
#define SCHEDULE(name, ...) rate_##name,
#define NUMBER(...)
#include "../core/schedules.def"
};

/* As PyTorch's SequentialLR has it, what comes behind the warmup begins there at 0. */
static double rate_at(const struct netrt_schedule *s, double lr, long t, long total)
{
    if (t < s->warmup)
        return lr * (s->start_factor + (1 - s->start_factor) * (double)t / (double)s->warmup);
    const long left = total - s->warmup;
    return rates[s->kind](s, lr, t - s->warmup, left > 0 ? left : 1);
}

static void cycle_momentum(const struct netrt_schedule *s, struct netrt_optimizer *o, long t,
                           long total)
{
    const double now = cycled(s, t, total, s->max_momentum, s->base_momentum, s->max_momentum);
    const int adam = o->kind == NETRT_OPTIMIZER_adam || o->kind == NETRT_OPTIMIZER_adamw;
    *(adam ? &o->beta1 : &o->momentum) = now;
}

struct netrt_optimizer netrt_schedule_now(const struct netrt_recipe *r,
                                          const struct netrt_stand *at)
{
    const struct netrt_schedule *s = &r->schedule;
    const int cycle = s->kind == NETRT_SCHEDULE_one_cycle;
    struct netrt_optimizer o = r->optimizer;
    const int by_step = s->by_step || cycle;
    o.lr = rate_at(s, o.lr, by_step ? at->step : at->epoch, by_step ? at->steps : at->epochs);
    if (cycle && s->cycle_momentum)
        cycle_momentum(s, &o, at->step, at->steps);
    return o;
}
