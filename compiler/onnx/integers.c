/*
 * Integers that flow. Operators of the graph move them and choose elements by them; arithmetic is
 * of floats, which hold whole numbers up to 2^24 exactly. It is done where it is known that all
 * are such: of each node of integers it is noted between which numbers they are, as positions are
 * from 0 on and below the size that they are of.
 */
#include "base/number.h"
#include "onnx/operators.h"

#include <math.h>
#include <string.h>

enum { MOST_EXACT = 1 << 24 };

/* ---- between which numbers they are ---- */

static const struct bounds *noted(const struct import *s, const struct node *n)
{
    return map_get(&s->bounds, n);
}

static void note(struct import *s, const struct node *n, struct bounds b)
{
    struct bounds *kept = arena_new_of(s->arena, struct bounds);
    *kept = b;
    map_put(&s->bounds, n, kept);
}

/* Those of all operands together; false: they are not known. */
static bool bounds_of_operands(const struct import *s, const struct node *n, int count,
                               struct bounds *b)
{
    for (int i = 0; i < count; i++) {
        const struct bounds *own = noted(s, n->input[i]);
        if (!own)
            return false;
        b->least = i ? int_min(b->least, own->least) : own->least;
        b->most = i ? int_max(b->most, own->most) : own->most;
    }
    return count > 0;
}

/* The size of the dimension in which a node makes positions; 0: it makes none. */
static int64_t positions_of(const struct node *n)
{
    const struct node *of = n->op == OP_result ? n->input[0] : n;
    const struct type *in = of->n_inputs ? &of->input[0]->type : NULL;
    if (n->op == OP_argmax || n->op == OP_argmin || (of->op == OP_topk && n->attr.index == 1))
        return in->dim[attrs_axis(&of->attr, in)];
    if (of->op == OP_nms && n->attr.index == op_find_result(OP_nms, "indices"))
        return in->dim[1];
    return 0;
}

/* Whether a node makes integers of what is clipped, between numbers that floats hold. */
static bool bounds_of_clip(const struct node *n, struct bounds *b)
{
    const struct node *clip = n->op == OP_long ? n->input[0] : NULL;
    if (!clip || clip->op != OP_clip || !(fabs(clip->attr.min) <= MOST_EXACT) ||
        !(fabs(clip->attr.max) <= MOST_EXACT))
        return false;
    *b = (struct bounds){(int64_t)clip->attr.min, (int64_t)clip->attr.max};
    return true;
}

void integers_note(struct import *s, const struct node *n)
{
    struct bounds b;
    const int64_t positions = positions_of(n);
    if (bounds_of_clip(n, &b))
        note(s, n, b);
    else if (positions)
        note(s, n, (struct bounds){0, positions - 1});
    else if (op_has(n->op, OP_TYPES) &&
             bounds_of_operands(s, n, n->op == OP_gather ? 1 : n->n_inputs, &b))
        note(s, n, b);
}

static bool bounds_of_constant(struct import *s, const struct constant *k, struct bounds *b)
{
    const int64_t n = constant_elements(k);
    struct walk w;
    if (!dtype_is_integer(k->dtype) || !n || !budget_take(&s->budget, n))
        return false;
    walk_begin(&w, k, 0);
    *b = (struct bounds){INT64_MAX, INT64_MIN};
    for (int64_t i = 0; i < n; i++) {
        const int64_t x = constant_int(k, walk_next(&w));
        *b = (struct bounds){int_min(b->least, x), int_max(b->most, x)};
    }
    return true;
}

static bool find_bounds(const struct call *c, int i, struct bounds *b)
{
    const struct datum *v = c->in[i];
    if (!v)
        return false;
    if (v->kind == DATUM_constant)
        return bounds_of_constant(c->import, v->constant, b);
    const struct bounds *known = v->kind == DATUM_flow ? noted(c->import, v->flow.node) : NULL;
    if (known)
        *b = *known;
    return known;
}

static bool are_exact(struct bounds b)
{
    return b.least >= -MOST_EXACT && b.most <= MOST_EXACT;
}

