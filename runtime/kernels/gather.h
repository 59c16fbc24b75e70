/* Elements at positions that integers give: see the table. */
#ifndef NETRT_KERNELS_GATHER_H
#define NETRT_KERNELS_GATHER_H

#include "border.h"
#include "integer.h"

/* The integer at `index`, or -1 where it is no position, which is noted. */
NETRT_INLINE long netrt_gather_position(const struct netrt_gather *k, const struct netrt_args *a,
                                        const netrt_element *index)
{
    const int32_t at = netrt_integer_at(index);
    if (at >= 0 && at < k->size)
        return at;
    netrt_fault_note(netrt_fault_of(a), NETRT_FAULT_position, k->size, at);
    return -1;
}

/* What stands in place of an element that is not there: NaN, or -1, which is no position. */
NETRT_INLINE netrt_element netrt_gather_missing(const struct netrt_gather *k)
{
    netrt_element missing = __builtin_nanf("");
    if (k->integers)
        netrt_integer_put(&missing, -1);
    return missing;
}

/* A run of elements, of one position: a row of a table. */
NETRT_INLINE void netrt_gather_run(const struct netrt_gather *k, const struct netrt_args *a,
                                   netrt_element *out, const netrt_element *in,
                                   const netrt_element *index)
{
    const long at = netrt_gather_position(k, a, index);
    const netrt_element missing = netrt_gather_missing(k);
    const netrt_element *from = in + at * k->along;
    for (long x = 0; at >= 0 && x < k->n5; x++)
        out[x * k->out5] = from[x * k->in5];
    for (long x = 0; at < 0 && x < k->n5; x++)
        out[x * k->out5] = missing;
}

/* The same where each has a position of its own. */
NETRT_INLINE void netrt_gather_each(const struct netrt_gather *k, const struct netrt_args *a,
                                    netrt_element *out, const netrt_element *in,
                                    const netrt_element *index)
{
    for (long x = 0; x < k->n5; x++) {
        const long at = netrt_gather_position(k, a, index + x * k->other5);
        out[x * k->out5] = at < 0 ? netrt_gather_missing(k) : in[x * k->in5 + at * k->along];
    }
}

NETRT_INLINE void netrt_gather(const struct netrt_gather *k, const struct netrt_args *a, long task)
{
    const struct netrt_positions part = netrt_positions_of(task, k->n4, k->task_rows);
    const netrt_element *in = a->in + NETRT_ELEMENT_AT(k, in, part.image);
    const netrt_element *index = a->other + NETRT_ELEMENT_AT(k, other, part.image);
    netrt_element *out = a->out + NETRT_ELEMENT_AT(k, out, part.image);
    for (long y = part.first; y < part.end; y++) {
        netrt_element *row = out + y * k->out4;
        if (k->other5 == 0)
            netrt_gather_run(k, a, row, in + y * k->in4, index + y * k->other4);
        else
            netrt_gather_each(k, a, row, in + y * k->in4, index + y * k->other4);
        for (long i = 0; i < k->pad; i++)
            row[k->n5 * k->out5 + i] = 0;
    }
}

#endif
