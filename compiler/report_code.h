/* The C of a network in its report. */
#ifndef NETC_REPORT_CODE_H
#define NETC_REPORT_CODE_H

#include "product.h"
#include "report/table.h"

/* Gives the report the C of the product's first plan, which is that of the same graph, and each
 * operator the lines that compute it. */
void report_add_code(struct report *, const struct product *);

#endif
