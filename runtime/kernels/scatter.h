/* Elements added up at positions that integers give: the gradient of gather. */
#ifndef NETRT_KERNELS_SCATTER_H
#define NETRT_KERNELS_SCATTER_H

#include "border.h"
#include "integer.h"

/* A run of the input; what is no position was noted by gather, and is left out. */
NETRT_INLINE void netrt_scatter_run(const struct netrt_scatter *k, netrt_element *out,
                                    const netrt_element *in, const netrt_element *index)
{
    for (long x = 0; x < k->n5; x++) {
        const int32_t at = netrt_integer_at(index + x * k->other5);
        if (at >= 0 && at < k->size)
            out[x * k->out5 + at * k->along] += in[x * k->in5];
    }
}

NETRT_INLINE void netrt_scatter(const struct netrt_scatter *k, const struct netrt_args *a,
                                long task)
{
    const long inner = k->n1 * k->n2 * k->n3 * k->n4;
    const long first = k->out0 ? task : 0, end = k->out0 ? task + 1 : k->n0;
    __builtin_memset(a->out + first * k->out0, 0, (size_t)k->clear * sizeof *a->out);
    for (long i = first * inner; i < end * inner; i++) {
        const long p4 = i % k->n4, p3 = i / k->n4 % k->n3, p2 = i / k->n4 / k->n3 % k->n2;
        const long p1 = i / k->n4 / k->n3 / k->n2 % k->n1, p0 = i / inner;
        netrt_scatter_run(
            k, a->out + p0 * k->out0 + p1 * k->out1 + p2 * k->out2 + p3 * k->out3 + p4 * k->out4,
            a->in + p0 * k->in0 + p1 * k->in1 + p2 * k->in2 + p3 * k->in3 + p4 * k->in4,
            a->other + p0 * k->other0 + p1 * k->other1 + p2 * k->other2 + p3 * k->other3 +
                p4 * k->other4);
    }
}

#endif
