/* The forms in which a report is printed. */
#ifndef NETC_REPORT_FORMS_H
#define NETC_REPORT_FORMS_H

#include "report/grid.h"
#include "report/table.h"

/* For people: a table of layers with its totals, then scopes, kinds of operators, memory. */
void report_text(struct text *, const struct report *, const struct grid_style *);
void report_md(struct text *, const struct report *);
/* For programs: a line for each layer, its columns those of docs/report.md; schema 1 of JSON. */
void report_csv(struct text *, const struct report *);
void report_json(struct text *, const struct report *);
/* A field of csv, in quotes where it has to be. */
void csv_word(struct text *, const char *);
/* Names of the columns of all figures, and of operations under all conventions, each behind a
 * comma. */
void csv_figures(struct text *);
/* A page for a browser, of the resources in page/; it asks nothing of any host. False: one of them
 * cannot be read (reported). */
bool report_html(struct text *, const struct report *);

#endif
