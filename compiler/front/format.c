/*
 * A statement stands on one line if it fits and its braces nest no deeper than twice; else each
 * of its steps does.
 */
#include "front/format.h"

#include "front/printer.h"

#include <inttypes.h>
#include <stdio.h>

enum { INDENT = 4, FLAT_LEVELS = 2 };

static void put_body(struct printer *, const struct ast_body *);

/* ---- whether a statement may stand on one line ---- */

static bool action_is_flat(const struct ast_action *, int levels);

/* Whether a body has at most one statement, and its braces nest at most `levels` deep. */
static bool body_is_flat(const struct ast_body *b, int levels)
{
    if (!b || !b->stmts.n)
        return true;
    const struct ast_stmt *s = b->stmts.at[0];
    bool flat = levels && b->stmts.n == 1;
    if (flat && s->kind == STMT_input)
        return body_is_flat(s->input.body, levels - 1);
    for (size_t i = 0; flat && s->kind == STMT_pipeline && i < s->pipeline.steps.n; i++)
        flat = action_is_flat(s->pipeline.steps.at[i]->action, levels - 1);
    return flat;
}

/* A branch with a condition starts its line. */
static bool fork_is_flat(const struct ast_action *a, int levels)
{
    if (a->fork.loop)
        return body_is_flat(a->fork.loop->body, levels);
    for (size_t i = 0; i < a->fork.branches.n; i++)
        if (a->fork.branches.at[i].condition || !body_is_flat(a->fork.branches.at[i].body, levels))
            return false;
    return true;
}

static bool if_is_flat(const struct ast_action *a, int levels)
{
    for (size_t i = 0; i < a->branch.clauses.n; i++)
        if (!body_is_flat(a->branch.clauses.at[i].body, levels))
            return false;
    return true;
}

static bool action_is_flat(const struct ast_action *a, int levels)
{
    switch (a->kind) {
    case ACTION_call:
    case ACTION_from:
        return true;
    case ACTION_fork:
        return fork_is_flat(a, levels);
    case ACTION_residual:
        return body_is_flat(a->residual.body, levels) && body_is_flat(a->residual.shortcut, levels);
    case ACTION_on:
        return body_is_flat(a->on.body, levels);
    case ACTION_repeat:
        return body_is_flat(a->repeat.body, levels);
    case ACTION_for:
        return body_is_flat(a->loop.body, levels);
    case ACTION_if:
        return if_is_flat(a, levels);
    case ACTION_body:
        return body_is_flat(a->body, levels);
    }
    return false;
}

/* ---- actions ---- */

static void put_number(struct printer *p, int64_t n)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRId64, n);
    put(p, digits);
}

static void put_pattern(struct printer *p, const struct ast_pattern *t, bool outermost)
{
    bool parens = !t->name && (!outermost || t->items.n == 1);
    put(p, parens ? "(" : "");
    put(p, t->name ? t->name : "");
    for (size_t i = 0; i < t->items.n; i++) {
        put(p, i ? ", " : "");
        put_pattern(p, t->items.at[i], false);
    }
    put(p, t->items.n == 1 ? "," : "");
    put(p, parens ? ")" : "");
}

static void put_loop(struct printer *p, const struct ast_loop *loop)
{
    put(p, "for ");
    put_pattern(p, loop->pattern, true);
    put(p, " in ");
    put_expr(p, loop->range.first, 0);
    if (loop->range.last) {
        put(p, loop->range.inclusive ? "..=" : "..");
        put_expr(p, loop->range.last, 0);
    }
    put(p, " ");
    put_body(p, loop->body);
}

static void put_call(struct printer *p, const struct ast_action *a)
{
    put(p, a->call.inlined ? "inline " : "");
    put(p, a->call.name);
    if (a->call.args.present)
        put_args(p, &a->call.args);
}

static void put_stmt(struct printer *, const struct ast_stmt *);

/* `| first` and the other statements under the first. */
static void put_branch(struct printer *p, const struct ast_branch *branch)
{
    const struct ast_body *b = branch->body;
    if (p->flat)
        put(p, " ");
    else
        put_line(p);
    if (branch->condition) {
        put(p, "if ");
        put_expr(p, branch->condition, 0);
        put(p, " ");
    }
    put(p, "| ");
    p->indent += 2;
    for (size_t i = 0; i < b->stmts.n; i++) {
        if (i)
            put_line(p);
        put_stmt(p, b->stmts.at[i]);
    }
    p->indent -= 2;
}

static void put_fork(struct printer *p, const struct ast_action *a)
{
    static const char *const names[] = {
#define FORK(name, op) #name,
#include "front/forks.def"
    };
    put(p, names[a->fork.joint.kind]);
    if (a->fork.joint.args.present)
        put_args(p, &a->fork.joint.args);
    put(p, " ");
    if (a->fork.loop) {
        put_loop(p, a->fork.loop);
        return;
    }
    put(p, "{");
    p->indent += INDENT;
    for (size_t i = 0; i < a->fork.branches.n; i++)
        put_branch(p, &a->fork.branches.at[i]);
    p->indent -= INDENT;
    if (p->flat)
        put(p, " ");
    else
        put_line(p);
    put(p, "}");
}

