/* What the parts of tidy share: the tokens and comments of a file. Private to this folder. */
#ifndef NETC_FRONT_TIDY_PIECES_H
#define NETC_FRONT_TIDY_PIECES_H

#include "front/token.h"

enum { PIECE_COMMENT = -1, TIDY_INDENT = 4, BRANCH_INDENT = 2 };
#define NO_PIECE SIZE_MAX

struct piece {
    int kind; /* of the grammar, or PIECE_COMMENT */
    struct span span;
    size_t width;    /* in characters */
    size_t written;  /* its column in the source, from 0 */
    size_t blanks;   /* before it on its line in the source */
    unsigned breaks; /* before it: 0, 1, or 2 for an empty line */

    /* brackets */
    size_t parent; /* the bracket that is open around it; of a closing one, its opening one */
    size_t close;  /* of an opening one */

    /* what it is */
    bool starts;      /* a statement or an item */
    bool branch;      /* begins a branch: its `|`, or the `if` before that */
    bool bar;         /* the `|` of a branch */
    bool conditional; /* the `|` behind such an `if` */
    bool unary;       /* a minus before one operand */
    bool range;       /* the `in` of a loop */
    bool broken;      /* an opening brace whose body stands on lines of its own */

    /* where it is put */
    size_t gap;    /* blanks before it on its line */
    size_t extra;  /* more of them, for its column */
    size_t column; /* from 0 */
    size_t inner;  /* of an opening bracket: the indentation of lines inside */
    size_t edge;   /* that of a line that begins with the closing one */
    size_t first;  /* of an opening brace: that of the statement that is being put */
    size_t nested; /* and that of what opens there */
    bool in_branch;
    size_t below; /* the next piece of its column, on a line further down */
};

struct tidy {
    struct arena *arena;
    const struct source *source;
    VEC(struct piece) pieces;
    size_t first, nested; /* outside of all braces */
};

/* tidy_lines.c: decides where lines end, and what stands between them. */
void tidy_lines(struct tidy *);
/* tidy_gaps.c: the blanks between pieces that stand on one line. */
void tidy_gaps(struct tidy *);
/* tidy_columns.c: where each piece stands. */
void tidy_columns(struct tidy *);
/* tidy_place.c: the same, with `extra` blanks as they are. */
void tidy_place(struct tidy *);

/* Whether a piece opens or closes a bracket of any kind. */
bool piece_opens(const struct piece *);
bool piece_closes(const struct piece *);
/* Whether it is the first on its line. */
bool piece_begins_line(const struct tidy *, size_t piece);
/* The next that is no comment; the number of pieces: there is none. */
size_t piece_next_word(const struct tidy *, size_t piece);

#endif
