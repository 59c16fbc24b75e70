/* Questions to the tree, without evaluating it. */
#include "sema/sema.h"

const struct ast_body *action_body(const struct ast_action *a, size_t i)
{
    switch (a->kind) {
    case ACTION_fork:
        if (a->fork.loop)
            return i ? NULL : a->fork.loop->body;
        return i < a->fork.branches.n ? a->fork.branches.at[i].body : NULL;
    case ACTION_residual:
        return i == 0 ? a->residual.body : i == 1 ? a->residual.shortcut : NULL;
    case ACTION_on:
        return i ? NULL : a->on.body;
    case ACTION_repeat:
        return i ? NULL : a->repeat.body;
    case ACTION_for:
        return i ? NULL : a->loop.body;
    case ACTION_if:
        return i < a->branch.clauses.n ? a->branch.clauses.at[i].body : NULL;
    case ACTION_body:
        return i ? NULL : a->body;
    case ACTION_call:
    case ACTION_from:
        return NULL;
    }
    return NULL;
}

size_t body_inputs(const struct ast_body *body)
{
    size_t n = 0;
    for (size_t i = 0; body && i < body->stmts.n; i++)
        n += body->stmts.at[i]->kind == STMT_input;
    return n;
}

const struct ast_input *body_input(const struct ast_body *body, size_t i)
{
    size_t at = 0;
    while (body->stmts.at[at]->kind != STMT_input || i--)
        at++;
    return &body->stmts.at[at]->input;
}

static bool args_mention(const struct ast_args *args, const char *name)
{
    for (size_t i = 0; i < args->list.n; i++)
        if (expr_mentions(args->list.at[i].value, name))
            return true;
    return false;
}

static bool items_mention(const struct ast_exprs *items, const char *name)
{
    for (size_t i = 0; i < items->list.n; i++)
        if (expr_mentions(items->list.at[i], name))
            return true;
    return false;
}

bool expr_mentions(const struct ast_expr *e, const char *name)
{
    if (!e)
        return false;
    switch (e->kind) {
    case EXPR_name:
        return e->string == name;
    case EXPR_tuple:
    case EXPR_list:
        return items_mention(&e->items, name);
    case EXPR_unary:
    case EXPR_binary:
    case EXPR_index:
        return expr_mentions(e->binary.left, name) || expr_mentions(e->binary.right, name);
    case EXPR_cond:
        return expr_mentions(e->cond.yes, name) || expr_mentions(e->cond.condition, name) ||
               expr_mentions(e->cond.no, name);
    case EXPR_member:
        return expr_mentions(e->member.of, name);
    case EXPR_call:
        return expr_mentions(e->call.callee, name) || args_mention(&e->call.args, name);
    default:
        return false;
    }
}

static bool loop_mentions(const struct ast_loop *loop, const char *name)
{
    return loop &&
           (expr_mentions(loop->range.first, name) || expr_mentions(loop->range.last, name));
}

static bool path_mentions(const struct ast_path *path, const char *name)
{
    for (size_t i = 0; i < path->items.n; i++)
        if (expr_mentions(path->items.at[i].value, name))
            return true;
    return path->items.at[0].kind == PATH_name && path->items.at[0].name == name;
}

static bool clauses_mention(const struct ast_action *a, const char *name)
{
    for (size_t i = 0; i < a->branch.clauses.n; i++)
        if (expr_mentions(a->branch.clauses.at[i].condition, name))
            return true;
    return false;
}

static bool branches_mention(const struct ast_action *a, const char *name)
{
    for (size_t i = 0; i < a->fork.branches.n; i++)
        if (expr_mentions(a->fork.branches.at[i].condition, name))
            return true;
    return false;
}

/* In the action itself, not in its bodies. */
static bool action_mentions(const struct ast_action *a, const char *name)
{
    switch (a->kind) {
    case ACTION_call:
        return a->call.name == name || args_mention(&a->call.args, name);
    case ACTION_fork:
        return args_mention(&a->fork.joint.args, name) || loop_mentions(a->fork.loop, name) ||
               branches_mention(a, name);
    case ACTION_residual:
        return expr_mentions(a->residual.condition, name) ||
               expr_mentions(a->residual.shortcut_condition, name);
    case ACTION_repeat:
        return expr_mentions(a->repeat.count, name);
    case ACTION_for:
        return loop_mentions(&a->loop, name);
    case ACTION_if:
        return clauses_mention(a, name);
    case ACTION_from:
        return path_mentions(&a->from, name);
    case ACTION_on:
    case ACTION_body:
        return false;
    }
    return false;
}

static bool body_mentions(const struct ast_body *body, const char *name);

static bool label_mentions(const struct ast_label *label, const char *name)
{
    return expr_mentions(label->value, name) || items_mention(&label->indices, name);
}

static bool step_mentions(const struct ast_step *step, const char *name)
{
    if ((step->label && label_mentions(step->label, name)) ||
        args_mention(&step->output.args, name) || action_mentions(step->action, name))
        return true;
    const struct ast_body *body;
    for (size_t i = 0; (body = action_body(step->action, i)); i++)
        if (body_mentions(body, name))
            return true;
    return false;
}

static bool stmt_mentions(const struct ast_stmt *stmt, const char *name)
{
    switch (stmt->kind) {
    case STMT_pipeline:
        for (size_t i = 0; i < stmt->pipeline.steps.n; i++)
            if (step_mentions(stmt->pipeline.steps.at[i], name))
                return true;
        return false;
    case STMT_let:
        return expr_mentions(stmt->let.value, name);
    case STMT_default:
        return args_mention(&stmt->defaults.args, name);
    case STMT_require:
        return expr_mentions(stmt->require, name);
    case STMT_input:
        return items_mention(&stmt->input.dims, name) ||
               (stmt->input.body && body_mentions(stmt->input.body, name));
    case STMT_train:
        return args_mention(&stmt->train.args, name) ||
               (stmt->train.body && body_mentions(stmt->train.body, name));
    case STMT_setting:
        return (stmt->setting.value && expr_mentions(stmt->setting.value, name)) ||
               (stmt->setting.body && body_mentions(stmt->setting.body, name));
    case STMT_output:
        return args_mention(&stmt->output.args, name);
    case STMT_labels:
        return false;
    }
    return false;
}

static bool body_mentions(const struct ast_body *body, const char *name)
{
    for (size_t i = 0; i < body->stmts.n; i++)
        if (stmt_mentions(body->stmts.at[i], name))
            return true;
    return false;
}

/* The answer is kept: blocks are called many times. */
bool param_unused(struct sema *s, const struct ast_definition *d, int i)
{
    const struct ast_param *param = &d->params.list.at[i];
    const bool *known = map_get(&s->unused, param);
    if (known)
        return *known;
    bool used = body_mentions(d->body, param->name);
    for (size_t k = (size_t)i + 1; k < d->params.list.n; k++)
        used = used || expr_mentions(d->params.list.at[k].value, param->name);
    bool *unused = arena_new_of(s->arena, bool);
    *unused = !used;
    map_put(&s->unused, param, unused);
    return *unused;
}
