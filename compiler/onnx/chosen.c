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

#include <string.h>

bool chosen_lacks(struct call *c)
{
    return call_lacks(c, "how many elements it takes is known only when the network runs");
}

const struct datum *chosen_operand(const struct call *c)
{
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i] && c->in[i]->choice.kind)
            return c->in[i];
    return NULL;
}

bool operands_choose(const struct call *c)
{
    return chosen_operand(c);
}

bool convert_with(struct call *c, const struct datum **operands, int n)
{
    const struct datum **own = c->in;
    const int own_n = c->n_in;
    for (int i = 0; i < n; i++)
        if (operands[i] && operands[i]->kind == DATUM_choice)
            return chosen_lacks(c);
    c->in = operands;
    c->n_in = n;
    const bool converted = operator_find(c->node->op_type, c->opset)->convert(c);
    c->in = own;
    c->n_in = own_n;
    return converted;
}

bool convert_all(struct call *c)
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
    return convert_with(c, operands, c->n_in);
}

/* All rows are there in netc's graph: a result has them where they are said to be. */
static bool has_rows(const struct datum *v, const struct choice *rows)
{
    const int at = datum_rank(v) - rows->from_end;
    return rows->kind != CHOICE_rows ||
           (at >= 0 && at < datum_rank(v) && datum_dim(v, at) == rows->chosen->n);
}

bool convert_as(struct call *c, struct choice choice)
{
    if (!convert_all(c))
        return false;
    if (!has_rows(&c->out[0], &choice))
        return chosen_lacks(c);
    c->out[0].choice = choice;
    return true;
}

struct choice choice_of(enum choice_kind kind, const struct chosen *chosen, int from_end)
{
    return (struct choice){.kind = kind, .chosen = chosen, .from_end = from_end};
}

struct choice rows_of(const struct chosen *chosen, int from_end)
{
    return choice_of(CHOICE_rows, chosen, from_end);
}

bool are_same_rows(const struct datum *v, const struct choice *rows)
{
    return v->choice.kind == CHOICE_rows && v->choice.chosen == rows->chosen &&
           v->choice.from_end == rows->from_end && !v->choice.among;
}

/* ---- how many there are ---- */

bool chosen_shape(struct call *c)
{
    const struct choice *of = &c->in[0]->choice;
    int64_t sizes[CONSTANT_RANK];
    if (attribute(c, "start") || attribute(c, "end"))
        return chosen_lacks(c);
    if (of->kind == CHOICE_rows)
        return convert_as(c, choice_of(CHOICE_shape, of->chosen, of->from_end));
    for (int i = 0; i < of->rank; i++)
        sizes[i] = i == of->rank - of->from_end ? of->chosen->n : 1;
    c->out[0] = datum_of_constant(constant_of_ints(c->import->arena, 1, of->rank, sizes));
    c->out[0].choice = choice_of(CHOICE_shape, of->chosen, of->from_end);
    return true;
}

bool chosen_count(struct call *c)
{
    const struct choice *of = &c->in[0]->choice;
    const struct constant *at = operand_constant(c, 1, "the position");
    if (!at || constant_elements(at) != 1)
        return at && chosen_lacks(c);
    const int64_t rank = constant_elements(c->in[0]->constant), i = constant_int_at(at, 0);
    const bool counts = (i < 0 ? i + rank : i) == rank - of->from_end;
    return convert_as(c, choice_of(counts ? CHOICE_count : CHOICE_none, of->chosen, 0));
}

bool chosen_same(struct call *c)
{
    const enum choice_kind kind = c->in[0]->choice.kind;
    if (kind == CHOICE_count || kind == CHOICE_shape)
        return convert_as(c, c->in[0]->choice);
    return give_datum(c, *c->in[0]);
}

/* How many places from the end of a list of one count, or of a shape, the count stands; 0: it has
 * none. */
static int place_of_count(const struct datum *v)
{
    return v->choice.kind == CHOICE_count ? 1 : v->choice.kind ? v->choice.from_end : 0;
}

/* A list of one count and of numbers: a shape, or those of which the least is asked for. */
bool chosen_counts(struct call *c)
{
    struct choice list = choice_of(CHOICE_shape, chosen_operand(c)->choice.chosen, 0);
    int counts = 0;
    for (int i = c->n_in - 1, behind = 0; i >= 0; i--) {
        const struct datum *v = c->in[i];
        if (!v || v->kind != DATUM_constant || v->constant->rank != 1 ||
            (v->choice.kind && v->choice.kind != CHOICE_count && v->choice.kind != CHOICE_shape))
            return chosen_lacks(c);
        counts += v->choice.kind != CHOICE_none;
        list.from_end = v->choice.kind ? behind + place_of_count(v) : list.from_end;
        behind += (int)int_min(constant_elements(v->constant), MOST_OPERANDS);
    }
    return counts == 1 && list.from_end ? convert_as(c, list) : chosen_lacks(c);
}

