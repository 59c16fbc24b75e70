/*
 * The tables of a model with rows of equal blocks written once: those of struct netrt_roll, which
 * the runtime writes out again.
 */
#include "plan/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 128, LEAST_SAVED = 8, UNKNOWN = -1 };

/* Whether row `b` of a table is row `a` as it stands in the next group, of `rows`; `*step` is that
 * of the roll, UNKNOWN so far. */
typedef bool moves(const struct netrt_model *, int a, int b, int rows, int *step);

struct table_roller {
    struct arena *arena;
    const struct netrt_model *from;
    VEC(struct netrt_roll) rolls;
};

static bool keeps_step(int *step, int found)
{
    if (*step == UNKNOWN)
        *step = found;
    return *step == found && found != UNKNOWN;
}

static bool is_digit(char c)
{
    return isdigit((unsigned char)c);
}

/* The part of a name, between dots, that ends in a number which is one more in the other, all else
 * being equal. */
static int counting_part(const char *a, const char *b)
{
    int part = 0;
    if (!a || !b)
        return UNKNOWN;
    size_t same = 0;
    while (a[same] && a[same] == b[same])
        same++;
    while (same && is_digit(a[same - 1])) /* to where the number starts */
        same--;
    for (const char *c = a; c < a + same; c++)
        part += *c == '.';
    char *end_a, *end_b;
    if (!is_digit(a[same]) || !is_digit(b[same]) || (a[same] == '0' && is_digit(a[same + 1])))
        return UNKNOWN;
    const long number = strtol(a + same, &end_a, 10), next = strtol(b + same, &end_b, 10);
    const bool ends = !*end_a || *end_a == '.';
    return ends && number == next - 1 && next < 1000000000 && !strcmp(end_a, end_b) ? part
                                                                                    : UNKNOWN;
}

static bool param_moves(const struct netrt_model *m, int a, int b, int rows, int *step)
{
    const struct netrt_tensor *x = &m->params[a], *y = &m->params[b];
    (void)rows;
    return x->rank == y->rank && !memcmp(x->dim, y->dim, sizeof x->dim) &&
           keeps_step(step, counting_part(x->name, y->name));
}

static bool expr_moves(const struct netrt_model *m, int a, int b, int rows, int *step)
{
    const struct netrt_expr *x = &m->exprs[a], *y = &m->exprs[b];
    if (x->kind != y->kind || x->axis != y->axis)
        return false;
    switch (x->kind) {
    case NETRT_EXPR_PARAM:
        return y->param > x->param && keeps_step(step, y->param - x->param);
    case NETRT_EXPR_REAL:
        return !memcmp(&x->real, &y->real, sizeof x->real);
    case NETRT_EXPR_LIST:
        return false;
    case NETRT_EXPR_SQRT:
        return y->operand[0] == x->operand[0] + rows;
    default:
        return y->operand[0] == x->operand[0] + rows && y->operand[1] == x->operand[1] + rows;
    }
}

static bool packed_moves(const struct netrt_model *m, int a, int b, int rows, int *step)
{
    const struct netrt_packed *x = &m->packed[a], *y = &m->packed[b];
    (void)rows;
    return packed_alike(x, y) && x[1].offset == x->offset + x->bytes && y->expr > x->expr &&
           keeps_step(step, y->expr - x->expr);
}

static bool step_moves(const struct netrt_model *m, int a, int b, int rows, int *step)
{
    const struct netrt_step *x = &m->steps[a], *y = &m->steps[b];
    (void)rows;
    return !memcmp(&x->macs, &y->macs, sizeof x->macs) && !strcmp(x->kernel, y->kernel) &&
           keeps_step(step, counting_part(x->name, y->name));
}

/* The roll that starts at row `first` of n and saves most rows; one group of one row: none. */
static struct netrt_roll best_roll(const struct netrt_model *m, moves *row_moves, int first, int n)
{
    struct netrt_roll best = {.first = first, .rows = 1, .times = 1};
    int saved = LEAST_SAVED - 1;
    for (int rows = 1; rows <= MOST_ROWS && first + rows < n; rows++) {
        int step = UNKNOWN, i = first;
        while (i + rows < n && row_moves(m, i, i + rows, rows, &step))
            i++;
        const int times = (i - first) / rows + 1;
        if ((times - 1) * rows <= saved)
            continue;
        saved = (times - 1) * rows;
        best.rows = rows;
        best.times = times;
        best.step = step == UNKNOWN ? 0 : step;
    }
    return best;
}

/* The rows of a table that are kept, each of `size` bytes; *n becomes their number. */
static const void *roll_table(struct table_roller *r, enum netrt_table table, moves *row_moves,
                              const void *rows, size_t size, int *n)
{
    char *kept = arena_array(r->arena, (size_t)*n + 1, size);
    int k = 0;
    for (int i = 0; i < *n;) {
        struct netrt_roll roll = best_roll(r->from, row_moves, i, *n);
        memcpy(kept + (size_t)k * size, (const char *)rows + (size_t)i * size,
               (size_t)roll.rows * size);
        i += roll.rows * roll.times;
        roll.table = table;
        roll.first = k;
        k += roll.rows;
        if (roll.times > 1)
            VEC_PUSH(r->arena, &r->rolls, roll);
    }
    *n = k;
    return kept;
}

const struct netrt_model *plan_model_rolled(struct arena *arena, const struct netrt_model *from)
{
    struct table_roller r = {.arena = arena, .from = from};
    struct netrt_model *m = arena_new_of(arena, struct netrt_model);
    *m = *from;
#define ROLL(table, moves)                                                                         \
    m->table =                                                                                     \
        roll_table(&r, NETRT_TABLE_##table, moves, from->table, sizeof *m->table, &m->n_##table)
    ROLL(params, param_moves);
    ROLL(exprs, expr_moves);
    ROLL(packed, packed_moves);
    ROLL(steps, step_moves);
#undef ROLL
    m->rolls = r.rolls.at;
    m->n_rolls = (int)r.rolls.n;
    return m;
}
