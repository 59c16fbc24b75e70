/* Measured schedules, and their text. */
#include "schedule/choose.h"

#include <stdlib.h>
#include <string.h>

struct record {
    const char *layer, *text, *comment; /* comment: "" if there is none */
    struct decision decision;
};

struct tuning {
    struct arena *arena;
    VEC(struct record) records;
};

struct tuning *tuning_new(struct arena *arena)
{
    struct tuning *t = arena_new_of(arena, struct tuning);
    t->arena = arena;
    return t;
}

static struct record *find_record(const struct tuning *t, const char *layer)
{
    for (size_t i = 0; t && i < t->records.n; i++)
        if (!strcmp(t->records.at[i].layer, layer))
            return &t->records.at[i];
    return NULL;
}

const struct decision *tuning_find(const struct tuning *t, const char *layer)
{
    const struct record *r = find_record(t, layer);
    return r ? &r->decision : NULL;
}

void tuning_set(struct tuning *t, const char *layer, const char *decision, const char *comment)
{
    struct record new = {layer, decision, comment ? comment : "", {0}}, *old;
    decision_read(&new.decision, decision);
    if ((old = find_record(t, layer)))
        *old = new;
    else
        VEC_PUSH(t->arena, &t->records, new);
}

/* Without the spaces at both ends. */
static const char *trimmed(struct arena *arena, const char *text, size_t n)
{
    for (; n && (*text == ' ' || *text == '\t'); text++)
        n--;
    while (n && strchr(" \t\r", text[n - 1]))
        n--;
    return arena_strndup(arena, text, n);
}

/* A line with its comment; false: it is none. */
static bool read_line(struct tuning *t, const char *line, size_t n)
{
    const char *hash = memchr(line, '#', n);
    const size_t length = hash ? (size_t)(hash - line) : n;
    const char *words = trimmed(t->arena, line, length), *colon = strchr(words, ':');
    struct decision decision;
    if (!*words)
        return true;
    if (!colon)
        return false;
    const char *text = trimmed(t->arena, colon + 1, strlen(colon + 1));
    if (!decision_read(&decision, text))
        return false;
    tuning_set(t, arena_strndup(t->arena, words, (size_t)(colon - words)), text,
               hash ? trimmed(t->arena, hash + 1, n - length - 1) : NULL);
    return true;
}

bool tuning_read(struct tuning *t, struct diags *diags, uint32_t number)
{
    const struct source *source = sources_get(diags->sources, number);
    for (uint32_t line = 1; line <= source->n_lines; line++) {
        size_t n;
        const char *text = source_line(source, line, &n);
        const uint32_t begin = (uint32_t)(text - source->bytes);
        if (read_line(t, text, n))
            continue;
        diag_add(diags, (struct span){number, begin, begin + (uint32_t)n}, MESSAGE(err_schedule));
        return false;
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct record *)a)->layer, ((const struct record *)b)->layer);
}

void tuning_print(struct text *text, const struct tuning *t)
{
    struct record *sorted = arena_array(t->arena, t->records.n + 1, sizeof *sorted);
    for (size_t i = 0; i < t->records.n; i++)
        sorted[i] = t->records.at[i];
    qsort(sorted, t->records.n, sizeof *sorted, compare);
    text_append(text, "# Schedules of layers, measured by netc --tune, for netc --schedule.\n");
    for (size_t i = 0; i < t->records.n; i++)
        text_printf(text, "%s: %s%s%s\n", sorted[i].layer, sorted[i].text,
                    *sorted[i].comment ? " # " : "", sorted[i].comment);
}
