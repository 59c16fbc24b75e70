/* Writing C: indentation, lists that wrap, literals, comments, and identifiers of a scope. */
#ifndef NETC_EMIT_CWRITER_H
#define NETC_EMIT_CWRITER_H

#include "base/unique.h"

struct cwriter {
    struct text *out;
    int depth;
    size_t line; /* where the current line starts in `out` */
    bool listed; /* the list being written has an item */
};

void cwriter_init(struct cwriter *, struct text *);

/* A line of code at the current depth; an empty one has no spaces. */
void cwriter_line(struct cwriter *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line that opens a block ("{" is part of the text), and the one that closes it. */
void cwriter_open(struct cwriter *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cwriter_close(struct cwriter *, const char *end);

/* A list: its start, items with commas between them, wrapped one level deeper, its end. */
void cwriter_list(struct cwriter *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cwriter_item(struct cwriter *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cwriter_end(struct cwriter *, const char *end);

/* Text that is safe inside a comment, and a string literal with its quotes ("NULL" for NULL). */
const char *c_comment(struct arena *, const char *);
const char *c_string(struct arena *, const char *);
/* The shortest decimal literal that reads back as the same number. */
const char *c_double(struct arena *, double);
const char *c_float(struct arena *, float);

/* Identifiers of one scope, none of them a word of C or C++ or a likely macro. */
struct names {
    struct arena *arena;
    const char *elsewhere;     /* text whose words are taken, or NULL */
    const struct names *outer; /* whose names are taken as well, or NULL */
    struct unique unique;
};

void names_init(struct names *, struct arena *);
/* An identifier like `wanted`, unlike all others; it is taken then. */
const char *names_add(struct names *, const char *wanted);
/* `wanted` with what an identifier cannot have replaced. */
char *c_identifier(struct arena *, const char *wanted);

#endif
