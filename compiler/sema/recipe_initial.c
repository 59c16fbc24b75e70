/* What parameters begin with: the lines of a recipe's `init`, each an initializer and the names of
 * what it is for. A later line goes before an earlier one. */
#include "sema/recipe.h"

#include <string.h>

enum { MOST_NAMES = 8 };

/* Which parameters a line is for. */
struct rule {
    struct initial initial;
    const char *scope; /* NULL: any */
    enum op of[MOST_NAMES];
    int n_of;         /* 0: any operator */
    const char *kind; /* what names of roles begin with: weight, bias */
};

/* ---- which parameters ---- */

static bool is_of(const struct rule *r, const struct node *n)
{
    bool any = !r->n_of;
    for (int i = 0; i < r->n_of; i++)
        any = any || r->of[i] == n->op;
    return any;
}

static bool is_for(const struct rule *r, const struct node *n, enum role role)
{
    const struct weight *w = n->weight[role];
    return w && w->kind == NETRT_EXPR_PARAM && role_is_learned(role) && is_of(r, n) &&
           !strncmp(role_name(role), r->kind, strlen(r->kind)) &&
           (!r->scope || weight_is_within(w, r->scope)) &&
           (!initial_needs_fans(r->initial.said.op) || w->type.rank > 1);
}

static void apply(struct setting *t, struct rule *r)
{
    struct graph *g = t->s->graph;
    int n = 0;
    for (size_t i = 0; i < g->nodes.n; i++)
        for (enum role role = 0; role < N_ROLES; role++)
            if (is_for(r, g->nodes.at[i], role)) {
                r->initial.param = g->nodes.at[i]->weight[role];
                graph_set_initial(g, &r->initial);
                n++;
            }
    if (!n)
        diag_hint(SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_initial_none),
                             op_info(r->initial.said.op)->name),
                  "operators, 'weight' or 'bias' stand before its numbers, and a scope as a label "
                  "before it%s",
                  initial_needs_fans(r->initial.said.op)
                      ? "; it goes by the sizes of weights of two dimensions or more"
                      : "");
}

/* ---- lines ---- */

/* An operator, or what parameters are to it. */
static bool take_name(struct rule *r, const struct ast_arg *arg)
{
    const char *name = arg->value->kind == EXPR_name ? arg->value->string : "";
    const enum op op = op_find(name, CLASS_LAYER);
    if (arg->name || r->n_of == MOST_NAMES)
        return false;
    if (op != N_OPS)
        r->of[r->n_of++] = op;
    else if (!strcmp(name, "bias") || !strcmp(name, "weight"))
        r->kind = name;
    else
        return false;
    return true;
}

static bool check_initial(struct setting *t, enum op op, const struct attrs *a)
{
    const bool between = op == OP_initial_uniform || op == OP_initial_trunc_normal;
    const double far = 2 * a->std[0];
    if (between && !(a->a < a->b))
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_initial_between), op_info(op)->name, a->a,
                   a->b);
    else if (op == OP_initial_trunc_normal &&
             !(a->std[0] > 0 && a->mean[0] >= a->a - far && a->mean[0] <= a->b + far))
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_initial_far), a->mean[0], a->a, a->b);
    else
        return true;
    return false;
}

/* The names before its numbers, then these. */
static bool bind_rule(struct setting *t, struct rule *r, const struct ast_action *a)
{
    struct picture *said = &r->initial.said;
    struct ast_args rest = {.present = true, .span = a->call.args.span};
    size_t i = 0;
    while (i < a->call.args.list.n && take_name(r, &a->call.args.list.at[i]))
        i++;
    for (; i < a->call.args.list.n; i++)
        VEC_PUSH(t->s->arena, &rest.list, a->call.args.list.at[i]);
    const struct callable *c =
        bind_args(t->s, t->p, callable_operator(t->s, said->op), &rest, false);
    return c && attrs_bind(t->s, t->p, c, t->span, NULL, &said->attr) &&
           check_initial(t, said->op, &said->attr);
}

static void take_line(struct setting *t, const struct ast_step *step)
{
    const struct ast_action *a = step->action;
    const struct ast_label *label = step->label;
    struct rule r = {.kind = "weight", .initial.said.span = step->span};
    t->span = step->span;
    if (step->output.written || a->kind != ACTION_call ||
        (label && (label->kind == LABEL_value || label->indices.list.n))) {
        SEMA_ERROR(t->s, t->p, step->span, MESSAGE(err_initial_step));
        return;
    }
    r.scope = label ? label->name : NULL;
    r.initial.said.op = op_find(a->call.name, CLASS_INITIAL);
    if (r.initial.said.op == N_OPS)
        recipe_unknown(t->s, t->p, CLASS_INITIAL, "initializer", a->call.name, a->call.name_span);
    else if (bind_rule(t, &r, a) && t->s->options->training)
        apply(t, &r);
}

void take_init(struct setting *t)
{
    const struct ast_body *body = t->tree->body;
    for (size_t i = 0; i < body->stmts.n; i++) {
        const struct ast_stmt *stmt = body->stmts.at[i];
        if (stmt->kind == STMT_pipeline && stmt->pipeline.steps.n == 1)
            take_line(t, stmt->pipeline.steps.at[0]);
        else
            SEMA_ERROR(t->s, t->p, stmt->span, MESSAGE(err_initial_step));
    }
}

void take_zero_init_residual(struct setting *t)
{
    struct sema *s = t->s;
    struct initial zero = {.said = {.op = OP_initial_constant, .span = t->span}};
    bool yes;
    if (!eval_bool(s, t->p, t->tree->value, &yes) || !yes || !s->options->training)
        return;
    attrs_init(&zero.said.attr, OP_initial_constant);
    for (size_t i = 0; i < s->residual_ends.n; i++) {
        zero.param = s->residual_ends.at[i]->weight[ROLE_weight];
        if (zero.param)
            graph_set_initial(s->graph, &zero);
    }
}
