/* Attributes of operators as arguments, and names as words. */
#include "ir/names.h"
#include "write/tree.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char channels_in[] = "in.c";

const char *real_text(struct arena *arena, double real)
{
    char digits[40];
    if (isinf(real))
        return real < 0 ? "-inf" : "inf";
    const bool integral = real == floor(real) && fabs(real) < 1e15;
    snprintf(digits, sizeof digits, "%.0f", real);
    for (int precision = 1; !integral && precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, real);
        if (strtod(digits, NULL) == real)
            break;
    }
    return arena_strdup(arena, digits);
}

static const char *number_text(struct writing *s, const struct attrs *attrs,
                               const struct attr_info *info, int i)
{
    static const char *const modes[] = {
#define MODE(id, spelling, taps, whole) spelling,
#include "ir/modes.def"
    };
    const double value = attr_get(attrs, info, i);
    if (info->kind == ATTR_BOOL)
        return value != 0 ? "true" : "false";
    if (info->kind == ATTR_MODE)
        return arena_printf(s->arena, "\"%s\"", modes[(int)value]);
    if (attr_is_real(info->kind))
        return real_text(s->arena, value);
    return arena_printf(s->arena, "%" PRId64, (int64_t)value);
}

static const char *list_text(struct writing *s, const struct attrs *attrs,
                             const struct attr_info *info, int first, int n, const char *ends)
{
    struct text t;
    text_init(&t, s->arena);
    text_append_n(&t, ends, 1);
    for (int i = 0; i < n; i++) {
        const int at = attr_is_list(info->kind) ? first + i : attr_place(info->kind, n, i);
        text_append(&t, i ? ", " : "");
        text_append(&t, number_text(s, attrs, info, at));
    }
    text_append_n(&t, ends + 1, 1);
    return text_string(&t);
}

/* top, left, bottom, right as (rows, columns) where both sides have as much. */
static const char *padding_text(struct writing *s, const struct attrs *attrs,
                                const struct attr_info *info, int n)
{
    const int64_t *p = attrs->padding;
    if (n == 4 && p[0] == p[2] && p[1] == p[3])
        return arena_printf(s->arena, "(%" PRId64 ", %" PRId64 ")", p[0], p[1]);
    if (n == 6 && p[0] == p[2] && p[1] == p[3] && p[4] == p[5])
        return arena_printf(s->arena, "(%" PRId64 ", %" PRId64 ", %" PRId64 ")", p[4], p[0], p[1]);
    return list_text(s, attrs, info, 0, n, "()");
}

static const char *value_text(struct writing *s, const struct attrs *attrs,
                              const struct attr_info *info, int rank)
{
    if (attr_is_list(info->kind)) {
        const int n = (int)attr_get(attrs, info, 0);
        const bool alone = n == 1 && !strcmp(info->name, "dim");
        return alone ? number_text(s, attrs, info, 1) : list_text(s, attrs, info, 1, n, "[]");
    }
    const int n = attr_written(info->kind, rank);
    if (attr_is_uniform(attrs, info, n))
        return number_text(s, attrs, info, 0);
    if (info->kind == ATTR_PADDING)
        return padding_text(s, attrs, info, n);
    return list_text(s, attrs, info, 0, n, info->kind == ATTR_TRIPLE ? "[]" : "()");
}

void step_take_attrs(struct writing *s, struct step *step, enum op op, const struct attrs *attrs,
                     int rank)
{
    struct attrs defaults;
    attrs_init(&defaults, op);
    memcpy(defaults.kernel, attrs->kernel, sizeof defaults.kernel);
    attrs_finish(&defaults, op);
    for (int i = 0; i < op_info(op)->n_attrs; i++) {
        const struct attr_info *info = &op_info(op)->attrs[i];
        struct arg arg = {.name = info->name, .as_kernel = info->presence == ATTR_AS_KERNEL};
        arg.value = value_text(s, attrs, info, rank);
        if (info->presence != ATTR_REQUIRED)
            arg.fallback = attr_is_same(attrs, &defaults, info)
                               ? arg.value
                               : value_text(s, &defaults, info, rank);
        VEC_PUSH(s->arena, &step->args, arg);
    }
}

