/* The cost report, as main needs it. */
#ifndef NETC_REPORT_REPORT_H
#define NETC_REPORT_REPORT_H

#include "report/table.h"

/* Prints the report in the form that the options ask for; `terminal`: to a terminal. */
void report_print(struct text *, const struct report *, bool terminal);

#endif
