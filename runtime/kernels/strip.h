/*
 * What pairs of kernels share. A task computes what it reads with the first kernel, into scratch
 * memory that stays in cache, and its outputs from there with the second. Rows on which two tasks
 * depend are computed by both.
 *
 * The first writes with the indices that its rows and blocks have in the whole map, at a pointer
 * moved so that those of the task lie in the scratch memory.
 */
#ifndef NETRT_KERNELS_STRIP_H
#define NETRT_KERNELS_STRIP_H

#include "border.h"

/* The rows that windows over the outputs first .. end - 1 read of `rows` rows there are, from row
 * `from` of the scratch memory on. */
struct netrt_strip {
    long first, end, from;
};

NETRT_INLINE struct netrt_strip netrt_strip_of(long first, long end, long stride, long reach,
                                               long pad, long rows, long border)
{
    const long top = first * stride - pad, bottom = (end - 1) * stride - pad + reach + 1;
    struct netrt_strip s = {top < 0 ? 0 : top, bottom < rows ? bottom : rows, top - border};
    if (s.first > rows)
        s.first = rows;
    if (s.end < s.first)
        s.end = s.first;
    return s;
}

#define NETRT_STRIP_OF(k, part, rows)                                                              \
    netrt_strip_of((part)->first, (part)->end, (k)->then.sh, ((k)->then.kh - 1) * (k)->then.dh,    \
                   (k)->then.pt, rows, (k)->first.border_top)

/* The operands of the first kernel, for a strip of the blocks from `block` on. */
NETRT_INLINE struct netrt_args netrt_args_of_first(const struct netrt_args *a,
                                                   const struct netrt_view *view, long left,
                                                   const struct netrt_strip *strip, long block)
{
    struct netrt_args first = *a;
    first.weight = a->first_weight;
    first.bias = a->first_bias;
    first.out = a->scratch - strip->from * view->row - block * view->plane + left * view->col;
    return first;
}

/* And those of the second, which reads what the first writes. */
NETRT_INLINE struct netrt_args netrt_args_of_then(const struct netrt_args *a,
                                                  const struct netrt_args *first)
{
    struct netrt_args then = *a;
    then.in = first->out;
    return then;
}

#endif
