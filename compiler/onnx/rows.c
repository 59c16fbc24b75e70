/*
 * What nodes make of rows of which some are there (chosen.c): as rows are all there in netc's
 * graph, a node is converted as any other, and rows are in the place where it has moved them.
 */
#include "onnx/chosen.h"

/* Element by element, of rows that are there together; the others are the same for all rows. */
bool chosen_each(struct call *c)
{
    const struct choice *rows = &chosen_operand(c)->choice;
    for (int i = 0; i < c->n_in; i++) {
        const struct datum *v = operand_given(c, i) ? operand_datum(c, i) : NULL;
        if (!operand_given(c, i))
            continue;
        if (!v || v->kind == DATUM_choice)
            return v && chosen_lacks(c);
        const int at = datum_rank(v) - rows->from_end;
        const bool for_all = !v->choice.kind && (at < 0 || datum_dim(v, at) == 1);
        if (!are_same_rows(v, rows) && !for_all)
            return chosen_lacks(c);
    }
    return convert_as(c, *rows);
}

/* Each row several times. */
static const struct chosen *repeat(struct import *s, const struct chosen *of, int64_t times)
{
    for (size_t i = 0; i < s->joined.n; i++)
        if (s->joined.at[i]->of == of && s->joined.at[i]->times == times)
            return s->joined.at[i];
    struct chosen *all = arena_new_of(s->arena, struct chosen);
    *all = (struct chosen){.n = of->n * times, .of = of, .times = times};
    VEC_PUSH(s->arena, &s->joined, all);
    return all;
}

/* Rows stay rows where as many elements stand before and behind each as did; or each is several,
 * with what stood behind it. */
bool chosen_reshaped(struct call *c)
{
    const struct choice rows = c->in[0]->choice;
    const int at = datum_rank(c->in[0]) - rows.from_end;
    int64_t before = 1, same = 1;
    int axis = 0;
    for (int i = 0; i < at; i++)
        before *= datum_dim(c->in[0], i);
    if (rows.kind != CHOICE_rows || rows.among || !convert_all(c))
        return chosen_lacks(c);
    const int rank = datum_rank(&c->out[0]);
    const int64_t n = rows.chosen->n;
    while (axis < rank && (same != before || (datum_dim(&c->out[0], axis) == 1 && n > 1)))
        same *= datum_dim(&c->out[0], axis++);
    const int64_t size = axis < rank ? datum_dim(&c->out[0], axis) : 0;
    if (!size || size % n)
        return chosen_lacks(c);
    c->out[0].choice =
        rows_of(size == n ? rows.chosen : repeat(c->import, rows.chosen, size / n), rank - axis);
    return true;
}

/* Rows stay all, and in order. */
bool chosen_sliced(struct call *c)
{
    const struct choice *rows = &c->in[0]->choice;
    int64_t step[CONSTANT_RANK];
    const int n = operand_ints(c, 4, "steps", step, CONSTANT_RANK);
    if (n < 0)
        return false;
    for (int i = 0; i < n; i++)
        if (step[i] < 1)
            return chosen_lacks(c);
    return convert_as(c, *rows);
}

/* Dimensions of 1 that come to stand behind the rows move them on. */
bool chosen_widened(struct call *c)
{
    struct choice rows = c->in[0]->choice;
    int64_t list[CONSTANT_RANK];
    const int n = operand_ints(c, 1, "axes", list, CONSTANT_RANK);
    const int rank = datum_rank(c->in[0]) + (n > 0 ? n : 0);
    bool added[CONSTANT_RANK] = {false};
    for (int i = 0, axis; i < n; i++) {
        if (rank > CONSTANT_RANK || !operand_axis(c, rank, list[i], &axis))
            return chosen_lacks(c);
        added[axis] = true;
    }
    for (int i = rank - 1, others = rows.from_end; i >= 0 && n > 0 && others > 0; i--) {
        others -= !added[i];
        rows.from_end += added[i];
    }
    return n > 0 && !rows.among && convert_as(c, rows);
}

/* Without dimensions of 1 that are not of rows. */
bool chosen_narrowed(struct call *c)
{
    struct choice rows = c->in[0]->choice;
    int64_t list[CONSTANT_RANK];
    const int n = operand_ints(c, 1, "axes", list, CONSTANT_RANK), rank = datum_rank(c->in[0]);
    const int at = rank - rows.from_end;
    for (int i = 0, axis; i < n; i++) {
        if (!operand_axis(c, rank, list[i], &axis))
            return false;
        if (axis == at)
            return chosen_lacks(c);
        rows.from_end -= axis > at;
    }
    return (n > 0 && !rows.among && convert_as(c, rows)) || (n >= 0 && chosen_lacks(c));
}