/* No number of them is below 0. */
bool chosen_unequal(struct call *c)
{
    const struct constant *k =
        c->in[0]->choice.kind && c->n_in == 2 && c->in[1] && !c->in[1]->choice.kind
            ? operand_constant(c, 1, "a number")
            : NULL;
    bool below = k && constant_elements(k) <= MOST_OPERANDS;
    for (int64_t i = 0; below && i < constant_elements(k); i++)
        below = constant_int_at(k, i) < 0;
    return below ? convert_as(c, (struct choice){0}) : chosen_lacks(c);
}

/* The list itself, where nothing takes its place. */
bool chosen_selected(struct call *c)
{
    double other = 1;
    const bool known = operand_given(c, 0) && c->in[0]->kind == DATUM_constant &&
                       constant_uniform(c->in[0]->constant, &other);
    const bool fits =
        known && other == 0 && operand_given(c, 2) && c->in[2]->choice.kind == CHOICE_shape &&
        constant_elements(c->in[0]->constant) == constant_elements(c->in[2]->constant);
    return fits ? give_datum(c, *c->in[2]) : chosen_lacks(c);
}

/* How many sizes there are is known. */
bool chosen_plain(struct call *c)
{
    return convert_as(c, (struct choice){0});
}

/* A number that is added to how many there are, which has to be 0. */
bool chosen_more(struct call *c)
{
    const struct choice count = chosen_operand(c)->choice;
    double other = 1;
    for (int i = 0; i < 2 && c->n_in == 2; i++)
        if (c->in[i] && !c->in[i]->choice.kind && c->in[i]->kind == DATUM_constant)
            constant_uniform(c->in[i]->constant, &other);
    return other == 0 ? convert_as(c, count) : chosen_lacks(c);
}

bool is_number(const struct datum *v, double number)
{
    double value;
    return v && v->kind == DATUM_constant && !v->choice.kind &&
           constant_uniform(v->constant, &value) && value == number;
}

/* The numbers of rows, from 0 on. */
bool chosen_numbered(struct call *c)
{
    const struct choice *count = c->n_in == 3 && c->in[1] ? &c->in[1]->choice : NULL;
    if (!count || count->kind != CHOICE_count || !is_number(c->in[0], 0) || !is_number(c->in[2], 1))
        return chosen_lacks(c);
    return convert_as(c, rows_of(count->chosen, 1)) &&
           (datum_dim(&c->out[0], 0) == count->chosen->n || chosen_lacks(c));
}

bool chosen_least(struct call *c)
{
    return convert_as(c, choice_of(CHOICE_count, c->in[0]->choice.chosen, 0));
}

/* Elements of a tensor: none, where no row is there. */
bool chosen_size(struct call *c)
{
    return convert_as(c, choice_of(CHOICE_size, c->in[0]->choice.chosen, 0));
}

bool chosen_empty(struct call *c)
{
    const struct constant *zero = c->n_in > 1 && c->in[0]->choice.kind == CHOICE_size
                                      ? operand_constant(c, 1, "a number")
                                      : NULL;
    if (!zero || constant_elements(zero) != 1 || constant_int_at(zero, 0) != 0)
        return chosen_lacks(c);
    return convert_as(c, choice_of(CHOICE_empty, c->in[0]->choice.chosen, 0));
}

/* Where nothing is chosen one branch has nothing, and the other makes nothing of it. */
bool chosen_branch(struct call *c)
{
    if (!convert_branch(c, "then_branch"))
        return false;
    for (int i = 0; i < c->n_out; i++)
        if (c->out[i].kind != DATUM_constant || constant_elements(c->out[i].constant))
            return call_lacks(c, "where nothing is chosen it makes something");
    return convert_branch(c, "else_branch");
}

bool chosen_filled(struct call *c)
{
    const struct choice *of = &chosen_operand(c)->choice;
    return convert_as(c, rows_of(of->chosen, of->from_end));
}

/* ---- the best, and several choices as one ---- */

/* The best of what is there are the best of all where the others have lower scores, or are given
 * such. */
