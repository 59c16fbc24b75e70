/* Numbers that look random: the same on every machine, of what they are numbered by. */
#ifndef NETRT_CORE_RANDOM_H
#define NETRT_CORE_RANDOM_H

#include <stdint.h>

/* 64 bits of a number: SplitMix64 (Steele et al., 2014). */
static inline uint64_t netrt_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* What the numbers of a tensor begin with, of a seed and the tensor's name, by FNV-1a: element i
 * has netrt_mix(start + i). */
static inline uint64_t netrt_random_start(const char *name, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    return netrt_mix(seed ^ hash);
}

/* The number in [0, 1) that is element i of such a tensor: 24 bits, which a float holds. */
static inline double netrt_random_at(uint64_t start, long i)
{
    return (double)(netrt_mix(start + (uint64_t)i) >> 40) / (1 << 24);
}

#endif
