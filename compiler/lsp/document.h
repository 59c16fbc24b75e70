/* The texts that are open in the editor, and places in them. */
#ifndef NETC_LSP_DOCUMENT_H
#define NETC_LSP_DOCUMENT_H

#include "base/source.h"

#include <jansson.h>

/* Columns of positions are UTF-16 units, or bytes where that was agreed upon. */
enum encoding { ENCODING_utf16, ENCODING_utf8 };

struct analysis;

struct document {
    char *uri, *path; /* path: without links, where there is such a file */
    char *text;       /* NUL-terminated */
    size_t n;
    json_int_t version;
    struct analysis *analysis; /* of this text; NULL: to be made */
    bool published;            /* its diagnostics were */
    struct document *next;
};

struct document *document_new(const char *uri, const char *text, size_t n);
void document_free(struct document *);
/* The text becomes another one. */
void document_set_text(struct document *, const char *text, size_t n);
/* Bytes [begin, end) become `text`. */
void document_splice(struct document *, size_t begin, size_t end, const char *text, size_t n);

/* The path that a URI means, or the URI itself where it is no file's; to be freed. */
char *uri_to_path(const char *uri);
/* The URI of an absolute path; in the arena. */
const char *path_to_uri(struct arena *, const char *path);

/* The byte offset of a position; one outside of the text is moved to the nearest inside. */
size_t offset_of(const char *text, size_t n, json_int_t line, json_int_t character, enum encoding);
/* { "line", "character" } of a byte offset. */
json_t *position_json(const struct source *, size_t offset, enum encoding);
json_t *range_json(const struct source *, struct span, enum encoding);

#endif
