/* What steps touch, and what is the same. */
#include "plan/plan.h"

#include <string.h>

bool packed_alike(const struct netrt_packed *a, const struct netrt_packed *b)
{
    return a->layout == b->layout && a->stored == b->stored && a->transposed == b->transposed &&
           a->oc == b->oc && a->ic == b->ic && a->kh == b->kh && a->kw == b->kw &&
           a->group_oc == b->group_oc && a->group_ic == b->group_ic && a->ic_block == b->ic_block &&
           a->tile_h == b->tile_h && a->tile_w == b->tile_w &&
           !memcmp(&a->taps, &b->taps, sizeof a->taps);
}

const char *arg_name(enum arg arg)
{
    static const char *const names[N_ARGS] = {
#define ARG(name, written, doc) #name,
#include "kernels/args.def"
    };
    return names[arg];
}

bool arg_is_written(enum arg arg)
{
    enum { no, yes };
    static const bool is_written[N_ARGS] = {
#define ARG(name, written, doc) written,
#include "kernels/args.def"
    };
    return is_written[arg];
}

bool plan_is_value(const struct operand *o)
{
    return o->place != PLACE_none && o->place != PLACE_packed;
}

const void *plan_place(const struct plan *plan, bool once, const struct operand *o)
{
    const bool at_address = o->place == PLACE_arena && once;
    const int64_t number = at_address ? plan->buffers.at[o->index].offset : o->index;
    /* the low bits, of which no place has all zero, say what is numbered */
    return plan_is_value(o) ? (const void *)((uintptr_t)number << 3 | o->place) : NULL;
}

int plan_item_steps(const struct plan *plan, const struct plan_item *item)
{
    return item->kind == ITEM_CALL ? plan->functions.at[item->function].n_steps : 1;
}

/* The item of a function that does a step of its first instance; the step becomes one of the first
 * time of the loop around. */
static const struct plan_item *item_of_step(const struct plan *plan, const struct plan_function *f,
                                            int *step)
{
    const struct plan_item *item = f->items.at;
    for (int steps = 0;; item += item->period, steps = 0) {
        for (int i = 0; i < item->period; i++)
            steps += plan_item_steps(plan, &item[i]);
        if (*step < item->step + item->times * steps) {
            *step = item->step + (*step - item->step) % steps;
            break;
        }
    }
    while (*step >= item->step + plan_item_steps(plan, item))
        item++;
    return item;
}

int plan_step_written(const struct plan *plan, int step)
{
    const struct plan_function *f = &plan->functions.at[plan->functions.n - 1];
    const struct plan_item *item = item_of_step(plan, f, &step);
    while (item->kind == ITEM_CALL) {
        f = &plan->functions.at[item->function];
        step += f->first_step - item->step;
        item = item_of_step(plan, f, &step);
    }
    return step;
}
