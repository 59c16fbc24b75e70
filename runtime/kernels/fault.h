/* What goes wrong in a run by what its inputs hold: integers that are no positions. No vectors
 * here: the host includes this file. */
#ifndef NETRT_KERNELS_FAULT_H
#define NETRT_KERNELS_FAULT_H

#include <stdint.h>

enum netrt_fault_kind {
    NETRT_FAULT_none,
    NETRT_FAULT_position, /* `value` is none of 0 .. size - 1 */
    NETRT_FAULT_wide      /* `value` of an input has more than 32 bits */
};

/* The first one of a run. Where there can be any, the workspace begins with it. */
struct netrt_fault {
    int32_t kind, size;
    int64_t value;
};

/* Notes a fault, unless there is one; from any thread. */
static inline void netrt_fault_note(struct netrt_fault *fault, enum netrt_fault_kind kind,
                                    long size, int64_t value)
{
    int32_t none = NETRT_FAULT_none;
    if (!__atomic_compare_exchange_n(&fault->kind, &none, (int32_t)kind, 0, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED))
        return;
    fault->size = (int32_t)size;
    fault->value = value;
}

#endif
