/*
 * Steps whose parameters are in one scope stand in braces that have its label. Steps without
 * parameters go with those around them: where the file says so, where both sides are of one scope,
 * and, of activations, behind what they are applied to.
 */
#include "write/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scoping {
    struct writing *s;
    struct unique taken; /* scopes that have braces: a second pair cannot */
};

/* Whether `path` is inside of the scope `prefix`; *rest: what is left. */
static bool is_inside(const char *path, const char *prefix, const char **rest)
{
    const size_t n = strlen(prefix);
    if (strncmp(path, prefix, n) || (n && path[n] != '.' && path[n]))
        return false;
    *rest = path + n + (n && path[n] == '.');
    return true;
}

static const char *parent_of(struct writing *s, const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? arena_strndup(s->arena, path, (size_t)(dot - path)) : "";
}

/* The scope that two paths are both inside of. */
static const char *common(struct writing *s, const char *a, const char *b)
{
    size_t n = 0, end = 0;
    for (; a[n] && a[n] == b[n]; n++)
        if (a[n] == '.')
            end = n;
    if ((!a[n] || a[n] == '.') && (!b[n] || b[n] == '.'))
        end = n;
    return arena_strndup(s->arena, a, end);
}

struct finding {
    struct writing *s;
    const char *scope;
};

static void find_scope(void *context, struct step *step)
{
    struct finding *f = context;
    if (!step->path)
        return;
    const char *scope = parent_of(f->s, step->path);
    f->scope = f->scope ? common(f->s, f->scope, scope) : scope;
}

/* The scope that holds all parameters of a step; NULL: it has none. */
static const char *scope_of(struct writing *s, struct step *step)
{
    struct finding f = {.s = s};
    step_walk(step, find_scope, &f);
    return f.scope;
}

/* The component by which the step's scope goes on inside of `prefix`; NULL: it does not. *bare: the
 * step has no parameters. */
static const char *component_of(struct scoping *t, struct step *step, const char *prefix,
                                bool *bare)
{
    const char *scope = scope_of(t->s, step), *rest;
    *bare = !scope;
    if (!scope || !is_inside(scope, prefix, &rest) || !*rest)
        return NULL;
    return strings_intern(t->s->strings, rest, strcspn(rest, "."));
}

/* Whether a step without parameters is of that scope, by the file. */
static bool hints_at(const struct step *step, const char *prefix, const char *component)
{
    const char *rest;
    if (!step->scope || !is_inside(step->scope, prefix, &rest))
        return false;
    const size_t n = strlen(component);
    return !strncmp(rest, component, n) && (!rest[n] || rest[n] == '.');
}

/* Whether an output has its name from that scope. */
static bool is_output_of(const struct step *step, const char *prefix, const char *component)
{
    const char *rest;
    const size_t n = strlen(component);
    return is_inside(step->scope, prefix, &rest) && !strncmp(rest, component, n) && rest[n] == '.';
}

static bool follows(const struct step *step, const char *prefix, const char *component)
{
    if (step->kind == STEP_let)
        return true;
    if (step->scope)
        return hints_at(step, prefix, component);
    return step->kind == STEP_op && (op_info(step->node->op)->flags & OP_ACTIVATION);
}

/* The end of the steps from `first` on that go into the braces of `component`. */
static size_t end_of(struct scoping *t, const struct seq *seq, size_t first, const char *prefix,
                     const char *component)
{
    size_t end = first + 1;
    bool tail = true;
    for (size_t i = first + 1; i < seq->steps.n; i++) {
        bool bare;
        const char *own = component_of(t, seq->steps.at[i], prefix, &bare);
        if (own == component) {
            end = i + 1;
            tail = true;
            continue;
        }
        if (!bare || (seq->steps.at[i]->kind == STEP_output &&
                      !is_output_of(seq->steps.at[i], prefix, component)))
            break;
        tail = tail && follows(seq->steps.at[i], prefix, component);
        if (tail)
            end = i + 1;
    }
    while (end > first + 1 && seq->steps.at[end - 1]->kind == STEP_let)
        end--;
    return end;
}

/* ---- names inside braces that are needed outside ---- */

struct counting {
    const struct node *node;
    size_t n;
};

static void count_from(void *context, struct step *step)
{
    struct counting *c = context;
    c->n += step->kind == STEP_from && step->node == c->node;
    for (int i = 0;
         step->kind == STEP_op && op_info(step->node->op)->n_operands && i < step->node->n_inputs;
         i++)
        c->n += step->node->input[i] == c->node;
}

struct leaving {
    struct writing *s;
    const struct seq *seq;
    size_t first, end;
    bool leaves;
};

static void look_outside(void *context, struct step *step)
{
    struct leaving *l = context;
    struct counting all = {.node = step->node}, inside = {.node = step->node};
    if (step->kind != STEP_let || l->leaves)
        return;
    seq_walk(l->s->body, count_from, &all);
    for (size_t i = l->first; i < l->end; i++)
        step_walk(l->seq->steps.at[i], count_from, &inside);
    l->leaves = inside.n != all.n;
}

/* Whether a name that is given to a result here is used elsewhere: braces would hide it. */
static bool names_leave(struct writing *s, const struct seq *seq, size_t first, size_t end)
{
    struct leaving l = {.s = s, .seq = seq, .first = first, .end = end};
    for (size_t i = first; i < end; i++)
        step_walk(seq->steps.at[i], look_outside, &l);
    return l.leaves;
}

/* ---- braces ---- */

static void group(struct scoping *, struct seq *, const char *prefix);

static void group_parts(struct scoping *t, struct step *step, const char *prefix)
{
    for (size_t i = 0; i < step->parts.n; i++)
        group(t, step->parts.at[i], prefix);
}

