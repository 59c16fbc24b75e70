/* A map from addresses to addresses, for interned strings and things with an identity. */
#ifndef NETC_BASE_MAP_H
#define NETC_BASE_MAP_H

#include "base/arena.h"

struct map_entry {
    const void *key;
    void *value;
};

/* All zero but for the arena: empty. */
struct map {
    struct arena *arena;
    struct map_entry *slot;
    size_t n, n_slots; /* n_slots: 0 or a power of two */
};

/* The value of `key`; NULL: there is none. */
void *map_get(const struct map *, const void *key);
/* Sets the value of `key`, which is not NULL. */
void map_put(struct map *, const void *key, void *value);

#endif
