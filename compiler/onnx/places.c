/*
 * The positions where a mask is true (chosen.c), and what is taken by them. As all rows stay where
 * they are, a position is not computed: it stands for that of the row itself.
 */
#include "onnx/chosen.h"

#include <string.h>

/* A position of one dimension, as columns [1, n]; as rows behind a Transpose. */
bool chosen_positions(struct call *c)
{
    struct datum v = *c->in[0];
    v.choice.kind = CHOICE_positions;
    v.choice.rank = 2;
    v.choice.from_end = 1;
    return give_datum(c, v);
}

bool chosen_turned(struct call *c)
{
    struct datum v = *c->in[0];
    int64_t perm[CONSTANT_RANK];
    const int n = attribute_ints(c, "perm", perm, CONSTANT_RANK);
    if (v.choice.rank != 2 || n < 0 || (n && (n != 2 || perm[0] != 1 || perm[1] != 0)))
        return n >= 0 && chosen_lacks(c);
    v.choice.from_end = 3 - v.choice.from_end;
    return give_datum(c, v);
}

/* The only part of the dimension of 1. */
bool chosen_parted(struct call *c)
{
    const struct choice *of = &c->in[0]->choice;
    int axis;
    if (!operand_axis(c, of->rank, attribute_int(c, "axis", 0), &axis))
        return false;
    return of->rank == 2 && axis == of->from_end - 1 && c->n_out == 1 ? give_datum(c, *c->in[0])
                                                                      : chosen_lacks(c);
}

/* With dimensions of 1 behind that of positions. */
bool chosen_raised(struct call *c)
{
    struct datum v = *c->in[0];
    int64_t dim[CONSTANT_RANK];
    const int n = operand_ints(c, 1, "shape", dim, CONSTANT_RANK);
    bool fits = n > 0 && v.choice.rank == 1 && dim[0] == -1;
    for (int i = 1; i < n; i++)
        fits = fits && dim[i] == 1;
    v.choice.rank = v.choice.from_end = n;
    return fits ? give_datum(c, v) : n >= 0 && chosen_lacks(c);
}

/* The same positions for all others in the dimensions behind. */
bool chosen_spread(struct call *c)
{
    struct datum v = *c->in[0];
    const struct choice *shape = operand_given(c, 1) ? &c->in[1]->choice : NULL;
    if (!shape || shape->kind != CHOICE_shape || shape->chosen != v.choice.chosen ||
        v.choice.from_end != v.choice.rank || shape->from_end != v.choice.rank ||
        constant_elements(c->in[1]->constant) != v.choice.rank)
        return chosen_lacks(c);
    return give_datum(c, v);
}

static bool is_zero(const struct datum *v)
{
    double value;
    return v->kind == DATUM_constant && constant_uniform(v->constant, &value) && value == 0;
}

/* Data where a mask of 0 and 1 is 0, that flows; of zeros nothing needs to be kept. */
static bool add_others(struct call *c, struct flow mask, struct flow *out)
{
    struct flow one, data;
    return is_zero(c->in[0]) ||
           (flow_number(c, 1, flow_rank(mask), &one) &&
            flow_join_two(c, OP_sub, one, mask, &mask) && operand_flow(c, 0, &data) &&
            flow_join_two(c, OP_mul, data, mask, &data) &&
            flow_join_two(c, OP_add, *out, data, out));
}

/* Rows take the place of those that they were chosen from. */
static bool put_rows(struct call *c, const struct chosen *chosen, struct flow *out)
{
    struct flow mask, updates;
    int64_t dim[CONSTANT_RANK] = {chosen->n};
    const int rank = datum_rank(c->in[0]);
    for (int i = 1; i < rank; i++)
        dim[i] = 1;
    return flow_of_mask(c, chosen, &mask) && flow_step(c, mask, &mask) &&
           flow_reshape(c, mask, rank, dim, &mask) && operand_flow(c, 2, &updates) &&
           flow_join_two(c, OP_mul, updates, mask, out) && add_others(c, mask, out);
}

