/*
 * The graph as steps: a join is a fork of what its operands compute from the last node through
 * which all of them go. A result that is needed in two branches, neither of which holds the other,
 * stands before the fork and has a name, to which `from` goes back. Which results these are is
 * found by trying: a node that would be written twice is one, and all begins anew.
 */
#include "write/tree.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TRIES = 400 };

struct structure {
    struct writing *s;
    const struct graph *g;
    const struct node *
        *dom;             /* by id: the nearest node that all flow to it goes through; NULL: none */
    uint32_t *depth;      /* in the tree that these are */
    bool *constant;       /* nothing flows into it: made of parameters and numbers */
    bool *shared;         /* has a name, and stands before what needs it */
    bool *named;          /* has a name */
    bool *written, *done; /* in this try: its step is there; so is its name */
    uint32_t *mark, *reached;
    uint32_t stamp;
    bool again; /* this try is in vain */
    bool straight;
};

/* ---- dominators ---- */

static const struct node *meet(const struct structure *t, const struct node *a,
                               const struct node *b)
{
    while (a != b) {
        if (!a || !b)
            return NULL;
        if (t->depth[a->id] >= t->depth[b->id])
            a = t->dom[a->id];
        else
            b = t->dom[b->id];
    }
    return a;
}

static const struct node *meet_operands(const struct structure *t, struct node *const *in, int n)
{
    const struct node *all = NULL;
    bool first = true;
    for (int i = 0; i < n; i++) {
        if (t->constant[in[i]->id])
            continue;
        all = first ? in[i] : meet(t, all, in[i]);
        first = false;
    }
    return all;
}

static void find_dominators(struct structure *t)
{
    for (size_t i = 0; i < t->g->nodes.n; i++) {
        const struct node *n = t->g->nodes.at[i];
        bool constant = n->op != OP_input;
        for (int k = 0; k < n->n_inputs; k++)
            constant = constant && t->constant[n->input[k]->id];
        t->constant[i] = constant;
        t->dom[i] = meet_operands(t, n->input, n->n_inputs);
        t->depth[i] = t->dom[i] ? t->depth[t->dom[i]->id] + 1 : 0;
    }
}

/* ---- steps, the last one first ---- */

struct backwards {
    VEC(struct step *) steps;
};

static void prepend(struct structure *t, struct backwards *b, struct step *step)
{
    VEC_PUSH(t->s->arena, &b->steps, step);
}

static struct seq *turned(struct structure *t, const struct backwards *b)
{
    struct seq *seq = seq_new(t->s);
    for (size_t i = b->steps.n; i-- > 0;)
        seq_push(t->s, seq, b->steps.at[i]);
    return seq;
}

static struct seq *build(struct structure *, const struct node *base, const struct node *target);

static struct step *from(struct structure *t, const struct node *n)
{
    return step_new(t->s, STEP_from, n);
}

/* ---- outputs ---- */

static struct step *output_step(struct structure *t, const struct graph_output *o)
{
    struct step *step = step_new(t->s, STEP_output, o->node);
    struct seq *inner = seq_new(t->s);
    seq_push(t->s, inner, from(t, o->node));
    step->scope = *o->name ? o->name : "output";
    step->output = o;
    VEC_PUSH(t->s->arena, &step->parts, inner);
    return step;
}

/* Outputs that stand right behind the name of a result, mostly of their own. */
static void write_early(struct structure *t, struct backwards *b, const struct node *n)
{
    for (size_t i = t->s->early; i > 0; i--)
        if (t->s->behind[i] == n && !output_is_step(t->s, i))
            prepend(t, b, output_step(t, &t->g->outputs.at[i]));
}

/* Whether something goes on from a result besides the output that its own step is. */
static bool is_read(const struct structure *t, const struct node *n)
{
    size_t outputs = 0;
    for (size_t i = 0; i < t->g->outputs.n; i++)
        outputs += t->g->outputs.at[i].node == n;
    for (size_t i = n->id + 1; i < t->g->nodes.n; i++)
        for (int k = 0; k < t->g->nodes.at[i]->n_inputs; k++)
            if (t->g->nodes.at[i]->input[k] == n)
                return true;
    return outputs > 1;
}

/* The output that the step of an operator is; NULL: none. */
static const struct graph_output *own_output(const struct structure *t, const struct node *n)
{
    for (size_t i = 1; i <= t->s->early; i++)
        if (t->g->outputs.at[i].node == n && output_is_step(t->s, i))
            return &t->g->outputs.at[i];
    return NULL;
}

/* ---- steps ---- */

/* Further results have names right behind their operator, which a path would not find from
 * everywhere. */
