/* Strings: a growing text, interned names, the nearest of several names. */
#ifndef NETC_BASE_TEXT_H
#define NETC_BASE_TEXT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* A growing text in an arena; `at` is NULL while empty, else NUL-terminated. */
struct text {
    struct arena *arena;
    char *at;
    size_t n, capacity;
};

void text_init(struct text *, struct arena *);
void text_append(struct text *, const char *s);
void text_append_n(struct text *, const char *s, size_t n);
/* "11,689,512" */
void text_append_number(struct text *, int64_t);
void text_printf(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Keeps the first `n` bytes, which must not be more than there are. */
void text_truncate(struct text *, size_t n);
/* The text so far, "" if empty; valid until the next append. */
const char *text_string(const struct text *);

/* Interned strings: equal strings have one address, so names are compared with ==. */
struct strings;

struct strings *strings_new(struct arena *);
const char *strings_intern(struct strings *, const char *s, size_t n);
const char *strings_intern0(struct strings *, const char *s);

/* The candidate nearest to `name` by edit distance, the first of several; NULL if none differs in
 * at most a third of the letters. */
struct nearest {
    const char *name;
    const char *best;
    size_t distance;
};
void nearest_init(struct nearest *, const char *name);
void nearest_offer(struct nearest *, const char *candidate);
const char *nearest_best(const struct nearest *);

/* Whether it is longer than the ending, and ends so. */
bool string_ends_in(const char *s, const char *ending);

/* Whether `n` bytes are valid UTF-8; if not, *bad is the offset of the first byte that is not. */
bool utf8_valid(const char *s, size_t n, size_t *bad);

/* The length of the character at s, of the n > 0 bytes there; 1 where it is no UTF-8. Harmless:
 * it may be shown as it is. No terminal obeys it, and it does not turn the text around it. */
size_t utf8_character(const char *s, size_t n, bool *harmless);
/* Appends a name from anybody: what is not harmless, and a tab, as question marks. */
void text_append_harmless(struct text *, const char *);

#endif
