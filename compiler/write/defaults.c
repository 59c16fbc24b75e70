/* What most calls of an operator have is said once, by `default`. */
#include "write/tree.h"

#include <string.h>

enum { FEWEST_SAVED = 3 };

/* Calls of one operator that have some value of an argument. */
struct votes {
    const char *op, *arg, *value, *fallback;
    size_t n, all; /* all: of the operator */
};

struct voting {
    struct writing *s;
    VEC(struct votes) list;
    const struct votes *chosen; /* while they are applied */
};

static bool is_layer(const struct step *step)
{
    return step->kind == STEP_op && step->node && !op_info(step->node->op)->n_operands;
}

/* A kernel of 1 has no padding, in whichever words. */
static bool is_indifferent(const struct step *step, const struct arg *arg)
{
    const struct arg *kernel = step_arg(step, "kernel");
    return !strcmp(arg->value, "half") && kernel && !strcmp(kernel->value, "1");
}

static void vote(struct voting *v, const struct step *step, const struct arg *arg)
{
    struct votes *own = NULL;
    for (size_t i = 0; i < v->list.n; i++) {
        struct votes *x = &v->list.at[i];
        if (strcmp(x->op, step->name) || strcmp(x->arg, arg->name))
            continue;
        x->all++;
        own = strcmp(x->value, arg->value) ? own : x;
    }
    if (own) {
        own->n++;
        return;
    }
    struct votes first = {step->name, arg->name, arg->value, arg->fallback, 1, 1};
    for (size_t i = 0; i < v->list.n; i++)
        if (!strcmp(v->list.at[i].op, step->name) && !strcmp(v->list.at[i].arg, arg->name))
            first.all = v->list.at[i].all;
    VEC_PUSH(v->s->arena, &v->list, first);
}

static void count(void *context, struct step *step)
{
    struct voting *v = context;
    for (size_t i = 0; is_layer(step) && i < step->args.n; i++) {
        const struct arg *arg = &step->args.at[i];
        if (arg->fallback && !arg->as_kernel && !is_indifferent(step, arg))
            vote(v, step, arg);
    }
}

/* A default is said where no tensor flows: none of the channels of an input. */
static bool is_chosen(const struct votes *x)
{
    return x->value != channels_in && strcmp(x->value, x->fallback) && 2 * x->n > x->all &&
           x->n >= FEWEST_SAVED;
}

static void apply(void *context, struct step *step)
{
    const struct votes *x = ((struct voting *)context)->chosen;
    for (size_t i = 0; is_layer(step) && !strcmp(step->name, x->op) && i < step->args.n; i++)
        if (!strcmp(step->args.at[i].name, x->arg))
            step->args.at[i].fallback = x->value;
}

/* Where no default says it. */
static void leave_out(void *context, struct step *step)
{
    (void)context;
    for (size_t i = 0; is_layer(step) && i < step->args.n; i++) {
        struct arg *arg = &step->args.at[i];
        if (arg->fallback && strcmp(arg->fallback, "half") && is_indifferent(step, arg))
            arg->value = arg->fallback;
    }
}

static void walk_all(struct voting *v, void (*visit)(void *, struct step *))
{
    for (size_t i = 0; i < v->s->blocks.n; i++)
        seq_walk(v->s->blocks.at[i]->body, visit, v);
    seq_walk(v->s->body, visit, v);
}

/* The arguments that are chosen of the operator of vote `first`, which is its first. */
static void write_default(struct voting *v, size_t first, struct text *out)
{
    const char *between = "(";
    for (size_t i = first; i < v->list.n; i++) {
        const struct votes *x = &v->list.at[i];
        if (strcmp(x->op, v->list.at[first].op) || !is_chosen(x))
            continue;
        v->chosen = x;
        walk_all(v, apply);
        if (*between == '(')
            text_printf(out, "default %s", x->op);
        text_printf(out, "%s%s=%s", between, x->arg, x->value);
        between = ", ";
    }
    text_append(out, *between == ',' ? ")\n" : "");
}

static bool is_first(const struct voting *v, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(v->list.at[k].op, v->list.at[i].op))
            return false;
    return true;
}

void write_defaults(struct writing *s, struct text *out)
{
    struct voting v = {.s = s};
    walk_all(&v, count);
    for (size_t i = 0; i < v.list.n; i++)
        if (is_first(&v, i))
            write_default(&v, i, out);
    walk_all(&v, leave_out);
}