static void name_results(struct structure *t, struct backwards *b, const struct node *n)
{
    for (int i = op_info(n->op)->n_results - 1; i > 0; i--)
        for (size_t k = 0; k < t->g->nodes.n; k++) {
            const struct node *r = t->g->nodes.at[k];
            if (r->op == OP_result && r->input[0] == n && r->attr.index == i) {
                write_early(t, b, r);
                prepend(t, b, step_new(t->s, STEP_let, r));
                t->done[r->id] = true;
            }
        }
}

/* The name of a step's result. What is an output leaves the flow where it was, so that this has to
 * go to it first, where anything does. */
static void prepend_name(struct structure *t, struct backwards *b, const struct step *step)
{
    if (step->output && !is_read(t, step->node))
        return;
    prepend(t, b, step_new(t->s, STEP_let, step->node));
    if (step->output)
        prepend(t, b, step_new(t->s, STEP_again, step->node));
}

/* A step with what stands behind it: names of its results, outputs. */
static void prepend_step(struct structure *t, struct backwards *b, struct step *step, bool named)
{
    step->output = own_output(t, step->node);
    write_early(t, b, step->node);
    if (named)
        prepend_name(t, b, step);
    if (op_info(step->node->op)->n_results)
        name_results(t, b, step->node);
    prepend(t, b, step);
}

static void write_node(struct structure *t, struct backwards *b, const struct node *n)
{
    if (t->written[n->id]) {
        t->again = true;
        t->straight = t->straight || t->shared[n->id];
        t->shared[n->id] = true;
    }
    t->written[n->id] = true;
    t->done[n->id] = t->shared[n->id] || t->named[n->id];
    prepend_step(t, b, step_of_node(t->s, n), t->done[n->id]);
}

/* Counts for each node between `base` and the operands from how many of these it is reached. */
static void reach(struct structure *t, const struct node *base, const struct node *n,
                  uint32_t stamp, uint32_t round)
{
    VEC(const struct node *) left = {0};
    VEC_PUSH(t->s->arena, &left, n);
    while (left.n) {
        const struct node *v = left.at[--left.n];
        if (v == base || t->done[v->id] || t->mark[v->id] == stamp)
            continue;
        t->reached[v->id] = t->mark[v->id] >= round ? t->reached[v->id] + 1 : 1;
        t->mark[v->id] = stamp;
        for (int i = 0; i < v->n_inputs; i++)
            VEC_PUSH(t->s->arena, &left, v->input[i]);
    }
}

/* The shared nodes that more than one operand needs, in order: they stand before the fork. Returns
 * whether there are any. */
static bool write_shared(struct structure *t, struct seq *before, const struct node *base,
                         struct node *const *in, int n, int least)
{
    const uint32_t round = t->stamp + 1;
    bool any = false;
    for (int i = 0; i < n; i++)
        reach(t, base, in[i], ++t->stamp, round);
    for (size_t i = 0; i < t->g->nodes.n; i++) {
        const struct node *v = t->g->nodes.at[i];
        if (!t->shared[i] || t->mark[i] < round || (int)t->reached[i] < least ||
            v->op == OP_input || t->done[i])
            continue;
        if (any && base)
            seq_push(t->s, before, from(t, base));
        const struct seq *own = build(t, base, v);
        for (size_t k = 0; k < own->steps.n; k++)
            seq_push(t->s, before, own->steps.at[k]);
        any = true;
    }
    if (any && base)
        t->named[base->id] = true;
    return any;
}

static void prepend_all(struct structure *t, struct backwards *b, const struct seq *seq)
{
    for (size_t i = seq->steps.n; i-- > 0;)
        prepend(t, b, seq->steps.at[i]);
}

static bool begins_elsewhere(const struct seq *seq)
{
    if (!seq->steps.n)
        return false;
    const struct step *first = seq->steps.at[0];
    return first->kind == STEP_from || (first->kind == STEP_op && !first->node->n_inputs);
}

/* Whether branch i takes part i of what flows in, of so many of one size. */
static bool takes_share(const struct step *fork, const struct node *base, size_t i)
{
    const struct seq *branch = fork->parts.at[i];
    const struct node *n = branch->steps.n ? branch->steps.at[0]->node : NULL;
    if (!n || branch->steps.at[0]->kind != STEP_op || n->op != OP_slice || n->input[0] != base)
        return false;
    const int axis = attrs_axis(&fork->node->attr, &fork->node->type);
    if (!axis || attrs_axis(&n->attr, &base->type) != axis)
        return false;
    const int64_t size = base->type.dim[axis], parts = (int64_t)fork->parts.n;
    const struct positions p = attrs_positions(&n->attr, size);
    return size % parts == 0 && p.step == 1 && p.n == size / parts && p.first == (int64_t)i * p.n;
}

