/* Bodies, statements, steps: what is common to all actions. */
#include "sema/sema.h"

enum { MOST_NODES = 100 * 1000 };

void flow_poison(struct place *p)
{
    p->in = (struct flow){FLOW_poison, NULL};
}

bool flow_check(struct sema *s, struct place *p, struct span span)
{
    if (p->in.kind == FLOW_none) {
        struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_no_flow));
        if (!p->net->n_seen)
            diag_hint(d, "a net begins with its input, such as 'input image[3, 224, 224]'");
        else if (p->net->n_inputs > 1)
            diag_hint(d, "of several inputs, say which: 'from %s -> …'",
                      body_input(p->net->definition->body, 0)->name);
        flow_poison(p);
    }
    return p->in.kind == FLOW_tensor;
}

void elaborate_frame(struct sema *s, struct place *p, enum frame_kind kind, const char *name,
                     int64_t iteration, struct span span)
{
    struct frame *f = arena_new_of(s->arena, struct frame);
    *f = (struct frame){.parent = p->frame,
                        .kind = kind,
                        .name = name,
                        .path = p->names->path,
                        .iteration = iteration,
                        .span = span,
                        .id = s->graph->n_frames++};
    p->frame = f;
}

/* Whether an operator in a shared step has the parameters that its first application has, or none
 * of them is there yet. */
static bool fits_shared(struct sema *s, const struct place *p, const struct shape *shape,
                        const char *path)
{
    int all = 0, there = 0, same = 0;
    for (enum role role = 0; role < N_ROLES; role++) {
        if (!shape->has_param[role])
            continue;
        const char *name = strings_intern0(s->strings, path_of_role(s->arena, path, role));
        const struct weight *w = weight_find(s->graph, name);
        all++;
        there += w != NULL;
        same += w && weight_lies_as(&w->type, &shape->param[role]);
    }
    if (!there || same == all)
        return true;
    SEMA_ERROR(s, p, shape->span, MESSAGE(err_shared), path);
    return false;
}

void elaborate_node(struct sema *s, struct place *p, enum op op, const struct attrs *attrs,
                    struct node **inputs, int n, const char *path, const char *label,
                    struct span span)
{
    struct shape shape = {.span = span, .diags = sema_reported(s, span) ? &s->muted : s->diags};
    if (s->graph->nodes.n >= MOST_NODES && !s->stopped) {
        s->stopped = true;
        SEMA_ERROR(s, p, span, MESSAGE(err_too_many_nodes), MOST_NODES);
    }
    if (s->stopped) {
        flow_poison(p);
        return;
    }
    if (!shape_infer(&shape, op, attrs, inputs, n)) {
        sema_sink(s, span);
        flow_poison(p);
        sema_walk_out(p, shape.failure);
        return;
    }
    if (p->round && path && !fits_shared(s, p, &shape, path)) {
        flow_poison(p);
        return;
    }
    struct node *node = graph_append(s->graph, &shape, op, attrs, inputs, n, path);
    node->label = label;
    node->frame = p->frame;
    node->device = p->device;
    p->in = (struct flow){FLOW_tensor, node};
}

static bool is_norm_or_activation(const struct callable *c)
{
    return c && c->kind == CALLABLE_operator && (c->op == OP_bn || op_has(c->op, OP_ACTIVATION));
}

/* `a: conv(…) -> relu` labels the tensor before the relu; a `from a` may mean the one after. */
static const char *follower(struct sema *s, const struct place *p, const struct ast_step *next)
{
    if (!next || next->label || next->action->kind != ACTION_call)
        return NULL;
    const char *name = next->action->call.name;
    return is_norm_or_activation(scope_step(s, p, name, next->action->call.name_span)) ? name
                                                                                       : NULL;
}

static void warn_follower(struct sema *s, const struct place *p, const struct entry *e,
                          struct span span)
{
    struct diag *d = SEMA_WARNING(s, p, span, warn_label, e->label, e->follower);
    diag_note(d, e->span, "'%s' labels this step alone", e->label);
    diag_hint(d, "to label the result of the line, write '%s: { … }'", e->label);
}

