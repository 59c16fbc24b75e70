/* Functions of expressions, and the constants that are always there. */
#include "base/number.h"
#include "sema/sema.h"

#include <math.h>
#include <string.h>

/* A call of a builtin: its arguments, evaluated. */
struct invocation {
    struct sema *s;
    const struct place *p;
    const struct ast_expr *expr;
    const struct builtin *builtin;
    size_t n;
    struct value *arg;
    struct span *span;
};

struct builtin {
    const char *name;
    size_t least, most;
    struct value (*call)(struct invocation *);
};

static struct value wrong(struct invocation *t, size_t i, const char *needed)
{
    SEMA_ERROR(t->s, t->p, t->span[i], MESSAGE(err_builtin_arg), t->builtin->name, needed,
               value_describe(&t->arg[i]));
    return value_poison();
}

static struct value builtin_len(struct invocation *t)
{
    if (!value_is_sequence(&t->arg[0]))
        return wrong(t, 0, "a list");
    return value_int((int64_t)t->arg[0].items.n);
}

/* The smallest (sign -1) or largest (sign 1) of the arguments, or of the items of one list. */
static struct value extreme(struct invocation *t, int sign)
{
    const struct value *at = t->arg, *best = NULL;
    size_t n = t->n;
    if (n == 1 && !value_is_sequence(at))
        return wrong(t, 0, "a list or several numbers");
    if (n == 1) {
        n = at->items.n;
        at = at->items.at;
    }
    t->s->work += (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        if (!value_is_number(&at[i]))
            return wrong(t, at == t->arg ? i : 0, "numbers");
        if (!best || (value_number(&at[i]) - value_number(best)) * sign > 0)
            best = &at[i];
    }
    return best ? *best : wrong(t, 0, "at least one number");
}

static struct value builtin_min(struct invocation *t)
{
    return extreme(t, -1);
}

static struct value builtin_max(struct invocation *t)
{
    return extreme(t, 1);
}

static struct value rounded(struct invocation *t, double (*function)(double))
{
    const struct value *v = &t->arg[0];
    if (v->kind == VALUE_int)
        return *v;
    if (v->kind != VALUE_real)
        return wrong(t, 0, "a number");
    double r = function(v->real);
    return fabs(r) < 0x1p63 ? value_int((int64_t)r) : wrong(t, 0, "a number below 2^63");
}

static struct value builtin_floor(struct invocation *t)
{
    return rounded(t, floor);
}

static struct value builtin_ceil(struct invocation *t)
{
    return rounded(t, ceil);
}

static struct value builtin_round(struct invocation *t)
{
    return rounded(t, nearbyint);
}

static struct value builtin_abs(struct invocation *t)
{
    struct value v = t->arg[0];
    if (v.kind == VALUE_real)
        v.real = fabs(v.real);
    else if (v.kind == VALUE_int && v.integer != INT64_MIN)
        v.integer = v.integer < 0 ? -v.integer : v.integer;
    else
        return wrong(t, 0, "a number");
    return v;
}

/* base to the power of n >= 0; false: 63 bits do not hold it. */
static bool integer_power(int64_t base, int64_t n, int64_t *power)
{
    *power = 1;
    while (n) {
        if ((n & 1) && !checked_mul(*power, base, power))
            return false;
        n >>= 1;
        if (n && !checked_mul(base, base, &base))
            return false;
    }
    return true;
}

static struct value builtin_pow(struct invocation *t)
{
    const struct value *base = &t->arg[0], *n = &t->arg[1];
    int64_t power;
    for (size_t i = 0; i < 2; i++)
        if (!value_is_number(&t->arg[i]))
            return wrong(t, i, "two numbers");
    if (value_number(base) == 0 && value_number(n) < 0) {
        SEMA_ERROR(t->s, t->p, t->expr->span, MESSAGE(err_zero_division));
        return value_poison();
    }
    const bool whole = base->kind == VALUE_int && n->kind == VALUE_int && n->integer >= 0;
    const double real = pow(value_number(base), value_number(n));
    if (whole && integer_power(base->integer, n->integer, &power))
        return value_int(power);
    if (isnan(real))
        return wrong(t, 1, "a whole exponent of a number below zero");
    if (!whole && isfinite(real))
        return value_real(real);
    SEMA_ERROR(t->s, t->p, t->expr->span, MESSAGE(err_overflow));
    return value_poison();
}

static struct value builtin_sum(struct invocation *t)
{
    const struct value *list = &t->arg[0];
    int64_t integer = 0;
    double real = 0;
    bool whole = true;
    if (!value_is_sequence(list))
        return wrong(t, 0, "a list");
    t->s->work += (int64_t)list->items.n;
    for (size_t i = 0; i < list->items.n; i++) {
        const struct value *v = &list->items.at[i];
        if (!value_is_number(v))
            return wrong(t, 0, "a list of numbers");
        whole &= v->kind == VALUE_int;
        real += value_number(v);
        if (whole && !checked_add(integer, v->integer, &integer))
            return wrong(t, 0, "numbers whose sum is below 2^63");
    }
    return whole ? value_int(integer) : isfinite(real) ? value_real(real) : wrong(t, 0, "numbers");
}

