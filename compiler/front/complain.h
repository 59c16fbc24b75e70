/* Mistakes of grammar, in the user's words; private to this folder. */
#ifndef NETC_FRONT_COMPLAIN_H
#define NETC_FRONT_COMPLAIN_H

#include "front/parser.h"

enum { N_TOKEN_KINDS = TOKEN_FROM + 1 };

/* What the grammar would have taken in place of an unexpected token. */
struct expected {
    bool kind[N_TOKEN_KINDS];
    const char *(*name)(int kind); /* as the grammar names it: "->", "name", "end of line" */
};

/* The token before p->next cannot stand there. */
void complain_unexpected(struct parser *, const struct expected *);

/* A `{` on a line of its own; a fork with nothing in it; one that starts without `|`; a < b < c. */
void complain_brace_line(struct parser *, struct span brace);
void complain_no_branches(struct parser *, struct span braces);
void complain_no_bar(struct parser *, const struct ast_body *);
void complain_chain(struct parser *, struct span);

#endif
