#include "driver/unified.h"

#include <string.h>

/* Lines that are shown around a change, and how far ahead equal lines are looked for. */
enum { CONTEXT = 3, LOOK_AHEAD = 64 };

struct line {
    const char *at;
    size_t n;   /* its bytes, without the line break */
    bool whole; /* it has one */
};

struct lines {
    VEC(struct line) list;
};

/* Lines [from, to) of one text that become lines [from, to) of the other. */
struct change {
    size_t from[2], to[2];
};

struct changes {
    struct arena *arena;
    struct lines side[2];
    VEC(struct change) list;
};

static struct lines lines_of(struct arena *arena, const char *s)
{
    struct lines l = {0};
    while (*s) {
        size_t n = strcspn(s, "\n");
        VEC_PUSH(arena, &l.list, (struct line){s, n, s[n] == '\n'});
        s += n + (s[n] == '\n');
    }
    return l;
}

/* Whether line i of one text is line j of the other; both end together. */
static bool same(const struct changes *c, size_t i, size_t j)
{
    const struct lines *a = &c->side[0], *b = &c->side[1];
    if (i >= a->list.n || j >= b->list.n)
        return i >= a->list.n && j >= b->list.n;
    const struct line *p = &a->list.at[i], *q = &b->list.at[j];
    return p->n == q->n && p->whole == q->whole && !memcmp(p->at, q->at, p->n);
}

/* The nearest lines at or behind i and j that are the same; none near: the ends. */
static struct change change_from(const struct changes *c, size_t i, size_t j)
{
    for (size_t sum = 0; sum < LOOK_AHEAD; sum++)
        for (size_t k = 0; k <= sum; k++)
            if (same(c, i + k, j + sum - k))
                return (struct change){{i, j}, {i + k, j + sum - k}};
    return (struct change){{i, j}, {c->side[0].list.n, c->side[1].list.n}};
}

static void find_changes(struct changes *c)
{
    size_t i = 0, j = 0;
    while (i < c->side[0].list.n || j < c->side[1].list.n) {
        if (same(c, i, j)) {
            i++;
            j++;
            continue;
        }
        struct change found = change_from(c, i, j);
        VEC_PUSH(c->arena, &c->list, found);
        i = found.to[0];
        j = found.to[1];
    }
}

static void put_lines(struct text *t, const struct lines *l, char mark, size_t from, size_t to)
{
    for (; from < to && from < l->list.n; from++) {
        const struct line *line = &l->list.at[from];
        text_printf(t, "%c%.*s\n", mark, (int)line->n, line->at);
        text_append(t, line->whole ? "" : "\\ No newline at end of file\n");
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void put_range(struct text *t, char mark, size_t from, size_t to)
{
    text_printf(t, " %c%zu,%zu", mark, from + (to > from), to - from);
}

/* Changes [first, last) and the lines between and around them. */
static void put_hunk(struct text *t, const struct changes *c, size_t first, size_t last)
{
    const struct change *a = &c->list.at[first], *z = &c->list.at[last - 1];
    size_t before = least(least(a->from[0], a->from[1]), CONTEXT);
    size_t end = least(z->to[0] + CONTEXT, c->side[0].list.n), after = end - z->to[0];
    text_append(t, "@@");
    put_range(t, '-', a->from[0] - before, end);
    put_range(t, '+', a->from[1] - before, z->to[1] + after);
    text_append(t, " @@\n");
    size_t at = a->from[0] - before;
    for (; first < last; first++) {
        const struct change *change = &c->list.at[first];
        put_lines(t, &c->side[0], ' ', at, change->from[0]);
        put_lines(t, &c->side[0], '-', change->from[0], change->to[0]);
        put_lines(t, &c->side[1], '+', change->from[1], change->to[1]);
        at = change->to[0];
    }
    put_lines(t, &c->side[0], ' ', at, end);
}

void unified_diff(struct text *t, const char *path, const char *before, const char *after)
{
    struct changes c = {.arena = t->arena};
    c.side[0] = lines_of(t->arena, before);
    c.side[1] = lines_of(t->arena, after);
    find_changes(&c);
    if (c.list.n)
        text_printf(t, "--- %s\n+++ %s\n", path, path);
    for (size_t first = 0, last; first < c.list.n; first = last) {
        last = first + 1;
        while (last < c.list.n &&
               c.list.at[last].from[0] - c.list.at[last - 1].to[0] <= 2 * CONTEXT)
            last++;
        put_hunk(t, &c, first, last);
    }
}