static void put_condition(struct printer *p, const struct ast_expr *condition)
{
    put(p, " ");
    if (!condition)
        return;
    put(p, "if ");
    put_expr(p, condition, 0);
    put(p, " ");
}

static void put_residual(struct printer *p, const struct ast_action *a)
{
    put(p, "residual");
    put_condition(p, a->residual.condition);
    put_body(p, a->residual.body);
    if (!a->residual.shortcut)
        return;
    put(p, " shortcut");
    put_condition(p, a->residual.shortcut_condition);
    put_body(p, a->residual.shortcut);
}

static void put_if(struct printer *p, const struct ast_action *a)
{
    for (size_t i = 0; i < a->branch.clauses.n; i++) {
        const struct ast_clause *c = &a->branch.clauses.at[i];
        put(p, i ? " else" : "");
        put(p, i && c->condition ? " " : "");
        put(p, c->condition ? "if " : "");
        if (c->condition)
            put_expr(p, c->condition, 0);
        put(p, " ");
        put_body(p, c->body);
    }
}

static void put_bracketed(struct printer *p, const char *open, const struct ast_expr *e,
                          const char *close)
{
    put(p, open);
    put_expr(p, e, 0);
    put(p, close);
}

static void put_path_item(struct printer *p, const struct ast_path_item *item)
{
    if (item->kind == PATH_index)
        put_bracketed(p, "[", item->value, "]");
    else if (item->kind == PATH_value)
        put_bracketed(p, "(", item->value, ")");
    else if (item->kind == PATH_string)
        put_string(p, item->name);
    else
        put(p, item->name);
}

static void put_path(struct printer *p, const struct ast_path *path)
{
    put(p, "from ");
    for (size_t i = 0; i < path->items.n; i++) {
        const struct ast_path_item *item = &path->items.at[i];
        put(p, i && item->kind != PATH_index ? "." : "");
        put_path_item(p, item);
    }
}

static void put_action(struct printer *p, const struct ast_action *a)
{
    switch (a->kind) {
    case ACTION_call:
        put_call(p, a);
        break;
    case ACTION_fork:
        put_fork(p, a);
        break;
    case ACTION_residual:
        put_residual(p, a);
        break;
    case ACTION_on:
        put(p, "on ");
        put_number(p, a->on.device);
        put(p, " ");
        put_body(p, a->on.body);
        break;
    case ACTION_repeat:
        put(p, "repeat ");
        put_expr(p, a->repeat.count, 0);
        put(p, " ");
        put_body(p, a->repeat.body);
        break;
    case ACTION_for:
        put_loop(p, &a->loop);
        break;
    case ACTION_if:
        put_if(p, a);
        break;
    case ACTION_from:
        put_path(p, &a->from);
        break;
    case ACTION_body:
        put_body(p, a->body);
        break;
    }
}

/* ---- steps and statements ---- */

static void put_label(struct printer *p, const struct ast_label *label)
{
    put(p, label->shared ? "shared " : "");
    if (label->kind == LABEL_value)
        put_bracketed(p, "(", label->value, ")");
    else if (label->kind == LABEL_string)
        put_string(p, label->name);
    else
        put(p, label->name);
    for (size_t i = 0; i < label->indices.list.n; i++)
        put_bracketed(p, "[", label->indices.list.at[i], "]");
    put(p, ": ");
}

static void put_purpose(struct printer *p, const struct ast_output *output)
{
    put(p, output->purpose);
    if (output->args.present)
        put_args(p, &output->args);
}

/* `output classes `, with a blank where something follows. */
static void put_output(struct printer *p, const struct ast_output *output)
{
    if (!output->written)
        return;
    put(p, "output ");
    if (!output->purpose)
        return;
    put_purpose(p, output);
    put(p, " ");
}

static void put_step(struct printer *p, const struct ast_step *step)
{
    if (p->too_wide)
        return;
    if (step->label)
        put_label(p, step->label);
    put_output(p, &step->output);
    put_action(p, step->action);
}

/* A step, after `separator`: on the same line if it fits; else on the next if that could help. */
static void put_fitting(struct printer *p, const char *separator, const struct ast_step *step)
{
    bool try = !p->flat && action_is_flat(step->action, FLAT_LEVELS);
    size_t begin = try ? printer_begin_flat(p) : 0;
    put(p, separator);
    put_step(p, step);
    if (!try || printer_end_flat(p, begin))
        return;
    p->indent += INDENT;
    if (*separator)
        put_line(p);
    p->indent -= INDENT;
    put(p, *separator ? separator + 1 : "");
    put_step(p, step);
}

static void put_pipeline(struct printer *p, const struct ast_stmt *s)
{
    for (size_t i = 0; i < s->pipeline.steps.n; i++)
        put_fitting(p, i ? " -> " : "", s->pipeline.steps.at[i]);
}

static void put_let(struct printer *p, const struct ast_let *let)
{
    put(p, "let ");
    put(p, let->name);
    if (let->function)
        put_params(p, &let->params);
    put(p, " = ");
    put_expr(p, let->value, 0);
}

