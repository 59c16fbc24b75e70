/* Two networks side by side: their operators aligned by name. */
#include "report/diff.h"

#include <string.h>

/* A network's rows by name; joins of one scope have one name, and are told apart by their number.
 */
struct index {
    const struct report *report;
    struct map rows;
    const char **key; /* by row, interned */
};

static void index_init(struct index *x, const struct report *r, struct strings *strings)
{
    struct map seen = {.arena = r->arena};
    *x = (struct index){.report = r, .rows = {.arena = r->arena}};
    x->key = arena_array(r->arena, r->rows.n, sizeof *x->key);
    for (size_t i = 0; i < r->rows.n; i++) {
        const char *name = r->rows.at[i].name ? r->rows.at[i].name : "";
        const char *key = strings_intern0(strings, name);
        size_t n = (size_t)(uintptr_t)map_get(&seen, key);
        map_put(&seen, key, (void *)(uintptr_t)(n + 1));
        if (n)
            key = strings_intern0(strings, arena_printf(r->arena, "%s %zu", name, n));
        x->key[i] = key;
        map_put(&x->rows, key, (void *)(uintptr_t)&r->rows.at[i]);
    }
}

static bool is_changed(const struct pair *p)
{
    return !p->was || !p->is || p->was->op != p->is->op ||
           !type_equal_dims(&p->was->output, &p->is->output) ||
           memcmp(&p->was->figures, &p->is->figures, sizeof p->was->figures) != 0;
}

static void add_pair(struct diff *d, struct pair pair)
{
    if (is_changed(&pair))
        VEC_PUSH(d->is->arena, &d->changes, pair);
}

/* Adds the rows of the first network up to `end` that the second has not. */
static size_t add_removed(struct diff *d, const struct index *was, const struct index *is,
                          size_t at, size_t end)
{
    for (; at < end; at++)
        if (!map_get(&is->rows, was->key[at]))
            add_pair(d, (struct pair){&was->report->rows.at[at], NULL});
    return at;
}

/* The rows of the second network in their order, each after those of the first that are gone. */
void diff_make(struct diff *d, const struct report *was, const struct report *is)
{
    struct strings *strings = strings_new(is->arena);
    struct index before, after;
    *d = (struct diff){.was = was, .is = is};
    index_init(&before, was, strings);
    index_init(&after, is, strings);
    size_t at = 0;
    for (size_t i = 0; i < is->rows.n; i++) {
        const struct report_row *partner = map_get(&before.rows, after.key[i]);
        if (partner)
            at = add_removed(d, &before, &after, at, (size_t)(partner - was->rows.at) + 1);
        add_pair(d, (struct pair){partner, &is->rows.at[i]});
    }
    add_removed(d, &before, &after, at, was->rows.n);
}

const char *pair_change(const struct pair *p)
{
    return !p->was ? "added" : !p->is ? "removed" : "changed";
}

const char *pair_name(const struct pair *p)
{
    const char *name = p->is ? p->is->name : p->was->name;
    return name ? name : "";
}
