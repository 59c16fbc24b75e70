/* What changes from one text to another, as `diff -u` prints it. */
#ifndef NETC_DRIVER_UNIFIED_H
#define NETC_DRIVER_UNIFIED_H

#include "base/text.h"

/* Appends the changes from `before` to `after`, which are called `path` there; nothing where they
 * are equal. Right, but where much was moved not the least there could be. */
void unified_diff(struct text *, const char *path, const char *before, const char *after);

#endif
