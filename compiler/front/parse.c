#include "front/parse.h"

#include "front/token.h"

#include "front/parser.h"

/* Larger than any description that is one; spans and the scanner count in 32 bits. */
enum { LARGEST_FILE = 16 << 20 };

static bool is_text(struct parser *p)
{
    size_t bad;
    struct span span = {p->number, 0, 0};
    if (p->source->size > LARGEST_FILE) {
        diag_add(p->diags, span, MESSAGE(err_large_file), LARGEST_FILE >> 20);
        return false;
    }
    if (utf8_valid(p->source->bytes, p->source->size, &bad))
        return true;
    span.begin = (uint32_t)bad;
    span.end = (uint32_t)bad + 1;
    diag_add(p->diags, span, MESSAGE(err_not_utf8), (unsigned char)p->source->bytes[bad]);
    return false;
}

struct ast_file *parse(struct arena *arena, struct strings *strings, struct diags *diags,
                       uint32_t source)
{
    struct parser p = {.arena = arena, .strings = strings, .diags = diags, .number = source};
    p.source = sources_get(diags->sources, source);
    p.file = arena_new_of(arena, struct ast_file);
    p.file->source = source;
    if (is_text(&p)) {
        parser_scan(&p);
        balance(&p);
        net_parse(&p);
    }
    return p.file;
}