struct arg *step_arg(const struct step *step, const char *name)
{
    for (size_t i = 0; i < step->args.n; i++)
        if (!strcmp(step->args.at[i].name, name))
            return &step->args.at[i];
    return NULL;
}

/* Whether `padding=half` is the padding of a convolution. */
static bool is_half(const struct attrs *a, int axes)
{
    for (int axis = 0; axis < axes; axis++) {
        const int64_t half = a->kernel[axis] / 2 * a->dilation[axis];
        const int begin = axis == 2 ? 4 : axis, end = axis == 2 ? 5 : axis + 2;
        if (a->padding[begin] != half || a->padding[end] != half)
            return false;
    }
    return true;
}

/* What follows from the kernel and from the channels that flow in is written so: blocks then need
 * fewer parameters. */
static void relate(struct step *step, const struct node *n)
{
    const struct type *in = &n->input[0]->type;
    const int64_t channels = type_c(in);
    if (n->op != OP_conv)
        return;
    if (is_half(&n->attr, in->rank == VOLUME_RANK ? 3 : 2))
        step_arg(step, "padding")->value = "half";
    if (n->attr.groups == 1 || n->attr.groups != channels)
        return;
    step_arg(step, "groups")->value = channels_in;
    if (n->attr.out == channels)
        step_arg(step, "out")->value = channels_in;
}

struct step *step_of_node(struct writing *s, const struct node *n)
{
    const bool forks = op_info(n->op)->class == CLASS_FORK;
    struct step *step = step_new(s, forks ? STEP_fork : STEP_op, n);
    step->name = op_info(n->op)->name;
    step->path = s->path[n->id];
    step->shared = s->first[n->id];
    step->scope = s->hint[n->id];
    step_take_attrs(s, step, n->op, &n->attr, n->n_inputs ? n->input[0]->type.rank : 0);
    if (n->n_inputs)
        relate(step, n);
    return step;
}

static bool is_plain(const char *word)
{
    bool plain = *word && !isdigit((unsigned char)*word);
    for (const char *c = word; *c; c++)
        plain = plain && (isalnum((unsigned char)*c) || *c == '_');
    return plain;
}

static bool is_among(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(words[i], word))
            return true;
    return false;
}

bool is_word(const char *word)
{
    static const char *const words[] = {
#define KEYWORD(token, spelling, ends) spelling,
#include "front/keywords.def"
    };
    return is_plain(word) && !is_among(word, words, sizeof words / sizeof *words);
}

bool is_label(const char *word)
{
    static const char *const words[] = {"if", "else", "for",  "in",   "and",
                                        "or", "not",  "true", "false"};
    return is_plain(word) && !is_among(word, words, sizeof words / sizeof *words);
}

const char *string_of(struct arena *arena, const char *text)
{
    size_t bad;
    char *string = arena_strdup(arena, text);
    const bool valid = utf8_valid(text, strlen(text), &bad);
    for (unsigned char *c = (unsigned char *)string; *c; c++)
        if (*c < 0x20 || *c == 0x7f || (*c > 0x7f && !valid))
            *c = '_';
    return string;
}

const char *word_of(struct arena *arena, const char *wanted)
{
    const bool digit = !*wanted || isdigit((unsigned char)*wanted);
    char *word = arena_printf(arena, "%s%s", digit ? "x" : "", wanted);
    for (char *c = word; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            *c = '_';
    return is_word(word) ? word : arena_printf(arena, "%s_", word);
}

struct step *step_new(struct writing *s, enum step_kind kind, const struct node *node)
{
    struct step *step = arena_new_of(s->arena, struct step);
    step->kind = kind;
    step->node = node;
    return step;
}

struct seq *seq_new(struct writing *s)
{
    return arena_new_of(s->arena, struct seq);
}

void seq_push(struct writing *s, struct seq *seq, struct step *step)
{
    VEC_PUSH(s->arena, &seq->steps, step);
}

void step_walk(struct step *step, void (*visit)(void *context, struct step *), void *context)
{
    visit(context, step);
    for (size_t i = 0; i < step->parts.n; i++)
        seq_walk(step->parts.at[i], visit, context);
}

void seq_walk(struct seq *seq, void (*visit)(void *context, struct step *), void *context)
{
    for (size_t i = 0; i < seq->steps.n; i++)
        step_walk(seq->steps.at[i], visit, context);
}
