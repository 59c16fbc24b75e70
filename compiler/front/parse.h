/* Text to tree. */
#ifndef NETC_FRONT_PARSE_H
#define NETC_FRONT_PARSE_H

#include "base/diag.h"
#include "front/ast.h"

/* Parses source number `source`; names are interned in `strings`. Errors go to `diags`; the tree
 * holds what could be understood, and is meant for use only if there was none. */
struct ast_file *parse(struct arena *, struct strings *, struct diags *, uint32_t source);

#endif