static void elaborate_from(struct sema *s, struct place *p, const struct ast_action *a)
{
    const struct value v = path_value(s, p, &a->from);
    const struct flow left = p->in;
    if (v.kind != VALUE_tensor) {
        flow_poison(p);
        return;
    }
    struct entry *e = v.tensor.path ? map_get(&s->entries, v.tensor.path) : NULL;
    if (left.kind == FLOW_tensor && v.tensor.flow.node != left.node)
        VEC_PUSH(s->arena, &s->drops, (struct drop){left.node, a->span});
    if (e && e->follower)
        warn_follower(s, p, e, a->span);
    p->in = v.tensor.flow;
    p->last = e;
}

static void elaborate_on(struct sema *s, struct place *p, const struct ast_action *a)
{
    int device = p->device;
    if (a->on.device < 0 || a->on.device > INT16_MAX) {
        SEMA_ERROR(s, p, a->span, MESSAGE(err_device), (long long)a->on.device);
        return;
    }
    p->device = (int)a->on.device;
    elaborate_body(s, p, a->on.body, true);
    p->device = device;
}

static void elaborate_action(struct sema *s, struct place *p, const struct ast_action *a,
                             struct entry *e)
{
    switch (a->kind) {
    case ACTION_call:
        elaborate_call(s, p, a, e);
        return;
    case ACTION_fork:
        elaborate_fork(s, p, a, e);
        return;
    case ACTION_residual:
        elaborate_residual(s, p, a, e);
        return;
    case ACTION_on:
        elaborate_on(s, p, a);
        return;
    case ACTION_repeat:
        elaborate_repeat(s, p, a);
        return;
    case ACTION_for:
        elaborate_for(s, p, a);
        return;
    case ACTION_if:
        elaborate_if(s, p, a);
        return;
    case ACTION_from:
        elaborate_from(s, p, a);
        return;
    case ACTION_body:
        elaborate_body(s, p, a->body, false);
    }
}

/* Pictures have neither branches nor labels. */
static bool allowed_in_picture(struct sema *s, const struct place *p, const struct ast_step *step)
{
    enum ast_action_kind kind = step->action->kind;
    bool good = !step->label && kind != ACTION_fork && kind != ACTION_residual &&
                kind != ACTION_on && kind != ACTION_from;
    if (!good)
        SEMA_ERROR(s, p, step->span, MESSAGE(err_not_for_pictures));
    return good;
}

/* The names inside a labelled step are in a scope of their own. */
static void elaborate_labelled(struct sema *s, struct place *p, const struct ast_step *step,
                               struct entry *e)
{
    struct names own = {e->path, 0}, *outer = p->names;
    bool opens = step->action->kind != ACTION_call;
    p->names = opens ? &own : outer;
    elaborate_action(s, p, step->action, e);
    p->names = outer;
    p->last = e;
}

static void elaborate_step(struct sema *s, struct place *p, const struct ast_step *step,
                           const struct ast_step *next)
{
    if (!step->label) {
        elaborate_action(s, p, step->action, NULL);
        return;
    }
    const struct place before = *p;
    const char *label = names_label(s, p, step->label);
    if (!label) {
        scope_skip(p->scope);
        flow_poison(p);
        return;
    }
    if (step->label->shared)
        p->round = ++s->rounds;
    struct entry *e = names_claim(s, p, label, step->label->span);
    elaborate_labelled(s, p, step, e);
    p->round = before.round;
    e->flow = p->in;
    e->done = true;
    scope_add_label(s, p->scope, e);
    if (step->output.written) {
        output_beside(s, p, e, step);
        p->in = before.in;
        p->last = before.last;
    } else {
        e->follower = follower(s, p, next);
    }
}

static void elaborate_let(struct sema *s, struct place *p, const struct ast_let *let)
{
    if (!let->function) {
        scope_bind(s, p->scope, let->name, eval(s, p, let->value), let->name_span);
        return;
    }
    scope_bind(s, p->scope, let->name, value_callable(callable_function(s, let, p->scope)),
               let->name_span);
}

