/* Tree to formatted source; comments are not kept. */
#ifndef NETC_FRONT_FORMAT_H
#define NETC_FRONT_FORMAT_H

#include "front/ast.h"

void format_file(struct text *, const struct ast_file *);
/* One expression, on one line. */
void format_expr(struct text *, const struct ast_expr *);

#endif
