/* The values of expressions: one function for each kind of the tree. */
#include "sema/sema.h"

#include "front/slips.h"

#include <string.h>

struct value binding_value(struct sema *s, const struct place *p, struct binding *b)
{
    if (b->evaluated)
        return b->value;
    if (b->evaluating) {
        SEMA_ERROR(s, p, b->span, MESSAGE(err_let_cycle), b->name);
        return value_poison();
    }
    struct place there = {.scope = b->scope};
    b->evaluating = true;
    struct value v = eval(s, &there, b->let->value);
    b->evaluating = false;
    b->evaluated = true;
    return b->value = v;
}

static void hint_slip(struct diag *d, const struct ast_expr *e)
{
    diag_hint(d, "%s", slip_hint(e->string));
    if (slip_meant(e->string))
        diag_fix(d, e->span, slip_meant(e->string));
}

/* A text behind -D, which is an expression, without its quotes. */
static bool is_bare_text(const struct sema *s, const struct ast_expr *e)
{
    const struct source *source = sources_get(s->sources, e->span.source);
    return source && source->in_memory && !strcmp(source->path, "-D") &&
           e->span.end == source->size;
}

static struct value unknown_name(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    if (scope_incomplete(p->scope))
        return value_poison();
    struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_unknown_name), e->string);
    struct nearest n;
    nearest_init(&n, e->string);
    scope_offer_names(p, &n);
    if (slip_hint(e->string))
        hint_slip(d, e);
    else if (!scope_hint_import(s, e->string, d) && nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    if (is_bare_text(s, e))
        diag_hint(d, "a value is an expression: a string is '\"%s\"', with its quotes", e->string);
    return value_poison();
}

struct value label_value(const struct entry *e)
{
    if (e->flow.kind != FLOW_tensor)
        return value_poison();
    return (struct value){.kind = VALUE_tensor, .tensor = {e->flow, e->path}};
}

static struct value eval_name(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct value v;
    struct binding *b = scope_find(p, e->string);
    if (b)
        return binding_value(s, p, b);
    if (constant_find(s, e->string, &v))
        return v;
    const struct entry *label = scope_label(s, p, e->string);
    if (label)
        return label_value(label);
    const struct callable *c = scope_callable(s, p, e->string, e->span);
    if (!c && !scope_net(s, p->scope, e->string))
        return unknown_name(s, p, e);
    if (!c)
        c = net_callable(s, p->scope, e->string, e->span);
    return c ? value_callable(c) : value_poison();
}

static struct value eval_in(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    if (p->in.kind == FLOW_none)
        SEMA_ERROR(s, p, e->span, MESSAGE(err_no_tensor_in));
    if (p->in.kind != FLOW_tensor)
        return value_poison();
    return (struct value){.kind = VALUE_tensor, .tensor = {p->in, NULL}};
}

struct value checked_items(struct sema *s, const struct place *p, struct span span,
                           enum value_kind kind, const struct value *at, size_t n)
{
    enum { DEEPEST = 100 }; /* walks of values recurse */
    const struct value v = value_items(kind, at, n);
    if (v.items.depth <= DEEPEST)
        return v;
    SEMA_ERROR(s, p, span, MESSAGE(err_deep_list), DEEPEST);
    return value_poison();
}

static struct value eval_items(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    size_t n = e->items.list.n;
    struct value *at = arena_array(s->arena, n, sizeof *at);
    bool poison = false;
    for (size_t i = 0; i < n; i++) {
        at[i] = eval(s, p, e->items.list.at[i]);
        poison |= at[i].kind == VALUE_poison;
    }
    if (poison)
        return value_poison();
    return checked_items(s, p, e->span, e->kind == EXPR_list ? VALUE_list : VALUE_tuple, at, n);
}

static struct value eval_cond(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    bool condition;
    if (!eval_bool(s, p, e->cond.condition, &condition))
        return value_poison();
    return eval(s, p, condition ? e->cond.yes : e->cond.no);
}

/* `and` and `or` evaluate their right side only where it decides. */
static struct value eval_logic(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    bool left, right;
    if (!eval_bool(s, p, e->binary.left, &left))
        return value_poison();
    if (left == (OPERATOR_or == e->binary.operator))
        return value_bool(left);
    return eval_bool(s, p, e->binary.right, &right) ? value_bool(right) : value_poison();
}

