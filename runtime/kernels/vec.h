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

#if defined(__aarch64__) && !defined(__clang__) && !defined(NETRT_GENERIC)
#include <arm_neon.h>
/* For AArch64, not for x86, gcc moves loads ahead before it allots registers. Of a tile that fills
 * these it then keeps some sums on the stack. What it moves after that is enough. */
#pragma GCC optimize("no-schedule-insns")
#endif

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

enum {
    NETRT_VECS = NETRT_BLOCK / NETRT_VL,
    NETRT_TILE_COLS = 64 /* most columns in a register tile; registers end well before */
};

/* A for loop of constant trip count that must unroll away, so that arrays become registers. (clang
 * warns where it does not know the count after all, as in code that never runs.) */
#ifndef NETRT_FOR
#ifdef __clang__
#pragma clang diagnostic ignored "-Wpass-failed"
#define NETRT_FOR _Pragma("clang loop unroll(full)") for
#else
#define NETRT_FOR _Pragma("GCC unroll 64") for
#endif
#endif

/* A for loop that must not unroll: of a few iterations with a tile of sums gcc would make one
 * block, in which it loads weights again and moves sums between registers. */
#ifndef NETRT_ROLLED_FOR
#ifdef __clang__
#define NETRT_ROLLED_FOR _Pragma("clang loop unroll(disable)") for
#else
#define NETRT_ROLLED_FOR _Pragma("GCC unroll 1") for
#endif
#endif

/* In a loop: each time loads what it needs. Of windows that overlap gcc would carry elements from
 * one to the next, in registers that sums need; multiply-adds take them from memory as fast. */
#define NETRT_LOAD_AGAIN() __asm__ volatile("" ::: "memory")

/* Hides from the compiler how a pointer was computed. Of a pointer that it can follow through a
 * loop it makes another one for each offset that the loop adds to it, and has too few registers. */
#define NETRT_IN_REGISTER(pointer) __asm__("" : "+r"(pointer))

/* Keeps a vector in the register that it was loaded into. gcc would load it again for each product
 * that takes it: of few products to a load that is more than the processor reads. */
#if defined(__x86_64__) && !defined(__TINYC__)
#define NETRT_HOLD(x) __asm__("" : "+v"(x))
#else
#define NETRT_HOLD(x) (void)(x)
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

/* ---- weights that are stored in 16 bits ---- */

/* Words of 32 bits, as many as a vector has lanes; and such weights. */
#if NETRT_VL == 1
typedef uint32_t netrt_words;
typedef uint16_t netrt_halves;
#else
typedef uint32_t netrt_words __attribute__((vector_size(4 * NETRT_VL)));
typedef uint16_t netrt_halves __attribute__((vector_size(2 * NETRT_VL)));
#endif

NETRT_INLINE netrt_halves netrt_load_halves(const void *from)
{
    netrt_halves halves;
    __builtin_memcpy(&halves, from, sizeof halves);
    return halves;
}

/* Each half as a word. gcc finds no instruction for it in a conversion, and needs five. */
#if NETRT_VL == 1
NETRT_INLINE netrt_words netrt_load_words(const void *from)
{
    return netrt_load_halves(from);
}
#elif NETRT_VL == 16 && defined(__AVX512F__) && !defined(__clang__)
NETRT_INLINE netrt_words netrt_load_words(const void *from)
{
    typedef short shorts __attribute__((vector_size(2 * NETRT_VL)));
    return (netrt_words)__builtin_ia32_pmovzxwd512_mask((shorts)netrt_load_halves(from),
                                                        (netrt_mask){0}, 0xffff);
}
#elif NETRT_VL == 8 && defined(__AVX2__) && !defined(__clang__)
NETRT_INLINE netrt_words netrt_load_words(const void *from)
{
    typedef short shorts __attribute__((vector_size(2 * NETRT_VL)));
    return (netrt_words)__builtin_ia32_pmovzxwd256((shorts)netrt_load_halves(from));
}
#elif NETRT_VL == 4 && !defined(__clang__)
NETRT_INLINE netrt_words netrt_load_words(const void *from)
{
    typedef uint16_t shorts __attribute__((vector_size(16)));
    typedef uint64_t quads __attribute__((vector_size(16)));
    uint64_t halves;
    __builtin_memcpy(&halves, from, sizeof halves);
    return (netrt_words)__builtin_shuffle((shorts)(quads){halves, 0}, (shorts){0},
                                          (shorts){0, 8, 1, 9, 2, 10, 3, 11});
}
#else
NETRT_INLINE netrt_words netrt_load_words(const void *from)
{
    return __builtin_convertvector(netrt_load_halves(from), netrt_words);
}
#endif

