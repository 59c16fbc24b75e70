/* Operators of expressions on values, as Python's: checked integers, `/` gives a real, `//` and `%`
 * round down. */
#include "base/number.h"
#include "sema/sema.h"

#include <math.h>
#include <string.h>

/* An operation that its operands do not have. */
static struct value misfit(struct sema *s, const struct place *p, const struct ast_expr *e,
                           const struct value *a, const struct value *b)
{
    struct diag *d =
        SEMA_ERROR(s, p, e->binary.operator_span, MESSAGE(err_operands),
                   sema_text(s, e->binary.operator_span), value_describe(a), value_describe(b));
    diag_range(d, e->binary.left->span);
    diag_range(d, e->binary.right->span);
    return value_poison();
}

static struct value overflow(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    SEMA_ERROR(s, p, e->span, MESSAGE(err_overflow));
    return value_poison();
}

static struct value zero_division(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    SEMA_ERROR(s, p, e->span, MESSAGE(err_zero_division));
    return value_poison();
}

static struct value checked_real(struct sema *s, const struct place *p, const struct ast_expr *e,
                                 double r)
{
    return isfinite(r) ? value_real(r) : overflow(s, p, e);
}

static struct value int_op(struct sema *s, const struct place *p, const struct ast_expr *e,
                           int64_t a, int64_t b)
{
    int64_t r = 0;
    enum ast_operator op = e->binary.operator;
    if ((op == OPERATOR_floordiv || op == OPERATOR_mod) && b == 0)
        return zero_division(s, p, e);
    bool fits = true;
    if (op == OPERATOR_add)
        fits = checked_add(a, b, &r);
    else if (op == OPERATOR_sub)
        fits = !__builtin_sub_overflow(a, b, &r);
    else if (op == OPERATOR_mul)
        fits = checked_mul(a, b, &r);
    else if (b == -1)
        fits = op == OPERATOR_mod || !__builtin_sub_overflow((int64_t)0, a, &r);
    else
        r = op == OPERATOR_mod ? a - int_floor_div(a, b) * b : int_floor_div(a, b);
    return fits ? value_int(r) : overflow(s, p, e);
}

static struct value real_op(struct sema *s, const struct place *p, const struct ast_expr *e,
                            double a, double b)
{
    switch (e->binary.operator) {
    case OPERATOR_add:
        return checked_real(s, p, e, a + b);
    case OPERATOR_sub:
        return checked_real(s, p, e, a - b);
    case OPERATOR_mul:
        return checked_real(s, p, e, a * b);
    case OPERATOR_div:
        return b == 0 ? zero_division(s, p, e) : checked_real(s, p, e, a / b);
    case OPERATOR_floordiv:
        return b == 0 ? zero_division(s, p, e) : checked_real(s, p, e, floor(a / b));
    default:
        return b == 0 ? zero_division(s, p, e) : checked_real(s, p, e, a - floor(a / b) * b);
    }
}

static struct value number_op(struct sema *s, const struct place *p, const struct ast_expr *e,
                              const struct value *a, const struct value *b)
{
    bool divides = OPERATOR_div == e->binary.operator;
    if (a->kind == VALUE_int && b->kind == VALUE_int && !divides)
        return int_op(s, p, e, a->integer, b->integer);
    struct value v = real_op(s, p, e, value_number(a), value_number(b));
    v.division = divides ? e->span : a->division.source ? a->division : b->division;
    return v;
}

/* A comparison as far as it has come. Lists may share their items, so that it can take much longer
 * than what was written. */
struct comparing {
    struct sema *s;
    const struct place *p;
    const struct ast_expr *e;
    int order; /* equal, less or greater, by sign */
};

/* False: not comparable, or too much work. */
static bool compare(struct comparing *, const struct value *a, const struct value *b);

static bool compare_items(struct comparing *t, const struct value *a, const struct value *b)
{
    if (a->items.at == b->items.at && a->items.n == b->items.n)
        return true;
    for (size_t i = 0; i < a->items.n && i < b->items.n && !t->order; i++)
        if (!compare(t, &a->items.at[i], &b->items.at[i]))
            return false;
    if (!t->order)
        t->order = (a->items.n > b->items.n) - (a->items.n < b->items.n);
    return true;
}

static bool same_definition(const struct callable *a, const struct callable *b)
{
    return a->kind == b->kind && a->op == b->op && a->definition == b->definition &&
           a->let == b->let && a->builtin == b->builtin;
}

static bool compare(struct comparing *t, const struct value *a, const struct value *b)
{
    if (!sema_work(t->s, t->p, t->e->span, 1))
        return false;
    if (a->kind == VALUE_int && b->kind == VALUE_int) {
        t->order = (a->integer > b->integer) - (a->integer < b->integer);
        return true;
    }
    if (value_is_number(a) && value_is_number(b)) {
        t->order = (value_number(a) > value_number(b)) - (value_number(a) < value_number(b));
        return true;
    }
    if (a->kind != b->kind)
        return false;
    if (a->kind == VALUE_string)
        t->order = strcmp(a->string, b->string);
    else if (a->kind == VALUE_bool)
        t->order = a->boolean - b->boolean;
    else if (a->kind == VALUE_callable)
        t->order = !same_definition(a->callable, b->callable);
    return value_is_sequence(a) ? compare_items(t, a, b)
                                : a->kind != VALUE_tensor && a->kind != VALUE_poison;
}

static bool is_equality(enum ast_operator op)
{
    return op == OPERATOR_eq || op == OPERATOR_ne;
}