/* A concat of the parts of what flows in is a split. */
static void split(struct structure *t, struct step *fork, const struct node *base)
{
    for (size_t i = 0; i < fork->parts.n; i++)
        if (!base || fork->node->op != OP_concat || !takes_share(fork, base, i))
            return;
    fork->name = "split";
    for (size_t i = 0; i < fork->parts.n; i++) {
        struct seq *rest = seq_new(t->s), *branch = fork->parts.at[i];
        for (size_t k = 1; k < branch->steps.n; k++)
            seq_push(t->s, rest, branch->steps.at[k]);
        fork->parts.at[i] = rest;
    }
}

static void swap_parts(struct step *fork)
{
    struct seq *first = fork->parts.at[0];
    fork->parts.at[0] = fork->parts.at[1];
    fork->parts.at[1] = first;
}

/* A sum with what flows in, or of a long branch and a short one, is a residual. */
static void make_residual(struct step *fork)
{
    if (fork->node->op != OP_add || fork->parts.n != 2)
        return;
    const struct seq *a = fork->parts.at[0], *b = fork->parts.at[1];
    if (begins_elsewhere(a) || begins_elsewhere(b) || a->steps.n == b->steps.n)
        return;
    fork->kind = STEP_residual;
    if (a->steps.n < b->steps.n)
        swap_parts(fork);
    if (!fork->parts.at[1]->steps.n)
        fork->parts.n = 1;
}

static const struct node *write_join(struct structure *t, struct backwards *b, const struct node *n)
{
    const struct node *base = t->dom[n->id];
    struct seq *before = seq_new(t->s);
    write_node(t, b, n);
    struct step *fork = b->steps.at[b->steps.n - 1];
    const bool moved = write_shared(t, before, base, n->input, n->n_inputs, 2);
    bool flows = false;
    for (int i = 0; i < n->n_inputs; i++) {
        VEC_PUSH(t->s->arena, &fork->parts, build(t, base, n->input[i]));
        flows = flows || !begins_elsewhere(fork->parts.at[i]);
    }
    if (moved && base && flows)
        prepend(t, b, from(t, base));
    prepend_all(t, b, before);
    split(t, fork, base);
    if (fork->name == op_info(n->op)->name)
        make_residual(fork);
    return base;
}

/* Operands that are arguments, by their names. */
static void write_operands(struct structure *t, struct backwards *b, const struct node *n)
{
    struct seq *before = seq_new(t->s);
    for (int i = 0; i < n->n_inputs; i++) {
        if (n->input[i]->op != OP_input && !t->done[n->input[i]->id]) {
            t->again = t->again || !t->shared[n->input[i]->id];
            t->shared[n->input[i]->id] = true;
        }
    }
    write_node(t, b, n);
    write_shared(t, before, t->dom[n->id], n->input, n->n_inputs, 1);
    prepend_all(t, b, before);
}

/* What leads from `base`, which flows in, to `target`. */
static struct seq *build(struct structure *t, const struct node *base, const struct node *target)
{
    struct backwards b = {0};
    const struct node *n = target;
    while (n && n != base && !t->again) {
        if (n->op == OP_input || t->done[n->id]) {
            prepend(t, &b, from(t, n));
            break;
        }
        if (op_info(n->op)->n_operands) {
            write_operands(t, &b, n);
            n = t->dom[n->id];
        } else if (n->op == OP_result) {
            prepend(t, &b, from(t, n));
            n = n->input[0];
        } else if (n->n_inputs > 1) {
            n = write_join(t, &b, n);
        } else {
            write_node(t, &b, n);
            n = n->n_inputs ? n->input[0] : NULL;
        }
    }
    return turned(t, &b);
}

/* ---- the whole ---- */

/* Those with further results, which are found by a name that has to be seen. */
static void share_results(struct structure *t)
{
    for (size_t i = 0; i < t->g->nodes.n; i++)
        if (t->g->nodes.at[i]->op == OP_result)
            t->shared[t->g->nodes.at[i]->input[0]->id] = true;
}

/* The last of the first `n` steps that is not beside the flow; NULL: there is none. */
static const struct step *flow_before(const struct seq *seq, size_t n)
{
    while (n && seq->steps.at[n - 1]->output)
        n--;
    return n ? seq->steps.at[n - 1] : NULL;
}

/* Nothing goes back to what flows already, nor back twice in a row. */
static void drop_returns(struct seq *seq)
{
    size_t n = 0;
    for (size_t i = 0; i < seq->steps.n; i++) {
        struct step *step = seq->steps.at[i];
        if (step->kind == STEP_from && n && seq->steps.at[n - 1]->kind == STEP_from)
            n--;
        const struct step *before = flow_before(seq, n);
        if (step->kind == STEP_from && before && before->node == step->node &&
            (before->kind == STEP_from ||
             (before->kind == STEP_let && step->node->op != OP_result)))
            continue;
        for (size_t k = 0; k < step->parts.n; k++)
            drop_returns(step->parts.at[k]);
        seq->steps.at[n++] = step;
    }
    seq->steps.n = n;
}

