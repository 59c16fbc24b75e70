/* Writing results: whole files or none. */
#ifndef NETC_DRIVER_OUTPUT_H
#define NETC_DRIVER_OUTPUT_H

#include "base/diag.h"
#include "driver/signals.h"

#include <dirent.h>

/* Writes `size` bytes to `path` ("-": standard output) through a temporary file beside it, so that
 * the file is whole or untouched. False: an error was reported. */
bool output_write(struct diags *, const char *path, const void *bytes, size_t size);

/* The same for a file that is there and goes on being the same one: its permissions are kept, and
 * what a link leads to is written. */
bool output_rewrite(struct diags *, const char *path, const void *bytes, size_t size);

/* Whether a regular file could be written to `path`: before the work is done. False: an error was
 * reported. */
bool output_check(struct diags *, const char *path);

/* A folder for temporary files. */
struct output_folder {
    char *path;
    DIR *files; /* opened at once: removing them takes no memory */
    struct arena *arena;
    struct arena_guard guard; /* removes it where memory runs out */
    struct signals held;
};

/* Makes one, in the arena, and holds signals until it is removed. False: an error was reported, and
 * there is nothing to remove. */
bool output_folder_make(struct output_folder *, struct arena *, struct diags *);
/* Removes the folder and the files in it. */
void output_folder_remove(struct output_folder *);

#endif
