/*
 * Which rows are there (chosen.c), as numbers that flow. What is not there is kept from being the
 * largest, or one of the best, by a number that is added to it.
 */
#include "onnx/chosen.h"

enum { MOST_CHOICES = 64 };

static bool there(struct call *, const struct chosen *, int depth, struct flow *);

/* How many are there, less the number of each from 0 on: what is found comes first. */
static bool counted(struct call *c, const struct chosen *of, struct flow *out)
{
    struct import *s = c->import;
    struct node *counter = of->counter;
    struct attrs a;
    struct flow numbers;
    void *elements;
    struct constant *k = constant_new(s->arena, &s->budget, DTYPE_f32, 1, &of->n, &elements);
    for (int64_t i = 0; k && i < of->n; i++)
        constant_put_real(k, elements, i, (double)i);
    attrs_init(&a, OP_result);
    a.index = op_find_result(OP_nms, "count");
    *out = (struct flow){k ? make(c, OP_result, &a, &counter, 1, NULL, 0) : NULL, 1};
    if (!k)
        return give_constant(c, NULL);
    return out->node && flow_floats(c, *out, out) && flow_of_constant(c, k, 2, &numbers) &&
           flow_join_two(c, OP_sub, *out, numbers, out);
}

/* The same so many times for each row. */
static bool repeated(struct call *c, const struct chosen *of, int depth, struct flow *out)
{
    const int64_t one[2] = {of->of->n, 1}, each[2] = {of->of->n, of->times};
    struct datum all;
    if (!there(c, of->of, depth + 1, out) || !flow_reshape(c, *out, 2, one, out))
        return false;
    const struct datum rows = datum_of_flow(*out);
    return datum_spread(c, &rows, 2, each, &all) && flow_reshape(c, all.flow, 1, &of->n, out);
}

static bool joined(struct call *c, const struct chosen *of, int depth, struct flow *out)
{
    struct arena *arena = c->import->arena;
    struct datum *parts = arena_array(arena, (size_t)of->n_parts, sizeof *parts), all;
    const struct datum **list = arena_array(arena, (size_t)of->n_parts, sizeof *list);
    for (int i = 0; i < of->n_parts; i++) {
        struct flow f;
        if (!there(c, of->parts[i], depth + 1, &f))
            return false;
        parts[i] = datum_of_flow(f);
        list[i] = &parts[i];
    }
    if (!datum_concat(c, list, of->n_parts, 0, &all))
        return false;
    *out = all.flow;
    return true;
}

bool flow_of_mask(struct call *c, const struct chosen *of, struct flow *out)
{
    struct flow bound;
    return flow_number(c, of->above, 1, &bound) && flow_join_two(c, OP_sub, of->scores, bound, out);
}

static bool compute(struct call *c, const struct chosen *of, int depth, struct flow *out)
{
    struct flow around;
    if (depth > MOST_CHOICES)
        return call_lacks(c, "more than %d choices one after the other", MOST_CHOICES);
    if (!(of->counter       ? counted(c, of, out)
          : of->of          ? repeated(c, of, depth, out)
          : of->scores.node ? flow_of_mask(c, of, out)
                            : joined(c, of, depth, out)))
        return false;
    return !of->among || (there(c, of->among, depth + 1, &around) &&
                          flow_join_two(c, OP_minimum, *out, around, out));
}

/* Computed once. */
static bool there(struct call *c, const struct chosen *of, int depth, struct flow *out)
{
    struct import *s = c->import;
    struct flow *kept = map_get(&s->there, of);
    if (!kept) {
        if (!compute(c, of, depth, out))
            return false;
        kept = arena_new_of(s->arena, struct flow);
        *kept = *out;
        map_put(&s->there, of, kept);
    }
    *out = *kept;
    return true;
}

/* 0 for each row that is there, and a number below all others for those that are not. */
static bool penalty(struct call *c, const struct chosen *of, struct flow *out)
{
    struct flow one;
    return there(c, of, 0, out) && flow_step(c, *out, out) && flow_number(c, 1, 1, &one) &&
           flow_join_two(c, OP_sub, *out, one, out) && flow_scale(c, *out, 0x1p126, out);
}

bool flow_if_there(struct call *c, struct flow f, const struct choice *rows, struct flow *out)
{
    const int rank = flow_rank(f);
    int64_t dim[CONSTANT_RANK];
    struct flow less;
    for (int i = 0; i < rank; i++)
        dim[i] = i == rank - rows->from_end ? rows->chosen->n : 1;
    return penalty(c, rows->chosen, &less) && flow_reshape(c, less, rank, dim, &less) &&
           flow_join_two(c, OP_add, f, less, out);
}
