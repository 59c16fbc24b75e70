/* The cost report, as main needs it. */
#ifndef NETC_REPORT_REPORT_H
#define NETC_REPORT_REPORT_H

#include "report/grid.h"
#include "report/table.h"

/* Prints the report in the form that the options ask for; `terminal`: to a terminal. False: a part
 * of the page is missing (reported). */
bool report_print(struct text *, const struct report *, bool terminal);

/* What changes from the first network to the second: operators that were added (+), removed (-) or
 * changed (~), aligned by name, and the totals of both. False: not in the form that is asked for.
 */
bool report_diff(struct text *, const struct report *was, const struct report *is, bool terminal);

/* Colour, and as many columns as there are: on a terminal only. */
struct grid_style report_style(bool terminal);

#endif
