/* Integers of the user's memory to those inside a network, and back, those of floats, and floats of
 * these: see the table. */
#ifndef NETRT_KERNELS_INTEGERS_H
#define NETRT_KERNELS_INTEGERS_H

#include "integer.h"

/* The nearest integer of 32 bits, which is not an index either where it is another one. */
NETRT_INLINE int32_t netrt_integers_narrow(const struct netrt_args *a, int64_t wide)
{
    if (wide >= INT32_MIN && wide <= INT32_MAX)
        return (int32_t)wide;
    netrt_fault_note(netrt_fault_of(a), NETRT_FAULT_wide, 0, wide);
    return wide < 0 ? INT32_MIN : INT32_MAX;
}

/* The float that is 2^31 has no integer of 32 bits; those next below it have. */
NETRT_INLINE int32_t netrt_integers_whole(float x)
{
    if (x >= -2147483648.0f && x < 2147483648.0f)
        return (int32_t)x;
    return x > 0 ? INT32_MAX : x < 0 ? INT32_MIN : 0;
}

NETRT_INLINE void netrt_integers_in(const struct netrt_integers *k, const struct netrt_args *a,
                                    long i)
{
    int32_t same;
    int64_t wide;
    const unsigned char *from = (const unsigned char *)a->in + i * k->bytes;
    if (k->bytes == (long)sizeof same) {
        __builtin_memcpy(&same, from, sizeof same);
        netrt_integer_put(a->out + i, same);
        return;
    }
    __builtin_memcpy(&wide, from, sizeof wide);
    netrt_integer_put(a->out + i, netrt_integers_narrow(a, wide));
}

NETRT_INLINE void netrt_integers_out(const struct netrt_integers *k, const struct netrt_args *a,
                                     long i)
{
    const int32_t same = netrt_integer_at(a->in + i);
    const int64_t wide = same;
    unsigned char *to = (unsigned char *)a->out + i * k->bytes;
    if (k->bytes == (long)sizeof same)
        __builtin_memcpy(to, &same, sizeof same);
    else
        __builtin_memcpy(to, &wide, sizeof wide);
}

NETRT_INLINE void netrt_integers(const struct netrt_integers *k, const struct netrt_args *a,
                                 long task)
{
    const long first = task * k->task_elements, rest = k->n - first;
    const long end = first + (rest < k->task_elements ? rest : k->task_elements);
    for (long i = first; i < end; i++) {
        if (k->floats && k->outwards)
            a->out[i] = (netrt_element)netrt_integer_at(a->in + i);
        else if (k->floats)
            netrt_integer_put(a->out + i, netrt_integers_whole(a->in[i]));
        else if (k->outwards)
            netrt_integers_out(k, a, i);
        else
            netrt_integers_in(k, a, i);
    }
}

#endif
