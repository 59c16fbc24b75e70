/* Figures of layers with their formulas and the numbers in them. */
#ifndef NETC_REPORT_EXPLAIN_H
#define NETC_REPORT_EXPLAIN_H

#include "report/grid.h"
#include "report/json.h"
#include "report/table.h"

/* Whether --explain names a layer or scope that there is; if not, `*nearest` is the name that is
 * most like it, or NULL. */
bool explain_finds(const struct report *, const char **nearest);
/* A table for each layer that is explained, and what its symbols mean; as text or Markdown. */
void explain_print(struct text *, const struct report *, const struct grid_style *);
/* An array of {figure, formula, numbers, value}, and an object of what symbols mean. */
json_t *explain_json(struct arena *, const struct report_row *);
json_t *explain_symbols_json(const struct report *);

#endif