bool chosen_best(struct call *c)
{
    const struct datum *v = c->in[0], *count = c->n_in > 1 ? c->in[1] : NULL;
    const struct chosen *of = v->choice.chosen;
    const bool own = v->kind == DATUM_flow && v->flow.node == of->scores.node && !of->among;
    struct flow f = v->flow;
    if (v->kind != DATUM_flow || datum_rank(v) != 1 || v->choice.kind != CHOICE_rows ||
        v->choice.among || !count || count->choice.kind != CHOICE_count ||
        count->choice.chosen != of || !attribute_int(c, "largest", 1))
        return chosen_lacks(c);
    if (!own && !flow_if_there(c, f, &v->choice, &f))
        return false;
    const struct datum all = datum_of_flow(f), most = datum_of_constant(count->constant);
    if (!convert_with(c, (const struct datum *[]){&all, &most}, 2))
        return false;
    struct chosen *best = arena_new_of(c->import->arena, struct chosen);
    *best = (struct chosen){.scores = c->out[0].flow,
                            .above = own ? of->above : ABOVE_NOTHING,
                            .n = datum_dim(&c->out[0], 0)};
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
        if (!c->in[i] || c->in[i]->choice.kind != CHOICE_rows || c->in[i]->choice.among ||
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

/* Along another dimension than that of rows: of the same rows. */
static bool join_beside(struct call *c)
{
    const struct choice *rows = &chosen_operand(c)->choice;
    for (int i = 0; i < c->n_in; i++)
        if (!c->in[i] || !are_same_rows(c->in[i], rows))
            return chosen_lacks(c);
    return convert_as(c, *rows);
}

bool chosen_joined(struct call *c)
{
    const int rank = c->in[0] ? datum_rank(c->in[0]) : 0;
    int axis;
    if (!operand_axis(c, rank, attribute_int(c, "axis", 0), &axis))
        return false;
    if (rank - axis != chosen_operand(c)->choice.from_end)
        return join_beside(c);
    if (!are_rows(c, rank - axis))
        return chosen_lacks(c);
    if (c->n_in == 1)
        return give_datum(c, *c->in[0]);
    struct chosen *all = join_chosen(c);
    if (!convert_as(c, rows_of(all, rank - axis)))
        return false;
    if (!all->scores.node && are_scores(c))
        all->scores = c->out[0].flow;
    return true;
}

/* ---- what is chosen by positions ---- */

/* Whether rows that are there are the first ones, so that they have the same positions in ONNX. */
static bool come_first(const struct chosen *of)
{
    while (of && of->of)
        of = of->of;
    return of && of->counter;
}

/* Whether a vector of positions is among the rows of a tensor, or among all where none are chosen.
 */
static bool are_among(const struct datum *at, const struct datum *v)
{
    const struct choice *of = &v->choice;
    const bool rows = of->kind == CHOICE_rows && of->from_end == datum_rank(v) && !of->among;
    const struct chosen *among =
        at->choice.kind == CHOICE_found ? at->choice.found->among : at->choice.among;
    const bool same = among == of->chosen || (rows && !among && come_first(of->chosen));
    return (rows || !of->kind) && same &&
           (at->choice.kind == CHOICE_found ||
            (at->choice.kind == CHOICE_rows && at->kind == DATUM_flow && flow_rank(at->flow) == 1));
}

bool chosen_gathered(struct call *c)
{
    const struct datum *v = operand_given(c, 0) ? c->in[0] : NULL;
    const struct datum *at = operand_given(c, 1) ? c->in[1] : NULL;
    struct flow f;
    if (v && v->choice.kind == CHOICE_found)
        return found_column(c);
    if (v && at && !at->choice.kind && at->kind == DATUM_constant)
        return chosen_part(c);
    if (at && at->choice.kind == CHOICE_positions)
        return chosen_located(c);
    if (!v || !at || v->kind == DATUM_erf || attribute_int(c, "axis", 0) || !are_among(at, v))
        return chosen_lacks(c);
    f = at->flow;
    if (at->choice.kind == CHOICE_found && !found_positions(c, at, &f))
        return false;
    if (!gather_rows_of(c, v, f, &c->out[0]))
        return false;
    c->out[0].choice =
        rows_of(at->choice.kind == CHOICE_rows ? at->choice.chosen : at->choice.found->rows,
                datum_rank(&c->out[0]));
    return true;
}

bool is_counted(const struct datum *v)
{
    const struct choice *rows = &v->choice;
    return rows->kind == CHOICE_rows && rows->chosen->counter && !rows->among &&
           rows->from_end == datum_rank(v);
}

/* ---- the table ---- */

bool chosen_suppressed(struct call *c)
{
    return convert_non_max_suppression(c);
}

bool chosen_kept(struct call *c)
{
    return give_datum(c, *c->in[0]);
}

bool chosen_limited(struct call *c)
{
    return found_limited(c);
}

static const struct row {
    const char *operator;
    enum choice_kind choice;
    bool of_any; /* operand, not the first alone */
    convert *convert;
} rows[] = {
#define CHOSEN(operator, choice, function)    {#operator, CHOICE_##choice, false, chosen_##function},
#define CHOSEN_OF(operator, choice, function) {#operator, CHOICE_##choice, true, chosen_##function},
#include "onnx/chosen.def"
};

bool convert_chosen(struct call *c)
{
    const struct datum *of = chosen_operand(c);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && c->in[0]; i++)
        if (rows[i].choice == of->choice.kind && !strcmp(rows[i].operator, c->node->op_type) &&
            (rows[i].of_any || of == c->in[0]))
            return rows[i].convert(c);
    return chosen_lacks(c);
}
