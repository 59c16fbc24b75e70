/* Whether bodies are alike, and where they may differ. */
#include "write/tree.h"

#include <string.h>

/* An activation without arguments can be a parameter itself. */
static bool is_plain_activation(const struct step *step)
{
    return step->kind == STEP_op && step->node && !step->args.n && !step->label &&
           (op_info(step->node->op)->flags & OP_ACTIVATION);
}

struct keying {
    struct writing *s;
    struct text *out;
    bool values;
    struct map names; /* of results that have names in the body, by node: a step */
    VEC(const struct node *) named;
};

static void key_node(struct keying *k, const struct node *node)
{
    for (size_t i = 0; i < k->named.n; i++)
        if (k->named.at[i] == node) {
            text_printf(k->out, " t%zu", i);
            return;
        }
    text_printf(k->out, " %%%u", node->id);
}

static void key_seq(struct keying *, const struct seq *);

static void key_args(struct keying *k, const struct step *step)
{
    for (size_t i = 0; i < step->args.n; i++) {
        text_printf(k->out, " %s", step->args.at[i].name);
        if (k->values)
            text_printf(k->out, "=%s", step->args.at[i].value);
    }
}

/* Outputs are alike where they are for the same. */
static void key_output(struct keying *k, const struct graph_output *o)
{
    text_printf(k->out, " output %d", (int)o->purpose);
    if (purpose_op(o->purpose) != N_OPS)
        text_printf(k->out, " of %s", o->name);
}

static void key_step(struct keying *k, const struct step *step)
{
    const bool open = is_plain_activation(step) && !k->values;
    text_printf(k->out, "%d", (int)step->kind);
    if (step->label)
        text_printf(k->out, " %s\"%s\"", step->shared ? "shared " : "", step->label);
    if (step->name)
        text_printf(k->out, " %s", open ? "activation" : step->name);
    if (step->output)
        key_output(k, step->output);
    if (step->block)
        text_printf(k->out, " %s", step->block->name);
    if (step->kind == STEP_let) {
        VEC_PUSH(k->s->arena, &k->named, step->node);
        key_node(k, step->node);
    }
    if (step->kind == STEP_from)
        key_node(k, step->node);
    for (int i = 0; step->kind == STEP_op && step->node && op_info(step->node->op)->n_operands &&
                    i < step->node->n_inputs;
         i++)
        key_node(k, step->node->input[i]);
    key_args(k, step);
    for (size_t i = 0; i < step->parts.n; i++)
        key_seq(k, step->parts.at[i]);
    text_append(k->out, ";");
}

static void key_seq(struct keying *k, const struct seq *seq)
{
    text_append(k->out, "{");
    for (size_t i = 0; i < seq->steps.n; i++)
        key_step(k, seq->steps.at[i]);
    text_append(k->out, "}");
}

const char *seq_key(struct writing *s, struct seq *seq, bool values)
{
    struct text t;
    struct keying k = {.s = s, .out = &t, .values = values};
    text_init(&t, s->arena);
    key_seq(&k, seq);
    return strings_intern(s->strings, text_string(&t), t.n);
}

bool seq_is_closed(struct writing *s, struct seq *seq)
{
    return !strchr(seq_key(s, seq, false), '%');
}

struct collecting {
    struct writing *s;
    struct slots *slots;
};

static void collect(void *context, struct step *step)
{
    struct collecting *c = context;
    if (is_plain_activation(step))
        VEC_PUSH(c->s->arena, &c->slots->list, (struct slot){.value = &step->name, .name = "act"});
    for (size_t i = 0; i < step->args.n; i++) {
        struct arg *arg = &step->args.at[i];
        const char *fallback = arg->as_kernel ? NULL : arg->fallback;
        VEC_PUSH(c->s->arena, &c->slots->list, (struct slot){&arg->value, arg->name, fallback});
    }
}

void seq_slots(struct writing *s, struct seq *seq, struct slots *slots)
{
    struct collecting c = {s, slots};
    seq_walk(seq, collect, &c);
}
