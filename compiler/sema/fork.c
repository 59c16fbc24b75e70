/* Forks: branches fed the same tensor, and their join; residuals are additions. */
#include "sema/sema.h"

static const char *const fork_names[] = {
#define FORK(name, op) #name,
#include "front/forks.def"
};
static const enum op fork_ops[] = {
#define FORK(name, op) OP_##op,
#include "front/forks.def"
};

struct fork {
    struct sema *s;
    const struct ast_action *action;
    struct entry *entry;
    struct attrs attrs; /* of the operator that joins */
    VEC(struct node *) results;
    bool poisoned;
    int64_t n_branches; /* those that are there */
    bool *there;        /* of branches as written: their conditions are true, or they have none */
};

static const char *join_path(struct sema *s, const struct place *p, const struct entry *e,
                             enum op op)
{
    return e ? e->path : names_join(s, p->names->path, op_info(op)->name);
}

static void join(struct fork *t, struct place *p, enum op op)
{
    struct sema *s = t->s;
    p->last = NULL;
    if (t->poisoned) {
        flow_poison(p);
        return;
    }
    elaborate_node(s, p, op, &t->attrs, t->results.at, (int)t->results.n,
                   join_path(s, p, t->entry, op), t->entry ? t->entry->label : NULL,
                   t->action->span);
}

static void keep_result(struct fork *t, struct place *p)
{
    if (flow_check(t->s, p, t->action->span))
        VEC_PUSH(t->s->arena, &t->results, p->in.node);
    else
        t->poisoned = true;
}

/* What branch i of a split takes. */
static void take_share(struct fork *t, struct place *p, int64_t i)
{
    struct attrs attrs;
    struct node *in = p->in.node;
    if (!flow_check(t->s, p, t->action->span))
        return;
    attrs_init(&attrs, OP_slice);
    attrs.dim = t->attrs.dim;
    const int64_t share = in->type.dim[attrs_axis(&attrs, &in->type)] / t->n_branches;
    attrs.start = i * share;
    attrs.end = attrs.start + share;
    elaborate_node(t->s, p, OP_slice, &attrs, &in, 1, join_path(t->s, p, NULL, OP_slice), NULL,
                   t->action->span);
}

/* `p` stands in the branch already, in the scope of its round if it has one. */
static void walk_branch(struct fork *t, struct place *p, const struct ast_body *body, int64_t i)
{
    if (t->action->fork.joint.kind == FORK_split)
        take_share(t, p, i);
    elaborate_frame(t->s, p, FRAME_branch, fork_names[t->action->fork.joint.kind], i + 1,
                    body->span);
    elaborate_body(t->s, p, body, false);
    keep_result(t, p);
}

static bool check_split(struct fork *t, struct place *p)
{
    if (t->action->fork.joint.kind != FORK_split || p->in.kind != FLOW_tensor)
        return true;
    const struct type *in = &p->in.node->type;
    const struct span span = t->action->fork.joint.span;
    const int axis = attrs_axis(&t->attrs, in);
    const long long size = in->dim[axis], n = t->n_branches;
    if (axis && size % n == 0)
        return true;
    if (!axis)
        SEMA_ERROR(t->s, p, span, MESSAGE(err_one_axis), "split", in->rank - 1);
    else if (axis == 1)
        SEMA_ERROR(t->s, p, span, MESSAGE(err_split), size, n);
    else
        SEMA_ERROR(t->s, p, span, MESSAGE(err_split_dim), size, axis, n);
    t->poisoned = true;
    return false;
}

/* The attributes of the operator that joins; false after an error. */
static bool bind_joint(struct fork *t, const struct place *p)
{
    const struct ast_joint *joint = &t->action->fork.joint;
    const struct callable *c = callable_operator(t->s, fork_ops[joint->kind]);
    c = callable_named(t->s, c, fork_names[joint->kind]);
    c = bind_args(t->s, p, c, &joint->args, false);
    return c && attrs_bind(t->s, p, c, t->action->span, NULL, &t->attrs);
}

static void walk_branches(struct fork *t, const struct place *p)
{
    int64_t n = 0;
    for (size_t i = 0; i < t->action->fork.branches.n && !t->s->stopped; i++) {
        struct place inner = *p;
        if (t->there[i])
            walk_branch(t, &inner, t->action->fork.branches.at[i].body, n++);
    }
}

static void walk_rounds(struct fork *t, struct place *p, struct loop *loop)
{
    struct place inner;
    for (int64_t i = 0; loop_next(t->s, loop, &inner, p); i++)
        walk_branch(t, &inner, loop->tree->body, i);
}

static bool condition_of(struct sema *s, const struct place *p, const struct ast_expr *e,
                         bool *value)
{
    *value = true;
    return !e || eval_bool(s, p, e, value);
}

/* Which branches are there; false after an error. */
static bool choose_branches(struct fork *t, const struct place *p)
{
    const struct ast_action *a = t->action;
    bool good = true;
    t->there = arena_array(t->s->arena, a->fork.branches.n, sizeof *t->there);
    for (size_t i = 0; i < a->fork.branches.n; i++) {
        good &= condition_of(t->s, p, a->fork.branches.at[i].condition, &t->there[i]);
        t->n_branches += t->there[i];
    }
    return good;
}

static void report_no_branches(struct fork *t, const struct place *p)
{
    const struct ast_action *a = t->action;
    struct diag *d = SEMA_ERROR(t->s, p, a->fork.joint.span, MESSAGE(err_no_branches),
                                fork_names[a->fork.joint.kind]);
    if (!a->fork.loop)
        diag_hint(d,
                  "the conditions of all are false: put an 'if' around the whole, or add a branch "
                  "without one");
    t->poisoned = true;
}

void elaborate_fork(struct sema *s, struct place *p, const struct ast_action *a, struct entry *e)
{
    struct fork t = {.s = s, .action = a, .entry = e};
    struct loop loop = {0};
    struct place start = *p;
    if (!bind_joint(&t, p) || (a->fork.loop ? !loop_begin(s, &start, &loop, a->fork.loop)
                                            : !choose_branches(&t, &start))) {
        scope_skip(p->scope);
        flow_poison(p);
        return;
    }
    if (a->fork.loop)
        t.n_branches = loop.last - loop.first;
    else
        training_check_branches(s, &start, a, t.there);
    if (t.n_branches <= 0) {
        report_no_branches(&t, p);
    } else if (check_split(&t, &start)) {
        if (a->fork.loop)
            walk_rounds(&t, &start, &loop);
        else
            walk_branches(&t, &start);
    }
    join(&t, p, fork_ops[a->fork.joint.kind]);
}

void elaborate_residual(struct sema *s, struct place *p, const struct ast_action *a,
                        struct entry *e)
{
    struct fork t = {.s = s, .action = a, .entry = e};
    bool adds, projects;
    attrs_init(&t.attrs, OP_add);
    flow_check(s, p, a->span);
    const struct place start = *p;
    if (!condition_of(s, &start, a->residual.condition, &adds) ||
        !condition_of(s, &start, a->residual.shortcut_condition, &projects)) {
        scope_skip(p->scope);
        flow_poison(p);
        return;
    }
    elaborate_body(s, p, a->residual.body, false);
    if (!adds)
        return;
    keep_result(&t, p);
    if (p->in.kind == FLOW_tensor && p->in.node->op == OP_bn)
        VEC_PUSH(s->arena, &s->residual_ends, p->in.node);
    struct place side = start;
    if (a->residual.shortcut && projects)
        elaborate_body(s, &side, a->residual.shortcut, false);
    keep_result(&t, &side);
    join(&t, p, OP_add);
}