static struct value comparison(struct sema *s, const struct place *p, const struct ast_expr *e,
                               const struct value *a, const struct value *b)
{
    struct comparing t = {.s = s, .p = p, .e = e};
    const bool unordered = a->kind == VALUE_bool || a->kind == VALUE_callable;
    const bool fits = compare(&t, a, b) && (!unordered || is_equality(e->binary.operator));
    if (!fits)
        return s->stopped ? value_poison() : misfit(s, p, e, a, b);
    switch (e->binary.operator) {
    case OPERATOR_eq:
        return value_bool(t.order == 0);
    case OPERATOR_ne:
        return value_bool(t.order != 0);
    case OPERATOR_lt:
        return value_bool(t.order < 0);
    case OPERATOR_le:
        return value_bool(t.order <= 0);
    case OPERATOR_gt:
        return value_bool(t.order > 0);
    default:
        return value_bool(t.order >= 0);
    }
}

/* [1] + [2], (1,) + (2,). */
static struct value concatenate(struct sema *s, const struct place *p, const struct ast_expr *e,
                                const struct value *a, const struct value *b)
{
    size_t n = a->items.n + b->items.n;
    if (!sema_work(s, p, e->span, (int64_t)n))
        return value_poison();
    struct value *at = arena_array(s->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = i < a->items.n ? a->items.at[i] : b->items.at[i - a->items.n];
    return value_items(a->kind, at, n);
}

/* [64] * 3. */
static struct value replicate(struct sema *s, const struct place *p, const struct ast_expr *e,
                              const struct value *list, int64_t times)
{
    int64_t n;
    times = times < 0 ? 0 : times;
    if (!checked_mul((int64_t)list->items.n, times, &n))
        return overflow(s, p, e);
    if (!sema_work(s, p, e->span, n))
        return value_poison();
    struct value *at = arena_array(s->arena, (size_t)n, sizeof *at);
    for (int64_t i = 0; i < n; i++)
        at[i] = list->items.at[(size_t)i % list->items.n];
    return value_items(list->kind, at, (size_t)n);
}

static struct value join_strings(struct sema *s, const struct place *p, const struct ast_expr *e,
                                 const char *a, const char *b)
{
    if (!sema_work(s, p, e->span, (int64_t)(strlen(a) + strlen(b))))
        return value_poison();
    return value_string(strings_intern0(s->strings, arena_printf(s->arena, "%s%s", a, b)));
}

struct value arith_binary(struct sema *s, const struct place *p, const struct ast_expr *e,
                          struct value a, struct value b)
{
    enum ast_operator op = e->binary.operator;
    if (op >= OPERATOR_eq && op <= OPERATOR_ge)
        return comparison(s, p, e, &a, &b);
    if (value_is_number(&a) && value_is_number(&b))
        return number_op(s, p, e, &a, &b);
    if (op == OPERATOR_add && a.kind == b.kind && value_is_sequence(&a))
        return concatenate(s, p, e, &a, &b);
    if (op == OPERATOR_add && a.kind == VALUE_string && b.kind == VALUE_string)
        return join_strings(s, p, e, a.string, b.string);
    if (op == OPERATOR_mul && value_is_sequence(&a) && b.kind == VALUE_int)
        return replicate(s, p, e, &a, b.integer);
    return misfit(s, p, e, &a, &b);
}

static struct value cannot_apply(struct sema *s, const struct place *p, const struct ast_expr *e,
                                 const struct value *v)
{
    SEMA_ERROR(s, p, e->span, MESSAGE(err_operand), OPERATOR_not == e->binary.operator? "not" : "-",
               value_describe(v));
    return value_poison();
}

struct value arith_unary(struct sema *s, const struct place *p, const struct ast_expr *e,
                         struct value v)
{
    int64_t negated;
    if (OPERATOR_not == e->binary.operator)
        return v.kind == VALUE_bool ? value_bool(!v.boolean) : cannot_apply(s, p, e, &v);
    if (!value_is_number(&v))
        return cannot_apply(s, p, e, &v);
    if (v.kind == VALUE_real) {
        v.real = -v.real;
        return v;
    }
    return __builtin_sub_overflow((int64_t)0, v.integer, &negated) ? overflow(s, p, e)
                                                                   : value_int(negated);
}

/* "in.c // 3" of "in.c / 3". */
static const char *rounded_division(struct sema *s, struct span division)
{
    const char *text = sema_text(s, division);
    int depth = 0;
    const char *slash = NULL;
    for (const char *c = text; *c; c++) {
        depth += (*c == '(' || *c == '[') - (*c == ')' || *c == ']');
        if (*c == '/' && depth == 0)
            slash = c;
    }
    return slash ? arena_printf(s->arena, "%.*s/%s", (int)(slash - text + 1), text, slash + 1)
                 : NULL;
}

void report_not_int(struct sema *s, const struct place *p, struct span span, const char *what,
                    const struct value *v)
{
    struct diag *d = diag_add(sema_sink(s, span), span, MESSAGE(err_not_int), what,
                              value_describe(v), sema_describe(s, v));
    const char *fixed =
        v->kind == VALUE_real && v->division.source ? rounded_division(s, v->division) : NULL;
    bool here = v->division.source == span.source && v->division.begin >= span.begin &&
                v->division.end <= span.end;
    if (fixed)
        diag_hint(d, "'/' gives a real; '%s' rounds down to an integer", fixed);
    if (fixed && !here)
        diag_note(d, v->division, "made by this division");
    sema_walk_out(p, d);
}
