/* Text to tree. */
#ifndef NETC_FRONT_PARSE_H
#define NETC_FRONT_PARSE_H

#include "base/diag.h"
#include "front/ast.h"

/* Larger than any description that is one; spans and the scanner count in 32 bits. */
enum { LARGEST_FILE = 16 << 20 };

/* Parses source number `source`; names are interned in `strings`. Errors go to `diags`; the tree
 * holds what could be understood, and is meant for use only if there was none. */
struct ast_file *parse(struct arena *, struct strings *, struct diags *, uint32_t source);

/* Files that were parsed, for those who look at the same ones again. */
struct parsed_file {
    const char *path; /* as it was opened */
    uint32_t source;  /* of the same sources always */
    const struct ast_file *tree;
};

struct parsed_files {
    VEC(struct parsed_file) list;
};

/* The file of that path, opened and parsed where it has not been; errors go to `diags` then. NULL:
 * it cannot be read, for a reason in *why. */
const struct parsed_file *parsed_open(struct parsed_files *, struct arena *, struct strings *,
                                      struct sources *, struct diags *, const char *path,
                                      const char **why);

#endif
