/*
 * Which items of a function are a loop: calls and steps that follow each other and differ in their
 * weights alone, these at even distances. Buffers have their addresses by now, and blocks in a row
 * mostly use the same ones in turn.
 */
#include "roll/rolling.h"

enum { MOST_ITEMS = 4, LEAST_TIMES = 3 }; /* of a loop */

/* The functions that the program runs once: called once, by such a one. */
static void mark_once(struct plan *plan)
{
    for (size_t i = plan->functions.n; i-- > 0;) { /* callers stand behind */
        const struct plan_function *f = &plan->functions.at[i];
        for (size_t k = 0; k < f->items.n; k++) {
            struct plan_function *callee = &plan->functions.at[f->items.at[k].function];
            if (f->items.at[k].kind == ITEM_CALL)
                callee->once = f->once && callee->instances == 1;
        }
    }
}

/* ---- loops ---- */

/* How far weights of an item lie from those of the item that it repeats. */
struct shift {
    const struct plan *plan;
    bool once, known;
    int64_t bytes;
};

static bool same_shift(struct shift *shift, int a, int b)
{
    const int64_t bytes = (int64_t)shift->plan->packed.at[b].layout.offset -
                          (int64_t)shift->plan->packed.at[a].layout.offset;
    if (!shift->known)
        shift->bytes = bytes;
    shift->known = true;
    return shift->bytes == bytes;
}

static bool same_operand(struct shift *shift, const struct operand *a, const struct operand *b)
{
    if (a->offset != b->offset)
        return false;
    if (a->place == PLACE_packed && b->place == PLACE_packed)
        return same_shift(shift, a->index, b->index);
    return (a->place == PLACE_packed) == (b->place == PLACE_packed) &&
           plan_place(shift->plan, shift->once, a) == plan_place(shift->plan, shift->once, b);
}

static bool repeats_step(struct shift *shift, const struct plan_step *a, const struct plan_step *b)
{
    bool same = a->task == b->task;
    for (int i = 0; i < N_ARGS && same; i++)
        same = same_operand(shift, &a->arg[i], &b->arg[i]);
    return same;
}

static bool repeats_item(struct shift *shift, const struct plan_item *a, const struct plan_item *b)
{
    const struct plan *plan = shift->plan;
    const int n = plan_item_steps(plan, a);
    bool same = a->kind == b->kind && a->function == b->function;
    for (int i = 0; i < n && same; i++)
        same = repeats_step(shift, &plan->steps.at[a->step + i], &plan->steps.at[b->step + i]);
    return same;
}

/* How often the `period` items from number `first` follow each other, and at which distance in
 * bytes their weights do. */
static size_t count_times(const struct plan *plan, const struct plan_function *f, size_t first,
                          size_t period, int64_t *stride)
{
    struct shift shift = {.plan = plan, .once = f->once};
    size_t i = first;
    while (i + period < f->items.n &&
           repeats_item(&shift, &f->items.at[i], &f->items.at[i + period]))
        i++;
    *stride = shift.bytes;
    return (i - first) / period + 1;
}

static void find_loop(const struct plan *plan, const struct plan_function *f, size_t first,
                      struct plan_item *item)
{
    size_t saved = 0;
    for (size_t period = 1; period <= MOST_ITEMS; period++) {
        int64_t stride;
        const size_t times = count_times(plan, f, first, period, &stride);
        if (times < LEAST_TIMES || (times - 1) * period <= saved)
            continue;
        saved = (times - 1) * period;
        item->times = (int)times;
        item->period = (int)period;
        item->stride = stride;
    }
}

/* Keeps the first time of each loop. */
static void find_loops(const struct plan *plan, struct plan_function *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->items.n;) {
        struct plan_item item = f->items.at[i];
        find_loop(plan, f, i, &item);
        const size_t period = (size_t)item.period, times = (size_t)item.times;
        for (size_t k = 0; k < period; k++)
            f->items.at[kept + k] = f->items.at[i + k];
        f->items.at[kept] = item;
        kept += period;
        i += period * times;
    }
    f->items.n = kept;
}

void roll_loops(struct plan *plan)
{
    mark_once(plan);
    for (size_t i = 0; i < plan->functions.n; i++)
        find_loops(plan, &plan->functions.at[i]);
}
