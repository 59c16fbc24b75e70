/*
 * Elements that are chosen when the network runs, as networks for detection choose boxes:
 * those whose score is above a number, the best of these, all of them joined, and of those what
 * NonMaxSuppression leaves. ONNX has tensors of as many elements as were chosen. Here they keep
 * their size, and it is known of them which rows are there: those of which a score is above the
 * number. The order of what is there is ONNX's, so that the best are the best of all, and what is
 * not there comes last. nms, which leaves out low scores itself, ends this: it counts.
 */
#include "base/number.h"
#include "onnx/chosen.h"

#include <math.h>
#include <string.h>

static bool lacks(struct call *c)
{
    return call_lacks(c, "how many elements it takes is known only when the network runs");
}

/* The first operand that has a choice. */
static const struct datum *choosing(const struct call *c)
{
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i] && c->in[i]->choice.kind)
            return c->in[i];
    return NULL;
}

bool operands_choose(const struct call *c)
{
    return choosing(c);
}

/* Converts the node with other operands. */
static bool convert_with(struct call *c, const struct datum **operands)
{
    const struct datum **own = c->in;
    c->in = operands;
    const bool converted = operator_find(c->node->op_type, c->opset)->convert(c);
    c->in = own;
    return converted;
}

/* Converts the node as if all rows were there. */
static bool convert_all(struct call *c)
{
    struct arena *arena = c->import->arena;
    struct datum *all = arena_array(arena, (size_t)c->n_in, sizeof *all);
    const struct datum **operands = arena_array(arena, (size_t)c->n_in, sizeof *operands);
    for (int i = 0; i < c->n_in; i++) {
        if (!c->in[i])
            continue;
        all[i] = *c->in[i];
        all[i].choice = (struct choice){0};
        operands[i] = &all[i];
    }
    return convert_with(c, operands);
}

static bool convert_as(struct call *c, struct choice choice)
{
    if (!convert_all(c))
        return false;
    c->out[0].choice = choice;
    return true;
}

static struct choice choice_of(enum choice_kind kind, const struct chosen *chosen, int from_end)
{
    return (struct choice){.kind = kind, .chosen = chosen, .from_end = from_end};
}

/* Of the dimension `from_end`, counted from the end, as many are there as are chosen. */
static struct choice rows_of(const struct chosen *chosen, int from_end)
{
    return choice_of(CHOICE_rows, chosen, from_end);
}

/* ---- a comparison, and the positions where it holds ---- */

bool choose_above(struct call *c)
{
    const struct datum *v = c->in[0], *above = c->in[1];
    if (v->kind != DATUM_flow || above->kind != DATUM_constant || datum_rank(v) != 1 ||
        v->flow.node->type.rank != 2 || constant_elements(above->constant) != 1)
        return call_lacks(c, "of what flows, a vector is compared with a number that is known");
    struct chosen *chosen = arena_new_of(c->import->arena, struct chosen);
    *chosen = (struct chosen){
        .scores = v->flow, .above = constant_real_at(above->constant, 0), .n = datum_dim(v, 0)};
    return give_datum(
        c, (struct datum){.kind = DATUM_choice, .choice = {.kind = CHOICE_mask, .chosen = chosen}});
}

/* A position of one dimension, as columns [1, n]; as rows behind a Transpose. */
static bool chosen_positions(struct call *c)
{
    struct datum v = *c->in[0];
    v.choice.kind = CHOICE_positions;
    v.choice.from_end = 1;
    return give_datum(c, v);
}

static bool chosen_turned(struct call *c)
{
    struct datum v = *c->in[0];
    v.choice.from_end = 3 - v.choice.from_end;
    return give_datum(c, v);
}

/* All rows stay where they are: which of them are there the choice says. */
static bool chosen_taken(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    const struct choice *at = &c->in[1]->choice;
    if (!v || v->choice.kind || at->kind != CHOICE_positions || at->from_end != 2 ||
        attribute_int(c, "batch_dims", 0) || datum_rank(v) < 1 || datum_dim(v, 0) != at->chosen->n)
        return lacks(c);
    c->out[0] = *v;
    c->out[0].choice = rows_of(at->chosen, datum_rank(v));
    return true;
}

/* ---- how many there are ---- */

