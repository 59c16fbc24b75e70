/* Budgets: an expression in which figures of the report stay, and all else is evaluated. */
#include "sema/sema.h"

#include <string.h>

static const char *const figures[] = {"params",      "macs",          "flops",
                                      "activations", "weights_bytes", "arena",
                                      "train_bytes", "field",         "time"};

enum { N_FIGURES = sizeof figures / sizeof *figures };

/* A converted tree, and whether it is a condition. */
struct budget {
    const struct require *tree;
    bool condition;
};

static bool is_figure(const char *name)
{
    for (size_t i = 0; i < N_FIGURES; i++)
        if (!strcmp(figures[i], name))
            return true;
    return false;
}

static struct budget leaf(struct sema *s, const struct ast_expr *e, enum require_kind kind,
                          double number)
{
    struct require *r = arena_new_of(s->arena, struct require);
    *r = (struct require){.kind = kind, .number = number, .span = e->span};
    r->figure = kind == REQUIRE_figure ? e->string : NULL;
    return (struct budget){r, false};
}

static struct budget unknown_figure(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct nearest n;
    struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_unknown_figure), e->string);
    nearest_init(&n, e->string);
    for (size_t i = 0; i < N_FIGURES; i++)
        nearest_offer(&n, figures[i]);
    if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else
        diag_hint(d, "the report has params, macs, flops, activations, weights_bytes, arena, "
                     "train_bytes, field and time");
    return (struct budget){NULL, false};
}

static struct budget convert_value(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct value ignored;
    if (e->kind == EXPR_name && is_figure(e->string))
        return leaf(s, e, REQUIRE_figure, 0);
    if (e->kind == EXPR_name && !scope_find(p, e->string) && !constant_find(s, e->string, &ignored))
        return unknown_figure(s, p, e);
    struct value v = eval(s, p, e);
    if (value_is_number(&v))
        return leaf(s, e, REQUIRE_number, value_number(&v));
    if (v.kind == VALUE_bool) {
        struct budget b = leaf(s, e, REQUIRE_number, v.boolean);
        b.condition = true;
        return b;
    }
    if (v.kind != VALUE_poison)
        SEMA_ERROR(s, p, e->span, MESSAGE(err_budget_value), value_describe(&v));
    return (struct budget){NULL, false};
}

static bool is_logic(enum ast_operator op)
{
    return op == OPERATOR_or || op == OPERATOR_and || op == OPERATOR_not;
}

static struct budget convert(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    if (e->kind != EXPR_binary && e->kind != EXPR_unary)
        return convert_value(s, p, e);
    enum ast_operator op = e->binary.operator;
    struct budget left = convert(s, p, e->binary.left), right = {NULL, is_logic(op)};
    if (e->kind == EXPR_binary)
        right = convert(s, p, e->binary.right);
    if (!left.tree || (e->kind == EXPR_binary && !right.tree))
        return (struct budget){NULL, false};
    if (left.condition != is_logic(op) || right.condition != is_logic(op)) {
        SEMA_ERROR(s, p, e->span, MESSAGE(err_budget_operands),
                   sema_text(s, e->binary.operator_span), is_logic(op) ? "conditions" : "numbers");
        return (struct budget){NULL, false};
    }
    struct require *r = arena_new_of(s->arena, struct require);
    *r = (struct require){.kind = (enum require_kind)(REQUIRE_or + (op - OPERATOR_or)),
                          .left = left.tree,
                          .right = right.tree,
                          .span = e->span};
    return (struct budget){r, op <= OPERATOR_ge};
}

const char *require_figure(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct value ignored;
    for (size_t i = 0; i < N_FIGURES; i++) {
        const char *name = strings_intern0(s->strings, figures[i]);
        if (expr_mentions(e, name) && !scope_find(p, name) && !constant_find(s, name, &ignored))
            return name;
    }
    return NULL;
}

void elaborate_require(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct budget b = convert(s, p, e);
    if (b.tree && !b.condition) {
        struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_budget_condition));
        diag_hint(d, "compare it: '%s <= 12M'", sema_text(s, e->span));
    } else if (b.tree) {
        VEC_PUSH(s->arena, &s->graph->requires, b.tree);
    }
}