NETRT_INLINE netrt_vec netrt_from_words(netrt_words words)
{
    netrt_vec x;
    __builtin_memcpy(&x, &words, sizeof x);
    return x;
}

NETRT_INLINE netrt_vec netrt_load_bf16(const void *from)
{
    return netrt_from_words(netrt_load_words(from) << 16);
}

#if NETRT_VL > 1 && defined(__clang__) && (defined(__F16C__) || defined(__aarch64__))
NETRT_INLINE netrt_vec netrt_load_f16(const void *from)
{
    typedef __fp16 narrow __attribute__((vector_size(2 * NETRT_VL)));
    return __builtin_convertvector((narrow)netrt_load_halves(from), netrt_vec);
}
#elif NETRT_VL == 8 && defined(__F16C__)
NETRT_INLINE netrt_vec netrt_load_f16(const void *from)
{
    typedef short shorts __attribute__((vector_size(2 * NETRT_VL)));
    return __builtin_ia32_vcvtph2ps256((shorts)netrt_load_halves(from));
}
#elif NETRT_VL == 16 && defined(__AVX512F__)
NETRT_INLINE netrt_vec netrt_load_f16(const void *from)
{
    typedef short shorts __attribute__((vector_size(2 * NETRT_VL)));
    return __builtin_ia32_vcvtph2ps512_mask((shorts)netrt_load_halves(from), (netrt_vec){0}, -1, 4);
}
#elif NETRT_VL == 4 && defined(__aarch64__)
NETRT_INLINE netrt_vec netrt_load_f16(const void *from)
{
    return (netrt_vec)vcvt_f32_f16((float16x4_t)netrt_load_halves(from));
}
#else
/* The exponent grows by 112. Infinity and NaN have the largest one in both types, and it grows by
 * as much again. Below the least exponent, the number is a difference: no operand is subnormal,
 * which would cost much, and would be zero where the program has set processors so. */
NETRT_INLINE netrt_vec netrt_load_f16(const void *from)
{
    const netrt_words bits = netrt_load_words(from), size = (bits & 0x7fff) << 13;
    const netrt_words largest = (netrt_words)NETRT_MASK((bits & 0x7c00) == 0x7c00);
    const netrt_words least = (netrt_words)NETRT_MASK((bits & 0x7c00) == 0);
    const netrt_vec small = netrt_from_words(size + 0x38800000) - 0x1p-14f;
    const netrt_words plain = size + 0x38000000 + (largest & 0x38000000);
    netrt_words near;
    __builtin_memcpy(&near, &small, sizeof near);
    return netrt_from_words((bits & 0x8000) << 16 | (near & least) | (plain & ~least));
}
#endif

/* Whether any kernel of the file has weights that are stored so: the file may say so before. */
#ifndef NETRT_USES_STORED
#define NETRT_USES_STORED(stored) 1
#endif

/* A vector of weights that are stored so. */
NETRT_INLINE netrt_vec netrt_load_stored(const void *from, long stored)
{
    if (NETRT_USES_STORED(NETRT_STORED_bf16) && stored == NETRT_STORED_bf16)
        return netrt_load_bf16(from);
    if (NETRT_USES_STORED(NETRT_STORED_f16) && stored == NETRT_STORED_f16)
        return netrt_load_f16(from);
    return netrt_load((const netrt_element *)from);
}

/* Element n of weights that are stored so. */
NETRT_INLINE const void *netrt_stored_at(const void *weights, long n, long stored)
{
    if (stored == NETRT_STORED_f32)
        return (const netrt_element *)weights + n;
    return (const char *)weights + n * netrt_stored_bytes(stored);
}

/* ---- lanes ---- */

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

/* The first n lanes. */
NETRT_INLINE netrt_mask netrt_among_first(long n)
{
    const netrt_mask lanes = NETRT_LANES;
    return NETRT_MASK(lanes < netrt_all_bits((int32_t)n));
}

/* The first n lanes of x, zeros after them. */
NETRT_INLINE netrt_vec netrt_first(netrt_vec x, long n)
{
    return netrt_from_bits(netrt_bits(x) & netrt_among_first(n));
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
