/* Measuring the schedules that the plan's model thinks best, on this machine. */
#ifndef NETC_TUNE_H
#define NETC_TUNE_H

#include "plan/options.h"
#include "product.h"

/* Compiles the graph with candidate after candidate for each layer, runs what it makes, and adds
 * the fastest to `tuning`. False: an error was reported. */
bool tune(const struct product *, struct graph *, const struct plan_options *, struct tuning *);

#endif
