/* The cost report, as main needs it. */
#ifndef NETC_REPORT_REPORT_H
#define NETC_REPORT_REPORT_H

#include "report/grid.h"
#include "report/table.h"

/* What is wrong with the names that the report's options give: a phrase before `*value`, and in
 * `*hint` those that there are. NULL: nothing. */
const char *report_check_options(struct arena *, const struct options *, const char **value,
                                 const char **hint);

/* The report of a graph that no pass has touched, with all that needs no plan: figures, devices,
 * warnings and, where it is shown or bounded, memory to train. NULL: an error was reported. */
struct report *report_of_graph(struct arena *, struct diags *, const struct graph *,
                               const struct options *);
/* Adds what the plan of that graph says: memory and, on a machine that is not NULL, times. Then
 * checks the budgets: broken ones are errors. */
void report_add_program(struct report *, const struct graph *, const struct plan *,
                        const struct machine *);

/* Prints the report in the form that the options ask for; `terminal`: to a terminal. False: a part
 * of the page is missing (reported). */
bool report_print(struct text *, const struct report *, bool terminal);

/* Prints how the figures of the layers that --explain names are computed. False: there is no such
 * layer; `*nearest` is one of a similar name, or NULL. */
bool report_explain(struct text *, const struct report *, bool terminal, const char **nearest);

/* What changes from the first network to the second: operators that were added (+), removed (-) or
 * changed (~), aligned by name and by what they do, and the totals of both. False: the page of HTML
 * lacks a part (reported). */
bool report_diff(struct text *, const struct report *was, const struct report *is, struct diags *,
                 bool terminal);

/* Whether budgets and --solve know a figure of that name; in the arena, all of them for a hint. */
bool report_has_figure(const char *name);
const char *report_figure_names(struct arena *);
/* The value of a figure of that name. False: this report does not have it. */
bool report_figure(const struct report *, const char *name, double *value);

/* Colour, and as many columns as there are: on a terminal only. */
struct grid_style report_style(bool terminal);

#endif
