/* The words of a text, for editors: what the scanner sees, and comments, whatever errors it has. */
#ifndef NETC_FRONT_WORDS_H
#define NETC_FRONT_WORDS_H

#include "base/diag.h"
#include "base/text.h"

enum word_kind {
    WORD_keyword,
    WORD_name,
    WORD_number,
    WORD_string,
    WORD_comment,
    WORD_sign /* all others; `sign` is its first character */
};

struct word {
    enum word_kind kind;
    char sign;
    struct span span;
};

struct words {
    VEC(struct word) list;
};

/* The words of source number `source`, in order; none of one that is no description. Names are
 * interned in `strings`. */
struct words words_read(struct arena *, struct strings *, const struct sources *, uint32_t source);
/* Each word of the grammar; NULL behind the last. */
const char *words_keyword(size_t i);

#endif
