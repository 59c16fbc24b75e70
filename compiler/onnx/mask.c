/*
 * Which elements of a vector are chosen: those where a comparison holds. A mask is a tensor of
 * scores and a number, of which the scores are above the number where it is true; so a comparison
 * is one as it stands, or with the other sign, and "or equal" is above the number before.
 */
#include "onnx/chosen.h"

#include <math.h>
#include <string.h>

static float before(double number)
{
    return nextafterf((float)number, -INFINITY);
}

static bool give_mask(struct call *c, struct flow scores, double above, const struct chosen *among)
{
    struct chosen *chosen = arena_new_of(c->import->arena, struct chosen);
    *chosen =
        (struct chosen){.scores = scores, .above = above, .n = flow_dim(scores, 0), .among = among};
    return give_datum(
        c, (struct datum){.kind = DATUM_choice, .choice = {.kind = CHOICE_mask, .chosen = chosen}});
}

static bool negated(struct call *c, struct flow f, struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_neg);
    return make_flow(c, OP_neg, &a, f, out);
}

/* Whole numbers that are equal are less than one half away from each other. */
static bool choose_equal(struct call *c, struct flow x, double number, const struct chosen *among)
{
    struct attrs a;
    struct flow other;
    attrs_init(&a, OP_abs);
    return flow_number(c, number, 1, &other) && flow_join_two(c, OP_sub, x, other, &x) &&
           make_flow(c, OP_abs, &a, x, &x) && negated(c, x, &x) && give_mask(c, x, -0.5, among);
}

static bool choose(struct call *c, struct flow x, double number, const struct chosen *among)
{
    const char *name = c->node->op_type;
    const bool or_equal = strstr(name, "OrEqual"), less = !strncmp(name, "Less", 4);
    if (!strcmp(name, "Equal"))
        return choose_equal(c, x, number, among);
    if (less && !negated(c, x, &x))
        return false;
    number = less ? -number : number;
    return give_mask(c, x, or_equal ? before(number) : number, among);
}

/* Whether it is a vector, all or rows of which are there. */
static bool is_vector(const struct datum *v)
{
    const struct choice *rows = &v->choice;
    return v->kind == DATUM_flow && datum_rank(v) == 1 && v->flow.node->type.rank == 2 &&
           (!rows->kind || (rows->kind == CHOICE_rows && rows->from_end == 1 && !rows->among));
}

bool choose_elements(struct call *c)
{
    const struct datum *v = operand_datum(c, 0), *number = v ? operand_datum(c, 1) : NULL;
    bool decided;
    if (!number || !integers_decide(c, &decided) || decided)
        return number && decided;
    struct flow x = v->flow;
    const bool integers = v->kind == DATUM_flow && dtype_is_integer(x.node->type.dtype);
    if (!is_vector(v) || number->kind != DATUM_constant ||
        constant_elements(number->constant) != 1 ||
        (!integers && !strcmp(c->node->op_type, "Equal")))
        return call_lacks(c, "of what flows, a vector is compared with a number that is known");
    return (!integers || flow_floats(c, x, &x)) &&
           choose(c, x, constant_real_at(number->constant, 0), v->choice.chosen);
}

/* ---- of rows, and of masks ---- */

/* Of rows with a number: a mask of them, or the same of all. */
bool chosen_compared(struct call *c)
{
    const struct choice rows = c->in[0] ? c->in[0]->choice : (struct choice){0};
    if (rows.kind != CHOICE_rows || !operand_given(c, 1) || c->in[1]->choice.kind)
        return chosen_lacks(c);
    if (!choose_elements(c))
        return false;
    if (c->out[0].kind == DATUM_constant)
        c->out[0].choice = rows;
    return true;
}

/* Not above a number: with the other sign not below its opposite. */
bool chosen_inverted(struct call *c)
{
    const struct chosen *of = c->in[0]->choice.chosen;
    struct flow f;
    return negated(c, of->scores, &f) && give_mask(c, f, before(-of->above), of->among);
}

/* Whether what is known is one and the same everywhere. */
static bool is_known(const struct datum *v, bool *value)
{
    double number;
    const bool known = v->kind == DATUM_constant && constant_uniform(v->constant, &number);
    *value = known && number != 0;
    return known;
}

/* Where both are true; of the same rows. */
static bool join_masks(struct call *c)
{
    const struct chosen *of[2] = {NULL, NULL};
    struct flow f[2];
    for (int i = 0; i < 2 && c->n_in == 2; i++)
        of[i] = c->in[i] && c->in[i]->choice.kind == CHOICE_mask ? c->in[i]->choice.chosen : NULL;
    if (!of[0] || !of[1] || of[0]->among != of[1]->among || of[0]->n != of[1]->n)
        return chosen_lacks(c);
    return flow_of_mask(c, of[0], &f[0]) && flow_of_mask(c, of[1], &f[1]) &&
           flow_join_two(c, OP_minimum, f[0], f[1], &f[0]) && give_mask(c, f[0], 0, of[0]->among);
}

bool chosen_both(struct call *c)
{
    bool value;
    for (int i = 0; i < 2; i++)
        if (c->n_in == 2 && c->in[0] && c->in[1] && is_known(c->in[i], &value))
            return give_datum(c, *c->in[value ? !i : i]);
    return join_masks(c);
}
