/* The figures of a row, with their formulas. */
#ifndef NETC_REPORT_ROW_H
#define NETC_REPORT_ROW_H

#include "report/table.h"

#define REPORT_MOST_BYTES ((int64_t)1 << 48)

/* Counts an operator, and explains what it counts where the options ask for it: the row has its
 * name, field, operands and where they come from. False: an error was reported. */
bool row_count(const struct report *, struct report_row *, const struct node *);

/* Report what does not fit; false. */
bool report_too_many(const struct report *, struct span, const char *name);
bool report_too_large(const struct report *, struct span, const char *name);

#endif
