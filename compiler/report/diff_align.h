/* Which operators of two networks are the same. */
#ifndef NETC_REPORT_DIFF_ALIGN_H
#define NETC_REPORT_DIFF_ALIGN_H

#include "report/table.h"

/* For each row of the second report its partner in the first, or NULL; each is the partner of one
 * at most. Rows with a name that an author gave have the row of that name; of the others those are
 * partners that do the same, in the order of both networks. In the arena of the second report. */
const struct report_row **diff_align(const struct report *was, const struct report *is);

#endif
