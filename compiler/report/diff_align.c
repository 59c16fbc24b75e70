#include "report/diff_align.h"

#include <string.h>

/* Networks with more pairs of unnamed operators than these are aligned by names alone. */
enum { MOST_PAIRS = 1 << 24 };

/* A network's rows by name; joins of one scope have one name, and are told apart by their number.
 */
struct side {
    const struct report *report;
    struct map rows;                /* by key: the row's position, from 1 */
    const char **key;               /* by row, interned */
    bool *paired;                   /* by row */
    const struct report_row **open; /* those without a partner by a given name, in their order */
    size_t n_open;
};

struct aligner {
    struct side was, is;
    const struct report_row **partner; /* by row of the second network */
};

static size_t position(const struct side *s, const struct report_row *row)
{
    return (size_t)(row - s->report->rows.at);
}

static void side_init(struct side *s, struct arena *arena, const struct report *r,
                      struct strings *strings)
{
    struct map seen = {.arena = arena};
    const size_t n = r->rows.n;
    *s = (struct side){.report = r, .rows = {.arena = arena}};
    s->key = arena_array(arena, n, sizeof *s->key);
    s->paired = arena_array(arena, n, sizeof *s->paired);
    s->open = arena_array(arena, n, sizeof *s->open);
    for (size_t i = 0; i < n; i++) {
        const char *name = r->rows.at[i].name ? r->rows.at[i].name : "";
        const char *key = strings_intern0(strings, name);
        const size_t before = (size_t)(uintptr_t)map_get(&seen, key);
        map_put(&seen, key, (void *)(uintptr_t)(before + 1));
        if (before)
            key = strings_intern0(strings, arena_printf(arena, "%s %zu", name, before));
        s->key[i] = key;
        map_put(&s->rows, key, (void *)(uintptr_t)(i + 1));
    }
}

/* Whether an author named it: other steps have numbers, and joins the names of their operators. */
static bool is_named(const struct report_row *row)
{
    const char *dot = row->name ? strrchr(row->name, '.') : NULL;
    const char *last = dot ? dot + 1 : row->name;
    return last && *last && !(*last >= '0' && *last <= '9') && strcmp(last, op_info(row->op)->name);
}

static void pair_up(struct aligner *a, size_t was, size_t is)
{
    a->was.paired[was] = a->is.paired[is] = true;
    a->partner[is] = &a->was.report->rows.at[was];
}

/* Pairs rows of the same name: those whose name was given, or all. */
static void pair_by_name(struct aligner *a, bool given)
{
    const struct report *is = a->is.report;
    for (size_t i = 0; i < is->rows.n; i++) {
        const size_t found = (size_t)(uintptr_t)map_get(&a->was.rows, a->is.key[i]);
        if (found && !a->is.paired[i] && !a->was.paired[found - 1] &&
            (!given || is_named(&is->rows.at[i])))
            pair_up(a, found - 1, i);
    }
}

static void find_open(struct side *s)
{
    for (size_t i = 0; i < s->report->rows.n; i++)
        if (!s->paired[i])
            s->open[s->n_open++] = &s->report->rows.at[i];
}

static bool is_pool(enum op op)
{
    return op == OP_maxpool || op == OP_avgpool;
}

/* How much speaks for two rows being the same: 0, if one cannot stand for the other. */
static int likeness(const struct aligner *a, const struct report_row *was,
                    const struct report_row *is)
{
    enum { SAME_OPERATOR = 16, SAME_PURPOSE = 8, SAME_NAME = 6, SAME_WINDOW = 4, SAME_SHAPE = 4 };
    const bool purpose = (op_has(was->op, OP_ACTIVATION) && op_has(is->op, OP_ACTIVATION)) ||
                         (is_pool(was->op) && is_pool(is->op));
    int n = was->op == is->op ? SAME_OPERATOR : purpose ? SAME_PURPOSE : 0;
    if (!n)
        return 0;
    if (a->was.key[position(&a->was, was)] == a->is.key[position(&a->is, is)])
        n += SAME_NAME;
    if (!memcmp(was->attr.kernel, is->attr.kernel, sizeof was->attr.kernel))
        n += SAME_WINDOW;
    return n + (type_equal_dims(&was->output, &is->output) ? SAME_SHAPE : 0);
}

enum move { MOVE_both, MOVE_was, MOVE_is };

/* The best alignment of the open rows from each two positions on, of which `move` says the first
 * step: the sum of likenesses is the largest there is (Needleman and Wunsch, without a cost of
 * gaps). */
static void fill_moves(const struct aligner *a, uint8_t *move, int *best)
{
    const size_t m = a->is.n_open;
    for (size_t i = a->was.n_open; i-- > 0;) {
        int diagonal = 0; /* of the next row and column */
        for (size_t j = m; j-- > 0;) {
            const int like = likeness(a, a->was.open[i], a->is.open[j]);
            const int both = like ? diagonal + like : -1;
            uint8_t *step = &move[i * m + j];
            diagonal = best[j];
            *step = best[j] >= best[j + 1] ? MOVE_was : MOVE_is;
            if (best[j] < best[j + 1])
                best[j] = best[j + 1];
            if (both >= best[j]) {
                best[j] = both;
                *step = MOVE_both;
            }
        }
    }
}

static void pair_by_kind(struct aligner *a, struct arena *scratch)
{
    const size_t n = a->was.n_open, m = a->is.n_open;
    uint8_t *move = arena_array(scratch, n * m, sizeof *move);
    int *best = arena_array(scratch, m + 1, sizeof *best);
    fill_moves(a, move, best);
    for (size_t i = 0, j = 0; i < n && j < m;) {
        const uint8_t step = move[i * m + j];
        if (step == MOVE_both)
            pair_up(a, position(&a->was, a->was.open[i]), position(&a->is, a->is.open[j]));
        i += step != MOVE_is;
        j += step != MOVE_was;
    }
}

const struct report_row **diff_align(const struct report *was, const struct report *is)
{
    struct arena *scratch = arena_new();
    struct strings *strings = strings_new(scratch);
    struct aligner a = {.partner = arena_array(is->arena, is->rows.n, sizeof *a.partner)};
    side_init(&a.was, scratch, was, strings);
    side_init(&a.is, scratch, is, strings);
    pair_by_name(&a, true);
    find_open(&a.was);
    find_open(&a.is);
    if (a.was.n_open && a.is.n_open > MOST_PAIRS / a.was.n_open)
        pair_by_name(&a, false);
    else
        pair_by_kind(&a, scratch);
    arena_free(scratch);
    return a.partner;
}
