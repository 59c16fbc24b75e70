/*
 * Sizes of this machine's caches, as the system tells them. Linux names each cache of a processor
 * and its size in a folder; sysconf() comes second, for it counts a last cache that an AMD
 * processor has several times as one.
 */
#ifndef NETRT_CORE_CACHES_H
#define NETRT_CORE_CACHES_H

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* Where Linux has a folder `index0`, `index1` and so on for each cache of the first processor. */
#define NETRT_CACHES "/sys/devices/system/cpu/cpu0/cache"

/* The first word of a file of cache number `index`. 0: there is none. */
static inline int netrt_cache_word(const char *folder, int index, const char *name, char word[32])
{
    char path[512];
    const int length = snprintf(path, sizeof path, "%s/index%d/%s", folder, index, name);
    FILE *f = length < (int)sizeof path ? fopen(path, "r") : NULL;
    const int read = f && fscanf(f, "%31s", word) == 1;
    if (f)
        fclose(f);
    return read;
}

/* Bytes of "32768K", "32M" or "4096"; 0: it is of no such form, or more than a long holds. */
static inline long netrt_cache_size(const char *text)
{
    long size = 0;
    while (*text >= '0' && *text <= '9' && size < LONG_MAX / 16)
        size = 10 * size + (*text++ - '0');
    const int shift = *text == 'K' ? 10 : *text == 'M' ? 20 : 0;
    return text[shift > 0] || size > LONG_MAX >> shift ? 0 : size << shift;
}

/* Bytes of the cache of that level, 1 to 3, in such a folder, not of instructions alone; 0: the
 * folder has none. */
static inline long netrt_cache_listed(const char *folder, int level)
{
    char word[32];
    for (int i = 0; netrt_cache_word(folder, i, "level", word); i++) {
        if (word[0] != '0' + level || word[1] || !netrt_cache_word(folder, i, "type", word) ||
            word[0] == 'I')
            continue;
        if (netrt_cache_word(folder, i, "size", word) && netrt_cache_size(word) > 0)
            return netrt_cache_size(word);
    }
    return 0;
}

/* The same, as sysconf() has it. */
static inline long netrt_cache_counted(int level)
{
#ifdef _SC_LEVEL1_DCACHE_SIZE
    const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
    const long told = sysconf(names[level - 1]);
    return told > 0 ? told : 0;
#else
    (void)level;
    return 0;
#endif
}

/* Bytes of the cache of that level, 1 to 3, which a core has or shares: what the folder, which is
 * NETRT_CACHES but in tests, has first, what sysconf() has second; 0: the system does not tell. */
static inline long netrt_cache_bytes(const char *folder, int level)
{
    const long listed = netrt_cache_listed(folder, level);
    return listed > 0 ? listed : netrt_cache_counted(level);
}

#endif
