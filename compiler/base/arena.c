#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 64 * 1024 };

struct chunk {
    struct chunk *previous;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct chunk *last;
    unsigned char *free, *end;
    const struct arena_guard *guard; /* what is tidied up where memory runs out, innermost first */
};

static void *out_of_memory(const struct arena *a)
{
    for (const struct arena_guard *g = a ? a->guard : NULL; g; g = g->outer)
        g->tidy(g->context);
    fputs("netc: out of memory\n", stderr);
    exit(1);
}

void *memory_take(size_t size)
{
    void *p = malloc(size ? size : 1);
    return p ? p : out_of_memory(NULL);
}

void *memory_resize(void *at, size_t size)
{
    void *p = realloc(at, size ? size : 1);
    return p ? p : out_of_memory(NULL);
}

void arena_guard(struct arena *a, struct arena_guard *g, void (*tidy)(void *), void *context)
{
    *g = (struct arena_guard){.tidy = tidy, .context = context, .outer = a->guard};
    a->guard = g;
}

void arena_unguard(struct arena *a)
{
    a->guard = a->guard->outer;
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);
    return a ? a : out_of_memory(NULL);
}

struct arena *arena_new_inside(const struct arena *outer)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        out_of_memory(outer);
    a->guard = outer->guard;
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct chunk *c = a->last, *previous; c; c = previous) {
        previous = c->previous;
        free(c);
    }
    free(a);
}

/* Chunks are zeroed when they are made, and memory is handed out once. */
static void add_chunk(struct arena *a, size_t size)
{
    size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    struct chunk *c = room > SIZE_MAX - sizeof *c ? NULL : calloc(1, sizeof *c + room);
    if (!c)
        out_of_memory(a);
    c->previous = a->last;
    a->last = c;
    a->free = c->bytes;
    a->end = c->bytes + room;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t align = alignof(max_align_t);
    if (size > SIZE_MAX - align)
        out_of_memory(a);
    size = (size + align - 1) / align * align;
    if (!a->last || size > (size_t)(a->end - a->free))
        add_chunk(a, size);
    void *p = a->free;
    a->free += size;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        out_of_memory(a);
    return arena_alloc(a, count * size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_array(a, n + 1, 1);
    if (n)
        memcpy(copy, s, n);
    return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    size_t size = n < 0 ? 1 : (size_t)n + 1;
    char *s = arena_alloc(a, size);
    vsnprintf(s, size, format, again);
    va_end(again);
    return s;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *s = arena_vprintf(a, format, args);
    va_end(args);
    return s;
}

void *arena_grow(struct arena *a, void *at, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return at;
    size_t grown = *capacity ? *capacity * 2 : 8;
    void *larger = arena_array(a, grown, size);
    if (n)
        memcpy(larger, at, n * size);
    *capacity = grown;
    return larger;
}
