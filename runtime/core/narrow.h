/* Floats as the 16 bits that weights may be stored in (kernels/stored.def): the nearest, of two the
 * even one, as PyTorch's `.to()` rounds. NaN stays NaN. */
#ifndef NETRT_CORE_NARROW_H
#define NETRT_CORE_NARROW_H

#include "../kernels/stored.h"

#include <math.h>
#include <string.h>

static inline uint32_t netrt_float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline uint16_t netrt_narrow_bf16(float x)
{
    const uint32_t bits = netrt_float_bits(x);
    if (x != x)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* `size`, the bits of a number below 2^-14, in units of 2^-24. */
static inline uint32_t netrt_narrow_subnormal(uint32_t size)
{
    const uint32_t shift = 126 - (size >> 23), mantissa = (size & 0x7fffff) | 0x800000;
    if (shift > 24)
        return 0;
    return (mantissa + (1U << (shift - 1)) - 1 + (mantissa >> shift & 1)) >> shift;
}

static inline uint16_t netrt_narrow_f16(float x)
{
    const uint32_t bits = netrt_float_bits(x), size = bits & 0x7fffffff;
    const uint32_t sign = bits >> 16 & 0x8000;
    if (x != x)
        return (uint16_t)(sign | 0x7e00 | (size >> 13 & 0x3ff));
    if (size >= 0x477ff000) /* 65520, half a unit beyond the largest */
        return (uint16_t)(sign | 0x7c00);
    if (size < 0x38800000)
        return (uint16_t)(sign | netrt_narrow_subnormal(size));
    return (uint16_t)(sign | (size + 0xfff + (size >> 13 & 1) - 0x38000000) >> 13);
}

/* As `stored`, which is no f32. */
static inline uint16_t netrt_narrow(enum netrt_stored stored, float x)
{
    return stored == NETRT_STORED_bf16 ? netrt_narrow_bf16(x) : netrt_narrow_f16(x);
}

/* Whether a number that is finite becomes infinite. */
static inline int netrt_narrow_overflows(enum netrt_stored stored, float x)
{
    static const float over[] = {
#define STORED(name, c_type, over, others, doc) over,
#include "../kernels/stored.def"
    };
    return stored != NETRT_STORED_f32 && !isinf(x) && fabsf(x) >= over[stored];
}

#endif
