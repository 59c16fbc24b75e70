/* A table of cells that is printed as aligned text or as Markdown. */
#ifndef NETC_REPORT_GRID_H
#define NETC_REPORT_GRID_H

#include "base/text.h"

#include <stdint.h>

/* Numbers are aligned right, words left; GRID_wide: words that are cut where the terminal is narrow
 */
enum grid_align { GRID_right, GRID_left, GRID_wide };

struct grid_column {
    const char *title;
    enum grid_align align;
};

struct grid_row {
    const char **cell;
    bool rule; /* a rule stands before it: a total */
};

struct grid {
    struct arena *arena;
    const struct grid_column *column;
    size_t n_columns;
    VEC(struct grid_row) rows;
};

/* How text is printed: 0 columns where there is no terminal. */
struct grid_style {
    size_t columns;
    bool colour;
};

/* `columns` is kept, not copied. */
void grid_init(struct grid *, struct arena *, const struct grid_column *columns, size_t n);
/* A row of empty cells. */
struct grid_row *grid_add(struct grid *);
/* Sets a cell; the text is kept, not copied. */
void grid_set(struct grid_row *, size_t column, const char *text);

void grid_print_text(const struct grid *, struct text *, const struct grid_style *);
void grid_print_md(const struct grid *, struct text *);

/* Of a text, in characters of UTF-8. */
size_t grid_width(const char *);
/* "11,689,512", "44.59 MiB" and so on, in the arena. */
const char *grid_number(struct arena *, int64_t);
/* The same, and one digit behind the point of what is no integer. */
const char *grid_real(struct arena *, double);
const char *grid_bytes(struct arena *, int64_t bytes);
const char *grid_percent(struct arena *, double);

#endif
