/*
 * The one vector type of the kernels: as wide as the target's registers, by the vector extensions
 * that gcc and clang share. A block of NETRT_BLOCK channels is NETRT_VECS of them. NETRT_GENERIC
 * makes it a plain float.
 */
#ifndef NETRT_KERNELS_VEC_H
#define NETRT_KERNELS_VEC_H

#include <stddef.h>
#include <stdint.h>

#include "shapes.h"

/* Floats in a vector: as many as the C compiler's target has, unless they are given. */
#if defined(NETRT_VL)
#elif defined(NETRT_GENERIC)
#define NETRT_VL 1
#elif defined(__AVX512F__)
#define NETRT_VL 16
#elif defined(__AVX__)
#define NETRT_VL 8
#else
#define NETRT_VL 4
#endif

enum { NETRT_VECS = NETRT_BLOCK / NETRT_VL };
enum { NETRT_TILE_COLS = 64 }; /* most columns in a register tile; registers end well before */

#define NETRT_INLINE static inline __attribute__((always_inline, unused))

/* Before a loop whose constant trip count must unroll away, so that arrays become registers. */
#ifndef NETRT_UNROLL
#ifdef __clang__
#define NETRT_UNROLL _Pragma("clang loop unroll(full)")
#else
#define NETRT_UNROLL _Pragma("GCC unroll 64")
#endif
#endif

#if NETRT_VL == 1
typedef float netrt_vec;
typedef int32_t netrt_mask; /* a lane is 0 or -1 */
#define NETRT_MASK(comparison) (-(comparison))
#define NETRT_LANES                                                                                \
    {                                                                                              \
        0                                                                                          \
    }
#else
typedef float netrt_vec __attribute__((vector_size(4 * NETRT_VL)));
typedef int32_t netrt_mask __attribute__((vector_size(4 * NETRT_VL)));
#define NETRT_MASK(comparison) (comparison)
#define NETRT_LANES                                                                                \
    {                                                                                              \
        0, 1, 2, 3, NETRT_LANES_8 NETRT_LANES_16                                                   \
    }
#endif
#if NETRT_VL >= 8
#define NETRT_LANES_8 4, 5, 6, 7,
#else
#define NETRT_LANES_8
#endif
#if NETRT_VL >= 16
#define NETRT_LANES_16 8, 9, 10, 11, 12, 13, 14, 15
#else
#define NETRT_LANES_16
#endif

/* A vector at any element's address. */
NETRT_INLINE netrt_vec netrt_load(const netrt_element *from)
{
    netrt_vec x;
    __builtin_memcpy(&x, from, sizeof x);
    return x;
}

NETRT_INLINE void netrt_store(netrt_element *to, netrt_vec x)
{
    __builtin_memcpy(to, &x, sizeof x);
}

NETRT_INLINE netrt_vec netrt_all(float x)
{
    return x - (netrt_vec){0}; /* not +: -0 stays -0 */
}

NETRT_INLINE netrt_mask netrt_all_bits(int32_t x)
{
    return x + (netrt_mask){0};
}

NETRT_INLINE netrt_mask netrt_bits(netrt_vec x)
{
    netrt_mask bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

NETRT_INLINE netrt_vec netrt_from_bits(netrt_mask bits)
{
    netrt_vec x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

NETRT_INLINE netrt_mask netrt_less(netrt_vec a, netrt_vec b)
{
    return NETRT_MASK(a < b);
}

NETRT_INLINE netrt_mask netrt_is_nan(netrt_vec x)
{
    return NETRT_MASK(x != x);
}

NETRT_INLINE netrt_vec netrt_select(netrt_mask mask, netrt_vec yes, netrt_vec no)
{
    return netrt_from_bits((netrt_bits(yes) & mask) | (netrt_bits(no) & ~mask));
}

/* a where a is greater (less) than b, else b. gcc finds no minimum in a selection, and needs five
 * instructions for two. */
#if NETRT_VL > 1 && defined(__SSE__) && !defined(__clang__)
#define NETRT_X86 1
#else
#define NETRT_X86 0
#endif
#if NETRT_X86 && NETRT_VL == 16
#define NETRT_GREATER(a, b) __builtin_ia32_maxps512_mask(a, b, (netrt_vec){0}, -1, 4)
#define NETRT_LESSER(a, b)  __builtin_ia32_minps512_mask(a, b, (netrt_vec){0}, -1, 4)
#elif NETRT_X86 && NETRT_VL == 8
#define NETRT_GREATER(a, b) __builtin_ia32_maxps256(a, b)
#define NETRT_LESSER(a, b)  __builtin_ia32_minps256(a, b)
#elif NETRT_X86
#define NETRT_GREATER(a, b) __builtin_ia32_maxps(a, b)
#define NETRT_LESSER(a, b)  __builtin_ia32_minps(a, b)
#else
#define NETRT_GREATER(a, b) netrt_select(netrt_less(b, a), a, b)
#define NETRT_LESSER(a, b)  netrt_select(netrt_less(a, b), a, b)
#endif

/* min and max with a bound: NaN in x passes. */
NETRT_INLINE netrt_vec netrt_at_least(netrt_vec x, float bound)
{
    return NETRT_GREATER(netrt_all(bound), x);
}

NETRT_INLINE netrt_vec netrt_at_most(netrt_vec x, float bound)
{
    return NETRT_LESSER(netrt_all(bound), x);
}

/* The greater; NaN if either is NaN. */
NETRT_INLINE netrt_vec netrt_max(netrt_vec a, netrt_vec b)
{
    return netrt_select(netrt_is_nan(a), a, NETRT_GREATER(a, b));
}

/* The lesser; NaN if either is NaN. */
NETRT_INLINE netrt_vec netrt_min(netrt_vec a, netrt_vec b)
{
    return netrt_select(netrt_is_nan(a), a, NETRT_LESSER(a, b));
}

/* The first n lanes of x, zeros after them. */
NETRT_INLINE netrt_vec netrt_first(netrt_vec x, long n)
{
    const netrt_mask lanes = NETRT_LANES;
    return netrt_from_bits(netrt_bits(x) & NETRT_MASK(lanes < netrt_all_bits((int32_t)n)));
}

/* Sum of the lanes of a block, always in the same order on a target. */
NETRT_INLINE float netrt_sum(const netrt_vec *x)
{
    float lanes[NETRT_BLOCK], sum = 0;
    for (long v = 0; v < NETRT_VECS; v++)
        netrt_store(lanes + v * NETRT_VL, x[v]);
    for (long i = 0; i < NETRT_BLOCK; i++)
        sum += lanes[i];
    return sum;
}

#endif
