/* Source files and places in them. A place is a file and two byte offsets; lines and columns are
 * computed when they are printed. */
#ifndef NETC_BASE_SOURCE_H
#define NETC_BASE_SOURCE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes [begin, end) of file number `source`; source 0 is no file (spans of generated things). */
struct span {
    uint32_t source, begin, end;
};

/* From the start of a to the end of b, of one file. */
struct span span_join(struct span a, struct span b);

struct source {
    const char *path;  /* as it was opened, for messages */
    const char *bytes; /* NUL-terminated */
    size_t size;
    uint32_t *line; /* offset of the start of each line */
    size_t n_lines;
    bool in_memory; /* not read from a file: sources_add() */
};

/* Text that stands in the place of a file's: what an editor has not saved. */
struct overlay {
    const char *path; /* without links in it, as realpath() gives it */
    const char *bytes;
    size_t size;
};

struct sources {
    struct arena *arena;
    VEC(struct source *) files; /* number i + 1 is files.at[i] */
    const struct overlay *overlays;
    size_t n_overlays;
};

void sources_init(struct sources *, struct arena *);

/* Reads a file whole (a regular file or a pipe, below 256 MiB). Returns its number, or 0 with a
 * reason ("no such file", "is a directory") in *why. */
uint32_t sources_open(struct sources *, const char *path, const char **why);
/* Adds text that is in memory; `bytes` is copied. */
uint32_t sources_add(struct sources *, const char *path, const char *bytes, size_t size);
/* The first `n` bytes of a source's first line are not shown, and columns are counted after them:
 * the user did not write them. */
void sources_hide(struct sources *, uint32_t number, uint32_t n);
const struct source *sources_get(const struct sources *, uint32_t number);

/* The line, from 1, of a byte offset. */
uint32_t source_line_number(const struct source *, uint32_t offset);
/* Line and column, from 1, of a byte offset; columns count UTF-8 characters. */
struct position {
    uint32_t line, column;
};
struct position source_position(const struct source *, uint32_t offset);
/* The text of a line (from 1), without its end; *n is its length in bytes. */
const char *source_line(const struct source *, uint32_t line, size_t *n);

#endif
