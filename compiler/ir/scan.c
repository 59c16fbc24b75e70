#include "ir/scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *here(const struct reader *r)
{
    return r->source->bytes + r->at;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static void skip_blanks(struct reader *r)
{
    while (isspace((unsigned char)*here(r)) || *here(r) == '#')
        if (*here(r) == '#')
            r->at += strcspn(here(r), "\n");
        else
            r->at++;
}

static void scan_name(struct reader *r, enum token_kind kind)
{
    size_t begin = r->at;
    while (is_name(*here(r)))
        r->at++;
    r->token.kind = kind;
    r->token.text = strings_intern(r->strings, r->source->bytes + begin, r->at - begin);
}

/* The byte behind a backslash: itself, or two hexadecimal digits after an x. */
static char scan_escape(struct reader *r)
{
    r->at++;
    const char digits[3] = {here(r)[0] == 'x' ? here(r)[1] : '\0', '\0', '\0'};
    char both[3] = {digits[0], digits[0] ? here(r)[2] : '\0', '\0'};
    if (isxdigit((unsigned char)both[0]) && isxdigit((unsigned char)both[1])) {
        r->at += 2;
        return (char)strtol(both, NULL, 16);
    }
    return *here(r);
}

static void scan_string(struct reader *r, enum token_kind kind)
{
    struct text text;
    text_init(&text, r->arena);
    r->at++;
    for (; *here(r) && *here(r) != '"' && *here(r) != '\n'; r->at++) {
        char c = *here(r);
        if (c == '\\')
            c = scan_escape(r);
        if (!*here(r) || *here(r) == '\n')
            break;
        text_append_n(&text, &c, 1);
    }
    r->token.kind = kind;
    r->token.text = strings_intern0(r->strings, text_string(&text));
    if (*here(r) == '"') {
        r->at++;
        return;
    }
    r->token.kind = TOKEN_bad;
    r->token.span.end = (uint32_t)r->at;
    diag_add(r->diags, r->token.span, MESSAGE(err_graph_string));
}

static void scan_number(struct reader *r, enum token_kind kind)
{
    char *end;
    r->token.kind = kind;
    r->token.number = strtod(here(r), &end);
    r->at = (size_t)(end - r->source->bytes);
}

static void scan_mark(struct reader *r)
{
    char c = *here(r);
    r->token.kind = TOKEN_mark;
    r->token.mark = c;
    r->at++;
    if (c && strchr("{}[](),=:<", c))
        return;
    r->token.kind = TOKEN_bad;
    diag_add(r->diags, r->token.span, MESSAGE(err_graph_byte), (unsigned char)c);
}

static bool starts_number(const char *s)
{
    s += *s == '-';
    return isdigit((unsigned char)*s) || (!strncmp(s, "inf", 3) && !is_name(s[3]));
}

static void scan_prefixed(struct reader *r, enum token_kind kind)
{
    r->at++;
    if (kind == TOKEN_param && *here(r) == '"')
        scan_string(r, kind);
    else if (kind == TOKEN_frame)
        scan_number(r, kind);
    else
        scan_name(r, kind);
}

static void scan_token(struct reader *r)
{
    const char *s = here(r);
    if (r->at >= r->source->size)
        r->token.kind = TOKEN_end;
    else if (starts_number(s))
        scan_number(r, TOKEN_number);
    else if (isalpha((unsigned char)*s))
        scan_name(r, TOKEN_word);
    else if (*s == '%')
        scan_prefixed(r, TOKEN_value);
    else if (*s == '@')
        scan_prefixed(r, TOKEN_param);
    else if (*s == '!' && isdigit((unsigned char)s[1]))
        scan_prefixed(r, TOKEN_frame);
    else if (*s == '"')
        scan_string(r, TOKEN_string);
    else
        scan_mark(r);
}

void scan(struct reader *r)
{
    skip_blanks(r);
    uint32_t begin = (uint32_t)r->at;
    r->token = (struct token){.span = {r->file, begin, begin + 1}};
    scan_token(r);
    r->token.span.end = r->at > begin ? (uint32_t)r->at : begin + 1;
}

bool expected(struct reader *r, const char *what)
{
    if (r->token.kind != TOKEN_bad)
        diag_add(r->diags, r->token.span, MESSAGE(err_graph_expected), what);
    return false;
}

bool accept_mark(struct reader *r, char mark)
{
    if (r->token.kind != TOKEN_mark || r->token.mark != mark)
        return false;
    scan(r);
    return true;
}

bool accept_word(struct reader *r, const char *word)
{
    if (r->token.kind != TOKEN_word || strcmp(r->token.text, word))
        return false;
    scan(r);
    return true;
}

bool read_mark(struct reader *r, char mark)
{
    const char what[] = {'\'', mark, '\'', '\0'};
    return accept_mark(r, mark) || expected(r, what);
}

bool read_text(struct reader *r, enum token_kind kind, const char *what, const char **text)
{
    if (r->token.kind != kind)
        return expected(r, what);
    *text = r->token.text;
    scan(r);
    return true;
}

bool read_number(struct reader *r, double *number)
{
    if (r->token.kind != TOKEN_number)
        return expected(r, "a number");
    *number = r->token.number;
    scan(r);
    return true;
}

/* Beyond 2^48 nothing can be addressed. */
bool read_integer(struct reader *r, int64_t *integer)
{
    double number = r->token.number;
    bool fits = r->token.kind == TOKEN_number && fabs(number) <= 0x1p48;
    if (!fits || (double)(int64_t)number != number)
        return expected(r, "an integer");
    *integer = (int64_t)number;
    scan(r);
    return true;
}

int read_integers(struct reader *r, int64_t *integer, int least, int most)
{
    if (most == 1 || !accept_mark(r, '[')) {
        if (!read_integer(r, integer))
            return 0;
        for (int i = 1; i < most; i++)
            integer[i] = integer[0];
        return 1;
    }
    for (int n = 0; n < most;) {
        if (!read_integer(r, &integer[n++]))
            return 0;
        if (n == least && n < most && accept_mark(r, ']'))
            return n;
        if (n < most && !read_mark(r, ','))
            return 0;
    }
    return read_mark(r, ']') ? most : 0;
}

static bool read_dtype(struct reader *r, enum dtype *dtype)
{
    *dtype = r->token.kind == TOKEN_word ? dtype_find(r->token.text) : N_DTYPES;
    if (*dtype == N_DTYPES)
        return expected(r, "a type, as f32[1,3,224,224]");
    scan(r);
    return true;
}

/* 300, or <=300: the bound of a count that is known at run time. */
static bool read_dim(struct reader *r, struct type *type)
{
    if (type->rank == MAX_RANK)
        return expected(r, "at most six dimensions");
    const int i = type->rank++;
    type->counted[i] = accept_mark(r, '<');
    return (!type->counted[i] || read_mark(r, '=')) && read_integer(r, &type->dim[i]);
}

static bool read_layout(struct reader *r, enum layout *layout)
{
    *layout = r->token.kind == TOKEN_word ? layout_find(r->token.text) : N_LAYOUTS;
    if (*layout == N_LAYOUTS)
        return expected(r, "a layout: blocked, planes or rows");
    scan(r);
    return true;
}

bool read_type(struct reader *r, struct type *type)
{
    *type = (struct type){0};
    if (!read_dtype(r, &type->dtype) || !read_mark(r, '['))
        return false;
    if (!accept_mark(r, ']')) {
        do
            if (!read_dim(r, type))
                return false;
        while (accept_mark(r, ','));
        if (!read_mark(r, ']'))
            return false;
    }
    return !accept_mark(r, ':') || read_layout(r, &type->layout);
}
