/*
 * Blocks found again: scopes whose bodies are alike are calls of one block, innermost scopes first.
 * Values that differ between them are the block's parameters; one that is always the same multiple
 * of another is written so.
 */
#include "write/tree.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A scope of the net, and the body that it stands in. */
struct found {
    struct step *scope;
    const struct seq *around;
    int height; /* 0: no scope is inside of it */
    const char *key;
    bool done;
};

struct finding {
    struct writing *s;
    VEC(struct found) all;
};

static int find_scopes(struct finding *f, const struct seq *seq)
{
    int highest = -1;
    for (size_t i = 0; i < seq->steps.n; i++) {
        struct step *step = seq->steps.at[i];
        int height = -1;
        for (size_t k = 0; k < step->parts.n; k++) {
            const int inner = find_scopes(f, step->parts.at[k]);
            height = inner > height ? inner : height;
        }
        if (step->kind == STEP_scope)
            VEC_PUSH(f->s->arena, &f->all,
                     (struct found){.scope = step, .around = seq, .height = ++height});
        highest = height > highest ? height : highest;
    }
    return highest;
}

/* ---- parameters ---- */

struct params {
    struct writing *s;
    struct block *block;
    struct slots *instance;
    size_t n; /* instances */
    struct unique names;
    VEC(size_t) slot; /* of each parameter: the first that it stands for */
};

static const char *value_at(const struct params *p, size_t instance, size_t slot)
{
    return *p->instance[instance].list.at[slot].value;
}

static bool is_constant(const struct params *p, size_t slot)
{
    for (size_t i = 1; i < p->n; i++)
        if (strcmp(value_at(p, i, slot), value_at(p, 0, slot)))
            return false;
    return true;
}

static bool is_equal(const struct params *p, size_t slot, size_t other)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(value_at(p, i, slot), value_at(p, i, other)))
            return false;
    return true;
}

static int64_t number_at(const struct params *p, size_t instance, size_t slot)
{
    const char *text = value_at(p, instance, slot);
    char *end;
    const long long n = strtoll(text, &end, 10);
    return *end || end == text ? 0 : n;
}

/* The number k with which slot = k * other everywhere; 0: there is none. */
static int64_t factor_of(const struct params *p, size_t slot, size_t other)
{
    int64_t k = 0;
    for (size_t i = 0; i < p->n; i++) {
        const int64_t a = number_at(p, i, slot), b = number_at(p, i, other);
        if (a <= 0 || b <= 0 || a % b || (k && a / b != k))
            return 0;
        k = a / b;
    }
    return k;
}

static bool is_named(const struct params *p, size_t slot, const char *name)
{
    return !strcmp(p->instance[0].list.at[slot].name, name);
}

/* Numbers of channels: of an operator, and what blocks have made of these. */
static bool is_channels(const struct params *p, size_t slot)
{
    const char *name = p->instance[0].list.at[slot].name;
    return !strcmp(name, "out") || !strcmp(name, "c") || !strncmp(name, "c_", 2);
}

/* The value of a slot by a parameter that is there already; NULL: by none. */
static const char *by_another(const struct params *p, size_t slot)
{
    for (size_t i = 0; i < p->slot.n; i++) {
        const bool alike = is_named(p, slot, p->instance[0].list.at[p->slot.at[i]].name) ||
                           (is_channels(p, slot) && is_channels(p, p->slot.at[i]));
        if (is_equal(p, slot, p->slot.at[i]) && (alike || number_at(p, 0, slot) > 8))
            return p->block->params.at[i].name;
    }
    for (size_t i = 0; i < p->slot.n; i++) {
        if (!is_channels(p, slot) || !is_channels(p, p->slot.at[i]))
            continue;
        int64_t k = factor_of(p, slot, p->slot.at[i]);
        if (k)
            return arena_printf(p->s->arena, "%" PRId64 " * %s", k, p->block->params.at[i].name);
        k = factor_of(p, p->slot.at[i], slot);
        if (k)
            return arena_printf(p->s->arena, "%s // %" PRId64, p->block->params.at[i].name, k);
    }
    return NULL;
}

/* The value that most instances have, if it is one that a reader would expect. */
static const char *common_value(const struct params *p, size_t slot)
{
    const char *usual = p->instance[0].list.at[slot].fallback;
    for (size_t i = 0; i < p->n; i++) {
        size_t same = 0;
        for (size_t k = 0; k < p->n; k++)
            same += !strcmp(value_at(p, k, slot), value_at(p, i, slot));
        const bool expected = usual && !strcmp(usual, value_at(p, i, slot));
        if (2 * same > p->n || (expected && 2 * same == p->n))
            return value_at(p, i, slot);
    }
    return NULL;
}