/* Dimensions in another order, that of rows among them. */
bool chosen_permuted(struct call *c)
{
    struct choice rows = c->in[0]->choice;
    const int rank = datum_rank(c->in[0]), at = rank - rows.from_end;
    int64_t perm[CONSTANT_RANK];
    const int n = attribute_ints(c, "perm", perm, CONSTANT_RANK);
    if (rows.among || !convert_all(c))
        return chosen_lacks(c);
    for (int i = 0; i < rank; i++)
        if (at == (n ? perm[i] : rank - 1 - i))
            c->out[0].choice = rows_of(rows.chosen, rank - i);
    return true;
}

/* Parts of another dimension than that of rows. */
bool chosen_cut(struct call *c)
{
    const struct choice rows = c->in[0]->choice;
    const int rank = datum_rank(c->in[0]);
    int axis;
    if (!operand_axis(c, rank, attribute_int(c, "axis", 0), &axis))
        return false;
    if (axis == rank - rows.from_end || rows.among)
        return chosen_lacks(c);
    if (!convert_all(c))
        return false;
    for (int i = 0; i < c->n_out; i++)
        c->out[i].choice = rows;
    return true;
}

/* Each row by itself: what stands in the dimensions from `axis` on. */
bool chosen_normalized(struct call *c)
{
    const struct choice rows = c->in[0]->choice;
    const int rank = datum_rank(c->in[0]);
    int axis;
    if (!operand_axis(c, rank, attribute_int(c, "axis", c->opset < 13 ? 1 : -1), &axis))
        return false;
    return axis > rank - rows.from_end && !rows.among ? convert_as(c, rows) : chosen_lacks(c);
}

/* Rows of a matrix, times one that is known. */
bool chosen_multiplied(struct call *c)
{
    const struct choice rows = c->in[0] ? c->in[0]->choice : (struct choice){0};
    bool known = rows.kind == CHOICE_rows && rows.from_end == 2 && !rows.among &&
                 !attribute_int(c, "transA", 0);
    for (int i = 1; i < c->n_in; i++)
        known =
            known && (!c->in[i] || (c->in[i]->kind == DATUM_constant && !c->in[i]->choice.kind));
    return known ? convert_as(c, rows) : chosen_lacks(c);
}

/* Regions are rows, also of the result. */
bool chosen_pooled(struct call *c)
{
    const struct choice rows = operand_given(c, 1) ? c->in[1]->choice : (struct choice){0};
    const bool plain = !c->in[0] || !c->in[0]->choice.kind;
    if (rows.kind != CHOICE_rows || rows.from_end != 2 || rows.among || !plain)
        return chosen_lacks(c);
    return convert_as(c, rows_of(rows.chosen, 4));
}

/* Rows are maps, each by itself: the other dimensions change. */
bool chosen_windowed(struct call *c)
{
    const struct choice rows = c->in[0]->choice;
    const int rank = datum_rank(c->in[0]);
    for (int i = 1; i < c->n_in; i++)
        if (c->in[i] && c->in[i]->choice.kind)
            return chosen_lacks(c);
    if (rows.from_end != rank || rows.among)
        return chosen_lacks(c);
    return convert_as(c, rows) &&
           ((datum_rank(&c->out[0]) == rank && datum_dim(&c->out[0], 0) == rows.chosen->n) ||
            chosen_lacks(c));
}

bool chosen_part(struct call *c)
{
    struct choice rows = c->in[0]->choice;
    const int rank = datum_rank(c->in[0]), more = datum_rank(c->in[1]) - 1;
    int axis;
    if (!operand_axis(c, rank, attribute_int(c, "axis", 0), &axis))
        return false;
    if (rows.kind != CHOICE_rows || axis == rank - rows.from_end || rows.among)
        return chosen_lacks(c);
    rows.from_end += axis > rank - rows.from_end ? more : 0;
    return convert_as(c, rows);
}

/* Over rows and all others: of those that are there. */
bool chosen_largest(struct call *c)
{
    const struct datum *v = c->in[0], *rest[1];
    int64_t axes[CONSTANT_RANK];
    struct flow f;
    const int n = operand_ints(c, 1, "axes", axes, CONSTANT_RANK);
    if (v->kind != DATUM_flow || n)
        return n >= 0 && chosen_lacks(c);
    if (!flow_if_there(c, v->flow, &v->choice, &f))
        return false;
    const struct datum there = datum_of_flow(f);
    rest[0] = &there;
    return convert_with(c, rest, 1);
}