static void put_default(struct printer *p, const struct ast_default *d)
{
    put(p, "default ");
    put(p, d->name);
    put_args(p, &d->args);
}

static void put_input_parts(struct printer *p, const struct ast_input *input)
{
    put(p, "input ");
    put(p, input->name);
    put(p, "[");
    put_exprs(p, &input->dims);
    put(p, "]");
    if (input->dtype) {
        put(p, ": ");
        put(p, input->dtype);
    }
    put(p, input->body ? " " : "");
    if (input->body)
        put_body(p, input->body);
}

static void put_input(struct printer *p, const struct ast_input *input)
{
    bool try = !p->flat && body_is_flat(input->body, FLAT_LEVELS);
    size_t begin = try ? printer_begin_flat(p) : 0;
    put_input_parts(p, input);
    if (try && !printer_end_flat(p, begin))
        put_input_parts(p, input);
}

static void put_train(struct printer *p, const struct ast_train *train)
{
    put(p, "train ");
    put(p, train->name ? train->name : "");
    if (train->args.present)
        put_args(p, &train->args);
    if (train->body)
        put_body(p, train->body);
}

/* Steps stand on one line where they fit. */
static void put_setting(struct printer *p, const struct ast_setting *setting)
{
    put(p, setting->name);
    put(p, " ");
    if (setting->value) {
        put_expr(p, setting->value, 0);
        return;
    }
    bool try = !p->flat && body_is_flat(setting->body, FLAT_LEVELS);
    size_t begin = try ? printer_begin_flat(p) : 0;
    put_body(p, setting->body);
    if (try && !printer_end_flat(p, begin))
        put_body(p, setting->body);
}

static void put_stmt(struct printer *p, const struct ast_stmt *s)
{
    switch (s->kind) {
    case STMT_pipeline:
        put_pipeline(p, s);
        break;
    case STMT_let:
        put_let(p, &s->let);
        break;
    case STMT_default:
        put_default(p, &s->defaults);
        break;
    case STMT_require:
        put(p, "require ");
        put_expr(p, s->require, 0);
        break;
    case STMT_labels:
        put(p, "labels ");
        put_string(p, s->labels);
        break;
    case STMT_output:
        put(p, "output ");
        put_purpose(p, &s->output);
        break;
    case STMT_train:
        put_train(p, &s->train);
        break;
    case STMT_setting:
        put_setting(p, &s->setting);
        break;
    case STMT_input:
        put_input(p, &s->input);
        break;
    }
}

static void put_body(struct printer *p, const struct ast_body *b)
{
    put(p, b->stmts.n ? "{" : "{}");
    if (!b->stmts.n)
        return;
    p->indent += INDENT;
    for (size_t i = 0; i < b->stmts.n && !p->too_wide; i++) {
        if (p->flat)
            put(p, " ");
        else
            put_line(p);
        put_stmt(p, b->stmts.at[i]);
    }
    p->indent -= INDENT;
    if (p->flat)
        put(p, " ");
    else
        put_line(p);
    put(p, "}");
}

/* ---- the file ---- */

static void put_definition_parts(struct printer *p, const struct ast_item *item)
{
    const struct ast_definition *d = &item->definition;
    static const char *const words[] = {
        [ITEM_block] = "block ", [ITEM_net] = "net ", [ITEM_train] = "train "};
    put(p, words[item->kind]);
    put(p, d->name);
    if (d->params.list.n)
        put_params(p, &d->params);
    put(p, d->base ? " = " : " ");
    put(p, d->base ? d->base : "");
    if (d->base && d->args.present)
        put_args(p, &d->args);
    if (d->body)
        put_body(p, d->body);
}

static void put_definition(struct printer *p, const struct ast_item *item)
{
    bool try = item->kind != ITEM_train && body_is_flat(item->definition.body, FLAT_LEVELS);
    size_t begin = try ? printer_begin_flat(p) : 0;
    put_definition_parts(p, item);
    if (try && !printer_end_flat(p, begin))
        put_definition_parts(p, item);
}

static void put_file_item(struct printer *p, const struct ast_item *item)
{
    switch (item->kind) {
    case ITEM_import:
        put(p, "import ");
        put_string(p, item->import);
        break;
    case ITEM_let:
        put_let(p, &item->let);
        break;
    case ITEM_default:
        put_default(p, &item->defaults);
        break;
    case ITEM_block:
    case ITEM_net:
    case ITEM_train:
        put_definition(p, item);
        break;
    }
    put_line(p);
}

/* Items of one kind without a body stand together. */
static bool stand_together(const struct ast_item *a, const struct ast_item *b)
{
    bool definition = a->kind == ITEM_block || a->kind == ITEM_net || a->kind == ITEM_train;
    return a->kind == b->kind && !(definition && (a->definition.body || b->definition.body));
}

void format_file(struct text *out, const struct ast_file *file)
{
    struct printer p = {.out = out, .line = out->n};
    for (size_t i = 0; i < file->items.n; i++) {
        if (i && !stand_together(file->items.at[i - 1], file->items.at[i]))
            put_line(&p);
        put_file_item(&p, file->items.at[i]);
    }
}
