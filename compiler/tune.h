/* Measuring the schedules that the plan's model thinks best, on this machine. */
#ifndef NETC_TUNE_H
#define NETC_TUNE_H

#include "plan/options.h"
#include "product.h"

/* Sets `tuning` of the options to what --schedule and --tune say of the graph: the schedules of a
 * file, and those that are measured now and written to another. False: an error was reported. */
bool tune_schedules(const struct product *, struct sources *, struct graph *,
                    struct plan_options *);

#endif
