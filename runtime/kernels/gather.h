/* Elements at positions that integers give: see the table. */
#ifndef NETRT_KERNELS_GATHER_H
#define NETRT_KERNELS_GATHER_H

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
    const long parts = netrt_ceil_div(k->n4, k->task_rows);
    const long first = task % parts * k->task_rows;
    const long end = first + k->task_rows < k->n4 ? first + k->task_rows : k->n4;
    long at = task / parts;
    const long p3 = at % k->n3, p2 = (at /= k->n3) % k->n2, p1 = (at /= k->n2) % k->n1;
    const long p0 = at / k->n1;
    const netrt_element *in = a->in + p0 * k->in0 + p1 * k->in1 + p2 * k->in2 + p3 * k->in3;
    const netrt_element *index =
        a->other + p0 * k->other0 + p1 * k->other1 + p2 * k->other2 + p3 * k->other3;
    netrt_element *out = a->out + p0 * k->out0 + p1 * k->out1 + p2 * k->out2 + p3 * k->out3;
    for (long y = first; y < end; y++) {
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
