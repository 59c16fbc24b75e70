#include "unroll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNROLL_DIGITS = 12 }; /* that a number may add to a name */

/* Where the copy is made. */
struct unroll {
    const struct netrt_model *from;
    struct netrt_tensor *params;
    struct netrt_expr *exprs;
    struct netrt_packed *packed;
    struct netrt_step *steps;
    char *text;
};

/* Group number `time` of a roll, whose first row is number `row` when all are written out. */
struct unroll_group {
    const struct netrt_roll *roll;
    int time, row;
};

/* The roll that starts at a row of a table, or a group of this row alone. */
static struct netrt_roll roll_at(const struct netrt_model *m, enum netrt_table table, int row)
{
    for (int i = 0; i < m->n_rolls; i++)
        if (m->rolls[i].table == table && m->rolls[i].first == row)
            return m->rolls[i];
    return (struct netrt_roll){table, row, 1, 1, 0};
}

/* Rows of a table of n, written out. */
static int unrolled_rows(const struct netrt_model *m, enum netrt_table table, int n)
{
    for (int i = 0; i < m->n_rolls; i++)
        if (m->rolls[i].table == table)
            n += m->rolls[i].rows * (m->rolls[i].times - 1);
    return n;
}

/* Where the number of the name's part ends. */
static const char *end_of_part(const char *name, int part)
{
    for (; part > 0 && strchr(name, '.'); part--)
        name = strchr(name, '.') + 1;
    return name + strcspn(name, ".");
}

/* The name in a later group. */
static const char *count_up(struct unroll *u, const char *name, const struct unroll_group *g)
{
    if (!g->time || !name)
        return name;
    const char *end = end_of_part(name, g->roll->step), *number = end, *made = u->text;
    while (number > name && number[-1] >= '0' && number[-1] <= '9')
        number--;
    u->text +=
        sprintf(u->text, "%.*s%d%s", (int)(number - name), name, atoi(number) + g->time, end) + 1;
    return made;
}

static void unroll_row(struct unroll *u, const struct unroll_group *g, int row, int to)
{
    const struct netrt_model *m = u->from;
    const struct netrt_roll *roll = g->roll;
    switch (roll->table) {
    case NETRT_TABLE_params:
        u->params[to] = m->params[row];
        u->params[to].name = count_up(u, m->params[row].name, g);
        break;
    case NETRT_TABLE_exprs:
        u->exprs[to] = m->exprs[row];
        if (m->exprs[row].kind == NETRT_EXPR_PARAM)
            u->exprs[to].param += g->time * roll->step;
        else if (m->exprs[row].kind >= NETRT_EXPR_ADD)
            u->exprs[to].operand[0] += g->time * roll->rows;
        if (m->exprs[row].kind >= NETRT_EXPR_ADD && m->exprs[row].kind <= NETRT_EXPR_DIV)
            u->exprs[to].operand[1] += g->time * roll->rows;
        break;
    case NETRT_TABLE_packed:
        u->packed[to] = m->packed[row];
        u->packed[to].expr += g->time * roll->step;
        for (int i = 0; i < roll->rows; i++)
            u->packed[to].offset += (size_t)g->time * m->packed[roll->first + i].bytes;
        break;
    case NETRT_TABLE_steps:
        u->steps[to] = m->steps[row];
        u->steps[to].name = count_up(u, m->steps[row].name, g);
        break;
    }
}

/* All rows of a table of n; returns how many they are. */
static int unroll_table(struct unroll *u, enum netrt_table table, int n)
{
    int to = 0;
    for (int row = 0; row < n;) {
        const struct netrt_roll roll = roll_at(u->from, table, row);
        struct unroll_group g = {.roll = &roll};
        for (; g.time < roll.times; g.time++)
            for (int i = 0; i < roll.rows; i++)
                unroll_row(u, &g, row + i, to++);
        row += roll.rows;
    }
    return to;
}

/* Bytes for the names of later groups. */
static size_t unrolled_names(const struct netrt_model *m)
{
    size_t bytes = 1;
    for (int i = 0; i < m->n_rolls; i++) {
        const struct netrt_roll *roll = &m->rolls[i];
        for (int k = roll->first; k < roll->first + roll->rows; k++) {
            const char *name = roll->table == NETRT_TABLE_params  ? m->params[k].name
                               : roll->table == NETRT_TABLE_steps ? m->steps[k].name
                                                                  : NULL;
            bytes += name ? (strlen(name) + UNROLL_DIGITS) * (size_t)roll->times : 0;
        }
    }
    return bytes;
}

struct netrt_model *netrt_unroll(const struct netrt_model *m)
{
    const size_t params = (size_t)unrolled_rows(m, NETRT_TABLE_params, m->n_params),
                 exprs = (size_t)unrolled_rows(m, NETRT_TABLE_exprs, m->n_exprs),
                 packed = (size_t)unrolled_rows(m, NETRT_TABLE_packed, m->n_packed),
                 steps = (size_t)unrolled_rows(m, NETRT_TABLE_steps, m->n_steps);
    struct netrt_model *model = (struct netrt_model *)malloc(
        sizeof *model + params * sizeof *m->params + exprs * sizeof *m->exprs +
        packed * sizeof *m->packed + steps * sizeof *m->steps + unrolled_names(m));
    if (!model)
        return NULL;
    struct unroll u = {.from = m, .params = (struct netrt_tensor *)(model + 1)};
    u.exprs = (struct netrt_expr *)(u.params + params);
    u.packed = (struct netrt_packed *)(u.exprs + exprs);
    u.steps = (struct netrt_step *)(u.packed + packed);
    u.text = (char *)(u.steps + steps);
    *model = *m;
    model->params = u.params;
    model->exprs = u.exprs;
    model->packed = u.packed;
    model->steps = u.steps;
    model->n_params = unroll_table(&u, NETRT_TABLE_params, m->n_params);
    model->n_exprs = unroll_table(&u, NETRT_TABLE_exprs, m->n_exprs);
    model->n_packed = unroll_table(&u, NETRT_TABLE_packed, m->n_packed);
    model->n_steps = unroll_table(&u, NETRT_TABLE_steps, m->n_steps);
    model->n_rolls = 0;
    model->rolls = NULL;
    return model;
}
