/* What stands under `if training`: named, so that parameters have the same names in training and at
 * inference, and left out of the other's checkpoints. */
#include "sema/sema.h"

#include <string.h>

static void walk_body(struct sema *s, const struct place *p, const struct ast_body *body,
                      bool taken);

static void walk_rounds(struct sema *s, const struct place *p, const struct ast_action *a)
{
    struct loop loop;
    struct place inner;
    if (loop_begin(s, p, &loop, &a->loop))
        while (loop_next(s, &loop, &inner, p))
            walk_body(s, &inner, a->loop.body, false);
}

static void ignore_step(struct sema *s, const struct place *p, const struct ast_step *step)
{
    const char *label = names_label(s, p, step->label);
    if (label)
        VEC_PUSH(s->arena, &s->graph->ignored, names_join(s, p->names->path, label));
}

static void walk_step(struct sema *s, const struct place *p, const struct ast_step *step,
                      bool taken)
{
    const struct ast_action *a = step->action;
    const struct ast_body *body;
    if (step->label && !taken)
        ignore_step(s, p, step);
    if (step->label)
        return;
    if (a->kind == ACTION_call && strcmp(a->call.name, "expect")) {
        struct diag *d = SEMA_ERROR(s, p, a->span, MESSAGE(err_training_unlabelled), a->call.name);
        diag_hint(d, "give it a label: 'name: %s'", sema_text(s, a->span));
        return;
    }
    if (a->kind == ACTION_for && !taken) {
        walk_rounds(s, p, a);
        return;
    }
    for (size_t i = 0; (body = action_body(a, i)); i++)
        walk_body(s, p, body, taken);
}

static void walk_body(struct sema *s, const struct place *p, const struct ast_body *body,
                      bool taken)
{
    for (size_t i = 0; i < body->stmts.n; i++) {
        const struct ast_stmt *stmt = body->stmts.at[i];
        for (size_t k = 0; stmt->kind == STMT_pipeline && k < stmt->pipeline.steps.n; k++)
            walk_step(s, p, stmt->pipeline.steps.at[k], taken);
    }
}

void training_check(struct sema *s, const struct place *p, const struct ast_action *a, int taken)
{
    const char *training = strings_intern0(s->strings, "training");
    bool depends = false;
    for (size_t i = 0; i < a->branch.clauses.n; i++)
        depends = depends || expr_mentions(a->branch.clauses.at[i].condition, training);
    for (size_t i = 0; depends && !p->pictures && i < a->branch.clauses.n; i++)
        walk_body(s, p, a->branch.clauses.at[i].body, (int)i == taken);
}

void training_check_branches(struct sema *s, const struct place *p, const struct ast_action *a,
                             const bool *there)
{
    const char *training = strings_intern0(s->strings, "training");
    for (size_t i = 0; i < a->fork.branches.n; i++)
        if (expr_mentions(a->fork.branches.at[i].condition, training))
            walk_body(s, p, a->fork.branches.at[i].body, there[i]);
}
