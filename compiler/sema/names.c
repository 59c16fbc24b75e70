/* Names of parameters: labels and numbers, joined by dots. */
#include "sema/sema.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST_NAME = 1000 }; /* bytes; all names together have room for each operator's */

const char *names_join(struct sema *s, const char *path, const char *component)
{
    return strings_intern0(s->strings, path_join(s->arena, path, component));
}

/* In a loop the same step comes again: only an index can tell its names apart. */
static const struct frame *loop_around(const struct place *p)
{
    for (const struct frame *f = p->frame; f; f = f->parent) {
        if (f->kind == FRAME_repeat || f->kind == FRAME_for)
            return f;
        if (f->kind == FRAME_block || f->kind == FRAME_net)
            return NULL;
    }
    return NULL;
}

/* The label as one would write it. */
static const char *label_text(struct sema *s, const char *label)
{
    bool word = !isdigit((unsigned char)*label);
    for (const char *c = label; *c; c++)
        word = word && (isalnum((unsigned char)*c) || *c == '_');
    return word ? label : arena_printf(s->arena, "\"%s\"", label);
}

static void hint_index(struct diag *d, const struct frame *loop, const char *label)
{
    if (loop->kind == FRAME_for)
        diag_hint(d, "number the label with the loop's variable: '%s[%s]: …'", label, loop->name);
    else
        diag_hint(d, "number the label: 'for i in 0..n { %s[i]: … }'", label);
}

static void report_taken(struct sema *s, const struct place *p, const struct entry *first,
                         const char *label, struct span span)
{
    const struct frame *loop = loop_around(p);
    label = label_text(s, label);
    bool again = first->span.source == span.source && first->span.begin == span.begin;
    struct diag *d = diag_add(sema_sink(s, span), span, MESSAGE(err_duplicate_label), first->path);
    if (again && loop)
        hint_index(d, loop, label);
    else if (again)
        diag_hint(d,
                  "every 'inline' call brings the same names: label the call, or number '%s[i]' "
                  "by a parameter",
                  label);
    if (!again)
        diag_note(d, first->span, "the first is here");
    if (!again && (p->round != 0) != (first->round != 0))
        diag_hint(d, "steps with the same parameters have 'shared' before each label");
    sema_walk_out(p, d);
}

static struct entry *new_entry(struct sema *s, const char *path, const char *label,
                               struct span span)
{
    struct entry *e = arena_new_of(s->arena, struct entry);
    *e = (struct entry){.path = path, .label = label, .span = span};
    return e;
}

struct entry *names_unclaimed(struct sema *s, const struct place *p, const char *label,
                              struct span span)
{
    return new_entry(s, names_join(s, p->names->path, label), label, span);
}

/* Steps of different applications of a shared one have one name; two of one application do not. */
static bool is_shared(const struct place *p, const struct entry *first)
{
    return p->round && first->round && first->round != p->round;
}

/* A path that is taken is made another, so that the graph stays sound after the error. */
struct entry *names_claim(struct sema *s, const struct place *p, const char *label,
                          struct span span)
{
    const char *path = names_join(s, p->names->path, label);
    if (strlen(path) > LONGEST_NAME && !s->stopped) {
        SEMA_ERROR(s, p, span, MESSAGE(err_long_label), LONGEST_NAME);
        s->stopped = true;
    }
    const struct entry *first = map_get(&s->entries, path);
    const bool taken = first && !is_shared(p, first);
    if (taken)
        report_taken(s, p, first, label, span);
    struct entry *e = new_entry(s, path, label, span);
    e->round = p->round;
    if (taken)
        e->path = names_join(s, path, arena_printf(s->arena, "again%zu", s->entries.n));
    map_put(&s->entries, e->path, e);
    return e;
}

struct entry *names_number(struct sema *s, const struct place *p, struct span span)
{
    const char *label = arena_printf(s->arena, "%lld", (long long)p->names->next++);
    return names_claim(s, p, strings_intern0(s->strings, label), span);
}

/* A label, or the part of one that was read so far; NULL: it is too long (reported). */
static const char *checked_label(struct sema *s, const struct place *p, const char *text,
                                 struct span span)
{
    if (strlen(text) <= LONGEST_NAME)
        return strings_intern0(s->strings, text);
    SEMA_ERROR(s, p, span, MESSAGE(err_long_label), LONGEST_NAME);
    return NULL;
}

const char *names_index(struct sema *s, const struct place *p, const char *name,
                        const struct ast_expr *index)
{
    struct value v = eval(s, p, index);
    if (v.kind == VALUE_poison)
        return NULL;
    if (v.kind == VALUE_int && v.integer >= 0)
        return checked_label(s, p, arena_printf(s->arena, "%s%lld", name, (long long)v.integer),
                             index->span);
    if (v.kind == VALUE_string)
        return checked_label(s, p, arena_printf(s->arena, "%s%s", name, v.string), index->span);
    SEMA_ERROR(s, p, index->span, MESSAGE(err_label_index), sema_describe(s, &v));
    return NULL;
}

const char *names_text(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct value v = eval(s, p, e);
    if (v.kind == VALUE_string)
        return checked_label(s, p, v.string, e->span);
    if (v.kind == VALUE_poison)
        return NULL;
    struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_label_value), value_describe(&v));
    if (v.kind == VALUE_int)
        diag_hint(d, "'str(%s)' makes a string of it", sema_text(s, e->span));
    return NULL;
}

const char *names_label(struct sema *s, const struct place *p, const struct ast_label *label)
{
    const char *text = label->value ? names_text(s, p, label->value) : label->name;
    for (size_t i = 0; text && i < label->indices.list.n; i++)
        text = names_index(s, p, text, label->indices.list.at[i]);
    if (text && *text)
        return text;
    if (text)
        SEMA_ERROR(s, p, label->span, MESSAGE(err_empty_label));
    return NULL;
}
