/* What netc lacks for several nodes is said once, of the first, with the names of others. */
#include "onnx/import.h"

enum { MOST_NAMED = 8 };

struct lack {
    struct diag *diag;
    size_t others; /* nodes besides the first */
    struct text names;
};

bool lack_again(struct import *s, const char *what, const char *node)
{
    struct lack *lack = map_get(&s->lacks, strings_intern0(s->strings, what));
    if (lack && lack->others++ < MOST_NAMED)
        text_printf(&lack->names, "%s'%s'", lack->names.n ? ", " : "", node);
    return lack;
}

void lack_first(struct import *s, const char *what, struct diag *diag)
{
    struct lack *lack = arena_new_of(s->arena, struct lack);
    lack->diag = diag;
    text_init(&lack->names, s->arena);
    map_put(&s->lacks, strings_intern0(s->strings, what), lack);
    VEC_PUSH(s->arena, &s->lacks_in_order, lack);
}

void lacks_note(struct import *s)
{
    for (size_t i = 0; i < s->lacks_in_order.n; i++) {
        const struct lack *lack = s->lacks_in_order.at[i];
        if (lack->others)
            diag_note(lack->diag, (struct span){0}, "the same of %zu more: %s%s", lack->others,
                      text_string(&lack->names), lack->others > MOST_NAMED ? ", …" : "");
    }
    s->lacks_in_order.n = 0;
}
