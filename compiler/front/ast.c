#include "front/build.h"

/* ---- expressions ---- */

static unsigned deepest(const struct ast_exprs *list)
{
    unsigned depth = 0;
    for (size_t i = 0; i < list->list.n; i++)
        depth = list->list.at[i]->depth > depth ? list->list.at[i]->depth : depth;
    return depth;
}

static unsigned deepest_arg(const struct ast_args *args)
{
    unsigned depth = 0;
    for (size_t i = 0; i < args->list.n; i++)
        depth = args->list.at[i].value->depth > depth ? args->list.at[i].value->depth : depth;
    return depth;
}

static unsigned deeper(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

void ast_complain_deep(struct parser *p, struct span span)
{
    if (!p->too_deep)
        diag_add(p->diags, span, MESSAGE(err_deep_expression), (int)AST_DEEPEST);
    p->too_deep = true;
}

/* A node over trees of the given depth. */
static struct ast_expr *new_expr(struct parser *p, unsigned below, struct ast_expr value)
{
    struct ast_expr *e = arena_new_of(p->arena, struct ast_expr);
    *e = value;
    e->depth = below + 1;
    if (e->depth > AST_DEEPEST) {
        ast_complain_deep(p, e->span);
        *e = (struct ast_expr){.kind = EXPR_bool, .span = value.span, .depth = 1};
    }
    return e;
}

struct ast_expr *ast_number(struct parser *p, struct span span, enum ast_expr_kind kind,
                            struct number n)
{
    struct ast_expr e = {.kind = kind, .span = span, .spelling = n.spelling};
    if (kind == EXPR_int)
        e.integer = n.integer;
    else
        e.real = n.real;
    return new_expr(p, 0, e);
}

struct ast_expr *ast_bool(struct parser *p, struct span span, bool value)
{
    return new_expr(p, 0, (struct ast_expr){.kind = EXPR_bool, .span = span, .integer = value});
}

struct ast_expr *ast_text(struct parser *p, struct span span, enum ast_expr_kind kind,
                          const char *text)
{
    return new_expr(p, 0, (struct ast_expr){.kind = kind, .span = span, .string = text});
}

struct ast_expr *ast_in(struct parser *p, struct span span)
{
    return new_expr(p, 0, (struct ast_expr){.kind = EXPR_in, .span = span});
}

struct ast_expr *ast_items(struct parser *p, struct span span, enum ast_expr_kind kind,
                           struct ast_exprs items)
{
    return new_expr(p, deepest(&items),
                    (struct ast_expr){.kind = kind, .span = span, .items = items});
}

struct ast_expr *ast_unary(struct parser *p, struct span span, struct span operator_span,
                           enum ast_operator op, struct ast_expr *e)
{
    return new_expr(p, e->depth,
                    (struct ast_expr){
                        .kind = EXPR_unary, .span = span, .binary = {op, e, NULL, operator_span}});
}

struct ast_expr *ast_binary(struct parser *p, struct span span, struct span operator_span,
                            enum ast_operator op, struct ast_expr *left, struct ast_expr *right)
{
    enum ast_expr_kind kind = op == OPERATOR_index ? EXPR_index : EXPR_binary;
    return new_expr(
        p, deeper(left->depth, right->depth),
        (struct ast_expr){.kind = kind, .span = span, .binary = {op, left, right, operator_span}});
}

struct ast_expr *ast_cond(struct parser *p, struct span span, struct ast_expr *yes,
                          struct ast_expr *condition, struct ast_expr *no)
{
    unsigned below = deeper(deeper(yes->depth, condition->depth), no->depth);
    return new_expr(
        p, below, (struct ast_expr){.kind = EXPR_cond, .span = span, .cond = {yes, condition, no}});
}

struct ast_expr *ast_member(struct parser *p, struct span span, struct ast_expr *of,
                            const char *name, struct span name_span)
{
    return new_expr(
        p, of->depth,
        (struct ast_expr){.kind = EXPR_member, .span = span, .member = {of, name, name_span}});
}

struct ast_expr *ast_call(struct parser *p, struct span span, struct ast_expr *callee,
                          struct ast_args args)
{
    return new_expr(p, deeper(callee->depth, deepest_arg(&args)),
                    (struct ast_expr){.kind = EXPR_call, .span = span, .call = {callee, args}});
}

/* ---- lists ---- */

struct ast_exprs ast_exprs(struct parser *p, struct ast_exprs list, struct ast_expr *e)
{
    VEC_PUSH(p->arena, &list.list, e);
    return list;
}

struct ast_exprs ast_exprs_prepend(struct parser *p, struct ast_expr *first, struct ast_exprs rest)
{
    struct ast_exprs list = ast_exprs(p, (struct ast_exprs){0}, first);
    for (size_t i = 0; i < rest.list.n; i++)
        list = ast_exprs(p, list, rest.list.at[i]);
    return list;
}

struct ast_args ast_args(struct parser *p, struct ast_args args, struct ast_arg arg)
{
    const struct ast_arg *last = args.list.n ? &args.list.at[args.list.n - 1] : NULL;
    if (last && last->name && !arg.name) {
        struct diag *d = diag_add(p->diags, arg.span, MESSAGE(err_positional_argument));
        diag_range(d, last->span);
    }
    VEC_PUSH(p->arena, &args.list, arg);
    return args;
}

struct ast_params ast_params(struct parser *p, struct ast_params params, struct ast_param param)
{
    enum { MOST_PARAMS = 256 }; /* each call has a value of each */
    if (params.list.n == MOST_PARAMS)
        diag_add(p->diags, param.span, MESSAGE(err_many_params), MOST_PARAMS);
    VEC_PUSH(p->arena, &params.list, param);
    return params;
}

struct ast_path ast_path(struct parser *p, struct span span, struct ast_path path,
                         struct ast_path_item item)
{
    VEC_PUSH(p->arena, &path.items, item);
    path.span = span;
    return path;
}

struct ast_pattern *ast_pattern_name(struct parser *p, struct span span, const char *name)
{
    struct ast_pattern *t = arena_new_of(p->arena, struct ast_pattern);
    *t = (struct ast_pattern){.name = name, .span = span};
    return t;
}

struct ast_pattern *ast_pattern_add(struct parser *p, struct span span, struct ast_pattern *list,
                                    struct ast_pattern *item)
{
    struct ast_pattern *t = list ? list : ast_pattern_name(p, span, NULL);
    VEC_PUSH(p->arena, &t->items, item);
    t->span = span;
    return t;
}

/* ---- actions ---- */

static struct ast_action *new_action(struct parser *p, struct ast_action value)
{
    struct ast_action *a = arena_new_of(p->arena, struct ast_action);
    *a = value;
    return a;
}

struct ast_action *ast_step_call(struct parser *p, struct span span, bool inlined, const char *name,
                                 struct span name_span, struct ast_args args)
{
    return new_action(p, (struct ast_action){.kind = ACTION_call,
                                             .span = span,
                                             .call = {inlined, name, name_span, args}});
}

struct ast_action *ast_action_body(struct parser *p, struct span span, struct ast_body *body)
{
    return new_action(p, (struct ast_action){.kind = ACTION_body, .span = span, .body = body});
}

struct ast_action *ast_branch(struct parser *p, struct ast_action *fork, struct ast_expr *condition)
{
    if (!fork)
        fork = new_action(p, (struct ast_action){.kind = ACTION_fork});
    VEC_PUSH(p->arena, &fork->fork.branches, (struct ast_branch){condition, NULL});
    return fork;
}

struct ast_action *ast_branch_body(struct ast_action *fork, struct ast_body *body)
{
    fork->fork.branches.at[fork->fork.branches.n - 1].body = body;
    return fork;
}

struct ast_action *ast_fork(struct span span, struct ast_joint joint, struct ast_action *branches)
{
    branches->span = span;
    branches->fork.joint = joint;
    return branches;
}

struct ast_action *ast_fork_loop(struct parser *p, struct span span, struct ast_joint joint,
                                 struct ast_loop loop)
{
    struct ast_action *a = new_action(p, (struct ast_action){.kind = ACTION_fork});
    a->fork.loop = arena_new_of(p->arena, struct ast_loop);
    *a->fork.loop = loop;
    return ast_fork(span, joint, a);
}

struct ast_action *ast_residual(struct parser *p, struct span span, struct ast_expr *condition,
                                struct ast_body *body, struct ast_expr *shortcut_condition,
                                struct ast_body *shortcut)
{
    return new_action(
        p, (struct ast_action){.kind = ACTION_residual,
                               .span = span,
                               .residual = {condition, body, shortcut, shortcut_condition}});
}

struct ast_action *ast_on(struct parser *p, struct span span, int64_t device, struct ast_body *body)
{
    return new_action(p,
                      (struct ast_action){.kind = ACTION_on, .span = span, .on = {device, body}});
}

struct ast_action *ast_repeat(struct parser *p, struct span span, struct ast_expr *count,
                              struct ast_body *body)
{
    return new_action(
        p, (struct ast_action){.kind = ACTION_repeat, .span = span, .repeat = {count, body}});
}

struct ast_action *ast_for(struct parser *p, struct span span, struct ast_loop loop)
{
    return new_action(p, (struct ast_action){.kind = ACTION_for, .span = span, .loop = loop});
}

struct ast_action *ast_if(struct parser *p, struct span span, struct ast_action *chain,
                          struct ast_clause clause)
{
    struct ast_action *a =
        chain ? chain : new_action(p, (struct ast_action){.kind = ACTION_if, .span = span});
    VEC_PUSH(p->arena, &a->branch.clauses, clause);
    a->span = span;
    return a;
}

struct ast_action *ast_from(struct parser *p, struct span span, struct ast_path path)
{
    return new_action(p, (struct ast_action){.kind = ACTION_from, .span = span, .from = path});
}

/* ---- steps, statements, bodies ---- */

struct ast_label *ast_label(struct parser *p, struct span span, enum ast_label_kind kind,
                            const char *name, struct ast_expr *value)
{
    struct ast_label *label = arena_new_of(p->arena, struct ast_label);
    *label = (struct ast_label){.kind = kind, .name = name, .value = value, .span = span};
    return label;
}

struct ast_label *ast_label_index(struct parser *p, struct span span, struct ast_label *label,
                                  struct ast_expr *index)
{
    label->indices = ast_exprs(p, label->indices, index);
    label->span = span;
    return label;
}

struct ast_step *ast_step(struct parser *p, struct span span, struct ast_label *label,
                          struct ast_output output, struct ast_action *action)
{
    struct ast_step *step = arena_new_of(p->arena, struct ast_step);
    *step = (struct ast_step){label, output, action, span};
    return step;
}

static struct ast_stmt *new_stmt(struct parser *p, struct ast_stmt value)
{
    struct ast_stmt *s = arena_new_of(p->arena, struct ast_stmt);
    *s = value;
    return s;
}

struct ast_stmt *ast_pipeline(struct parser *p, struct span span, struct ast_stmt *pipeline,
                              struct ast_step *step)
{
    struct ast_stmt *s =
        pipeline ? pipeline : new_stmt(p, (struct ast_stmt){.kind = STMT_pipeline});
    VEC_PUSH(p->arena, &s->pipeline.steps, step);
    s->span = span;
    return s;
}

struct ast_stmt *ast_stmt_let(struct parser *p, struct span span, struct ast_let let)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_let, .span = span, .let = let});
}

