#define _XOPEN_SOURCE 700 /* realpath() */

#include "lsp/document.h"

#include "lsp/analysis.h"

#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static char *copy(const char *s, size_t n)
{
    char *text = memory_take(n + 1);
    memcpy(text, s, n);
    text[n] = '\0';
    return text;
}

struct document *document_new(const char *uri, const char *text, size_t n)
{
    struct document *d = memory_take(sizeof *d);
    *d = (struct document){.uri = copy(uri, strlen(uri)), .path = uri_to_path(uri)};
    document_set_text(d, text, n);
    return d;
}

void document_free(struct document *d)
{
    analysis_free(d->analysis);
    free(d->uri);
    free(d->path);
    free(d->text);
    free(d);
}

void document_set_text(struct document *d, const char *text, size_t n)
{
    char *old = d->text;
    d->text = copy(text, n);
    d->n = n;
    free(old);
}

void document_splice(struct document *d, size_t begin, size_t end, const char *text, size_t n)
{
    char *old = d->text, *new = memory_take(d->n - (end - begin) + n + 1);
    memcpy(new, old, begin);
    memcpy(new + begin, text, n);
    memcpy(new + begin + n, old + end, d->n - end + 1);
    d->text = new;
    d->n = d->n - (end - begin) + n;
    free(old);
}

/* ---- URIs ---- */

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

static char *unescape(const char *s)
{
    char *path = memory_take(strlen(s) + 1), *to = path;
    while (*s) {
        int high = *s == '%' ? hex(s[1]) : -1, low = high < 0 ? -1 : hex(s[2]);
        bool escaped = low >= 0 && (high || low);
        *to++ = escaped ? (char)(high * 16 + low) : *s;
        s += escaped ? 3 : 1;
    }
    *to = '\0';
    return path;
}

char *uri_to_path(const char *uri)
{
    static const char scheme[] = "file://";
    if (strncmp(uri, scheme, sizeof scheme - 1))
        return copy(uri, strlen(uri));
    const char *rest = strchr(uri + sizeof scheme - 1, '/');
    char *path = unescape(rest ? rest : "/"), *real = realpath(path, NULL);
    if (!real)
        return path;
    free(path);
    return real;
}

const char *path_to_uri(struct arena *arena, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-._~";
    char *uri = arena_alloc(arena, 3 * strlen(path) + 8), *to = uri + 7;
    memcpy(uri, "file://", 7);
    for (; *path; path++)
        if (strchr(plain, *path)) {
            *to++ = *path;
        } else {
            static const char digits[] = "0123456789ABCDEF";
            *to++ = '%';
            *to++ = digits[(unsigned char)*path >> 4];
            *to++ = digits[*path & 15];
        }
    *to = '\0';
    return uri;
}

/* ---- places ---- */

/* Bytes of the character that begins with `c`. */
static size_t character_bytes(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* UTF-16 has two units for what is four bytes in UTF-8. */
static json_int_t character_units(size_t bytes, enum encoding e)
{
    return e == ENCODING_utf8 ? (json_int_t)bytes : bytes == 4 ? 2 : 1;
}

size_t offset_of(const char *text, size_t n, json_int_t line, json_int_t character, enum encoding e)
{
    size_t at = 0;
    for (; line > 0 && at < n; line--) {
        const char *end = memchr(text + at, '\n', n - at);
        at = end ? (size_t)(end - text) + 1 : n;
    }
    while (at < n && text[at] != '\n' && character > 0) {
        size_t bytes = character_bytes((unsigned char)text[at]);
        character -= character_units(bytes, e);
        if (character < 0)
            break;
        at = n - at < bytes ? n : at + bytes;
    }
    return at;
}

json_t *position_json(const struct source *s, size_t offset, enum encoding e)
{
    uint32_t line = source_line_number(s, (uint32_t)offset);
    json_int_t units = 0;
    for (size_t at = s->line[line - 1]; at < offset && at < s->size;) {
        size_t bytes = character_bytes((unsigned char)s->bytes[at]);
        units += character_units(bytes, e);
        at += bytes;
    }
    return json_pack("{s:I, s:I}", "line", (json_int_t)line - 1, "character", units);
}

json_t *range_json(const struct source *s, struct span span, enum encoding e)
{
    return json_pack("{s:o, s:o}", "start", position_json(s, span.begin, e), "end",
                     position_json(s, span.end, e));
}
