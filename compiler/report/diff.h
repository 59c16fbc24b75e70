/* What changes from one network to another, as data. */
#ifndef NETC_REPORT_DIFF_H
#define NETC_REPORT_DIFF_H

#include "report/grid.h"
#include "report/table.h"

/* An operator of the first network, of the second, or the same of both; NULL: it has none. */
struct pair {
    const struct report_row *was, *is;
};

struct diff {
    const struct report *was, *is;
    VEC(struct pair) changes; /* in the second network's order, each after what is gone before it */
};

/* In the arena of the second report. */
void diff_make(struct diff *, const struct report *was, const struct report *is);
/* "added", "removed" or "changed". */
const char *pair_change(const struct pair *);
const char *pair_name(const struct pair *);

/* The forms: text and Markdown, csv, and JSON by docs/diff.schema.json. */
void diff_text(struct text *, const struct diff *, enum report_form, const struct grid_style *);
void diff_csv(struct text *, const struct diff *);
void diff_json(struct text *, const struct diff *);
/* The page; false: a part of it cannot be read (reported). */
bool diff_html(struct text *, const struct diff *, struct diags *);

#endif
