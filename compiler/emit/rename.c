/*
 * A single file holds the kernels once for each target, with names of their own:
 * "netrt_x86_64_v3_conv" for "netrt_conv". Names that stand outside of the kernels are shared; a
 * tag is another name than a function's, and parts of names that macros join are renamed as whole
 * names are.
 */
#include "emit/parts.h"

#include <ctype.h>
#include <string.h>

/* What a piece of C is: nothing else has to be told apart. */
enum token { TOKEN_word, TOKEN_other };

/* The end of the token at `at`: a word, or a comment, a literal, a character. */
static const char *token_end(const char *at, enum token *kind)
{
    const char *end = at + 1;
    *kind = TOKEN_other;
    if (isalnum((unsigned char)*at) || *at == '_') {
        *kind = TOKEN_word;
        while (isalnum((unsigned char)*end) || *end == '_')
            end++;
    } else if (*at == '/' && *end == '*') {
        end = strstr(end + 1, "*/");
        return end ? end + 2 : at + strlen(at);
    } else if (*at == '"' || *at == '\'') {
        for (; *end && *end != *at; end++)
            end += *end == '\\' && end[1];
        end += *end != '\0';
    }
    return end;
}

static bool is_tag_word(const char *word, size_t n)
{
    return (n == 6 && !strncmp(word, "struct", n)) || (n == 4 && !strncmp(word, "enum", n));
}

typedef void word_function(void *data, const char *word, size_t n, bool tag);
typedef void other_function(void *data, const char *text, size_t n);

/* Hands all words on, with whether they are tags, and what lies between them. */
static void scan(const char *text, word_function *word, other_function *other, void *data)
{
    bool tag = false;
    enum token kind;
    for (const char *at = text, *end; *at; at = end) {
        end = token_end(at, &kind);
        const size_t n = (size_t)(end - at);
        if (kind == TOKEN_word) {
            word(data, at, n, tag);
            tag = is_tag_word(at, n);
        } else {
            tag = tag && *at == ' ';
            other(data, at, n);
        }
    }
}

/* ---- shared names ---- */

static const void *key_of(struct renaming *r, const char *word, size_t n, bool tag)
{
    const char *whole = arena_printf(r->arena, "%s%.*s", tag ? "struct " : "", (int)n, word);
    return strings_intern0(r->strings, whole);
}

static void share_word(void *data, const char *word, size_t n, bool tag)
{
    struct renaming *r = data;
    map_put(&r->shared, key_of(r, word, n, tag), r);
}

static void skip(void *data, const char *text, size_t n)
{
    (void)data, (void)text, (void)n;
}

void renaming_init(struct renaming *r, struct arena *arena, const char *shared)
{
    *r = (struct renaming){.arena = arena, .strings = strings_new(arena), .shared.arena = arena};
    scan(shared, share_word, skip, r);
}

/* The length of a prefix that names of the runtime and of generated code have, or 0. */
static size_t prefix_of(const char *word, size_t n)
{
    static const char *const prefixes[] = {"netrt_", "NETRT_", "net_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        const size_t length = strlen(prefixes[i]);
        if (n > length && !strncmp(word, prefixes[i], length))
            return length;
    }
    return 0;
}

/* Whether a name stays: as it is, or because macros of the shared text make it, of "NETRT_ACT_". */
static bool is_shared(struct renaming *r, const char *word, size_t n, bool tag)
{
    bool shared = map_get(&r->shared, key_of(r, word, n, tag));
    for (size_t i = prefix_of(word, n) + 1; i < n && !tag && !shared; i++)
        shared = word[i - 1] == '_' && map_get(&r->shared, key_of(r, word, i, tag));
    return shared;
}

/* ---- renaming ---- */

static void rename_word(void *data, const char *word, size_t n, bool tag)
{
    struct renaming *r = data;
    const size_t prefix = prefix_of(word, n);
    const bool renamed = prefix && !is_shared(r, word, n, tag);
    text_append_n(r->out, word, renamed ? prefix : n);
    if (renamed) {
        text_printf(r->out, "%s_", r->target);
        text_append_n(r->out, word + prefix, n - prefix);
    }
}

static void copy(void *data, const char *text, size_t n)
{
    struct renaming *r = data;
    text_append_n(r->out, text, n);
}

void rename_for_target(struct renaming *r, struct text *out, const char *text, const char *target)
{
    r->out = out;
    r->target = target;
    scan(text, rename_word, copy, r);
}
