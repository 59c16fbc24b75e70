/* Positions of the largest or least elements along a dimension: see the table. */
#ifndef NETRT_KERNELS_ARGMAX_H
#define NETRT_KERNELS_ARGMAX_H

#include "border.h"
#include "integer.h"

/* Columns that go through the dimension together. */
enum { NETRT_ARGMAX_PART = 16 };

/* Whether x is chosen although `best`, which stands before it, is there: of equal elements the
 * first is, and NaN before all others. */
NETRT_INLINE int netrt_argmax_better(const struct netrt_argmax *k, float x, float best)
{
    const int beyond = k->least ? x < best : x > best;
    return beyond | ((x != x) & (best == best));
}

/* Columns of a row, `n` of them. */
NETRT_INLINE void netrt_argmax_part(const struct netrt_argmax *k, netrt_element *out,
                                    const netrt_element *in, long n)
{
    float best[NETRT_ARGMAX_PART];
    int32_t at[NETRT_ARGMAX_PART];
    for (long x = 0; x < n; x++) {
        best[x] = in[x * k->in5];
        at[x] = 0;
    }
    for (long i = 1; i < k->size; i++)
        for (long x = 0; x < n; x++) {
            const float here = in[i * k->along + x * k->in5];
            const int better = netrt_argmax_better(k, here, best[x]);
            best[x] = better ? here : best[x];
            at[x] = better ? (int32_t)i : at[x];
        }
    for (long x = 0; x < n; x++)
        netrt_integer_put(out + x * k->out5, at[x]);
}

NETRT_INLINE void netrt_argmax(const struct netrt_argmax *k, const struct netrt_args *a, long task)
{
    const struct netrt_positions part = netrt_positions_of(task, k->n4, k->task_rows);
    const netrt_element *in = a->in + NETRT_ELEMENT_AT(k, in, part.image);
    netrt_element *out = a->out + NETRT_ELEMENT_AT(k, out, part.image);
    for (long y = part.first; y < part.end; y++) {
        netrt_element *row = out + y * k->out4;
        long x = 0;
        for (; x + NETRT_ARGMAX_PART <= k->n5; x += NETRT_ARGMAX_PART)
            netrt_argmax_part(k, row + x * k->out5, in + y * k->in4 + x * k->in5,
                              NETRT_ARGMAX_PART);
        netrt_argmax_part(k, row + x * k->out5, in + y * k->in4 + x * k->in5, k->n5 - x);
        for (long i = 0; i < k->pad; i++)
            row[k->n5 * k->out5 + i] = 0;
    }
}

#endif
