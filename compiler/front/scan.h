/* What the rules of lexer.l call; private to this folder. */
#ifndef NETC_FRONT_SCAN_H
#define NETC_FRONT_SCAN_H

#include "front/token.h"

struct lexer {
    struct parser *parser;
    bool line_start;       /* no token yet on this line */
    bool pattern;          /* after a `for`, whose `in` is still to come */
    bool range;            /* after that `in`: a line cannot end there */
    size_t offset;         /* of the end of the last match */
    struct token previous; /* the token returned last; kind 0 at the start */
};

/* Moves the location over a match of n bytes; keeps only the first n bytes of it. */
void lexer_move(struct lexer *, struct span *, size_t n);
void lexer_keep(struct lexer *, struct span *, size_t n);

/* Whether a line break before this place is a token; its span is then the end of the line above. */
bool lexer_breaks_line(struct lexer *, struct span *);

/* Each returns the kind of the token, and sets its value. */
int lexer_word(struct lexer *, union value *, const struct span *);
/* `.5`: of a path or member, where it stands right behind one, else a number. */
int lexer_step(struct lexer *, union value *, const struct span *);
int lexer_number(struct lexer *, union value *, const struct span *);
int lexer_string(struct lexer *, union value *, const struct span *);

/* Each reports what is no part of the language, and returns what was likely meant or YYerror. */
int lexer_open_string(struct lexer *, union value *, const struct span *);
int lexer_quotes(struct lexer *, union value *, const struct span *);
int lexer_foreign(struct lexer *, const struct span *, const char *written, const char *meant,
                  int kind);
int lexer_power(struct lexer *, const struct span *, const char *written);
int lexer_shift(struct lexer *, const struct span *, const char *written);
int lexer_augmented(struct lexer *, const struct span *);
int lexer_prefixed_string(struct lexer *, union value *, const struct span *);
/* Reports a comment over several lines, as Python and C have it. */
void lexer_long_comment(struct lexer *, const struct span *);
int lexer_question(struct lexer *, const struct span *);
bool lexer_semicolon(struct lexer *, struct span *);
int lexer_stray(struct lexer *, const struct span *);

#endif
