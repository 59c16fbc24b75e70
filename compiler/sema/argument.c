/* What is said of arguments that do not fit, with the way out: most are another tool's. */
#include "front/slips.h"
#include "ir/names.h"
#include "sema/sema.h"

#include <string.h>

/* "out, kernel, stride, …": what a callable takes. */
static const char *list_params(struct sema *s, const struct callable *c)
{
    struct text t;
    text_init(&t, s->arena);
    for (int i = 0; i < c->n_slots; i++)
        text_printf(&t, "%s%s", i ? ", " : "", callable_param(c, i));
    return text_string(&t);
}

void hint_params(struct sema *s, const struct callable *c, struct diag *d)
{
    if (c->n_slots)
        diag_hint(d, "'%s' takes: %s", c->name, list_params(s, c));
}

const char *call_without_first(const struct sema *s, const struct callable *c,
                               const struct ast_args *args)
{
    struct text t;
    text_init(&t, s->arena);
    text_printf(&t, "%s(", c->name);
    for (size_t i = 1; i < args->list.n; i++)
        text_printf(&t, "%s%s", i > 1 ? ", " : "", sema_text(s, args->list.at[i].span));
    text_append(&t, ")");
    return text_string(&t);
}

/* The change that takes an argument out, with its comma, or with the parentheses around it alone.
 */
static void fix_leave_out(struct diag *d, const struct ast_args *args, size_t k)
{
    const struct ast_arg *at = args->list.at;
    struct span span = args->span;
    if (k + 1 < args->list.n) {
        span = at[k].span;
        span.end = at[k + 1].span.begin;
    } else if (k) {
        span = at[k].span;
        span.begin = at[k - 1].span.end;
    }
    diag_fix(d, span, "");
}

/* ---- PyTorch's normalized_shape ---- */

/* How many sizes a value is of, if they are those of the last dimensions; 0: it is not. */
static int last_sizes(const struct value *v, const struct type *in)
{
    const struct value *at = value_is_sequence(v) ? v->items.at : v;
    const int n = value_is_sequence(v) ? (int)v->items.n : 1;
    for (int i = 0; i < n; i++)
        if (n >= in->rank || at[i].kind != VALUE_int || at[i].integer != in->dim[in->rank - n + i])
            return 0;
    return n;
}

/* "-1", "[-2, -1]". */
static const char *last_dims(struct sema *s, int n)
{
    struct text t;
    text_init(&t, s->arena);
    text_append(&t, n > 1 ? "[" : "");
    for (int i = -n; i < 0; i++)
        text_printf(&t, "%d%s", i, i < -1 ? ", " : n > 1 ? "]" : "");
    return text_string(&t);
}

/* The sizes that are normalized over stand for dimensions, which here are given by number; false:
 * they are none of what flows in. */
static bool hint_normalized(struct sema *s, const struct place *p, const struct callable *c,
                            const struct ast_args *args, size_t k, struct diag *d)
{
    const struct ast_arg *arg = &args->list.at[k];
    const struct value v = eval(s, p, arg->value);
    if (p->in.kind != FLOW_tensor)
        return false;
    const struct type *in = &p->in.node->type;
    const int n = last_sizes(&v, in);
    if (n && n == in->rank - 1) {
        diag_hint(d, "leave it out: '%s' normalizes all of what flows in", c->name);
        fix_leave_out(d, args, k);
    } else if (n) {
        const char *dims = arena_printf(s->arena, "dim=%s", last_dims(s, n));
        diag_hint(d, "sizes are known, dimensions have numbers: write '%s(%s)'", c->name, dims);
        diag_fix(d, arg->span, dims);
    } else if (v.kind == VALUE_int && v.integer == type_c(in)) {
        diag_hint(d, "'%s(dim=1)' normalizes the channels of each position", c->name);
    } else {
        return false;
    }
    return true;
}

/* ---- arguments of other tools ---- */

/* What an operator of another tool takes by that name, here argument `k`; false: nothing known. */
static bool hint_habit(struct sema *s, const struct place *p, const struct callable *c,
                       const struct ast_args *args, size_t k, const char *theirs, struct diag *d)
{
    const struct habit *habit =
        theirs && c->kind == CALLABLE_operator ? habit_argument(c->op, theirs) : NULL;
    if (!habit)
        return false;
    if (!strcmp(theirs, "normalized_shape") && hint_normalized(s, p, c, args, k, d))
        return true;
    diag_hint(d, "%s", habit->hint);
    if (habit->ours && args->list.at[k].name)
        diag_fix(d, args->list.at[k].name_span, habit->ours);
    else if (habit->dropped)
        fix_leave_out(d, args, k);
    return true;
}

void argument_unknown(struct sema *s, const struct place *p, const struct callable *c,
                      const struct ast_args *args, size_t k)
{
    const struct ast_arg *arg = &args->list.at[k];
    struct nearest n;
    struct diag *d =
        SEMA_ERROR(s, p, arg->name_span, MESSAGE(err_unknown_param), c->name, arg->name);
    nearest_init(&n, arg->name);
    for (int i = 0; i < c->n_slots; i++)
        nearest_offer(&n, callable_param(c, i));
    if (hint_habit(s, p, c, args, k, arg->name, d))
        return;
    if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else
        hint_params(s, c, d);
}

