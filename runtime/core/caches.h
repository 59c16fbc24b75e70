/*
 * Sizes of this machine's caches, as the system tells them. Linux names each cache of a processor
 * and its size under /sys; sysconf() comes second, for it counts a last cache that an AMD processor
 * has several times as one.
 */
#ifndef NETRT_CORE_CACHES_H
#define NETRT_CORE_CACHES_H

#include <stdio.h>
#include <unistd.h>

/* The first word of a file of cache number `index` of processor 0. 0: there is none. */
static inline int netrt_cache_word(int index, const char *name, char word[32])
{
    char path[96];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, name);
    FILE *f = fopen(path, "r");
    const int read = f && fscanf(f, "%31s", word) == 1;
    if (f)
        fclose(f);
    return read;
}

/* Bytes of "32768K" or "32M"; 0: it is of no such form. */
static inline long netrt_cache_size(const char *text)
{
    long size = 0;
    while (*text >= '0' && *text <= '9' && size < 1L << 40)
        size = 10 * size + (*text++ - '0');
    return *text == 'K' ? size << 10 : *text == 'M' ? size << 20 : size;
}

/* Bytes of the cache of that level, 1 to 3, which a core has or shares, not of instructions alone;
 * 0: the system does not tell. */
static inline long netrt_cache_bytes(int level)
{
    char word[32];
    for (int i = 0; netrt_cache_word(i, "level", word); i++) {
        if (word[0] != '0' + level || word[1] || !netrt_cache_word(i, "type", word) ||
            word[0] == 'I')
            continue;
        if (netrt_cache_word(i, "size", word) && netrt_cache_size(word) > 0)
            return netrt_cache_size(word);
    }
#ifdef _SC_LEVEL1_DCACHE_SIZE
    const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
    const long told = sysconf(names[level - 1]);
    return told > 0 ? told : 0;
#else
    return 0;
#endif
}

#endif