static bool chosen_shape(struct call *c)
{
    const struct choice *of = &c->in[0]->choice;
    if (attribute(c, "start") || attribute(c, "end"))
        return lacks(c);
    return convert_as(c, choice_of(CHOICE_shape, of->chosen, of->from_end));
}

static bool chosen_count(struct call *c)
{
    const struct choice *of = &c->in[0]->choice;
    const struct constant *at = operand_constant(c, 1, "the position");
    if (!at || constant_elements(at) != 1)
        return at && lacks(c);
    const int64_t rank = constant_elements(c->in[0]->constant), i = constant_int_at(at, 0);
    const bool counts = (i < 0 ? i + rank : i) == rank - of->from_end;
    return convert_as(c, choice_of(counts ? CHOICE_count : CHOICE_none, of->chosen, 0));
}

static bool chosen_same(struct call *c)
{
    if (c->in[0]->choice.kind == CHOICE_count)
        return convert_as(c, c->in[0]->choice);
    return give_datum(c, *c->in[0]);
}

/* A list of one count and of numbers, of which only the least is asked for. */
static bool chosen_counts(struct call *c)
{
    const struct choice list = choice_of(CHOICE_counts, choosing(c)->choice.chosen, 0);
    for (int i = 0; i < c->n_in; i++)
        if (!c->in[i] || c->in[i]->kind != DATUM_constant ||
            (c->in[i]->choice.kind && c->in[i]->choice.chosen != list.chosen))
            return lacks(c);
    return convert_as(c, list);
}

static bool chosen_least(struct call *c)
{
    return convert_as(c, choice_of(CHOICE_count, c->in[0]->choice.chosen, 0));
}

/* Elements of a tensor: none, where no row is there. */
static bool chosen_size(struct call *c)
{
    return convert_as(c, choice_of(CHOICE_size, c->in[0]->choice.chosen, 0));
}

static bool chosen_empty(struct call *c)
{
    const struct constant *zero = c->n_in > 1 && c->in[0]->choice.kind == CHOICE_size
                                      ? operand_constant(c, 1, "a number")
                                      : NULL;
    if (!zero || constant_elements(zero) != 1 || constant_int_at(zero, 0) != 0)
        return lacks(c);
    return convert_as(c, choice_of(CHOICE_empty, c->in[0]->choice.chosen, 0));
}

/* Where nothing is chosen one branch has nothing, and the other makes nothing of it. */
static bool chosen_branch(struct call *c)
{
    if (!convert_branch(c, "then_branch"))
        return false;
    for (int i = 0; i < c->n_out; i++)
        if (c->out[i].kind != DATUM_constant || constant_elements(c->out[i].constant))
            return call_lacks(c, "where nothing is chosen it makes something");
    return convert_branch(c, "else_branch");
}

static bool chosen_filled(struct call *c)
{
    const struct choice *of = &c->in[0]->choice;
    return convert_as(c, rows_of(of->chosen, of->from_end));
}

/* ---- rows ---- */

/* The best of what is there are the best of all: the others have lower scores. */
static bool chosen_best(struct call *c)
{
    const struct datum *v = c->in[0], *count = c->n_in > 1 ? c->in[1] : NULL;
    const struct chosen *of = v->choice.chosen;
    if (v->kind != DATUM_flow || v->flow.node != of->scores.node || !count ||
        count->choice.kind != CHOICE_count || count->choice.chosen != of ||
        !attribute_int(c, "largest", 1) || !convert_all(c))
        return lacks(c);
    struct chosen *best = arena_new_of(c->import->arena, struct chosen);
    *best = (struct chosen){
        .scores = c->out[0].flow, .above = of->above, .n = datum_dim(&c->out[0], 0)};
    for (int i = 0; i < c->n_out && i < 2; i++)
        c->out[i].choice = rows_of(best, 1);
    if (c->n_out > 1)
        c->out[1].choice.among = of;
    return true;
}

/* Whether all operands are rows in the same place. */
static bool are_rows(const struct call *c, int from_end)
{
    for (int i = 0; i < c->n_in; i++)
        if (!c->in[i] || c->in[i]->choice.kind != CHOICE_rows ||
            c->in[i]->choice.from_end != from_end ||
            c->in[i]->choice.chosen->above != c->in[0]->choice.chosen->above)
            return false;
    return true;
}

