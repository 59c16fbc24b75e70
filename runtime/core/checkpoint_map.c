/*
 * Renaming by patterns: lines `FROM TO`, of which the first whose FROM is a tensor's name gives its
 * new name. A `*` in FROM is any piece of a name, and the `*` of the same number in TO that piece.
 */
#include "checkpoint_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STARS = 8, MOST_NAME = 1024, MOST_LINE = 4096 };

struct map_rule {
    char *from, *to;
    struct map_rule *next;
};

struct piece {
    const char *at;
    size_t n;
};

static int count_stars(const char *pattern)
{
    int n = 0;
    for (; *pattern; pattern++)
        n += *pattern == '*';
    return n;
}

/* Where `text`, of n bytes, first stands in [at, end); NULL: nowhere. */
static const char *find_text(const char *at, const char *end, const char *text, size_t n)
{
    for (; (size_t)(end - at) >= n; at++)
        if (!memcmp(at, text, n))
            return at;
    return NULL;
}

/* Matches a name; each star is as short as it can be, but the last, which reaches what stands
 * behind it. */
static bool match(const char *pattern, const char *name, struct piece *pieces)
{
    const char *end = name + strlen(name);
    size_t n = strcspn(pattern, "*");
    if (strncmp(pattern, name, n) != 0)
        return false;
    if (!pattern[n])
        return name[n] == 0;
    name += n;
    for (int star = 0; pattern[n]; star++) {
        pattern += n + 1;
        n = strcspn(pattern, "*");
        const char *at = pattern[n] ? find_text(name, end, pattern, n)
                         : (size_t)(end - name) >= n && !memcmp(end - n, pattern, n) ? end - n
                                                                                     : NULL;
        if (!at)
            return false;
        pieces[star] = (struct piece){name, (size_t)(at - name)};
        name = at + n;
    }
    return true;
}

/* The new name in `text`; -1: it is too long. */
static int substitute(const char *to, const struct piece *pieces, char *text)
{
    size_t n = 0;
    for (int star = 0; *to; to++) {
        struct piece p = *to == '*' ? pieces[star++] : (struct piece){to, 1};
        if (n + p.n >= MOST_NAME)
            return -1;
        memcpy(text + n, p.at, p.n);
        n += p.n;
    }
    text[n] = 0;
    return 0;
}

static int rename_tensor(struct netrt_checkpoint *c, struct checkpoint_tensor *t,
                         const struct map_rule *rule, const char *map,
                         struct checkpoint_error *error)
{
    struct piece pieces[MOST_STARS];
    char name[MOST_NAME];
    while (rule && !match(rule->from, t->name, pieces))
        rule = rule->next;
    if (!rule)
        return 0;
    if (substitute(rule->to, pieces, name))
        return checkpoint_fail(error, "'%s' gives '%.80s' a name of over %d bytes", map, t->name,
                               MOST_NAME);
    t->name = checkpoint_keep_text(c, name, strlen(name), error);
    return t->name ? 0 : -1;
}

/* A line's two words; *rule NULL: it has none. */
static int parse_line(struct netrt_checkpoint *c, char *line, struct map_rule **rule,
                      const char *map, long number, struct checkpoint_error *error)
{
    char *rest, *from = strtok_r(line, " \t\r\n", &rest), *to = strtok_r(NULL, " \t\r\n", &rest);
    *rule = NULL;
    if (!from || *from == '#')
        return 0;
    if (!to || strtok_r(NULL, " \t\r\n", &rest))
        return checkpoint_fail(error, "'%s', line %ld: not two names, the file's and the network's",
                               map, number);
    if (count_stars(from) > MOST_STARS || count_stars(to) > count_stars(from))
        return checkpoint_fail(error,
                               "'%s', line %ld: '%.80s' has more '*' than '%.80s', or over %d", map,
                               number, to, from, MOST_STARS);
    *rule = checkpoint_keep(c, sizeof **rule, error);
    if (!*rule)
        return -1;
    (*rule)->from = checkpoint_keep_text(c, from, strlen(from), error);
    (*rule)->to = checkpoint_keep_text(c, to, strlen(to), error);
    return (*rule)->from && (*rule)->to ? 0 : -1;
}

static int parse_map(struct netrt_checkpoint *c, FILE *file, struct map_rule **rules,
                     const char *map, struct checkpoint_error *error)
{
    char line[MOST_LINE];
    int status = 0;
    for (long number = 1; !status && fgets(line, sizeof line, file); number++) {
        status = strchr(line, '\n') || feof(file)
                     ? parse_line(c, line, rules, map, number, error)
                     : checkpoint_fail(error, "'%s', line %ld: not a line of text below %d bytes",
                                       map, number, MOST_LINE);
        if (*rules)
            rules = &(*rules)->next;
    }
    if (!status && ferror(file))
        status = checkpoint_fail(error, "cannot read '%s': %s", map, strerror(errno));
    return status;
}

int checkpoint_rename(struct netrt_checkpoint *c, const char *map, struct checkpoint_error *error)
{
    struct map_rule *rules = NULL;
    FILE *file = fopen(map, "r");
    if (!file)
        return checkpoint_fail(error, "cannot open '%s': %s", map, strerror(errno));
    int status = parse_map(c, file, &rules, map, error);
    fclose(file);
    for (size_t i = 0; i < c->n && !status; i++)
        status = rename_tensor(c, &c->tensors[i], rules, map, error);
    return status ? status : checkpoint_sort(c, error);
}
