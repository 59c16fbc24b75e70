/* Pages that hold all they need. */
#ifndef NETC_REPORT_PAGE_H
#define NETC_REPORT_PAGE_H

#include "base/diag.h"
#include "base/text.h"

/* What a page is of: JSON for its scripts, and text for a browser that runs none. */
struct page_content {
    const char *json, *text;
};

/* Prints a template of the folder page/, with its parts and the content put in. False: one of them
 * cannot be read (reported). */
bool page_print(struct text *, struct arena *, struct diags *, const char *name,
                const struct page_content *);

#endif
