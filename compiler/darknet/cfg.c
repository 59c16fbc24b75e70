#include "darknet/cfg.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The bytes of a line without blanks, in the arena; its span has none before and behind. */
static const char *squeeze(struct arena *arena, const char *line, size_t n, struct span *span)
{
    char *text = arena_alloc(arena, n + 1);
    size_t kept = 0, first = n, last = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_blank(line[i]))
            continue;
        text[kept++] = line[i];
        first = first < n ? first : i;
        last = i + 1;
    }
    span->end = span->begin + (uint32_t)last;
    span->begin += (uint32_t)(first < last ? first : last);
    return text;
}

/* "[name]" begins a section. */
static bool add_section(struct arena *arena, struct cfg *cfg, const char *text, struct span span)
{
    const size_t n = strlen(text);
    if (n < 3 || text[n - 1] != ']')
        return false;
    const struct cfg_section section = {.name = arena_strndup(arena, text + 1, n - 2),
                                        .span = span};
    VEC_PUSH(arena, &cfg->sections, section);
    return true;
}

/* "key=value" belongs to the section before it. */
static bool add_option(struct arena *arena, struct cfg *cfg, const char *text, struct span span)
{
    const char *equal = strchr(text, '=');
    if (!equal || equal == text || !cfg->sections.n)
        return false;
    const struct cfg_option option = {.key = arena_strndup(arena, text, (size_t)(equal - text)),
                                      .value = equal + 1,
                                      .span = span};
    VEC_PUSH(arena, &cfg->sections.at[cfg->sections.n - 1].options, option);
    return true;
}

bool cfg_read(struct arena *arena, struct diags *diags, uint32_t number, struct cfg *cfg)
{
    const struct source *s = sources_get(diags->sources, number);
    bool good = true;
    *cfg = (struct cfg){0};
    for (uint32_t i = 1; i <= s->n_lines; i++) {
        size_t n;
        const char *line = source_line(s, i, &n);
        struct span span = {.source = number, .begin = (uint32_t)(line - s->bytes)};
        const char *text = squeeze(arena, line, n, &span);
        if (!*text || *text == '#' || *text == ';')
            continue;
        if (*text == '[' ? add_section(arena, cfg, text, span) : add_option(arena, cfg, text, span))
            continue;
        struct diag *d = diag_add(diags, span, MESSAGE(err_darknet_line));
        diag_hint(d, "a line is '[section]', 'key=value' below one, or a comment after '#'");
        good = false;
    }
    return good;
}

const struct cfg_option *cfg_find(const struct cfg_section *s, const char *key)
{
    for (size_t i = 0; i < s->options.n; i++)
        if (!strcmp(s->options.at[i].key, key))
            return &s->options.at[i];
    return NULL;
}

int cfg_ints(const struct cfg_option *o, int64_t *to, int most)
{
    const char *at = o->value;
    for (int n = 0; n < most; n++) {
        char *end;
        errno = 0;
        const long long value = strtoll(at, &end, 10);
        if (end == at || errno || value > INT32_MAX || value < -INT32_MAX)
            return -1;
        to[n] = value;
        if (!*end || (*end == ',' && !end[1]))
            return n + 1;
        if (*end != ',')
            return -1;
        at = end + 1;
    }
    return -1;
}

bool cfg_real(const struct cfg_option *o, double *to)
{
    char *end;
    *to = strtod(o->value, &end);
    return end != o->value && !*end && isfinite(*to);
}