static void begin_try(struct structure *t)
{
    const size_t n = t->g->nodes.n;
    memset(t->named, 0, n * sizeof *t->named);
    memset(t->written, 0, n * sizeof *t->written);
    memset(t->done, 0, n * sizeof *t->done);
    t->again = false;
}

/* The early outputs that stand behind an input, which is no step, and come first. */
static void write_first(struct structure *t, struct seq *body)
{
    for (size_t i = 1; i <= t->s->early; i++)
        if (t->s->behind[i]->op == OP_input)
            seq_push(t->s, body, output_step(t, &t->g->outputs.at[i]));
}

static void write_late(struct structure *t, struct seq *body)
{
    for (size_t i = t->s->early + 1; i < t->g->outputs.n; i++)
        seq_push(t->s, body, output_step(t, &t->g->outputs.at[i]));
}

/* All outputs but the main one have names, and stand beside the flow. */
static struct seq *write_outputs(struct structure *t, const struct node *first)
{
    const struct graph *g = t->g;
    struct node **ends = arena_array(t->s->arena, g->outputs.n, sizeof *ends);
    struct seq *body = seq_new(t->s), *before = seq_new(t->s);
    for (size_t i = 0; i < g->outputs.n; i++) {
        ends[i] = g->outputs.at[i].node;
        t->shared[ends[i]->id] = t->shared[ends[i]->id] || i;
    }
    const struct node *base = meet_operands(t, ends, (int)g->outputs.n);
    if (g->outputs.n == 1)
        return build(t, first, ends[0]);
    const bool moved = write_shared(t, before, base, ends, (int)g->outputs.n, 1);
    const struct seq *main = build(t, base, ends[0]);
    const struct seq *head = base && base != first ? build(t, first, base) : seq_new(t->s);
    write_first(t, body);
    for (size_t i = 0; i < head->steps.n; i++)
        seq_push(t->s, body, head->steps.at[i]);
    for (size_t i = 0; i < before->steps.n; i++)
        seq_push(t->s, body, before->steps.at[i]);
    if (moved && base && !begins_elsewhere(main))
        seq_push(t->s, body, from(t, base));
    write_late(t, body);
    for (size_t i = 0; i < main->steps.n; i++)
        seq_push(t->s, body, main->steps.at[i]);
    return body;
}

/* A node after the other, in the graph's order: where nothing else was found. */
static struct seq *write_straight(struct structure *t)
{
    struct seq *body = seq_new(t->s);
    const struct graph *g = t->g;
    write_first(t, body);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        struct backwards b = {0};
        if (n->op == OP_input || n->op == OP_result)
            continue;
        struct step *step = step_of_node(t->s, n);
        for (int k = 0; k < n->n_inputs && step->kind == STEP_fork; k++) {
            VEC_PUSH(t->s->arena, &step->parts, seq_new(t->s));
            seq_push(t->s, step->parts.at[k], from(t, n->input[k]));
        }
        if (step->kind == STEP_op && n->n_inputs && !op_info(n->op)->n_operands)
            seq_push(t->s, body, from(t, n->input[0]));
        prepend_step(t, &b, step, true);
        for (size_t k = b.steps.n; k-- > 0;)
            seq_push(t->s, body, b.steps.at[k]);
    }
    write_late(t, body);
    seq_push(t->s, body, from(t, g->outputs.at[0].node));
    return body;
}

void write_structure(struct writing *s)
{
    const struct graph *g = s->graph;
    const size_t n = g->nodes.n;
    struct structure t = {.s = s, .g = g};
    t.dom = arena_array(s->arena, n, sizeof *t.dom);
    t.depth = arena_array(s->arena, n, sizeof *t.depth);
    t.constant = arena_array(s->arena, n, sizeof *t.constant);
    t.shared = arena_array(s->arena, n, sizeof *t.shared);
    t.named = arena_array(s->arena, n, sizeof *t.named);
    t.written = arena_array(s->arena, n, sizeof *t.written);
    t.done = arena_array(s->arena, n, sizeof *t.done);
    t.mark = arena_array(s->arena, n, sizeof *t.mark);
    t.reached = arena_array(s->arena, n, sizeof *t.reached);
    find_dominators(&t);
    share_results(&t);
    const struct node *first = g->inputs.n == 1 ? g->inputs.at[0].node : NULL;
    for (int i = 0; i < MOST_TRIES && !t.straight; i++) {
        begin_try(&t);
        s->body = write_outputs(&t, first);
        t.straight = t.straight || i + 1 == MOST_TRIES;
        if (!t.again)
            break;
    }
    if (t.again)
        s->body = write_straight(&t);
    drop_returns(s->body);
}