static bool has_parts(const struct chosen *of, const struct call *c)
{
    bool same = of->n_parts == c->n_in;
    for (int i = 0; i < c->n_in && same; i++)
        same = of->parts[i] == c->in[i]->choice.chosen;
    return same;
}

/* What is chosen in all operands; joined once, whatever is joined so. */
static struct chosen *join_chosen(struct call *c)
{
    struct import *s = c->import;
    for (size_t i = 0; i < s->joined.n; i++)
        if (has_parts(s->joined.at[i], c))
            return s->joined.at[i];
    struct chosen *all = arena_new_of(s->arena, struct chosen);
    *all = (struct chosen){.above = c->in[0]->choice.chosen->above, .n_parts = c->n_in};
    all->parts = arena_array(s->arena, (size_t)c->n_in, sizeof *all->parts);
    for (int i = 0; i < c->n_in; i++) {
        all->parts[i] = c->in[i]->choice.chosen;
        all->n += all->parts[i]->n;
    }
    VEC_PUSH(s->arena, &s->joined, all);
    return all;
}

/* Whether the operands are the scores by which their rows are chosen. */
static bool are_scores(const struct call *c)
{
    bool scores = true;
    for (int i = 0; i < c->n_in && scores; i++)
        scores = c->in[i]->kind == DATUM_flow && c->in[i]->choice.chosen->scores.node &&
                 c->in[i]->flow.node == c->in[i]->choice.chosen->scores.node;
    return scores;
}

static bool chosen_joined(struct call *c)
{
    const int rank = c->in[0] ? datum_rank(c->in[0]) : 0;
    int axis;
    if (!operand_axis(c, rank, attribute_int(c, "axis", 0), &axis))
        return false;
    if (!are_rows(c, rank - axis))
        return lacks(c);
    struct chosen *all = join_chosen(c);
    if (!convert_as(c, rows_of(all, rank - axis)))
        return false;
    if (!all->scores.node && are_scores(c))
        all->scores = c->out[0].flow;
    return true;
}

/* Element by element, of rows that are there together; the others are the same for all rows. */
static bool chosen_each(struct call *c)
{
    const struct choice *rows = &choosing(c)->choice;
    for (int i = 0; i < c->n_in; i++) {
        const struct datum *v = operand_datum(c, i);
        if (!v)
            return false;
        const int at = datum_rank(v) - rows->from_end;
        const bool same = v->choice.kind == CHOICE_rows && v->choice.chosen == rows->chosen &&
                          v->choice.from_end == rows->from_end && !v->choice.among;
        const bool for_all = !v->choice.kind && (at < 0 || datum_dim(v, at) == 1);
        if (!same && !for_all)
            return lacks(c);
    }
    return convert_as(c, *rows);
}

/* Rows stay all, and in order. */
static bool chosen_sliced(struct call *c)
{
    const struct choice *rows = &c->in[0]->choice;
    int64_t step[CONSTANT_RANK];
    const int n = operand_ints(c, 4, "steps", step, CONSTANT_RANK);
    if (n < 0)
        return false;
    for (int i = 0; i < n; i++)
        if (step[i] < 1)
            return lacks(c);
    if (!convert_as(c, *rows))
        return false;
    const int at = datum_rank(&c->out[0]) - rows->from_end;
    return datum_dim(&c->out[0], at) == rows->chosen->n || lacks(c);
}

/* Dimensions of 1 that come to stand behind the rows move them on. */
static bool chosen_widened(struct call *c)
{
    struct choice rows = c->in[0]->choice;
    int64_t list[CONSTANT_RANK];
    const int n = operand_ints(c, 1, "axes", list, CONSTANT_RANK);
    const int rank = datum_rank(c->in[0]) + (n > 0 ? n : 0);
    bool added[CONSTANT_RANK] = {false};
    for (int i = 0, axis; i < n; i++) {
        if (rank > CONSTANT_RANK || !operand_axis(c, rank, list[i], &axis))
            return lacks(c);
        added[axis] = true;
    }
    for (int i = rank - 1, others = rows.from_end; i >= 0 && n > 0 && others > 0; i--) {
        others -= !added[i];
        rows.from_end += added[i];
    }
    return n > 0 && !rows.among && convert_as(c, rows);
}

