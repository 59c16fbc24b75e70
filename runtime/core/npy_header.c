#include "npy_header.h"

#include <stdlib.h>
#include <string.h>

/* The header is a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } */
static const char *skip_spaces(const char *at)
{
    return at + strspn(at, " \t\n");
}

/* Past `c` and spaces, or NULL. */
static const char *expect_char(const char *at, char c)
{
    at = skip_spaces(at);
    return *at == c ? skip_spaces(at + 1) : NULL;
}

/* A quoted text without escapes that fits in `text`, and that messages may print. */
static const char *parse_quoted(const char *at, char *text, size_t size)
{
    char quote = *at;
    if (quote != '\'' && quote != '"')
        return NULL;
    const char *end = strchr(at + 1, quote);
    if (!end || (size_t)(end - at - 1) >= size)
        return NULL;
    for (const char *c = at + 1; c < end; c++)
        if (*c < ' ' || *c > '~')
            return NULL;
    memcpy(text, at + 1, (size_t)(end - at - 1));
    text[end - at - 1] = 0;
    return skip_spaces(end + 1);
}

static const char *parse_order(const char *at, bool *fortran)
{
    *fortran = !strncmp(at, "True", 4);
    return *fortran ? skip_spaces(at + 4) : strncmp(at, "False", 5) ? NULL : skip_spaces(at + 5);
}

static const char *parse_shape(const char *at, struct netrt_npy_header *h)
{
    at = expect_char(at, '(');
    while (at && *at != ')') {
        char *end;
        if (*at < '0' || *at > '9' || h->rank == NETRT_NPY_MAX_RANK)
            return NULL;
        h->dim[h->rank++] = strtol(at, &end, 10);
        at = skip_spaces(*end == 'L' ? end + 1 : end);
        if (*at != ')')
            at = expect_char(at, ',');
    }
    return at ? skip_spaces(at + 1) : NULL;
}

static const char *parse_entry(const char *at, struct netrt_npy_header *h)
{
    char key[16];
    at = parse_quoted(at, key, sizeof key);
    at = at ? expect_char(at, ':') : NULL;
    if (at && !strcmp(key, "descr") && !h->has_type) {
        h->has_type = true;
        return parse_quoted(at, h->type, sizeof h->type);
    }
    if (at && !strcmp(key, "fortran_order") && !h->has_order) {
        h->has_order = true;
        return parse_order(at, &h->fortran);
    }
    if (at && !strcmp(key, "shape") && !h->has_shape) {
        h->has_shape = true;
        return parse_shape(at, h);
    }
    return NULL;
}

static bool parse_header(const char *at, struct netrt_npy_header *h)
{
    at = expect_char(at, '{');
    while (at && *at != '}') {
        at = parse_entry(at, h);
        if (at && *at != '}')
            at = expect_char(at, ',');
    }
    return at && h->has_type && h->has_order && h->has_shape;
}

/* NumPy writes some 128 bytes; the first version of the format has no room for more than this. */
enum { MOST_HEADER = 65535 };

size_t netrt_npy_start(const unsigned char *d, size_t size, struct netrt_npy_header *h)
{
    if (size < 12 || memcmp(d, "\x93NUMPY", 6) || d[6] < 1 || d[6] > 3)
        return 0;
    size_t length = d[8] | (size_t)d[9] << 8, start = 10;
    if (d[6] > 1) {
        length |= (size_t)d[10] << 16 | (size_t)d[11] << 24;
        start = 12;
    }
    char text[MOST_HEADER + 1];
    if (length > size - start || !length || length > MOST_HEADER)
        return 0;
    memcpy(text, d + start, length);
    text[length] = 0;
    return parse_header(text, h) ? start + length : 0;
}
