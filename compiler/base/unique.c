#include "base/unique.h"

void unique_init(struct unique *u, struct arena *arena)
{
    *u = (struct unique){.strings = strings_new(arena), .last = {.arena = arena}};
}

static uintptr_t last_number(const struct unique *u, const char *interned)
{
    return (uintptr_t)map_get(&u->last, interned);
}

bool unique_has(const struct unique *u, const char *name)
{
    return last_number(u, strings_intern0(u->strings, name)) != 0;
}

void unique_take(struct unique *u, const char *name)
{
    if (!unique_has(u, name))
        map_put(&u->last, strings_intern0(u->strings, name), (void *)(uintptr_t)1);
}

/* Names are never given back: the numbers that were tried behind a name stay in use. */
const char *unique_add(struct unique *u, const char *wanted,
                       bool (*refuses)(const void *context, const char *name), const void *context)
{
    const char *const base = strings_intern0(u->strings, wanted), *name = base;
    uintptr_t number = last_number(u, base);
    while (unique_has(u, name) || (refuses && refuses(context, name))) {
        number = number ? number + 1 : 2;
        name = arena_printf(u->last.arena, "%s_%llu", base, (unsigned long long)number);
    }
    unique_take(u, base);
    map_put(&u->last, base, (void *)(number ? number : 1));
    unique_take(u, name);
    return strings_intern0(u->strings, name);
}
