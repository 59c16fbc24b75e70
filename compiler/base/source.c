#define _XOPEN_SOURCE 700 /* realpath() */

#include "base/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct span span_join(struct span a, struct span b)
{
    return (struct span){a.source, a.begin, b.end > a.end ? b.end : a.end};
}

void sources_init(struct sources *s, struct arena *arena)
{
    *s = (struct sources){.arena = arena};
}

static void index_lines(struct source *s, struct arena *arena)
{
    VEC(uint32_t) line = {0};
    VEC_PUSH(arena, &line, 0);
    for (size_t i = 0; i < s->size; i++)
        if (s->bytes[i] == '\n')
            VEC_PUSH(arena, &line, (uint32_t)i + 1);
    s->line = line.at;
    s->n_lines = line.n;
}

/* A mark that some editors put before UTF-8 is no part of the text. */
static size_t mark_of_order(const char *bytes, size_t size)
{
    return size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
}

uint32_t sources_add(struct sources *t, const char *path, const char *bytes, size_t size)
{
    const size_t mark = mark_of_order(bytes, size);
    bytes += mark;
    size -= mark;
    struct source *s = arena_new_of(t->arena, struct source);
    s->path = arena_strdup(t->arena, path);
    s->bytes = arena_strndup(t->arena, bytes, size);
    s->size = size;
    s->in_memory = true;
    index_lines(s, t->arena);
    VEC_PUSH(t->arena, &t->files, s);
    return (uint32_t)t->files.n;
}

void sources_hide(struct sources *t, uint32_t number, uint32_t n)
{
    t->files.at[number - 1]->line[0] = n;
}

/* Reads to the end of the file into malloc'd memory; NULL with errno set. */
static char *read_all(FILE *f, size_t *size)
{
    enum { LARGEST = 1 << 28 };
    size_t n = 0, capacity = 1 << 16;
    char *bytes = malloc(capacity);
    while (bytes && !feof(f) && !ferror(f) && n < LARGEST) {
        if (n == capacity) {
            char *larger = realloc(bytes, capacity *= 2);
            if (!larger)
                free(bytes);
            bytes = larger;
            continue;
        }
        n += fread(bytes + n, 1, capacity - n, f);
    }
    if (bytes && (ferror(f) || n >= LARGEST)) {
        errno = ferror(f) ? errno : EFBIG;
        free(bytes);
        return NULL;
    }
    *size = n;
    return bytes;
}

/* The text that stands in the place of a file's; NULL: its own. */
static const struct overlay *overlay_of(const struct sources *t, const char *path)
{
    char *real = t->n_overlays ? realpath(path, NULL) : NULL;
    const struct overlay *found = NULL;
    for (size_t i = 0; i < t->n_overlays && !found; i++)
        if (!strcmp(t->overlays[i].path, path) || (real && !strcmp(t->overlays[i].path, real)))
            found = &t->overlays[i];
    free(real);
    return found;
}

uint32_t sources_open(struct sources *t, const char *path, const char **why)
{
    const struct overlay *overlay = overlay_of(t, path);
    if (overlay)
        return sources_add(t, path, overlay->bytes, overlay->size);
    FILE *f = fopen(path, "rb");
    struct stat st;
    char *bytes = NULL;
    size_t size = 0;
    uint32_t number = 0;
    if (f && !fstat(fileno(f), &st) && S_ISDIR(st.st_mode))
        errno = EISDIR;
    else if (f)
        bytes = read_all(f, &size);
    if (bytes) {
        number = sources_add(t, path, bytes, size);
        t->files.at[number - 1]->in_memory = false;
    } else {
        *why = arena_strdup(t->arena, strerror(errno));
    }
    free(bytes);
    if (f)
        fclose(f);
    return number;
}

const struct source *sources_get(const struct sources *t, uint32_t number)
{
    return number && number <= t->files.n ? t->files.at[number - 1] : NULL;
}

uint32_t source_line_number(const struct source *s, uint32_t offset)
{
    size_t low = 0, high = s->n_lines;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (s->line[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low + 1;
}

struct position source_position(const struct source *s, uint32_t offset)
{
    uint32_t line = source_line_number(s, offset), column = 1;
    for (size_t i = s->line[line - 1]; i < offset && i < s->size; i++)
        column += ((unsigned char)s->bytes[i] & 0xc0) != 0x80;
    return (struct position){line, column};
}

const char *source_line(const struct source *s, uint32_t line, size_t *n)
{
    const char *at = s->bytes + s->line[line - 1];
    size_t end = line < s->n_lines ? s->line[line] : s->size;
    *n = end - s->line[line - 1];
    while (*n && (at[*n - 1] == '\n' || at[*n - 1] == '\r'))
        --*n;
    return at;
}