static struct value eval_binary(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    enum ast_operator op = e->binary.operator;
    if (op == OPERATOR_and || op == OPERATOR_or)
        return eval_logic(s, p, e);
    struct value left = eval(s, p, e->binary.left);
    struct value right = eval(s, p, e->binary.right);
    if (left.kind == VALUE_poison || right.kind == VALUE_poison)
        return value_poison();
    return arith_binary(s, p, e, left, right);
}

static struct value eval_unary(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct value v = eval(s, p, e->binary.left);
    return v.kind == VALUE_poison ? v : arith_unary(s, p, e, v);
}

static struct value tensor_member(struct sema *s, const struct place *p, const struct ast_expr *e,
                                  const struct value *of)
{
    const struct type *t = &of->tensor.flow.node->type;
    const char *name = e->member.name;
    if (!name[1] && (*name == 'c' || *name == 'h' || *name == 'w'))
        return value_int(*name == 'c' ? type_c(t) : *name == 'h' ? type_along(t, 0) : type_w(t));
    const struct entry *inner =
        of->tensor.path ? map_get(&s->entries, names_join(s, of->tensor.path, name)) : NULL;
    if (inner && inner->done)
        return label_value(inner);
    struct node *node = of->tensor.flow.node;
    const int result = op_find_result(node->op, name);
    if (result >= 0)
        return operator_result(s, p, node, result, e->member.name_span);
    struct diag *d = SEMA_ERROR(s, p, e->member.name_span, MESSAGE(err_no_member), name);
    diag_hint(d, "a tensor has '.c', '.h' and '.w'");
    hint_results(s, node->op, d);
    return value_poison();
}

/* `nn.ReLU`, of a module that is none here. */
static bool report_module(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    const struct ast_expr *of = e->member.of;
    if (of->kind != EXPR_name || !slip_hint(of->string) || scope_find(p, of->string) ||
        scope_label(s, p, of->string))
        return false;
    struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_unknown_name), sema_text(s, e->span));
    if (habit_layer(e->member.name))
        diag_suggest(d, habit_layer(e->member.name));
    else
        diag_hint(d, "%s", slip_hint(of->string));
    return true;
}

static struct value eval_member(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    if (report_module(s, p, e))
        return value_poison();
    struct value of = eval(s, p, e->member.of);
    if (of.kind == VALUE_tensor)
        return tensor_member(s, p, e, &of);
    if (of.kind != VALUE_poison)
        SEMA_ERROR(s, p, e->span, MESSAGE(err_member_of), value_describe(&of), e->member.name);
    return value_poison();
}

/* Whether a name can only be a label's. */
static bool is_label_name(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct value ignored;
    return e->kind == EXPR_name && !scope_find(p, e->string) &&
           !constant_find(s, e->string, &ignored) && !scope_callable(s, p, e->string, e->span);
}

/* down[i], "a/b"[i][j]: the text of a label; NULL: it is none, or wrong. */
static const char *indexed_text(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    const struct ast_expr *left = e->binary.left;
    const char *name = NULL;
    if (left->kind == EXPR_index)
        name = indexed_text(s, p, left);
    else if (left->kind == EXPR_string || is_label_name(s, p, left))
        name = left->string;
    return name ? names_index(s, p, name, e->binary.right) : NULL;
}

/* The labelled step before this that an index names. */
static const struct entry *indexed_label(struct sema *s, const struct place *p,
                                         const struct ast_expr *e)
{
    const char *name = indexed_text(s, p, e);
    return name ? scope_label(s, p, name) : NULL;
}

struct value sequence_item(struct sema *s, const struct place *p, const struct value *of,
                           const struct ast_expr *index, struct span span)
{
    int64_t i;
    if (!eval_int(s, p, index, &i))
        return value_poison();
    if (!value_is_sequence(of)) {
        SEMA_ERROR(s, p, span, MESSAGE(err_not_sequence), value_describe(of));
        return value_poison();
    }
    int64_t n = (int64_t)of->items.n;
    if (i < -n || i >= n) {
        SEMA_ERROR(s, p, span, MESSAGE(err_index), (long long)i, (long long)n);
        return value_poison();
    }
    return of->items.at[i < 0 ? i + n : i];
}

static struct value eval_index(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    const struct entry *label = indexed_label(s, p, e);
    if (label)
        return label_value(label);
    struct value of = eval(s, p, e->binary.left);
    return of.kind == VALUE_poison ? of : sequence_item(s, p, &of, e->binary.right, e->span);
}

