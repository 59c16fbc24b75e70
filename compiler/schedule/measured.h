/* Schedules that were measured, by layer and target. */
#ifndef NETC_SCHEDULE_MEASURED_H
#define NETC_SCHEDULE_MEASURED_H

#include "base/diag.h"
#include "base/text.h"

/* Text form: a line for each, "LAYER: DECISION", in order; what follows a '#' is a comment. */
struct tuning;
struct tuning *tuning_new(struct arena *);
/* Adds the lines of a file. False: an error was reported. */
bool tuning_read(struct tuning *, struct diags *, uint32_t source);
/* Sets or replaces a line: words of a plan_step; NULL comment: none. */
void tuning_set(struct tuning *, const char *layer, const char *decision, const char *comment);
void tuning_print(struct text *, const struct tuning *);

#endif
