/* Copies elements in another order of dimensions: see the table. */
#ifndef NETRT_KERNELS_STRIDED_H
#define NETRT_KERNELS_STRIDED_H

#include "border.h"

/* Rows and columns of a part of a transposition whose lines stay in the first cache. */
enum { NETRT_STRIDED_PART = 16 };

/* Rows first .. end - 1, one after the other. */
NETRT_INLINE void netrt_strided_rows(const struct netrt_strided *k, netrt_element *out,
                                     const netrt_element *in, long first, long end)
{
    for (long y = first; y < end; y++)
        for (long x = 0; x < k->n5; x++)
            out[y * k->out4 + x * k->out5] = in[y * k->in4 + x * k->in5];
}

/* The same where the input's neighbours are in different rows of the output. */
NETRT_INLINE void netrt_strided_transposed(const struct netrt_strided *k, netrt_element *out,
                                           const netrt_element *in, long first, long end)
{
    for (long y = first; y < end; y += NETRT_STRIDED_PART)
        for (long x = 0; x < k->n5; x += NETRT_STRIDED_PART) {
            const long rows = y + NETRT_STRIDED_PART < end ? y + NETRT_STRIDED_PART : end;
            const long cols = x + NETRT_STRIDED_PART < k->n5 ? x + NETRT_STRIDED_PART : k->n5;
            for (long i = y; i < rows; i++)
                for (long j = x; j < cols; j++)
                    out[i * k->out4 + j * k->out5] = in[i * k->in4 + j * k->in5];
        }
}

NETRT_INLINE void netrt_strided(const struct netrt_strided *k, const struct netrt_args *a,
                                long task)
{
    const struct netrt_positions part = netrt_positions_of(task, k->n4, k->task_rows);
    const netrt_element *in = a->in + NETRT_ELEMENT_AT(k, in, part.image);
    netrt_element *out = a->out + NETRT_ELEMENT_AT(k, out, part.image);
    if (k->in5 == 1 || k->out5 != 1)
        netrt_strided_rows(k, out, in, part.first, part.end);
    else
        netrt_strided_transposed(k, out, in, part.first, part.end);
    for (long y = part.first; y < part.end; y++)
        for (long x = 0; x < k->pad; x++)
            out[y * k->out4 + k->n5 * k->out5 + x] = 0;
}

#endif
