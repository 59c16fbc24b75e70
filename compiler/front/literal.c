#include "base/number.h"
#include "front/scan.h"

#include "front/parser.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

/* Where the digits, point and exponent of a number end: "12" of "12M", "0" of "0x10". */
static const char *number_end(const char *s)
{
    static const char digits[] = "0123456789";
    const char *end = s + strspn(s, digits);
    if (*end == '.')
        end += 1 + strspn(end + 1, digits);
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '+' || end[1] == '-');
        end = isdigit((unsigned char)*exponent) ? exponent + strspn(exponent, digits) : end;
    }
    return end;
}

/* The value of `digits` digits times `factor`; false where 63 bits do not hold it. */
static bool integer_value(const char *s, size_t digits, int64_t factor, int64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < digits; i++)
        if (!checked_mul(*value, 10, value) || !checked_add(*value, s[i] - '0', value))
            return false;
    return checked_mul(*value, factor, value);
}

/* The scanner has made sure that the literal starts as a number does. */
int lexer_number(struct lexer *l, union value *value, const struct span *span)
{
    struct parser *p = l->parser;
    size_t n = span->end - span->begin;
    const char *s = strings_intern(p->strings, p->source->bytes + span->begin, n);
    const char *end = number_end(s);
    value->number = (struct number){.spelling = s, .real = strtod(s, NULL)};
    size_t digits = strspn(s, "0123456789");
    bool integer = end == s + digits;
    const int64_t factor = number_factor(end);
    if (!factor)
        diag_hint(
            diag_add(p->diags, *span, MESSAGE(err_number_suffix), end),
            *end == '_'
                ? "write the digits without '_'"
                : "the suffixes are K, M, G (powers of 1000), Ki, Mi and Gi (powers of 1024)");
    else if (integer && !integer_value(s, digits, factor, &value->number.integer))
        diag_add(p->diags, *span, MESSAGE(err_number_range), s);
    else
        value->number.real *= (double)factor;
    if (factor && !isfinite(value->number.real))
        diag_add(p->diags, *span, MESSAGE(err_number_range), s);
    return integer ? TOKEN_INT : TOKEN_REAL;
}

/* ---- strings ---- */

struct escape {
    char written, meant;
};

static const struct escape escapes[] = {{'"', '"'}, {'\\', '\\'}, {'n', '\n'}, {'t', '\t'}};

static const struct escape *find_escape(char written)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (escapes[i].written == written)
            return &escapes[i];
    return NULL;
}

/* The bytes of [s, s + n) with their escapes replaced; `begin` is the offset of s in the file. */
static const char *unescape(struct parser *p, const char *s, size_t n, uint32_t begin)
{
    char *text = arena_alloc(p->arena, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const struct escape *e = s[i] == '\\' && i + 1 < n ? find_escape(s[i + 1]) : NULL;
        if (s[i] == '\\' && !e) {
            struct span at = {p->number, begin + (uint32_t)i, begin + (uint32_t)i + 2};
            diag_hint(diag_add(p->diags, at, MESSAGE(err_escape)),
                      "write '\\\\' for a backslash; '\\\"', '\\n' and '\\t' are the others");
        }
        text[used++] = e ? e->meant : s[i];
        i += e != NULL;
    }
    return strings_intern(p->strings, text, used);
}

int lexer_string(struct lexer *l, union value *value, const struct span *span)
{
    const char *s = l->parser->source->bytes + span->begin;
    size_t n = span->end - span->begin;
    value->text = unescape(l->parser, s + 1, n - 2, span->begin + 1);
    return TOKEN_STRING;
}

int lexer_open_string(struct lexer *l, union value *value, const struct span *span)
{
    diag_add(l->parser->diags, *span, MESSAGE(err_open_string));
    value->text = strings_intern0(l->parser->strings, "");
    return TOKEN_STRING;
}

int lexer_quotes(struct lexer *l, union value *value, const struct span *span)
{
    struct diag *d = diag_add(l->parser->diags, *span, MESSAGE(err_single_quotes));
    const char *text = l->parser->source->bytes + span->begin + 1;
    const int n = (int)(span->end - span->begin) - 2;
    if (n >= 0 && !memchr(text, '"', (size_t)n) && !memchr(text, '\\', (size_t)n))
        diag_fix(d, *span, arena_printf(l->parser->arena, "\"%.*s\"", n, text));
    value->text = strings_intern0(l->parser->strings, "");
    return TOKEN_STRING;
}