static bool same_dims(const struct datum *a, const struct datum *b)
{
    bool same = datum_rank(a) == datum_rank(b);
    for (int i = 0; same && i < datum_rank(a); i++)
        same = datum_dim(a, i) == datum_dim(b, i);
    return same;
}

bool chosen_scattered(struct call *c)
{
    const struct datum *data = operand_datum(c, 0), *updates = data ? operand_datum(c, 2) : NULL;
    const struct choice *at = operand_given(c, 1) ? &c->in[1]->choice : NULL;
    const char *way = attribute_string(c, "reduction");
    struct flow f;
    if (!updates || !at || at->kind != CHOICE_positions || at->from_end != at->rank ||
        attribute_int(c, "axis", 0) || (*way && strcmp(way, "none")) ||
        !are_chosen_from(data, at->chosen) || at->rank != datum_rank(data) ||
        updates->choice.kind != CHOICE_rows || updates->choice.chosen != at->chosen ||
        updates->choice.from_end != at->rank || !same_dims(data, updates))
        return updates && chosen_lacks(c);
    const struct choice rows = data->choice;
    if (!put_rows(c, at->chosen, &f))
        return false;
    c->out[0] = datum_of_flow(f);
    c->out[0].choice = rows;
    return true;
}

/* Without the dimension of 1. */
bool chosen_listed(struct call *c)
{
    struct datum v = *c->in[0];
    int64_t axes[CONSTANT_RANK];
    int axis;
    const int n = operand_ints(c, 1, "axes", axes, CONSTANT_RANK);
    if (n != 1)
        return n >= 0 && chosen_lacks(c);
    if (!operand_axis(c, v.choice.rank, axes[0], &axis))
        return false;
    if (v.choice.rank != 2 || axis != v.choice.from_end - 1)
        return chosen_lacks(c);
    v.choice.rank = v.choice.from_end = 1;
    return give_datum(c, v);
}

bool are_chosen_from(const struct datum *v, const struct chosen *chosen)
{
    const struct choice *of = &v->choice;
    const bool all = !of->kind && !chosen->among && datum_rank(v) > 0;
    const bool rows = of->kind == CHOICE_rows && of->chosen == chosen->among &&
                      of->from_end == datum_rank(v) && !of->among;
    return (all || rows) && datum_dim(v, 0) == chosen->n;
}

/* All rows stay where they are: which of them are there the choice says. */
bool chosen_taken(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    const struct choice *at = operand_given(c, 1) ? &c->in[1]->choice : NULL;
    const bool whole = !strcmp(c->node->op_type, "GatherND");
    if (!v || !at || at->kind != CHOICE_positions || at->rank != (whole ? 2 : 1) ||
        at->from_end != at->rank || attribute_int(c, "batch_dims", 0) ||
        attribute_int(c, "axis", 0) || !are_chosen_from(v, at->chosen))
        return v && chosen_lacks(c);
    c->out[0] = *v;
    c->out[0].choice = rows_of(at->chosen, datum_rank(v));
    return true;
}

/* Of the positions that are there those of some rows: where each row stood before it was chosen. */
static bool places_of(struct call *c)
{
    const struct choice *of = &c->in[0]->choice;
    const struct datum *at = operand_given(c, 1) ? c->in[1] : NULL;
    if (!at || of->rank != 1 || attribute_int(c, "axis", 0) || at->kind != DATUM_flow ||
        at->choice.kind != CHOICE_rows || at->choice.among != of->chosen)
        return chosen_lacks(c);
    c->out[0] = *at;
    c->out[0].choice.among = of->chosen->among;
    return true;
}

/* By positions, or of them. */
bool chosen_located(struct call *c)
{
    const bool of = c->in[0] && c->in[0]->choice.kind == CHOICE_positions;
    return of ? places_of(c) : chosen_taken(c);
}
