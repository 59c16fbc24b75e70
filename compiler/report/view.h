/* What a table of layers shows: rows, or whole scopes where --depth folds them, in an order. */
#ifndef NETC_REPORT_VIEW_H
#define NETC_REPORT_VIEW_H

#include "report/table.h"

/* A row, or a scope: the other is NULL. */
struct report_item {
    const struct report_row *row;
    const struct report_scope *scope;
    const struct figures *figures;
    double key; /* what --sort goes by */
};

struct report_view {
    VEC(struct report_item) items;
};

/* What --sort takes: the figures, by name or title, flops (of the convention that is shown), field
 * and us. */
bool view_sorts_by(const char *column);
/* The same for messages: in the arena. */
const char *view_columns(struct arena *);

/* By --depth and --sort. */
void view_init(struct report_view *, const struct report *);

const char *item_name(const struct report_item *);
/* "conv 3x3 s2 p1 g32"; of a scope its block. In the arena. */
const char *item_operator(struct arena *, const struct report_item *);
/* The row itself; of a scope the last. */
const struct report_row *item_last(const struct report *, const struct report_item *);
/* The predicted time; of a scope the sum of its rows. */
double item_us(const struct report *, const struct report_item *);
/* "64x56x56"; of a scope its last operator's. */
const char *item_output(struct arena *, const struct report *, const struct report_item *);

/* The same of a row; NULL of no row. */
const char *row_operator(struct arena *, const struct report_row *);

#endif
