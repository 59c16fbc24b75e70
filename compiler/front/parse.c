#include "front/parse.h"

#include "front/token.h"

#include "front/parser.h"

#include <string.h>

static const struct foreign {
    const char *start;
    size_t size;
    const char *what, *hint;
} foreign[] = {
#define FOREIGN(start, size, what, hint) {start, size, what, hint},
#include "front/foreign.def"
};

/* A model of ONNX is a protobuf message: its version, a small number, then the name of a program.
 */
static bool is_onnx(const struct source *s)
{
    return s->size > 4 && s->bytes[0] == 8 && s->bytes[1] > 2 && s->bytes[1] < 64 &&
           (s->bytes[2] == 0x12 || s->bytes[2] == 0x3a || s->bytes[2] == 0x42);
}

/* Its contents are nobody's text: no line of it is shown. */
static bool complain_foreign(struct parser *p, const char *what, const char *hint)
{
    struct diag *d =
        diag_add(p->diags, (struct span){0}, MESSAGE(err_foreign_file), p->source->path, what);
    diag_hint(d, "%s", hint);
    return false;
}

/* A safetensors file is the length of a header, in eight bytes, and the header in JSON. */
static bool is_safetensors(const struct source *s)
{
    return s->size > 9 && !s->bytes[6] && !s->bytes[7] && s->bytes[8] == '{';
}

/* What begins as a text of people may still have a byte that is none. */
static bool complain_byte(struct parser *p, size_t at)
{
    const struct span span = {p->number, (uint32_t)at, (uint32_t)at + 1};
    if (memchr(p->source->bytes, '\0', p->source->size))
        return complain_foreign(p, "no text", "a description is text: see the manual");
    diag_add(p->diags, span, MESSAGE(err_not_utf8), (unsigned char)p->source->bytes[at]);
    return false;
}

static bool is_text(struct parser *p)
{
    const struct source *s = p->source;
    size_t bad;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (s->size >= foreign[i].size && !memcmp(s->bytes, foreign[i].start, foreign[i].size))
            return complain_foreign(p, foreign[i].what, foreign[i].hint);
    if (is_onnx(s))
        return complain_foreign(p, "a model of ONNX",
                                "netc compiles it where its name ends in .onnx");
    if (is_safetensors(s))
        return complain_foreign(p, "a safetensors file",
                                "the weights of a description are given by --weights");
    if (s->size > LARGEST_FILE) {
        diag_add(p->diags, (struct span){p->number, 0, 0}, MESSAGE(err_large_file),
                 LARGEST_FILE >> 20);
        return false;
    }
    return utf8_valid(s->bytes, s->size, &bad) || complain_byte(p, bad);
}

void parse_with(struct parser *p, struct arena *arena, struct strings *strings, struct diags *diags,
                uint32_t source)
{
    *p = (struct parser){.arena = arena, .strings = strings, .diags = diags, .number = source};
    p->source = sources_get(diags->sources, source);
    p->file = arena_new_of(arena, struct ast_file);
    p->file->source = source;
    if (is_text(p) && parser_scan(p)) {
        balance(p);
        net_parse(p);
    }
}

const struct parsed_file *parsed_open(struct parsed_files *f, struct arena *arena,
                                      struct strings *strings, struct sources *sources,
                                      struct diags *diags, const char *path, const char **why)
{
    for (size_t i = 0; i < f->list.n; i++)
        if (!strcmp(f->list.at[i].path, path))
            return &f->list.at[i];
    uint32_t source = sources_open(sources, path, why);
    if (!source)
        return NULL;
    const struct ast_file *tree = parse(arena, strings, diags, source);
    VEC_PUSH(arena, &f->list, (struct parsed_file){arena_strdup(arena, path), source, tree});
    return &f->list.at[f->list.n - 1];
}

struct ast_file *parse(struct arena *arena, struct strings *strings, struct diags *diags,
                       uint32_t source)
{
    struct parser p;
    parse_with(&p, arena, strings, diags, source);
    return p.file;
}
