/*
 * Brackets are matched before the file is parsed, so that one that is missing costs one message
 * and the rest is understood. match.c decides what becomes of each token, balance.c writes the
 * tokens anew. Private to this folder.
 */
#ifndef NETC_FRONT_BALANCE_H
#define NETC_FRONT_BALANCE_H

#include "front/token.h"

enum fate_kind {
    FATE_kept,
    FATE_dropped,
    FATE_refused /* the parser gets an error in its place, which has been reported */
};

/* What becomes of a token. */
struct fate {
    enum fate_kind kind;
    size_t partner; /* of an opening bracket: the token that closes it, or before which it ends */
    bool made_up;   /* the closing bracket is missing */
    size_t result;  /* where it went */
};

struct balancer {
    struct parser *p;
    const struct token *at; /* as scanned */
    size_t n;
    struct fate *fate; /* of each */
    VEC(size_t) open;  /* the brackets that are open */
    struct tokens result;
    size_t looked;   /* no brace before this token ends a body early */
    size_t n_nested; /* definitions inside bodies, so far */
    bool nested;     /* one was reported that is closed: what follows from it is not */
};

/* Decides about the next token. */
void balancer_match(struct balancer *, size_t token);

/* The kind of token that closes a bracket; 0: it opens none. */
int balancer_closing(int kind);
/* Whether a bracket is open, and it is ( or [. */
bool balancer_in_parens(const struct balancer *);
size_t balancer_pop(struct balancer *);
/* Whether a line starts with what can only stand outside of all bodies. */
bool balancer_starts_item(const struct balancer *, size_t token);
/* Whether a line starts with what is no expression, nor a step. */
bool balancer_starts_statement(const struct balancer *, size_t token);

#endif