/* Of both operands, whole numbers that floats hold. */
static bool take_bounds(struct call *c, struct bounds both[2])
{
    for (int i = 0; i < 2; i++)
        if (!find_bounds(c, i, &both[i]) || !are_exact(both[i]))
            return call_lacks(c, "it is not known that its integers have at most 24 bits");
    return true;
}

/* ---- arithmetic ---- */

bool integers_flow(const struct call *c)
{
    bool some = false;
    for (int i = 0; i < c->n_in; i++)
        some = some || (c->in[i] && c->in[i]->kind == DATUM_flow &&
                        dtype_is_integer(c->in[i]->flow.node->type.dtype));
    return some;
}

const struct constant *integers_as_floats(struct call *c, const struct constant *k)
{
    struct import *s = c->import;
    void *elements;
    struct walk w;
    struct constant *floats =
        constant_new(s->arena, &s->budget, DTYPE_f32, k->rank, k->dim, &elements);
    walk_begin(&w, k, 0);
    for (int64_t i = 0, n = floats ? constant_elements(floats) : 0; i < n; i++) {
        const int64_t x = constant_int(k, walk_next(&w));
        if (x < -MOST_EXACT || x > MOST_EXACT) {
            call_lacks(c, "an integer of more than 24 bits is chosen");
            return NULL;
        }
        constant_put_real(floats, elements, i, (double)x);
    }
    if (!floats)
        give_constant(c, NULL);
    return floats;
}

bool flow_floats(struct call *c, struct flow f, struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_float);
    return make_flow(c, OP_float, &a, f, out);
}

bool flow_integers(struct call *c, struct flow f, struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_long);
    return make_flow(c, OP_long, &a, f, out);
}

bool flow_chosen_integers(struct call *c, struct flow f, const struct constant *of,
                          struct flow *out)
{
    struct bounds b;
    if (!flow_integers(c, f, out))
        return false;
    if (bounds_of_constant(c->import, of, &b))
        note(c->import, out->node, b);
    return true;
}

static bool take_floats(struct call *c, struct datum both[2])
{
    for (int i = 0; i < 2; i++) {
        struct flow f;
        const struct datum *v = c->in[i];
        const struct constant *k =
            v->kind == DATUM_constant ? integers_as_floats(c, v->constant) : NULL;
        if (v->kind == DATUM_constant ? !k : !flow_floats(c, v->flow, &f))
            return false;
        both[i] = k ? datum_of_constant(k) : datum_of_flow(f);
    }
    return true;
}

static struct bounds of_corners(int64_t a, int64_t b, int64_t c, int64_t d)
{
    return (struct bounds){int_min(int_min(a, b), int_min(c, d)),
                           int_max(int_max(a, b), int_max(c, d))};
}

/* Of what is at most 2^24, also where it is divided, by what is above 0. */
static struct bounds joined_bounds(enum op op, struct bounds x, struct bounds y)
{
    switch (op) {
    case OP_add:
        return (struct bounds){x.least + y.least, x.most + y.most};
    case OP_sub:
        return (struct bounds){x.least - y.most, x.most - y.least};
    case OP_mul:
        return of_corners(x.least * y.least, x.least * y.most, x.most * y.least, x.most * y.most);
    case OP_div:
        return of_corners(x.least / y.least, x.least / y.most, x.most / y.least, x.most / y.most);
    case OP_maximum:
        return (struct bounds){int_max(x.least, y.least), int_max(x.most, y.most)};
    default:
        return (struct bounds){int_min(x.least, y.least), int_min(x.most, y.most)};
    }
}

static bool give_integers(struct call *c, struct flow f, struct bounds b)
{
    if (!are_exact(b))
        return call_lacks(c, "it is not known that its result has at most 24 bits");
    if (!flow_integers(c, f, &f))
        return false;
    note(c->import, f.node, b);
    return give(c, f);
}

static bool join_floats(struct call *c, enum op op, struct datum left, struct datum right,
                        struct flow *out)
{
    const struct datum *both[2] = {&left, &right};
    return flow_join(c, op, both, 2, out);
}

