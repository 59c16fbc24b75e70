#include "emit/cwriter.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 4, COLUMNS = 100 };

void cwriter_init(struct cwriter *w, struct text *out)
{
    *w = (struct cwriter){.out = out, .line = out->n};
}

static void indent(struct cwriter *w)
{
    text_printf(w->out, "%*s", w->depth * INDENT, "");
}

static void end_line(struct cwriter *w)
{
    text_append(w->out, "\n");
    w->line = w->out->n;
}

static void put_line(struct cwriter *w, const char *line)
{
    if (*line)
        indent(w);
    text_append(w->out, line);
    end_line(w);
}

/* Formats the arguments after `format` into the writer's arena, as `text`. */
#define FORMAT(w, format, text)                                                                    \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    const char *const text = arena_vprintf((w)->out->arena, format, args);                         \
    va_end(args)

void cwriter_line(struct cwriter *w, const char *format, ...)
{
    FORMAT(w, format, line);
    put_line(w, line);
}

void cwriter_open(struct cwriter *w, const char *format, ...)
{
    FORMAT(w, format, line);
    put_line(w, line);
    w->depth++;
}

void cwriter_close(struct cwriter *w, const char *end)
{
    w->depth--;
    put_line(w, end);
}

void cwriter_list(struct cwriter *w, const char *format, ...)
{
    FORMAT(w, format, start);
    indent(w);
    text_append(w->out, start);
    w->depth++;
    w->listed = false;
}

void cwriter_item(struct cwriter *w, const char *format, ...)
{
    FORMAT(w, format, item);
    const size_t column = w->out->n - w->line;
    if (w->listed)
        text_append(w->out, ",");
    if (column + strlen(item) + 4 > COLUMNS) {
        end_line(w);
        indent(w);
    } else if (w->listed) {
        text_append(w->out, " ");
    }
    text_append(w->out, item);
    w->listed = true;
}

void cwriter_end(struct cwriter *w, const char *end)
{
    text_append(w->out, end);
    end_line(w);
    w->depth--;
}

/* ---- literals ---- */

const char *c_comment(struct arena *arena, const char *s)
{
    struct text harmless, t;
    text_init(&harmless, arena);
    text_append_harmless(&harmless, s);
    s = text_string(&harmless);
    text_init(&t, arena);
    for (char before = '\0'; *s; before = *s++) {
        if ((before == '*' && *s == '/') || (before == '/' && *s == '*'))
            text_append(&t, " ");
        text_append_n(&t, *s == '\\' ? "?" : s, 1);
    }
    return text_string(&t);
}

/* A character in a literal; `before` is what stands before it. */
static void put_character(struct text *t, const char *s, size_t length, bool as_it_is, char before)
{
    const bool escaped = *s == '"' || *s == '\\' || (*s == '?' && before == '?'); /* no trigraphs */
    text_append(t, escaped ? "\\" : "");
    for (size_t i = 0; i < length; i++)
        text_printf(t, as_it_is ? "%c" : "\\%03o", (unsigned char)s[i]);
}

const char *c_string(struct arena *arena, const char *s)
{
    struct text t;
    bool harmless;
    if (!s)
        return "NULL";
    text_init(&t, arena);
    text_append(&t, "\"");
    char before = '\0';
    for (size_t n = strlen(s), length; n; s += length, n -= length) {
        length = utf8_character(s, n, &harmless);
        put_character(&t, s, length, harmless && *s != '\t', before);
        before = *s;
    }
    text_append(&t, "\"");
    return text_string(&t);
}

/* Numbers that are whole are written so; others in the fewest digits that read back the same. */
static bool is_whole(double x)
{
    return x == floor(x) && fabs(x) < 1e15;
}

const char *c_double(struct arena *arena, double x)
{
    if (isnan(x))
        return "__builtin_nan(\"\")";
    if (isinf(x))
        return x < 0 ? "-__builtin_inf()" : "__builtin_inf()";
    if (is_whole(x))
        return arena_printf(arena, "%.1f", x);
    char digits[40];
    int precision = 1;
    do
        snprintf(digits, sizeof digits, "%.*g", precision, x);
    while (strtod(digits, NULL) != x && precision++ < DBL_DECIMAL_DIG);
    return arena_strdup(arena, digits);
}

const char *c_float(struct arena *arena, float x)
{
    if (isnan(x))
        return "__builtin_nanf(\"\")";
    if (isinf(x))
        return x < 0 ? "-__builtin_inff()" : "__builtin_inff()";
    if (is_whole((double)x))
        return arena_printf(arena, "%.1ff", (double)x);
    char digits[40];
    int precision = 1;
    do
        snprintf(digits, sizeof digits, "%.*g", precision, (double)x);
    while (strtof(digits, NULL) != x && precision++ < FLT_DECIMAL_DIG);
    return arena_printf(arena, "%sf", digits);
}

/* ---- identifiers ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word_byte(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* Names that start with an underscore belong to the C library, those with netrt to the runtime. */
static bool has_foreign_prefix(const char *name)
{
    return !is_letter(*name) || *name == '_' || !strncmp(name, "netrt", 5);
}

char *c_identifier(struct arena *arena, const char *wanted)
{
    char *name = arena_printf(arena, "%s%s", has_foreign_prefix(wanted) ? "x" : "", wanted);
    for (char *at = name; *at; at++)
        if (!is_word_byte(*at))
            *at = '_';
    return name;
}

/* Capitals alone are likely a macro of some header. */
static void lower_capitals(char *name)
{
    if (!strpbrk(name, "abcdefghijklmnopqrstuvwxyz"))
        for (; *name; name++)
            if (*name >= 'A' && *name <= 'Z')
                *name = (char)(*name + 'a' - 'A');
}

void names_init(struct names *names, struct arena *arena)
{
    *names = (struct names){.arena = arena};
    unique_init(&names->unique, arena);
}

static bool is_reserved(const char *name)
{
    static const char *const words[] = {
#define WORD(word) #word,
#include "emit/words.def"
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], name))
            return true;
    return false;
}

static bool has_word(const char *text, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += n)
        if ((at == text || !is_word_byte(at[-1])) && !is_word_byte(at[n]))
            return true;
    return false;
}

static bool refuses(const void *context, const char *name)
{
    const struct names *names = context;
    return is_reserved(name) || (names->elsewhere && has_word(names->elsewhere, name)) ||
           (names->outer && unique_has(&names->outer->unique, name));
}

const char *names_add(struct names *names, const char *wanted)
{
    char *base = c_identifier(names->arena, wanted);
    lower_capitals(base);
    return unique_add(&names->unique, base, refuses, names);
}
