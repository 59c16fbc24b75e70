/* Two networks side by side: their operators aligned. */
#include "report/diff.h"
#include "report/diff_align.h"

#include <string.h>

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

/* Adds the rows of the first network up to `end` that have no partner. */
static size_t add_removed(struct diff *d, const bool *has_partner, size_t at, size_t end)
{
    for (; at < end; at++)
        if (!has_partner[at])
            add_pair(d, (struct pair){&d->was->rows.at[at], NULL});
    return at;
}

/* The rows of the second network in their order, each after those of the first that are gone. */
void diff_make(struct diff *d, const struct report *was, const struct report *is)
{
    const struct report_row **partner = diff_align(was, is);
    bool *has_partner = arena_array(is->arena, was->rows.n, sizeof *has_partner);
    size_t at = 0;
    *d = (struct diff){.was = was, .is = is};
    for (size_t i = 0; i < is->rows.n; i++)
        if (partner[i])
            has_partner[partner[i] - was->rows.at] = true;
    for (size_t i = 0; i < is->rows.n; i++) {
        if (partner[i])
            at = add_removed(d, has_partner, at, (size_t)(partner[i] - was->rows.at) + 1);
        add_pair(d, (struct pair){partner[i], &is->rows.at[i]});
    }
    add_removed(d, has_partner, at, was->rows.n);
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
