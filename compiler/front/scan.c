#include "front/scan.h"

#include "front/parser.h"
/* After the parser: the header of the scanner needs its types. */
#define YYSTYPE NET_STYPE
#define YYLTYPE NET_LTYPE
#include "front/lexer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct keyword {
    const char *spelling;
    int kind;
    bool ends;
};

static const struct keyword keywords[] = {
#define KEYWORD(token, spelling, ends) {spelling, TOKEN_##token, ends},
#include "front/keywords.def"
};

enum { N_KEYWORDS = sizeof keywords / sizeof *keywords };

bool token_ends_step(int kind)
{
    for (size_t i = 0; i < N_KEYWORDS; i++)
        if (keywords[i].kind == kind)
            return keywords[i].ends;
    /* What was not understood ends there, at the latest. */
    if (kind == TOKEN_NET_error)
        return true;
    return kind == TOKEN_NAME || kind == TOKEN_INT || kind == TOKEN_REAL || kind == TOKEN_STRING ||
           kind == TOKEN_STEP || kind == TOKEN_CLOSE_PAREN || kind == TOKEN_CLOSE_BRACKET ||
           kind == TOKEN_CLOSE_BRACE;
}

void lexer_move(struct lexer *l, struct span *span, size_t n)
{
    *span = (struct span){l->parser->number, (uint32_t)l->offset, (uint32_t)(l->offset + n)};
    l->offset += n;
}

void lexer_keep(struct lexer *l, struct span *span, size_t n)
{
    span->end = span->begin + (uint32_t)n;
    l->offset = span->end;
}

static bool breaks(const struct lexer *l, struct span *span)
{
    *span = l->previous.span;
    span->begin = span->end;
    return token_ends_step(l->previous.kind) && !l->range;
}

bool lexer_breaks_line(struct lexer *l, struct span *span)
{
    l->line_start = true;
    return breaks(l, span);
}

int lexer_word(struct lexer *l, union value *value, const struct span *span)
{
    const char *s = l->parser->source->bytes + span->begin;
    size_t n = span->end - span->begin;
    value->text = strings_intern(l->parser->strings, s, n);
    for (size_t i = 0; i < N_KEYWORDS; i++)
        if (!strcmp(keywords[i].spelling, value->text))
            return keywords[i].kind;
    return TOKEN_NAME;
}

/* Whether a path or a member can go on behind a token of this kind. */
static bool ends_path(int kind)
{
    return kind == TOKEN_NAME || kind == TOKEN_STRING || kind == TOKEN_STEP || kind >= TOKEN_IF ||
           kind == TOKEN_CLOSE_PAREN || kind == TOKEN_CLOSE_BRACKET;
}

int lexer_step(struct lexer *l, union value *value, const struct span *span)
{
    if (l->previous.span.end != span->begin || !ends_path(l->previous.kind))
        return lexer_number(l, value, span);
    const char *digits = l->parser->source->bytes + span->begin + 1;
    value->text = strings_intern(l->parser->strings, digits, span->end - span->begin - 1);
    return TOKEN_STEP;
}

/* ---- what other languages write ---- */

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* A word in the place of a sign, with blanks where other words touch it. */
static const char *apart(const struct parser *p, const struct span *span, const char *meant)
{
    const char *s = p->source->bytes;
    const bool word = is_of_word(*meant), before = span->begin && is_of_word(s[span->begin - 1]);
    return arena_printf(p->arena, "%s%s%s", word && before ? " " : "", meant,
                        word && is_of_word(s[span->end]) ? " " : "");
}

int lexer_foreign(struct lexer *l, const struct span *span, const char *written, const char *meant,
                  int kind)
{
    struct diag *d = diag_add(l->parser->diags, *span, MESSAGE(err_foreign_operator), written);
    diag_hint(d, "write '%s'", meant);
    diag_fix(d, *span, apart(l->parser, span, meant));
    return kind;
}

int lexer_power(struct lexer *l, const struct span *span, const char *written)
{
    struct diag *d = diag_add(l->parser->diags, *span, MESSAGE(err_foreign_operator), written);
    diag_hint(d, "write 'pow(a, b)' for 'a %s b', or the product, as in 'n * n'", written);
    return TOKEN_STAR;
}

int lexer_shift(struct lexer *l, const struct span *span, const char *written)
{
    struct diag *d = diag_add(l->parser->diags, *span, MESSAGE(err_foreign_operator), written);
    diag_hint(d, *written == '<' ? "write 'a * pow(2, b)' for 'a << b'"
                                 : "write 'a // pow(2, b)' for 'a >> b'");
    return TOKEN_STAR;
}

int lexer_augmented(struct lexer *l, const struct span *span)
{
    struct diag *d =
        diag_add(l->parser->diags, *span, MESSAGE(err_augmented), (int)(span->end - span->begin),
                 l->parser->source->bytes + span->begin);
    diag_hint(d, "name the new one: 'let wider = width + 8'");
    return TOKEN_NET_error;
}

