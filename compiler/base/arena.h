/* Memory with a named lifetime: allocated piece by piece, released at once. */
#ifndef NETC_BASE_ARENA_H
#define NETC_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new arena. Running out of memory anywhere ends the program with a message and status 1, after
 * what the arena's guards tidy up. */
struct arena *arena_new(void);
/* One that is released before `outer`, whose guards are its own. */
struct arena *arena_new_inside(const struct arena *outer);
void arena_free(struct arena *);

/* What must not be left behind where memory runs out, such as a temporary folder. */
struct arena_guard {
    void (*tidy)(void *context);
    void *context;
    const struct arena_guard *outer;
};
/* From here on, until arena_unguard(): the last one that was set is the first to end. */
void arena_guard(struct arena *, struct arena_guard *, void (*tidy)(void *), void *context);
void arena_unguard(struct arena *);

/* malloc() and realloc() for libraries that take such: NULL is never returned. They know no arena,
 * and so no guard: nothing that one tidies up may exist where they are used. */
void *memory_take(size_t size);
void *memory_resize(void *, size_t size);

/* Zeroed memory, aligned for any type, valid until arena_free(). */
void *arena_alloc(struct arena *, size_t size);
/* An array of `count` zeroed elements; the product is checked. */
void *arena_array(struct arena *, size_t count, size_t size);
char *arena_strndup(struct arena *, const char *, size_t n);
char *arena_strdup(struct arena *, const char *);
char *arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *format, va_list)
    __attribute__((format(printf, 2, 0)));

#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* Growable arrays in an arena: VEC(struct node) nodes; VEC_PUSH(arena, &nodes, n). */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t n, capacity;                                                                        \
    }

#define VEC_PUSH(arena, vec, ...)                                                                  \
    ((vec)->at = arena_grow((arena), (vec)->at, (vec)->n, &(vec)->capacity, sizeof *(vec)->at),    \
     (vec)->at[(vec)->n++] = (__VA_ARGS__))

/* Room for one more element after `n`: the array itself, or a larger copy of it. */
void *arena_grow(struct arena *, void *at, size_t n, size_t *capacity, size_t size);

/* Room for `count` elements in an array that is empty: pushing so many copies nothing. */
#define VEC_RESERVE(arena, vec, count)                                                             \
    ((vec)->at = arena_array((arena), (count), sizeof *(vec)->at), (vec)->capacity = (count))

#endif
