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

const struct operand *plan_step_operand(const struct plan_step *s, int i)
{
    const struct operand *const operands[STEP_OPERANDS] = {
        &s->in, &s->other, &s->third, &s->fourth, &s->out, &s->more, &s->scratch};
    return operands[i];
}

static int packed_of(const struct operand *o)
{
    return o->place == PLACE_packed ? o->index : -1;
}

int plan_step_weight(const struct plan_step *s, int i)
{
    const int weights[STEP_WEIGHTS] = {s->weight,
                                       s->bias,
                                       s->first_weight,
                                       s->first_bias,
                                       packed_of(&s->in),
                                       packed_of(&s->other),
                                       packed_of(&s->third),
                                       packed_of(&s->fourth)};
    return weights[i];
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