struct ast_stmt *ast_stmt_default(struct parser *p, struct span span, struct ast_default defaults)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_default, .span = span, .defaults = defaults});
}

struct ast_stmt *ast_require(struct parser *p, struct span span, struct ast_expr *e)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_require, .span = span, .require = e});
}

struct ast_stmt *ast_labels(struct parser *p, struct span span, const char *path)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_labels, .span = span, .labels = path});
}

struct ast_stmt *ast_stmt_output(struct parser *p, struct span span, struct ast_output output)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_output, .span = span, .output = output});
}

struct ast_stmt *ast_train(struct parser *p, struct span span, struct ast_train train)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_train, .span = span, .train = train});
}

struct ast_stmt *ast_setting(struct parser *p, struct span span, struct ast_setting setting)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_setting, .span = span, .setting = setting});
}

struct ast_stmt *ast_input(struct parser *p, struct span span, struct ast_input input)
{
    return new_stmt(p, (struct ast_stmt){.kind = STMT_input, .span = span, .input = input});
}

struct ast_body *ast_body(struct parser *p, struct span span, struct ast_body *body,
                          struct ast_stmt *stmt)
{
    struct ast_body *b = body ? body : arena_new_of(p->arena, struct ast_body);
    if (stmt)
        VEC_PUSH(p->arena, &b->stmts, stmt);
    b->span = span;
    return b;
}

/* ---- the file ---- */

static struct ast_item *new_item(struct parser *p, struct ast_item value)
{
    struct ast_item *item = arena_new_of(p->arena, struct ast_item);
    *item = value;
    return item;
}

struct ast_item *ast_import(struct parser *p, struct span span, const char *path)
{
    return new_item(p, (struct ast_item){.kind = ITEM_import, .span = span, .import = path});
}

struct ast_item *ast_item_let(struct parser *p, struct span span, struct ast_let let)
{
    return new_item(p, (struct ast_item){.kind = ITEM_let, .span = span, .let = let});
}

struct ast_item *ast_item_default(struct parser *p, struct span span, struct ast_default defaults)
{
    return new_item(p, (struct ast_item){.kind = ITEM_default, .span = span, .defaults = defaults});
}

struct ast_item *ast_definition(struct parser *p, struct span span, enum ast_item_kind kind,
                                struct ast_definition definition)
{
    return new_item(p, (struct ast_item){.kind = kind, .span = span, .definition = definition});
}

void ast_file_add(struct parser *p, struct ast_item *item)
{
    if (item)
        VEC_PUSH(p->arena, &p->file->items, item);
}
