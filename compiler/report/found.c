/* What is computed for each row that is found, as for each region that a network proposes. */
#include "report/table.h"

static bool finds(const struct report_row *row)
{
    return op_find_result(row->op, "count") >= 0;
}

/* Which row found what an operator reads, by the entries of the rows before it; -1: none. */
static int entry_of_operands(const struct report_row *row, const int *entry)
{
    for (int i = 0; i < row->n_inputs; i++)
        if (row->from[i] != FROM_INPUT && entry[row->from[i]] >= 0)
            return entry[row->from[i]];
    return -1;
}

/* Those of which something is computed. */
static void keep_used(const struct report *r, struct report_founds *all)
{
    size_t n = 0;
    for (size_t i = 0; i < all->list.n; i++)
        if (all->list.at[i].figures.flops[r->flops] > 0)
            all->list.at[n++] = all->list.at[i];
    all->list.n = n;
}

struct report_founds report_founds(const struct report *r)
{
    struct report_founds all = {0};
    int *entry = arena_array(r->arena, r->rows.n, sizeof *entry);
    for (size_t i = 0; i < r->rows.n; i++) {
        const struct report_row *row = &r->rows.at[i];
        entry[i] = entry_of_operands(row, entry);
        if (finds(row)) {
            const struct report_found found = {.name = row->name, .most = row->output.dim[1]};
            VEC_PUSH(r->arena, &all.list, found);
            entry[i] = (int)all.list.n - 1;
        } else if (entry[i] >= 0) {
            figures_add(&all.list.at[entry[i]].figures, &row->figures);
        }
    }
    keep_used(r, &all);
    return all;
}