static const char *param_name(struct params *p, size_t slot)
{
    static const char *const words[][2] = {{"out", "c"}, {"kernel", "k"}};
    const char *name = p->instance[0].list.at[slot].name;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(name, words[i][0]))
            name = words[i][1];
    const size_t n = strlen(name);
    if (n > 2 && name[n - 2] == '_' && isdigit((unsigned char)name[n - 1]))
        name = arena_strndup(p->s->arena, name, n - 2); /* of an inner block: c_2 */
    return unique_add(&p->names, word_of(p->s->arena, name), NULL, NULL);
}

/* A parameter's `name` is not interned; `value` is what its slot gets. */
static void add_param(struct params *p, size_t slot)
{
    struct arg param = {.name = param_name(p, slot)};
    const bool optional = p->instance[0].list.at[slot].fallback || is_named(p, slot, "act");
    param.fallback = optional ? common_value(p, slot) : NULL;
    VEC_PUSH(p->s->arena, &p->block->params, param);
    VEC_PUSH(p->s->arena, &p->slot, slot);
}

/* Each instance's values of the parameters, then the body's slots as expressions of these. */
static void bind_params(struct params *p, struct step *const *scopes)
{
    const size_t n = p->instance[0].list.n;
    const char **expression = arena_array(p->s->arena, n + 1, sizeof *expression);
    for (size_t slot = 0; slot < n; slot++) {
        if (is_constant(p, slot))
            continue;
        expression[slot] = by_another(p, slot);
        if (expression[slot])
            continue;
        add_param(p, slot);
        expression[slot] = p->block->params.at[p->block->params.n - 1].name;
    }
    for (int optional = 0; optional < 2; optional++)
        for (size_t i = 0; i < p->n; i++)
            for (size_t k = 0; k < p->slot.n; k++) {
                struct arg arg = p->block->params.at[k];
                arg.value = value_at(p, i, p->slot.at[k]);
                if (!arg.fallback == !optional)
                    VEC_PUSH(p->s->arena, &scopes[i]->args, arg);
            }
    for (size_t slot = 0; slot < n; slot++)
        if (expression[slot])
            *p->instance[0].list.at[slot].value = expression[slot];
}

/* Those without a default stand first. */
static void sort_params(struct writing *s, struct block *b)
{
    struct block sorted = {0};
    for (int optional = 0; optional < 2; optional++)
        for (size_t i = 0; i < b->params.n; i++)
            if (!b->params.at[i].fallback == !optional)
                VEC_PUSH(s->arena, &sorted.params, b->params.at[i]);
    b->params.at = sorted.params.at;
}

/* ---- blocks ---- */

static bool is_number(const char *label)
{
    return label && *label && !label[strspn(label, "0123456789")];
}

/* "denselayer" of "features.denseblock1.denselayer2", "layer1_block" of "layer1.0". */
static const char *block_name(struct writing *s, const struct step *scope)
{
    const char *label = scope->label, *dot = strrchr(scope->scope, '.');
    const bool number = is_number(label);
    if (number && dot) {
        const char *path = arena_strndup(s->arena, scope->scope, (size_t)(dot - scope->scope));
        const char *last = strrchr(path, '.');
        label = last ? last + 1 : path;
    }
    size_t n = strlen(label);
    while (n && (isdigit((unsigned char)label[n - 1]) || label[n - 1] == '_'))
        n--;
    const char *base = n ? arena_strndup(s->arena, label, n) : "unit";
    const bool taken = op_find(base, CLASS_LAYER) != N_OPS || op_find(base, CLASS_FORK) != N_OPS;
    if (number || taken)
        base = arena_printf(s->arena, "%s_block", base);
    base = strcmp(base, "block") ? word_of(s->arena, base) : "unit";
    return unique_add(&s->block_names, base, NULL, NULL);
}

static void make_block(struct writing *s, struct step *const *scopes, size_t n)
{
    struct block *b = arena_new_of(s->arena, struct block);
    struct params p = {.s = s, .block = b, .n = n};
    unique_init(&p.names, s->arena);
    p.instance = arena_array(s->arena, n, sizeof *p.instance);
    b->name = block_name(s, scopes[0]);
    b->body = scopes[0]->parts.at[0];
    for (size_t i = 0; i < n; i++)
        seq_slots(s, scopes[i]->parts.at[0], &p.instance[i]);
    bind_params(&p, scopes);
    sort_params(s, b);
    for (size_t i = 0; i < n; i++) {
        scopes[i]->kind = STEP_call;
        scopes[i]->block = b;
        scopes[i]->parts.n = 0;
    }
    VEC_PUSH(s->arena, &s->blocks, b);
}

