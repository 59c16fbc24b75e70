/*
 * What functions get and what they are given: a parameter for each place that a function's steps
 * touch, in the order of first use, and which of its own the caller hands to each item.
 */
#include "base/map.h"
#include "roll/rolling.h"

/* ---- what a run of steps touches ---- */

struct touched {
    struct plan_param param;
    int last; /* of what lies there: its number */
};

struct run {
    const struct plan *plan;
    struct arena *scratch;
    bool once; /* buffers at one address are one place */
    VEC(struct touched) touched;
    struct map number; /* by plan_place(): of what is touched there, + 1 */
    int64_t weights;   /* byte offset of the first packed tensor, or -1 */
};

static struct run run_of_nothing(const struct plan *plan, struct arena *scratch, bool once)
{
    return (struct run){.plan = plan,
                        .scratch = scratch,
                        .once = once,
                        .number = {.arena = scratch},
                        .weights = -1};
}

/* The number of the place of an operand; -1: it has none, or is not touched. */
static int number_of(const struct run *run, const struct operand *o)
{
    return (int)(intptr_t)map_get(&run->number, plan_place(run->plan, run->once, o)) - 1;
}

static void touch_place(struct run *run, const struct operand *o, bool written)
{
    const int number = number_of(run, o);
    if (number < 0) {
        const struct plan_param param = {.at = *o, .n = 1, .written = written};
        VEC_PUSH(run->scratch, &run->touched, (struct touched){param, o->index});
        map_put(&run->number, plan_place(run->plan, run->once, o),
                (void *)(intptr_t)run->touched.n);
        return;
    }
    struct touched *known = &run->touched.at[number];
    known->param.written |= written;
    known->param.n += known->last != o->index;
    known->last = o->index;
}

static void touch_weights(struct run *run, int64_t offset)
{
    if (run->weights < 0 || offset < run->weights)
        run->weights = offset;
}

static void touch(struct run *run, const struct operand *o, bool written)
{
    if (plan_is_value(o))
        touch_place(run, o, written);
    else if (o->place == PLACE_packed)
        touch_weights(run, (int64_t)run->plan->packed.at[o->index].layout.offset);
}

static void touch_steps(struct run *run, int first, int n)
{
    for (int i = first; i < first + n; i++)
        for (int arg = 0; arg < N_ARGS; arg++)
            touch(run, &run->plan->steps.at[i].arg[arg], arg_is_written((enum arg)arg));
}

static struct run run_of_call(const struct plan *plan, struct arena *scratch,
                              const struct plan_item *item)
{
    const struct plan_function *callee = &plan->functions.at[item->function];
    struct run run = run_of_nothing(plan, scratch, callee->once);
    touch_steps(&run, item->step, callee->n_steps);
    return run;
}

/* The network names each buffer that its own steps and calls are given; its weights are all. */
static struct run run_of_network(const struct plan *plan, struct arena *scratch,
                                 const struct plan_function *f)
{
    struct run run = run_of_nothing(plan, scratch, false);
    for (size_t i = 0; i < f->items.n; i++) {
        const struct plan_item *item = &f->items.at[i];
        if (item->kind == ITEM_STEP) {
            touch_steps(&run, item->step, 1);
            continue;
        }
        const struct run inner = run_of_call(plan, scratch, item);
        for (size_t k = 0; k < inner.touched.n; k++)
            touch(&run, &inner.touched.at[k].param.at, true);
        if (inner.weights >= 0)
            touch_weights(&run, 0);
    }
    if (run.weights > 0)
        run.weights = 0;
    return run;
}

/* ---- parameters and arguments ---- */

static void decide_step(struct plan *plan, const struct run *run, struct plan_item *item)
{
    int *args = arena_array(plan->arena, N_ARGS, sizeof *args);
    for (int arg = 0; arg < N_ARGS; arg++)
        args[arg] = number_of(run, &plan->steps.at[item->step].arg[arg]);
    item->args = args;
}

static void decide_call(struct plan *plan, const struct run *run, struct plan_item *item)
{
    const struct run inner = run_of_call(plan, run->scratch, item);
    int *args = arena_array(plan->arena, inner.touched.n, sizeof *args);
    for (size_t i = 0; i < inner.touched.n; i++)
        args[i] = number_of(run, &inner.touched.at[i].param.at);
    item->args = args;
    item->weights = inner.weights;
}

static void decide(struct plan *plan, struct plan_function *f, const struct run *run)
{
    f->weights = run->weights;
    for (size_t i = 0; i < run->touched.n; i++)
        VEC_PUSH(plan->arena, &f->params, run->touched.at[i].param);
    for (size_t i = 0; i < f->items.n; i++) {
        struct plan_item *item = &f->items.at[i];
        if (item->kind == ITEM_STEP)
            decide_step(plan, run, item);
        else
            decide_call(plan, run, item);
    }
}

void roll_arguments(struct plan *plan, struct arena *scratch)
{
    for (size_t i = 0; i < plan->functions.n; i++) {
        struct plan_function *f = &plan->functions.at[i];
        struct arena *inside = arena_new_inside(scratch);
        struct run run = run_of_nothing(plan, inside, f->once);
        if (i + 1 < plan->functions.n)
            touch_steps(&run, f->first_step, f->n_steps);
        else
            run = run_of_network(plan, inside, f);
        decide(plan, f, &run);
        arena_free(inside);
    }
}
