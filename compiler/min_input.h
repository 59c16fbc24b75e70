/* The smallest input that a net takes. */
#ifndef NETC_MIN_INPUT_H
#define NETC_MIN_INPUT_H

#include "report/table.h"
#include "sema/elaborate.h"

/* The smallest square input that the net takes, and what fails one below it; of a net that is
 * written for another shape the fewest rows, with its columns, and the fewest columns. The options
 * are those that the report's graph was elaborated with. */
void min_input_print(struct text *, const struct report *, const struct elaborate_options *);

#endif
