/*
 * Long functions as calls of their parts: a C compiler takes time that grows with the square of
 * what a function does with addresses.
 */
#include "roll/rolling.h"

enum { MOST_ITEMS = 120 }; /* of a function: with them about as many parameters as C promises */

struct cutter {
    struct plan *plan;
    struct unique *names;
    VEC(struct plan_function) functions; /* cut, callees before their callers */
};

static int step_after(const struct plan_function *f, size_t item)
{
    return item < f->items.n ? f->items.at[item].step : f->first_step + f->n_steps;
}

/* Items after number `first`, the times of a loop in one part. */
static size_t end_of_part(const struct plan_function *f, size_t first)
{
    size_t end = first;
    do
        end += (size_t)f->items.at[end].period;
    while (end < f->items.n && end + (size_t)f->items.at[end].period <= first + MOST_ITEMS);
    return end;
}

/* Items first .. end - 1 of `f` as a function, and the call of it. */
static struct plan_item cut_part(struct cutter *c, const struct plan_function *f, size_t first,
                                 size_t end)
{
    struct arena *arena = c->plan->arena;
    struct plan_function part = *f;
    part.name = unique_add(c->names, arena_printf(arena, "%s_part", f->name), NULL, NULL);
    part.of = f->name;
    part.first_step = f->items.at[first].step;
    part.n_steps = step_after(f, end) - part.first_step;
    part.items.at = f->items.at + first;
    part.items.n = part.items.capacity = end - first;
    VEC_PUSH(arena, &c->functions, part);
    return (struct plan_item){.kind = ITEM_CALL,
                              .step = part.first_step,
                              .function = (int)c->functions.n - 1,
                              .times = 1,
                              .period = 1};
}

static void cut(struct cutter *c, struct plan_function *f)
{
    const struct plan_function whole = *f;
    f->items.at = NULL;
    f->items.n = f->items.capacity = 0;
    for (size_t i = 0, end; i < whole.items.n; i = end) {
        end = end_of_part(&whole, i);
        VEC_PUSH(c->plan->arena, &f->items, cut_part(c, &whole, i, end));
    }
}

void roll_split(struct plan *plan, struct arena *scratch, struct unique *names)
{
    struct cutter c = {.plan = plan, .names = names};
    int *number = arena_array(scratch, plan->functions.n, sizeof *number); /* after the cut */
    for (size_t i = 0; i < plan->functions.n; i++) {
        struct plan_function f = plan->functions.at[i];
        for (size_t k = 0; k < f.items.n; k++)
            if (f.items.at[k].kind == ITEM_CALL)
                f.items.at[k].function = number[f.items.at[k].function];
        while (f.items.n > MOST_ITEMS)
            cut(&c, &f);
        number[i] = (int)c.functions.n;
        VEC_PUSH(plan->arena, &c.functions, f);
    }
    plan->functions.at = c.functions.at;
    plan->functions.n = c.functions.n;
    plan->functions.capacity = c.functions.capacity;
}
