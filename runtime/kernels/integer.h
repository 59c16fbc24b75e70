/* Integers inside a network: 32 bits in the place of an element, so that what moves elements moves
 * them too. */
#ifndef NETRT_KERNELS_INTEGER_H
#define NETRT_KERNELS_INTEGER_H

#include "fault.h"
#include "vec.h"

#include <assert.h>

static_assert(sizeof(netrt_element) == sizeof(int32_t), "an integer takes the place of an element");

NETRT_INLINE int32_t netrt_integer_at(const netrt_element *at)
{
    int32_t i;
    __builtin_memcpy(&i, at, sizeof i);
    return i;
}

NETRT_INLINE void netrt_integer_put(netrt_element *at, int32_t i)
{
    __builtin_memcpy(at, &i, sizeof i);
}

/* The memory of a fault, which steps are given as a further result. */
NETRT_INLINE struct netrt_fault *netrt_fault_of(const struct netrt_args *a)
{
    return (struct netrt_fault *)(void *)a->more;
}

#endif
