/* What a network is trained by, as the compiler writes it into a program for training. Fields are
 * called as the numbers of optimizers.def and schedules.def. */
#ifndef NETRT_CORE_RECIPE_H
#define NETRT_CORE_RECIPE_H

/* Elements of gradients that ranks sum at a time: 1 MiB. */
enum { NETRT_BUCKET = 1 << 18 };

enum netrt_optimizer_kind {
#define OPTIMIZER(name, ...) NETRT_OPTIMIZER_##name,
#define NUMBER(...)
#include "optimizers.def"
    NETRT_N_OPTIMIZERS
};

enum netrt_schedule_kind {
#define SCHEDULE(name, ...) NETRT_SCHEDULE_##name,
#define NUMBER(...)
#include "schedules.def"
    NETRT_N_SCHEDULES
};

struct netrt_optimizer {
    enum netrt_optimizer_kind kind;
    double lr, momentum, dampening, weight_decay, bias_weight_decay, norm_weight_decay;
    double beta1, beta2, alpha, eps;
    int nesterov;
};

struct netrt_milestones {
    long n, at[6];
};

struct netrt_schedule {
    enum netrt_schedule_kind kind;
    struct netrt_milestones milestones;
    long warmup, T_max, total_iters;
    double start_factor, gamma, eta_min, power;
    double pct_start, div_factor, final_div_factor, base_momentum, max_momentum;
    int by_step, cycle_momentum;
};

enum netrt_augment_kind {
#define AUGMENT(name, ...) NETRT_AUGMENT_##name,
#define NUMBER(...)
#include "augment.def"
    NETRT_N_AUGMENTS
};

enum netrt_initial_kind {
#define INITIAL(name, ...) NETRT_INITIAL_##name,
#define NUMBER(...)
#include "initial.def"
    NETRT_N_INITIALS
};

/* Which size of a weight: the numbers that an output sums, or those that an input goes into. */
enum netrt_fan { NETRT_FAN_IN, NETRT_FAN_OUT };

/* What a parameter begins with, in place of what all others do. */
struct netrt_initial {
    int param; /* its number */
    enum netrt_initial_kind kind;
    enum netrt_fan mode;
    double a, b, gain, mean, std, val;
};

/* A step that changes pictures by chance, or mixes those of a run. */
struct netrt_augment {
    enum netrt_augment_kind kind;
    long padding, size;
    double p, min_scale, max_scale, min_ratio, brightness, contrast, saturation, hue, alpha;
};

struct netrt_recipe {
    struct netrt_optimizer optimizer;
    struct netrt_schedule schedule;
    int n_augment;
    const struct netrt_augment *augment; /* in their order */
    int n_initials;
    const struct netrt_initial *initials;
    long epochs, accumulate;
    long ranks;  /* that normalize by the statistics of all their batches; 0: each by its own */
    double clip; /* the largest norm of all gradients; 0: any */
    const char *words; /* its settings, a line each */
    long classes;      /* that labels are numbers of; 0: they are none of cross entropy */
    long ignored;      /* the label that counts for nothing */
    double average;    /* the share that averaged weights keep at a step; 0: none are */
};

#endif