static const char *scope_path(struct writing *s, const char *prefix, const char *component)
{
    return *prefix ? arena_printf(s->arena, "%s.%s", prefix, component) : component;
}

static struct step *brace(struct scoping *t, const struct seq *seq, size_t first, size_t end,
                          const char *prefix, const char *component)
{
    struct step *scope = step_new(t->s, STEP_scope, NULL);
    struct seq *body = seq_new(t->s);
    for (size_t i = first; i < end; i++)
        seq_push(t->s, body, seq->steps.at[i]);
    scope->label = component;
    scope->scope = scope_path(t->s, prefix, component);
    VEC_PUSH(t->s->arena, &scope->parts, body);
    group(t, body, scope->scope);
    return scope;
}

static void group(struct scoping *t, struct seq *seq, const char *prefix)
{
    struct seq out = {0};
    for (size_t i = 0; i < seq->steps.n;) {
        bool bare;
        const char *component = component_of(t, seq->steps.at[i], prefix, &bare);
        size_t end = component ? end_of(t, seq, i, prefix, component) : i + 1;
        const char *path = component ? scope_path(t->s, prefix, component) : NULL;
        const bool shared = path && scope_is_shared(t->s, path);
        if (shared)
            end = end_of_round(t->s, seq, i, end);
        const bool open = path && end > i && (shared || !unique_has(&t->taken, path)) &&
                          !output_named(t->s, path);
        if (open && !names_leave(t->s, seq, i, end)) {
            unique_take(&t->taken, path);
            seq_push(t->s, &out, brace(t, seq, i, end, prefix, component));
            if (shared)
                share_scope(out.steps.at[out.steps.n - 1]);
            i = end;
            continue;
        }
        group_parts(t, seq->steps.at[i], prefix);
        seq_push(t->s, &out, seq->steps.at[i++]);
    }
    *seq = out;
}

void write_scopes(struct writing *s)
{
    struct scoping t = {.s = s};
    unique_init(&t.taken, s->arena);
    group(&t, s->body, "");
}

/* ---- labels ---- */

struct labelling {
    struct writing *s;
    const char *path;
    struct unique wanted; /* labels of this scope */
    int64_t next;         /* the number of the next step without a label */
};

static const char *number(struct labelling *l)
{
    return arena_printf(l->s->arena, "%lld", (long long)l->next);
}

/* Whether a label is wanted here, or is that of a step of this scope that stands elsewhere. */
static bool is_wanted(const void *context, const char *label)
{
    const struct labelling *l = context;
    return unique_has(&l->wanted, label) ||
           unique_has(&l->s->paths, scope_path(l->s, l->path, label));
}

static void label_seq(struct labelling *, struct seq *);

/* Without a label where its number is the same, and it needs none to be shared by. */
static void label_as(struct labelling *l, struct step *step, const char *wanted)
{
    step->label = wanted;
    if (step->shared || step->output || strcmp(number(l), wanted))
        return;
    step->label = NULL;
    l->next++;
}

/* Where the number is another's label, a step without parameters has a label of its own. */
static void label_bare(struct labelling *l, struct step *step)
{
    if (is_wanted(l, number(l)))
        step->label = unique_add(&l->wanted, word_of(l->s->arena, step->name), is_wanted, l);
    else
        l->next++;
}

/* An empty branch is written as an identity, a step that then has a number as all others. */
static void fill_branch(struct labelling *l, struct step *fork, size_t i)
{
    struct step *identity = step_new(l->s, STEP_op, NULL);
    if (fork->kind != STEP_fork || fork->parts.at[i]->steps.n)
        return;
    identity->name = "identity";
    seq_push(l->s, fork->parts.at[i], identity);
}

/* What is left of a path in this scope, or all of it. */
static const char *relative(const struct labelling *l, const char *path)
{
    const char *rest;
    return is_inside(path, l->path, &rest) && *rest ? rest : path;
}

static void label_step(struct labelling *l, struct step *step)
{
    if (step->kind == STEP_output)
        step->label = relative(l, step->scope);
    else if (step->kind == STEP_again)
        step->label = relative(l, l->s->path[step->node->id]);
    else if (step->kind == STEP_op && step->path)
        label_as(l, step, relative(l, step->path));
    else if (step->kind == STEP_op)
        label_bare(l, step);
    else if (step->kind == STEP_call)
        label_as(l, step, step->label);
    if (step->kind == STEP_scope)
        return;
    for (size_t i = 0; i < step->parts.n; i++) {
        fill_branch(l, step, i);
        label_seq(l, step->parts.at[i]);
    }
}

static void label_seq(struct labelling *l, struct seq *seq)
{
    for (size_t i = 0; i < seq->steps.n; i++)
        label_step(l, seq->steps.at[i]);
}

static void find_wanted(struct labelling *l, struct seq *seq)
{
    for (size_t i = 0; i < seq->steps.n; i++) {
        const struct step *step = seq->steps.at[i];
        const char *rest;
        if (step->path && is_inside(step->path, l->path, &rest))
            unique_take(&l->wanted, rest);
        if (step->kind == STEP_output)
            unique_take(&l->wanted, relative(l, step->scope));
        if (step->kind == STEP_scope || step->kind == STEP_call)
            unique_take(&l->wanted, step->label);
        for (size_t k = 0; k < step->parts.n && step->kind != STEP_scope; k++)
            find_wanted(l, step->parts.at[k]);
    }
}

void write_labels(struct writing *s, struct seq *seq, const char *path)
{
    struct labelling l = {.s = s, .path = path};
    unique_init(&l.wanted, s->arena);
    find_wanted(&l, seq);
    label_seq(&l, seq);
}
