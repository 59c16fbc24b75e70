#include "base/map.h"

#include <stdint.h>

/* The slot of `key` (open addressing): taken by it, or free. */
static struct map_entry *find_slot(const struct map *m, const void *key)
{
    uint64_t hash = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(hash >> 32) & (m->n_slots - 1);
    while (m->slot[i].key && m->slot[i].key != key)
        i = (i + 1) & (m->n_slots - 1);
    return &m->slot[i];
}

static void grow(struct map *m)
{
    struct map old = *m;
    m->n_slots = old.n_slots ? old.n_slots * 2 : 16;
    m->slot = arena_array(m->arena, m->n_slots, sizeof *m->slot);
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.slot[i].key)
            *find_slot(m, old.slot[i].key) = old.slot[i];
}

void *map_get(const struct map *m, const void *key)
{
    return m->n_slots ? find_slot(m, key)->value : NULL;
}

void map_put(struct map *m, const void *key, void *value)
{
    if (m->n * 4 >= m->n_slots * 3)
        grow(m);
    struct map_entry *e = find_slot(m, key);
    m->n += !e->key;
    *e = (struct map_entry){key, value};
}