/* Whether an expression is the name of a tensor. */
static bool is_tensor(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    const struct binding *b = e->kind == EXPR_name ? scope_find(p, e->string) : NULL;
    return e->kind == EXPR_in || (b && b->value.kind == VALUE_tensor) ||
           (e->kind == EXPR_name && !b && scope_label(s, p, e->string));
}

void argument_too_many(struct sema *s, const struct place *p, const struct callable *c,
                       const struct ast_args *args, size_t k, int positions)
{
    const struct ast_arg *arg = &args->list.at[k];
    struct diag *d =
        SEMA_ERROR(s, p, arg->span, MESSAGE(err_too_many_args), c->name,
                   positions == 0   ? "no argument"
                   : positions == 1 ? "one argument"
                                    : arena_printf(s->arena, "at most %d arguments", positions));
    const bool operator= c->kind == CALLABLE_operator;
    if (operator&& is_tensor(s, p, arg->value))
        diag_hint(d, "what flows in is no argument: 'from %s -> %s'", sema_text(s, arg->span),
                  c->name);
    else if (operator&& !k && hint_habit(s, p, c, args, k, habit_first(c->op), d))
        return;
    else if (operator&& !c->n_slots)
        diag_hint(d, "it works on the result of the step before: '… -> %s'", c->name);
    else
        hint_params(s, c, d);
}

/* conv(3, 16, kernel=3), as PyTorch has it: the number of input channels, then that of outputs. */
static bool is_conv_habit(const struct place *p, const struct callable *c,
                          const struct ast_args *args, int i)
{
    const bool conv =
        c->kind == CALLABLE_operator && (c->op == OP_conv || c->op == OP_conv_transpose);
    return conv && !strcmp(callable_param(c, i), "kernel") && !args->list.at[0].name &&
           p->in.kind == FLOW_tensor && c->slots[0].value.kind == VALUE_int &&
           c->slots[0].value.integer == type_c(&p->in.node->type);
}

void argument_twice(struct sema *s, const struct place *p, const struct callable *c,
                    const struct ast_args *args, size_t k, int i)
{
    if (!is_conv_habit(p, c, args, i)) {
        SEMA_ERROR(s, p, args->list.at[k].span, MESSAGE(err_arg_twice), callable_param(c, i));
        return;
    }
    struct diag *d = SEMA_ERROR(s, p, args->list.at[0].span, MESSAGE(err_conv_inputs), c->name);
    diag_hint(d, "the number of inputs is known: write '%s'", call_without_first(s, c, args));
    fix_leave_out(d, args, 0);
}

bool argument_is_linear_input(struct sema *s, const struct place *p, const struct callable *c,
                              const struct ast_args *args, size_t k, int i, const struct value *v)
{
    if (c->kind != CALLABLE_operator || c->op != OP_linear || i != 1 || v->kind != VALUE_int)
        return false;
    struct diag *d = SEMA_ERROR(s, p, args->list.at[k].span, MESSAGE(err_linear_inputs));
    diag_hint(d, "the number of inputs is known: write 'linear(%lld)'", (long long)v->integer);
    if (k == 1 && !args->list.at[0].name)
        fix_leave_out(d, args, 0);
    return true;
}

/* Whether a name stands for nothing here. */
static bool is_free(struct sema *s, const struct place *p, const char *name)
{
    struct value ignored;
    return !scope_find(p, name) && !scope_label(s, p, name) && !constant_find(s, name, &ignored);
}

/* `mode=bilinear`, a word without its quotes, and Keras's `padding=valid`. */
bool argument_is_bare_word(struct sema *s, const struct place *p, const struct callable *c,
                           const struct ast_args *args, size_t k, int i)
{
    const struct ast_arg *arg = &args->list.at[k];
    const struct attr_info *attr = callable_attr(c, i);
    if (!attr || arg->value->kind != EXPR_name || !is_free(s, p, arg->value->string))
        return false;
    const char *word = arg->value->string, *habit = habit_word(attr->kind, word);
    const char *const *words = attr_words(attr->kind);
    const bool quoted = words && name_find(words, word) >= 0;
    if (!habit && !quoted)
        return false;
    struct diag *d = SEMA_ERROR(s, p, arg->value->span, MESSAGE(err_unknown_name), word);
    if (quoted) {
        const char *string = arena_printf(s->arena, "\"%s\"", word);
        diag_hint(d, "it is a string: write '%s'", string);
        diag_fix(d, arg->value->span, string);
        return true;
    }
    diag_hint(d, "%s", habit);
    if (arg->name)
        fix_leave_out(d, args, k);
    return true;
}

/* `kernel==3`: a comparison whose left side could only be the name of a parameter. */
bool argument_compares(struct sema *s, const struct place *p, const struct callable *c,
                       const struct ast_arg *arg)
{
    const struct ast_expr *e = arg->value;
    if (arg->name || e->kind != EXPR_binary ||
        e->binary.operator!= OPERATOR_eq || e->binary.left->kind != EXPR_name)
        return false;
    const char *name = e->binary.left->string;
    if (callable_find(c, name) < 0 || scope_find(p, name) || scope_label(s, p, name))
        return false;
    struct diag *d = SEMA_ERROR(s, p, e->binary.operator_span, MESSAGE(err_argument_compares));
    diag_hint(d, "write '%s=%s'", name, sema_text(s, e->binary.right->span));
    diag_fix(d, e->binary.operator_span, "=");
    return true;
}