static bool range_count(struct invocation *t, int64_t first, int64_t end, int64_t step, int64_t *n)
{
    int64_t distance = 0;
    bool fits = step > 0 ? !__builtin_sub_overflow(end, first, &distance)
                         : !__builtin_sub_overflow(first, end, &distance);
    uint64_t pace = step > 0 ? (uint64_t)step : -(uint64_t)step;
    *n = fits && distance > 0 ? (int64_t)(((uint64_t)distance + pace - 1) / pace) : 0;
    return fits && sema_work(t->s, t->p, t->expr->span, *n);
}

static struct value builtin_range(struct invocation *t)
{
    int64_t bound[3] = {0, 0, 1}, n;
    for (size_t i = 0; i < t->n; i++) {
        if (t->arg[i].kind != VALUE_int)
            return wrong(t, i, "integers");
        bound[t->n == 1 ? 1 : i] = t->arg[i].integer;
    }
    if (bound[2] == 0)
        return wrong(t, 2, "a step other than zero");
    if (!range_count(t, bound[0], bound[1], bound[2], &n))
        return value_poison();
    struct value *at = arena_array(t->s->arena, (size_t)n, sizeof *at);
    for (int64_t i = 0; i < n; i++)
        at[i] = value_int(bound[0] + i * bound[2]);
    return value_items(VALUE_list, at, (size_t)n);
}

static struct value builtin_str(struct invocation *t)
{
    const struct value *v = &t->arg[0];
    if (v->kind == VALUE_string)
        return *v;
    if (v->kind != VALUE_int)
        return wrong(t, 0, "an integer or a string");
    return value_string(arena_printf(t->s->arena, "%lld", (long long)v->integer));
}

static struct value zip_row(struct invocation *t, size_t row)
{
    struct value *at = arena_array(t->s->arena, t->n, sizeof *at);
    for (size_t i = 0; i < t->n; i++)
        at[i] = t->arg[i].items.at[row];
    return value_items(VALUE_tuple, at, t->n);
}

static struct value builtin_zip(struct invocation *t)
{
    size_t n = value_is_sequence(&t->arg[0]) ? t->arg[0].items.n : 0;
    for (size_t i = 0; i < t->n; i++) {
        if (!value_is_sequence(&t->arg[i]))
            return wrong(t, i, "lists");
        if (t->arg[i].items.n != n) {
            SEMA_ERROR(t->s, t->p, t->span[i], MESSAGE(err_zip_lengths), n, t->arg[i].items.n);
            return value_poison();
        }
    }
    if (!sema_work(t->s, t->p, t->expr->span, (int64_t)n))
        return value_poison();
    struct value *at = arena_array(t->s->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = zip_row(t, i);
    return checked_items(t->s, t->p, t->expr->span, VALUE_list, at, n);
}

static const struct builtin builtins[] = {
#define BUILTIN(name, least, most, doc) {#name, least, most, builtin_##name},
#include "sema/builtins.def"
};

enum { N_BUILTINS = sizeof builtins / sizeof *builtins };

const struct callable *builtin_find(struct sema *s, const char *name, size_t n)
{
    for (size_t i = 0; i < N_BUILTINS; i++)
        if (!strcmp(builtins[i].name, name) && n >= builtins[i].least) {
            struct callable *c = arena_new_of(s->arena, struct callable);
            *c = (struct callable){
                .kind = CALLABLE_builtin, .name = builtins[i].name, .builtin = &builtins[i]};
            return c;
        }
    return NULL;
}

void builtin_offer(struct nearest *n)
{
    for (size_t i = 0; i < N_BUILTINS; i++)
        nearest_offer(n, builtins[i].name);
}

struct value builtin_call(struct sema *s, const struct place *p, const struct ast_expr *e,
                          const struct builtin *b, const struct ast_args *args)
{
    struct invocation t = {.s = s, .p = p, .expr = e, .builtin = b, .n = args->list.n};
    if (t.n < b->least || t.n > b->most) {
        SEMA_ERROR(s, p, e->span, MESSAGE(err_builtin_count), b->name, b->least, b->most, t.n);
        return value_poison();
    }
    t.arg = arena_array(s->arena, t.n, sizeof *t.arg);
    t.span = arena_array(s->arena, t.n, sizeof *t.span);
    for (size_t i = 0; i < t.n; i++) {
        const struct ast_arg *arg = &args->list.at[i];
        t.span[i] = arg->span;
        t.arg[i] = eval(s, p, arg->value);
        if (t.arg[i].kind == VALUE_poison)
            return value_poison();
        if (arg->name) {
            SEMA_ERROR(s, p, arg->name_span, MESSAGE(err_builtin_named), b->name);
            return value_poison();
        }
    }
    return b->call(&t);
}

/* The paddings by name are strings, so that they can be passed on. */
bool constant_find(const struct sema *s, const char *name, struct value *v)
{
    if (!strcmp(name, "half") || !strcmp(name, "same"))
        *v = value_string(name);
    else if (!strcmp(name, "training"))
        *v = value_bool(s->options->training);
    else if (!strcmp(name, "inf"))
        *v = value_real(INFINITY);
    else
        return false;
    return true;
}
