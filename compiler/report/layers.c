#include "base/number.h"
#include "report/table.h"

bool report_is_layer(const struct report_row *row)
{
    return row->figures.at[FIGURE_macs] && row->figures.at[FIGURE_params];
}

struct report_layers report_layers(const struct report *r)
{
    struct report_layers layers = {0};
    int64_t *depth = arena_array(r->arena, r->rows.n, sizeof *depth);
    for (size_t i = 0; i < r->rows.n; i++) {
        const struct report_row *row = &r->rows.at[i];
        for (int k = 0; k < row->n_inputs; k++)
            if (row->from[k] != FROM_INPUT)
                depth[i] = int_max(depth[i], depth[row->from[k]]);
        depth[i] += report_is_layer(row);
        layers.all += report_is_layer(row);
        layers.deepest = int_max(layers.deepest, depth[i]);
    }
    return layers;
}
