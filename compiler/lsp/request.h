/* A question of the editor about a document, and the functions that answer. */
#ifndef NETC_LSP_REQUEST_H
#define NETC_LSP_REQUEST_H

#include "lsp/analysis.h"
#include "lsp/document.h"

struct request {
    const json_t *params; /* an object */
    enum encoding encoding;
    struct arena *scratch;            /* until the answer is sent */
    const struct document *documents; /* all that are open, and analyzed */
    const struct document *document;
    const struct analysis *analysis;
    const struct source *source;
    size_t offset;       /* of the position, where the method needs one */
    const char *refusal; /* set by a function that cannot do what is asked */
};

/* Each gives a new value: null where there is nothing to say. */
#define METHOD(name, function, needs) json_t *answer_##function(struct request *);
#include "lsp/methods.def"

/* diagnostics.c: the list that is published for a document. */
json_t *diagnostics_json(const struct analysis *, struct arena *, enum encoding);

/* hover.c: "64x112x112" of a spot, and of its last time where that is another. */
const char *spot_shape(struct arena *, const struct spot *);

/* semantic.c: the names of token types, in the order of their numbers. */
json_t *semantic_types(void);

/* params[a][b]: NULL where there is none. */
const json_t *param(const struct request *, const char *a, const char *b);
/* An integer of that member, 0 where it is none. */
json_int_t json_int(const json_t *, const char *name);
/* The bytes of a range; [n, n) where there is none. */
struct span range_span(const struct request *, const json_t *range);
/* { uri, range } of a span in a source. */
json_t *location_json(const struct request *, const struct source *, struct span);
/* Text of a span; in the scratch. */
const char *span_text(const struct request *, struct span);

#endif