void elaborate_default(struct sema *s, const struct place *p, const struct ast_default *d,
                       struct span span)
{
    const struct callable *c = scope_callable(s, p, d->name, d->name_span);
    if (!c || (c->kind != CALLABLE_block && c->kind != CALLABLE_operator)) {
        struct nearest n;
        struct diag *diag = SEMA_ERROR(s, p, d->name_span, MESSAGE(err_unknown_step), d->name);
        nearest_init(&n, d->name);
        scope_offer_steps(p, &n);
        if (nearest_best(&n))
            diag_suggest(diag, nearest_best(&n));
        return;
    }
    c = c->kind == CALLABLE_block ? callable_block(s, c->definition, c->scope, CALLABLE_block)
                                  : callable_operator(s, c->op);
    c = bind_args(s, p, c, &d->args, true);
    if (c)
        scope_add_option(s, p->scope, c, span.begin);
}

static void elaborate_labels(struct sema *s, const struct place *p, const struct ast_stmt *stmt)
{
    const char *why = "no such file";
    const char *path = module_search(s, p->scope->module, stmt->labels);
    uint32_t number = path ? sources_open(s->sources, path, &why) : 0;
    if (!number) {
        SEMA_ERROR(s, p, stmt->span, MESSAGE(err_open), stmt->labels, why);
        return;
    }
    graph_set_labels(s->graph, sources_get(s->sources, number));
}

/* Statements that belong to a net as a whole. */
static bool in_net(struct sema *s, const struct place *p, const struct ast_stmt *stmt,
                   const char *what)
{
    if (!p->net_body)
        SEMA_ERROR(s, p, stmt->span, MESSAGE(err_not_in_net), what);
    return p->net_body;
}

static void elaborate_pipeline(struct sema *s, struct place *p, const struct ast_stmt *stmt)
{
    size_t n = stmt->pipeline.steps.n;
    for (size_t i = 0; i < n && !s->stopped; i++) {
        const struct ast_step *step = stmt->pipeline.steps.at[i];
        const struct ast_step *next = i + 1 < n ? stmt->pipeline.steps.at[i + 1] : NULL;
        if (!sema_work(s, p, step->span, WORK_CALL))
            return;
        if (p->pictures && !allowed_in_picture(s, p, step))
            return;
        elaborate_step(s, p, step, next);
    }
}

static void elaborate_stmt(struct sema *s, struct place *p, const struct ast_stmt *stmt)
{
    switch (stmt->kind) {
    case STMT_pipeline:
        elaborate_pipeline(s, p, stmt);
        return;
    case STMT_let:
        elaborate_let(s, p, &stmt->let);
        return;
    case STMT_default:
        elaborate_default(s, p, &stmt->defaults, stmt->span);
        return;
    case STMT_require:
        if (p->call->frame && !require_figure(s, p, stmt->require))
            elaborate_condition(s, p, stmt->require);
        else if (in_net(s, p, stmt, "a budget") && !p->net->call)
            elaborate_require(s, p, stmt->require);
        return;
    case STMT_labels:
        if (in_net(s, p, stmt, "a file of labels") && !p->net->call)
            elaborate_labels(s, p, stmt);
        return;
    case STMT_output:
        if (in_net(s, p, stmt, "what the output is for") && !p->net->call)
            output_purpose(s, p, stmt);
        return;
    case STMT_train:
        in_net(s, p, stmt, "a recipe");
        return;
    case STMT_setting: /* the grammar has them in recipes alone */
        return;
    case STMT_input:
        if (in_net(s, p, stmt, "an input"))
            elaborate_input(s, p, &stmt->input, stmt->span);
    }
}

void elaborate_stmts(struct sema *s, struct place *p, const struct ast_body *body)
{
    for (size_t i = 0; i < body->stmts.n && !s->stopped; i++)
        elaborate_stmt(s, p, body->stmts.at[i]);
}

void elaborate_body(struct sema *s, struct place *p, const struct ast_body *body, bool loop)
{
    if (!sema_enter(s, p, body->span)) {
        flow_poison(p);
        return;
    }
    struct place inner = *p;
    inner.scope = scope_new(s, p->scope);
    inner.scope->loop = loop;
    inner.net_body = false;
    elaborate_stmts(s, &inner, body);
    p->in = inner.in;
    p->last = inner.last;
    sema_leave(s);
}
