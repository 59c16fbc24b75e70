/* Writing results: whole files or none. */
#ifndef NETC_DRIVER_OUTPUT_H
#define NETC_DRIVER_OUTPUT_H

#include "base/diag.h"

/* Writes `size` bytes to `path` ("-": standard output) through a temporary file beside it, so that
 * the file is whole or untouched. False: an error was reported. */
bool output_write(struct diags *, const char *path, const void *bytes, size_t size);

/* A new folder for temporary files, in the arena; NULL: an error was reported. */
const char *output_temporary_folder(struct arena *, struct diags *);
/* Removes the folder and the files in it. */
void output_remove_folder(const char *path);

#endif
