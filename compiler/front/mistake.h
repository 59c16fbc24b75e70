/* Where the grammar says no, and what stands around; private to this folder. */
#ifndef NETC_FRONT_MISTAKE_H
#define NETC_FRONT_MISTAKE_H

#include "front/complain.h"

/* An unexpected token, in its list. */
struct mistake {
    struct parser *p;
    size_t at;
    const struct expected *expected;
};

/* The token at a distance; before the first and after the last there are line breaks. */
static inline struct token near(const struct mistake *m, int distance)
{
    size_t i = m->at + (size_t)distance;
    struct token none = {.kind = TOKEN_NEWLINE, .span = {m->p->number, 0, 0}};
    return i < m->p->tokens.list.n ? m->p->tokens.list.at[i] : none;
}

static inline int kind(const struct mistake *m, int distance)
{
    return near(m, distance).kind;
}

static inline bool is_word(int kind)
{
    return kind == TOKEN_NAME || (kind >= TOKEN_IMPORT && kind <= TOKEN_FROM);
}

static inline bool breaks_line(int kind)
{
    return kind == TOKEN_NEWLINE || kind == TOKEN_NEWLINE_BRACE;
}

static inline bool starts_statement(int before)
{
    return breaks_line(before) || before == TOKEN_OPEN_BRACE || before == TOKEN_BAR;
}

/* The first token of what holds the token `from`: back to an open bracket or, outside of inner
 * ones, a token that `stop` wants. */
static inline size_t walk_back(const struct mistake *m, bool stop(int))
{
    size_t inside = 0;
    for (size_t i = m->at; i--;) {
        int k = m->p->tokens.list.at[i].kind;
        bool closes = k == TOKEN_CLOSE_BRACE || k == TOKEN_CLOSE_PAREN || k == TOKEN_CLOSE_BRACKET;
        bool opens = m->p->tokens.list.at[i].match != 0;
        if (!inside && (opens || stop(k)))
            return i + 1;
        inside += closes;
        inside -= opens;
    }
    return 0;
}

static inline bool never(int kind)
{
    return kind == TOKEN_YYEOF;
}

/* The bracket that is open around the mistake; 0: none. */
static inline int enclosing(const struct mistake *m)
{
    size_t i = walk_back(m, never);
    return i ? m->p->tokens.list.at[i - 1].kind : 0;
}

static inline struct span here(const struct mistake *m)
{
    return near(m, 0).span;
}

/* complain_foreign.c: reports what another language would have there; false: it is no such thing.
 */
bool complain_foreign(const struct mistake *);

#endif
