#ifndef NETC_DRIVER_OPTIONS_CHECK_H
#define NETC_DRIVER_OPTIONS_CHECK_H

#include "driver/options.h"

/* OPTIONS_run, or OPTIONS_wrong with a message: options that contradict each other, or that what is
 * asked for takes no notice of. */
enum options_result options_check(const struct options *);

#endif
