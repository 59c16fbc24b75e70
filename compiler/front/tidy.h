/*
 * Source text in one style, comments kept. Blanks, indentation and empty lines are the style's;
 * where a line ends is the author's choice, and so are columns that stand under each other.
 */
#ifndef NETC_FRONT_TIDY_H
#define NETC_FRONT_TIDY_H

#include "base/diag.h"
#include "base/text.h"

/* Appends source number `source` in the style. What it says stays: its tree is the same, and its
 * text in the style is itself. False: it has errors, which were reported. Names are interned in
 * `strings`; the text is appended to only at the end. */
bool tidy(struct text *, struct strings *, struct diags *, uint32_t source);

#endif