static bool calls_itself(struct sema *s, const struct place *p, const struct ast_expr *e,
                         const struct callable *c)
{
    const struct activation *again = s->functions;
    while (again && again->let != c->let)
        again = again->caller;
    if (!again)
        return false;
    const char *cycle = c->name;
    for (const struct activation *f = s->functions; f != again->caller; f = f->caller)
        cycle = arena_printf(s->arena, "%s -> %s", f->let->name, cycle);
    SEMA_ERROR(s, p, e->span, MESSAGE(err_recursion), c->name, cycle);
    return true;
}

/* A function's parameters live in a scope of their own, inside the one it was written in. */
static struct value call_function(struct sema *s, const struct place *p, const struct ast_expr *e,
                                  const struct callable *c)
{
    struct place inner = *p;
    const struct activation own = {s->functions, c->let};
    const struct callable *bound = bind_args(s, p, c, &e->call.args, false);
    inner.scope = scope_new(s, c->scope);
    if (!bound || calls_itself(s, p, e, c) ||
        !bind_params(s, &inner, bound, &c->let->params, p, e->span))
        return value_poison();
    s->functions = &own;
    struct value v = eval(s, &inner, c->let->value);
    s->functions = own.caller;
    return v;
}

/* A word that is a function and an operator, such as `abs` and `pow`, is the function where it is
 * given the arguments that it takes and a value is wanted. */
static const struct callable *function_of(struct sema *s, const struct callable *c,
                                          const struct ast_expr *call)
{
    const size_t n = call->call.args.list.n;
    const struct callable *function =
        c->kind == CALLABLE_operator ? builtin_find(s, c->name, n) : NULL;
    return function ? function : c;
}

static struct value eval_call(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct value callee = eval(s, p, e->call.callee);
    if (callee.kind == VALUE_poison || !sema_work(s, p, e->span, WORK_CALL))
        return value_poison();
    if (callee.kind != VALUE_callable) {
        SEMA_ERROR(s, p, e->call.callee->span, MESSAGE(err_not_callable), value_describe(&callee));
        return value_poison();
    }
    const struct callable *c = function_of(s, callee.callable, e);
    if (c->kind == CALLABLE_builtin)
        return builtin_call(s, p, e, c->builtin, &e->call.args);
    if (c->kind == CALLABLE_function)
        return call_function(s, p, e, c);
    const struct callable *bound = bind_args(s, p, c, &e->call.args, false);
    return bound ? value_callable(bound) : value_poison();
}

static struct value eval_kind(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    switch (e->kind) {
    case EXPR_int:
        return value_int(e->integer);
    case EXPR_real:
        return value_real(e->real);
    case EXPR_bool:
        return value_bool(e->integer != 0);
    case EXPR_string:
        return value_string(e->string);
    case EXPR_name:
        return eval_name(s, p, e);
    case EXPR_in:
        return eval_in(s, p, e);
    case EXPR_tuple:
    case EXPR_list:
        return eval_items(s, p, e);
    case EXPR_unary:
        return eval_unary(s, p, e);
    case EXPR_binary:
        return eval_binary(s, p, e);
    case EXPR_cond:
        return eval_cond(s, p, e);
    case EXPR_member:
        return eval_member(s, p, e);
    case EXPR_index:
        return eval_index(s, p, e);
    case EXPR_call:
        return eval_call(s, p, e);
    }
    return value_poison();
}

struct value eval(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    if (!sema_work(s, p, e->span, 1) || !sema_enter(s, p, e->span))
        return value_poison();
    struct value v = eval_kind(s, p, e);
    sema_leave(s);
    return v;
}

bool eval_bool(struct sema *s, const struct place *p, const struct ast_expr *e, bool *value)
{
    struct value v = eval(s, p, e);
    *value = v.kind == VALUE_bool && v.boolean;
    if (v.kind == VALUE_bool)
        return true;
    if (v.kind != VALUE_poison) {
        struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_not_bool), value_describe(&v));
        if (v.kind == VALUE_int)
            diag_hint(d, "write a comparison, such as '%s != 0'", sema_text(s, e->span));
    }
    return false;
}

bool eval_int(struct sema *s, const struct place *p, const struct ast_expr *e, int64_t *value)
{
    struct value v = eval(s, p, e);
    *value = v.kind == VALUE_int ? v.integer : 0;
    if (v.kind != VALUE_int && v.kind != VALUE_poison)
        report_not_int(s, p, e->span, "an integer is needed here", &v);
    return v.kind == VALUE_int;
}
