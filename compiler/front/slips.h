/* What those are told who write words of another language. */
#ifndef NETC_FRONT_SLIPS_H
#define NETC_FRONT_SLIPS_H

/* The way out for a word, or for the first word of a dotted name; NULL: it is no such word. */
const char *slip_hint(const char *name);
/* What is written in the place of such a word alone; NULL: that depends. */
const char *slip_meant(const char *name);

#endif