/* 0 for each row that is there, and a number below all others for those that are not. A score that
 * is above differs from the bound by at least 2^-149, of which the factors make more than 1. */
static bool penalty(struct call *c, const struct chosen *of, struct flow *out)
{
    const double large = 0x1p100;
    struct attrs a;
    struct flow bound, one;
    attrs_init(&a, OP_clip);
    a.min = 0;
    a.max = 1;
    if (!flow_number(c, of->above, 1, &bound) ||
        !flow_join_two(c, OP_sub, of->scores, bound, out) || !flow_scale(c, *out, large, out) ||
        !make_flow(c, OP_clip, &a, *out, out) || !flow_scale(c, *out, large, out) ||
        !make_flow(c, OP_clip, &a, *out, out))
        return false;
    return flow_number(c, 1, 1, &one) && flow_join_two(c, OP_sub, *out, one, out) &&
           flow_scale(c, *out, 0x1p126, out);
}

/* Over rows and all others: of those that are there. */
static bool chosen_largest(struct call *c)
{
    const struct datum *v = c->in[0], *rest[1];
    const struct choice rows = v->choice;
    const int rank = datum_rank(v);
    int64_t dim[CONSTANT_RANK], axes[CONSTANT_RANK];
    struct flow less, f;
    if (v->kind != DATUM_flow || !rows.chosen->scores.node)
        return lacks(c);
    const int n = operand_ints(c, 1, "axes", axes, CONSTANT_RANK);
    if (n)
        return n > 0 && lacks(c);
    for (int i = 0; i < rank; i++)
        dim[i] = i == rank - rows.from_end ? rows.chosen->n : 1;
    if (!penalty(c, rows.chosen, &less) || !flow_reshape(c, less, rank, dim, &less) ||
        !flow_join_two(c, OP_add, v->flow, less, &f))
        return false;
    const struct datum there = datum_of_flow(f);
    rest[0] = &there;
    return convert_with(c, rest);
}

/* ---- what is chosen by positions ---- */

/* Whether a vector of positions is among the rows of a tensor, or among all where none are chosen.
 */
static bool are_among(const struct datum *at, const struct datum *v)
{
    const struct choice *of = &v->choice;
    const bool rows = of->kind == CHOICE_rows && of->from_end == datum_rank(v) && !of->among;
    const struct chosen *among =
        at->choice.kind == CHOICE_found ? at->choice.found->among : at->choice.among;
    return (rows || !of->kind) && among == of->chosen &&
           (at->choice.kind == CHOICE_found ||
            (at->choice.kind == CHOICE_rows && at->kind == DATUM_flow && flow_rank(at->flow) == 1));
}

static bool chosen_gathered(struct call *c)
{
    const struct datum *v = operand_given(c, 0) ? c->in[0] : NULL;
    const struct datum *at = operand_given(c, 1) ? c->in[1] : NULL;
    struct flow f;
    if (v && v->choice.kind == CHOICE_found)
        return found_column(c);
    if (!v || !at || v->kind == DATUM_erf || attribute_int(c, "axis", 0) || !are_among(at, v))
        return lacks(c);
    f = at->flow;
    if (at->choice.kind == CHOICE_found && !found_positions(c, at, &f))
        return false;
    if (!gather_rows_of(c, v, f, &c->out[0]))
        return false;
    if (at->choice.kind == CHOICE_rows)
        c->out[0].choice = rows_of(at->choice.chosen, datum_rank(&c->out[0]));
    return true;
}

/* ---- the table ---- */

static bool chosen_suppressed(struct call *c)
{
    return convert_non_max_suppression(c);
}

static bool chosen_kept(struct call *c)
{
    return give_datum(c, *c->in[0]);
}

static bool chosen_limited(struct call *c)
{
    return found_limited(c);
}

static const struct row {
    const char *operator;
    enum choice_kind choice;
    convert *convert;
} rows[] = {
#define CHOSEN(operator, choice, function) {#operator, CHOICE_##choice, chosen_##function},
#include "onnx/chosen.def"
};

bool convert_chosen(struct call *c)
{
    const enum choice_kind kind = choosing(c)->choice.kind;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].choice == kind && !strcmp(rows[i].operator, c->node->op_type))
            return rows[i].convert(c);
    return lacks(c);
}
