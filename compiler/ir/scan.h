/* Tokens of the graph's text form, and what its readers share. */
#ifndef NETC_IR_SCAN_H
#define NETC_IR_SCAN_H

#include "ir/graph.h"

enum token_kind {
    TOKEN_end,
    TOKEN_word,   /* conv, f32 */
    TOKEN_value,  /* %1 */
    TOKEN_param,  /* @conv1.weight, @"conv 1.weight" */
    TOKEN_frame,  /* !1 */
    TOKEN_string, /* "conv1" */
    TOKEN_number, /* 1, -0.5e-3, inf */
    TOKEN_mark,   /* { } [ ] ( ) , = : */
    TOKEN_bad     /* was reported */
};

struct token {
    enum token_kind kind;
    struct span span;
    const char *text; /* interned: a word, a name, a string's contents */
    double number;    /* of a number or frame */
    char mark;
};

/* `into` a node that may stand further down. */
struct later {
    struct node *node;
    const char *into;
    struct span span;
};

/* Reading stops at the first error: every function that returns false has reported it. */
struct reader {
    struct arena *arena;
    struct strings *strings;
    struct diags *diags;
    const struct source *source;
    uint32_t file;
    size_t at;
    struct token token; /* the next one */
    struct graph *graph;
    struct map values; /* nodes by their names in the text */
    VEC(const struct frame *) frames;
    VEC(struct later) later;
};

/* Reads the next token into r->token. */
void scan(struct reader *);

/* Reports at the next token that something else was expected; false. */
bool expected(struct reader *, const char *what);

/* If the next token is this mark or word, passes it. */
bool accept_mark(struct reader *, char mark);
bool accept_word(struct reader *, const char *word);

bool read_mark(struct reader *, char mark);
bool read_text(struct reader *, enum token_kind, const char *what, const char **text);
bool read_number(struct reader *, double *);
bool read_integer(struct reader *, int64_t *);
/* n, which stands for `most`, or [n, n, ...] of `least` or `most`. Returns how many are written; 0:
 * an error was reported. */
int read_integers(struct reader *, int64_t *, int least, int most);
/* f32[1,64,56,56] */
bool read_type(struct reader *, struct type *);

/* The parts of a graph. */
bool read_attrs(struct reader *, enum op, struct attrs *, int rank);
bool read_frame(struct reader *, const struct frame **);
bool read_weight(struct reader *, const struct weight **);
bool read_node(struct reader *);
bool read_into(struct reader *);

/* graph_verify() that also gives the place of the node that is at fault, if one is. */
bool verify(const struct graph *, const char **why, struct span *where);

#endif
