/* A configuration as sections of keys with values, before any of them means anything. */
#ifndef NETC_DARKNET_CFG_H
#define NETC_DARKNET_CFG_H

#include "base/diag.h"
#include "base/text.h"

struct cfg_option {
    const char *key, *value;
    struct span span; /* of all of "key=value" */
};

struct cfg_section {
    const char *name; /* without its brackets */
    struct span span;
    VEC(struct cfg_option) options;
};

struct cfg {
    VEC(struct cfg_section) sections;
};

/* Reads a source. Blanks count nowhere; lines that begin with '#' or ';' are comments. False: lines
 * that are neither a section nor a key with its value (each is reported). */
bool cfg_read(struct arena *, struct diags *, uint32_t source, struct cfg *);

/* Of a key that is written twice the first counts, as in Darknet. NULL: it is not there. */
const struct cfg_option *cfg_find(const struct cfg_section *, const char *key);

/* Numbers with commas between, at most `most`: how many; -1: there are more, or it is no such list.
 */
int cfg_ints(const struct cfg_option *, int64_t *to, int most);
/* A number; false: it is none. */
bool cfg_real(const struct cfg_option *, double *to);

#endif
