/* Steps in a row that are the same, and calls of a block whose labels count up. */
#include "write/tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_ROUND = 12 };

static const char *step_key(struct writing *s, struct step *step)
{
    struct seq alone = {0};
    seq_push(s, &alone, step);
    return seq_key(s, &alone, true);
}

/* In a loop a label would be there twice: what stands in one has a number, or no name, or is
 * shared. */
static bool can_repeat(const struct step *step)
{
    return (!step->label || step->shared) && !step->parts.n &&
           (step->kind == STEP_call ||
            (step->kind == STEP_op && step->node && !op_info(step->node->op)->n_results));
}

/* How often the round of `n` steps at `first` stands there in a row. */
static size_t count_rounds(const struct seq *seq, const char **key, size_t first, size_t n)
{
    size_t i = first;
    while (i < seq->steps.n && can_repeat(seq->steps.at[i]) &&
           (i < first + n || key[i] == key[i - n]))
        i++;
    return (i - first) / n;
}

static void add_arg(struct writing *s, struct step *step, const char *name, size_t value)
{
    const struct arg arg = {.name = name, .value = arena_printf(s->arena, "%zu", value)};
    VEC_PUSH(s->arena, &step->args, arg);
}

/* A loop around the first `n` of the steps. */
static struct step *loop_around(struct writing *s, enum step_kind kind, const struct seq *seq,
                                size_t first, size_t n)
{
    struct step *loop = step_new(s, kind, NULL);
    struct seq *body = seq_new(s);
    for (size_t i = 0; i < n; i++)
        seq_push(s, body, seq->steps.at[first + i]);
    VEC_PUSH(s->arena, &loop->parts, body);
    return loop;
}

/* The loop of the most steps that begins at `first`; NULL: none is worth it. */
static struct step *find_repeat(struct writing *s, const struct seq *seq, const char **key,
                                size_t first, size_t *end)
{
    size_t best = 0, rounds = 0;
    for (size_t n = 1; n <= LONGEST_ROUND; n++) {
        const size_t found = count_rounds(seq, key, first, n);
        const bool worth = found > 1 && (n > 1 || found > 2 || seq->steps.at[first]->block);
        if (worth && (found - 1) * n > (rounds ? rounds - 1 : 0) * best) {
            best = n;
            rounds = found;
        }
    }
    if (!best)
        return NULL;
    *end = first + best * rounds;
    struct step *loop = loop_around(s, STEP_repeat, seq, first, best);
    add_arg(s, loop, "n", rounds);
    return loop;
}

/* The number behind a label, and the length of what stands before it; false: there is none. */
static bool split_label(const char *label, size_t *length, size_t *number)
{
    size_t n = label ? strlen(label) : 0;
    while (n && isdigit((unsigned char)label[n - 1]))
        n--;
    if (!n || !label[n] || strlen(label + n) > 6 || (label[n] == '0' && label[n + 1]))
        return false;
    *length = n;
    *number = strtoul(label + n, NULL, 10);
    return true;
}

/* Whether `step` is what `first` is, with a label that is `by` further on. */
static bool counts_on(struct writing *s, const struct step *first, const struct step *step,
                      size_t by)
{
    size_t length, number, own_length, own;
    if (step->kind != STEP_call || first->kind != STEP_call || step->block != first->block ||
        step->shared != first->shared)
        return false;
    if (!split_label(first->label, &length, &number) ||
        !split_label(step->label, &own_length, &own))
        return false;
    if (length != own_length || strncmp(first->label, step->label, length) || own != number + by)
        return false;
    for (size_t i = 0; i < step->args.n; i++)
        if (strcmp(step->args.at[i].value, first->args.at[i].value))
            return false;
    (void)s;
    return true;
}

static struct step *find_count(struct writing *s, const struct seq *seq, size_t first, size_t *end)
{
    size_t n = 1, length, number;
    struct step *call = seq->steps.at[first];
    while (first + n < seq->steps.n && counts_on(s, call, seq->steps.at[first + n], n))
        n++;
    if (n < 2 || !split_label(call->label, &length, &number))
        return NULL;
    *end = first + n;
    struct step *loop = loop_around(s, STEP_for, seq, first, 1);
    call->label = strings_intern(s->strings, call->label, length);
    add_arg(s, loop, "first", number);
    add_arg(s, loop, "last", number + n - 1);
    return loop;
}

void write_loops(struct writing *s, struct seq *seq)
{
    struct seq out = {0};
    const char **key = arena_array(s->arena, seq->steps.n + 1, sizeof *key);
    for (size_t i = 0; i < seq->steps.n; i++)
        key[i] = step_key(s, seq->steps.at[i]);
    for (size_t i = 0; i < seq->steps.n;) {
        struct step *step = seq->steps.at[i];
        size_t end = i + 1;
        struct step *loop = find_repeat(s, seq, key, i, &end);
        loop = loop ? loop : find_count(s, seq, i, &end);
        for (size_t k = 0; k < step->parts.n && step->kind != STEP_scope; k++)
            write_loops(s, step->parts.at[k]);
        seq_push(s, &out, loop ? loop : step);
        i = end;
    }
    *seq = out;
}
