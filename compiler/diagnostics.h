/* Messages for programs, and the changes that they propose. */
#ifndef NETC_DIAGNOSTICS_H
#define NETC_DIAGNOSTICS_H

#include "base/diag.h"
#include "driver/options.h"

/* Prints the queue in a form and empties it: as text, a line each, JSON by
 * docs/diagnostics.schema.json, or SARIF 2.1.0. */
void diagnostics_print(struct diags *, enum diagnostics_form, FILE *);

/* Makes the changes that the messages propose in a file, and prints them as unified_diff() does. Of
 * changes that overlap the first one is made. The number of changes; -1: the file cannot be written
 * (reported). */
int diagnostics_fix(struct diags *, const char *path);

#endif