/* A scope with a number, among others that have: as the call of a block it needs no label. */
static bool is_among_numbers(const struct found *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->around->steps.n; i++) {
        const struct step *step = f->around->steps.at[i];
        n += (step->kind == STEP_scope || step->kind == STEP_call) && is_number(step->label);
    }
    return n > 2 && is_number(f->scope->label);
}

static void take_alike(struct finding *f, size_t first)
{
    struct writing *s = f->s;
    VEC(struct step *) scopes = {0};
    for (size_t i = first; i < f->all.n; i++) {
        struct found *other = &f->all.at[i];
        if (other->height != f->all.at[first].height || other->key != f->all.at[first].key)
            continue;
        other->done = true;
        VEC_PUSH(s->arena, &scopes, other->scope);
    }
    const bool alone = scopes.n == 1 && !is_among_numbers(&f->all.at[first]);
    if (!alone && seq_is_closed(s, scopes.at[0]->parts.at[0]))
        make_block(s, scopes.at, scopes.n);
}

static void take_height(struct finding *f, int height)
{
    for (size_t i = 0; i < f->all.n; i++) {
        struct found *found = &f->all.at[i];
        if (found->height != height)
            continue;
        struct seq *body = found->scope->parts.at[0];
        write_labels(f->s, body, found->scope->scope);
        write_loops(f->s, body);
        found->key = seq_key(f->s, body, false);
    }
    for (size_t i = 0; i < f->all.n; i++)
        if (f->all.at[i].height == height && !f->all.at[i].done)
            take_alike(f, i);
}

/* ---- blocks of one call ---- */

struct calls {
    const struct block *block;
    struct step *first;
    size_t n;
};

static void count_calls(void *context, struct step *step)
{
    struct calls *c = context;
    if (step->kind != STEP_call || step->block != c->block)
        return;
    c->first = step;
    c->n++;
}

/* What an argument is inside of an expression: "4 * c" in brackets. */
static void put_argument(struct text *t, const struct step *call, const char *word, size_t n,
                         bool alone)
{
    for (size_t i = 0; i < call->args.n; i++) {
        const struct arg *arg = &call->args.at[i];
        if (strlen(arg->name) != n || strncmp(arg->name, word, n))
            continue;
        const bool brackets = !alone && strchr(arg->value, ' ') && *arg->value != '(';
        text_printf(t, brackets ? "(%s)" : "%s", arg->value);
        return;
    }
    text_append_n(t, word, n);
}

/* An expression of the block's parameters as one of the call's arguments. */
static const char *substitute(struct writing *s, const struct step *call, const char *expression)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.";
    struct text t;
    text_init(&t, s->arena);
    if (*expression == '"')
        return expression;
    for (const char *at = expression; *at;) {
        const size_t n = strspn(at, letters);
        if (n && !isdigit((unsigned char)*at))
            put_argument(&t, call, at, n, n == strlen(expression));
        else
            text_append_n(&t, at, n ? n : 1);
        at += n ? n : 1;
    }
    return text_string(&t);
}

/* What only one labelled call stands for is written in its place, in braces. */
static void put_in_place(struct writing *s, struct block *b)
{
    struct calls c = {.block = b};
    struct slots slots = {0};
    for (size_t i = 0; i < s->blocks.n; i++)
        seq_walk(s->blocks.at[i]->body, count_calls, &c);
    seq_walk(s->body, count_calls, &c);
    if (c.n != 1 || !c.first->label)
        return;
    seq_slots(s, b->body, &slots);
    for (size_t i = 0; i < slots.list.n; i++)
        *slots.list.at[i].value = substitute(s, c.first, *slots.list.at[i].value);
    c.first->kind = STEP_scope;
    c.first->block = NULL;
    c.first->args.n = 0;
    VEC_PUSH(s->arena, &c.first->parts, b->body);
    b->body = NULL;
}

static void put_single_calls(struct writing *s)
{
    for (size_t i = 0; i < s->blocks.n;) {
        struct block *b = s->blocks.at[i];
        put_in_place(s, b);
        if (b->body) {
            i++;
            continue;
        }
        s->blocks.n--;
        for (size_t k = i; k < s->blocks.n; k++)
            s->blocks.at[k] = s->blocks.at[k + 1];
    }
}

void write_blocks(struct writing *s)
{
    struct finding f = {.s = s};
    const int highest = find_scopes(&f, s->body);
    for (int height = 0; height <= highest; height++)
        take_height(&f, height);
    write_labels(s, s->body, "");
    write_loops(s, s->body);
    put_single_calls(s);
}