/* Python's f"block{i}". */
int lexer_prefixed_string(struct lexer *l, union value *value, const struct span *span)
{
    struct span prefix = {span->source, span->begin, span->begin + 1}, string = *span;
    struct diag *d = diag_add(l->parser->diags, prefix, MESSAGE(err_string_prefix),
                              l->parser->source->bytes[span->begin]);
    diag_hint(d, "join strings with '+', and numbers by 'str': '\"block\" + str(i)'");
    string.begin++;
    return lexer_string(l, value, &string);
}

/* The tokens in it would be mistakes of their own. */
void lexer_long_comment(struct lexer *l, const struct span *span)
{
    bool string = l->parser->source->bytes[span->begin] == '"';
    struct diag *d = string ? diag_add(l->parser->diags, *span, MESSAGE(err_long_string))
                            : diag_add(l->parser->diags, *span, MESSAGE(err_long_comment));
    diag_hint(d, "comments start with '#', on each line");
}

int lexer_question(struct lexer *l, const struct span *span)
{
    struct diag *d = diag_add(l->parser->diags, *span, MESSAGE(err_foreign_operator), "? :");
    diag_hint(d, "write 'b if a else c' for 'a ? b : c'");
    return TOKEN_NET_error;
}

bool lexer_semicolon(struct lexer *l, struct span *span)
{
    struct diag *d = diag_add(l->parser->diags, *span, MESSAGE(err_semicolon));
    diag_hint(d, "join steps with '->', or write them on lines of their own");
    diag_fix(d, *span, ends_line(l->parser->source->bytes + span->end) ? "" : "\n");
    return breaks(l, span);
}

/* One report for several in a row. */
int lexer_stray(struct lexer *l, const struct span *span)
{
    const char *s = l->parser->source->bytes + span->begin;
    if (l->previous.kind == TOKEN_NET_error && l->previous.span.end == span->begin)
        return TOKEN_NET_error;
    if (span->end - span->begin == 1 && (*s < ' ' || *s > '~'))
        diag_add(l->parser->diags, *span, MESSAGE(err_stray_byte), (unsigned char)*s);
    else
        diag_add(l->parser->diags, *span, MESSAGE(err_stray_character),
                 (int)(span->end - span->begin), s);
    return TOKEN_NET_error;
}

/* ---- flex's own memory ---- */

void *net_scan_alloc(size_t size, yyscan_t scanner)
{
    (void)scanner;
    return memory_take(size);
}

void *net_scan_realloc(void *at, size_t size, yyscan_t scanner)
{
    (void)scanner;
    return memory_resize(at, size);
}

void net_scan_free(void *at, yyscan_t scanner)
{
    (void)scanner;
    free(at);
}

/* ---- the whole file ---- */

/* The end of the file is just after its last token. */
static void lexer_end(const struct lexer *l, struct span *span)
{
    uint32_t end = l->previous.span.end;
    *span = (struct span){l->parser->number, end, end};
}

/* Whether the `in` of a `for` may still follow. */
static bool part_of_pattern(int kind)
{
    return kind == TOKEN_NAME || kind == TOKEN_COMMA || kind == TOKEN_OPEN_PAREN ||
           kind == TOKEN_CLOSE_PAREN || (kind >= TOKEN_BLOCK && kind <= TOKEN_FROM);
}

/* A larger file would take much memory before it is refused for another reason. */
enum { MOST_TOKENS = 1 << 20 };

bool parser_scan(struct parser *p)
{
    struct lexer lexer = {.parser = p, .line_start = true};
    yyscan_t scanner;
    if (net_scan_lex_init_extra(&lexer, &scanner))
        return false;
    net_scan__scan_bytes(p->source->bytes, (int)p->source->size, scanner);
    do {
        struct token t = {0};
        t.kind = net_scan_lex(&t.value, &t.span, scanner);
        if (t.kind == TOKEN_YYEOF)
            lexer_end(&lexer, &t.span);
        t.first = lexer.line_start && t.kind != TOKEN_NEWLINE;
        lexer.line_start &= !t.first;
        lexer.range = lexer.pattern && t.kind == TOKEN_IN;
        lexer.pattern = t.kind == TOKEN_FOR || (lexer.pattern && part_of_pattern(t.kind));
        VEC_PUSH(p->arena, &p->tokens.list, t);
        lexer.previous = t;
    } while (lexer.previous.kind != TOKEN_YYEOF && p->tokens.list.n < MOST_TOKENS);
    net_scan_lex_destroy(scanner);
    if (lexer.previous.kind == TOKEN_YYEOF)
        return true;
    diag_add(p->diags, lexer.previous.span, MESSAGE(err_many_tokens), MOST_TOKENS);
    return false;
}
