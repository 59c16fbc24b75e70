/* --format: files in one style, printed, written anew, or compared with what they are. */
#ifndef NETC_RESTYLE_H
#define NETC_RESTYLE_H

#include "base/diag.h"
#include "base/text.h"
#include "driver/options.h"

/* Restyles options->files. False: an error was reported; a file with one is left as it is. */
bool restyle(struct sources *, struct strings *, struct diags *, const struct options *);

#endif