/* A quotient is cut off where it has a fraction. Of whole numbers of at most 24 bits that is the
 * right one: it is below the next by 1/y at least, which is more than half a step of floats. */
bool join_integers(struct call *c, enum op op)
{
    struct bounds b[2];
    struct datum x[2];
    struct flow f;
    if (c->n_in != 2)
        return call_lacks(c, "it has not two operands");
    if (!take_bounds(c, b))
        return false;
    if (op == OP_div && b[1].least < 1)
        return call_lacks(c, "it is not known that it divides by integers above 0");
    return take_floats(c, x) && join_floats(c, op, x[0], x[1], &f) &&
           give_integers(c, f, joined_bounds(op, b[0], b[1]));
}

/* x - y (x / y) */
bool convert_mod(struct call *c)
{
    struct bounds b[2];
    struct datum x[2];
    struct flow f;
    if (operands_are_constant(c))
        return fold_binary(c);
    if (!integers_flow(c) || c->n_in != 2)
        return call_lacks(c, "it is not of integers");
    if (!take_bounds(c, b))
        return false;
    if (b[0].least < 0 || b[1].least < 1)
        return call_lacks(c, "it is not known that its integers are 0 or more, over some above 0");
    if (!take_floats(c, x) || !join_floats(c, OP_div, x[0], x[1], &f) || !flow_integers(c, f, &f) ||
        !flow_floats(c, f, &f) || !join_floats(c, OP_mul, datum_of_flow(f), x[1], &f) ||
        !join_floats(c, OP_sub, x[0], datum_of_flow(f), &f))
        return false;
    return give_integers(c, f, (struct bounds){0, int_min(b[0].most, b[1].most - 1)});
}

/* ---- comparisons that bounds decide ---- */

enum answer { ANSWER_no, ANSWER_yes, ANSWER_unknown };

static enum answer is_below(struct bounds x, struct bounds y, bool or_equal)
{
    const int64_t more = or_equal;
    return x.most < y.least + more    ? ANSWER_yes
           : x.least >= y.most + more ? ANSWER_no
                                      : ANSWER_unknown;
}

static enum answer compared(const char *name, struct bounds x, struct bounds y)
{
    const bool or_equal = strstr(name, "OrEqual");
    if (!strncmp(name, "Less", 4))
        return is_below(x, y, or_equal);
    if (!strncmp(name, "Greater", 7))
        return is_below(y, x, or_equal);
    return ANSWER_unknown;
}

/* The shape to which two operands spread; false: none. */
static bool joined_shape(const struct call *c, int *rank, int64_t *dim)
{
    const struct datum *a = c->in[0], *b = c->in[1];
    *rank = (int)int_max(datum_rank(a), datum_rank(b));
    for (int i = 1; i <= *rank; i++) {
        const int64_t x = i <= datum_rank(a) ? datum_dim(a, datum_rank(a) - i) : 1;
        const int64_t y = i <= datum_rank(b) ? datum_dim(b, datum_rank(b) - i) : 1;
        if (x != y && x != 1 && y != 1)
            return false;
        dim[*rank - i] = x == 1 ? y : x;
    }
    return true;
}

bool integers_decide(struct call *c, bool *decided)
{
    struct bounds b[2];
    struct budget one = {1};
    const int64_t single = 1;
    int64_t dim[CONSTANT_RANK];
    void *elements;
    int rank;
    *decided = c->n_in == 2 && integers_flow(c) && find_bounds(c, 0, &b[0]) &&
               find_bounds(c, 1, &b[1]) && joined_shape(c, &rank, dim);
    const enum answer a = *decided ? compared(c->node->op_type, b[0], b[1]) : ANSWER_unknown;
    *decided = a != ANSWER_unknown;
    if (!*decided)
        return true;
    struct constant *k = constant_new(c->import->arena, &one, DTYPE_bool, 1, &single, &elements);
    constant_put_int(k, elements, 0, a == ANSWER_yes);
    return give_constant(c, constant_spread(c->import->arena, k, rank, dim));
}
