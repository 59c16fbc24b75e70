/* The roofline of each kernel of the plan, at the operator that hosts what was fused. */
#include "report/table.h"

/* Work and time of a row: its own without a machine; with one, of the plan's node, once. */
static void predict(struct report *r, struct report_row *row)
{
    struct work work;
    if (row->predicted || !node_work(row->node, &work))
        return;
    row->predicted = true;
    row->roofline = roofline(r->machine, &work, r->options->threads != 1);
    r->predicted_us += row->roofline.us;
}

void report_predict(struct report *r, const struct plan *plan, const struct machine *machine)
{
    struct map rows = {.arena = r->arena};
    r->machine = machine;
    for (size_t i = 0; i < r->rows.n; i++)
        map_put(&rows, r->rows.at[i].node, &r->rows.at[i]);
    for (size_t i = 0; i < plan->steps.n; i++) {
        struct report_row *row = map_get(&rows, plan->steps.at[i].node);
        if (row)
            predict(r, row);
    }
}
