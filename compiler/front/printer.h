/*
 * What the printing of trees shares; private to this folder. One style: four spaces a level, lines
 * of at most 100 columns where they can be broken.
 */
#ifndef NETC_FRONT_PRINTER_H
#define NETC_FRONT_PRINTER_H

#include "base/text.h"
#include "front/ast.h"

enum { PRINTER_WIDTH = 100 };

struct printer {
    struct text *out;
    size_t indent;
    size_t line;   /* offset of the start of the last line */
    bool flat;     /* trying to print on one line: nothing breaks it */
    bool too_wide; /* it did not fit, and printing has stopped */
};

void put(struct printer *, const char *);
/* With quotes and escapes. */
void put_string(struct printer *, const char *);
/* Starts a line at the indentation. */
void put_line(struct printer *);
/* Columns that the last line has so far. */
size_t printer_column(const struct printer *);

/* What is printed between the two stands on the last line; if it does not fit, the end takes it
 * back and returns false. Not to be nested. */
size_t printer_begin_flat(struct printer *);
bool printer_end_flat(struct printer *, size_t begin);

/* An expression where `loosest` is the least precedence that needs no parentheses. */
void put_expr(struct printer *, const struct ast_expr *, int loosest);
void put_exprs(struct printer *, const struct ast_exprs *);
/* In their parentheses. */
void put_args(struct printer *, const struct ast_args *);
void put_params(struct printer *, const struct ast_params *);

#endif
