/* Several networks in one table: files, nets of a file, and a net for each value of what is swept.
 */
#ifndef NETC_SEVERAL_H
#define NETC_SEVERAL_H

#include "report/nets.h"

/* Makes a whole report in an arena, by options of its own. NULL: what is wrong was printed, and
 * *status is the exit status. */
typedef struct report *report_maker(struct arena *, const struct options *, int *status);

/* Whether the options name several. */
bool several_asked(const struct options *);
/* Adds a row for each network. The exit status: 0, or that of what was printed; *part: of some
 * points there are rows nevertheless. */
int several_make(struct nets *, struct arena *, const struct options *, report_maker *, bool *part);

#endif
