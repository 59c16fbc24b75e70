/* The first elements along a dimension, in order of their size: see the table. */
#ifndef NETRT_KERNELS_TOPK_H
#define NETRT_KERNELS_TOPK_H

#include "border.h"
#include "integer.h"

/* An element and where it stood. */
struct netrt_topk_item {
    netrt_element value;
    int32_t at;
};

/* What a task fills: the values and positions of a result, as a heap of which the last in order is
 * the root, and in order at the end. */
struct netrt_topk_heap {
    netrt_element *values, *positions;
};

/* NaN is larger than all numbers, and of equal elements the first comes first. */
NETRT_INLINE int netrt_topk_before(const struct netrt_topk *k, struct netrt_topk_item a,
                                   struct netrt_topk_item b)
{
    const int a_is_nan = a.value != a.value, b_is_nan = b.value != b.value;
    if (a_is_nan != b_is_nan)
        return k->largest ? a_is_nan : b_is_nan;
    if (!a_is_nan && a.value != b.value)
        return k->largest ? a.value > b.value : a.value < b.value;
    return a.at < b.at;
}

NETRT_INLINE struct netrt_topk_item netrt_topk_get(const struct netrt_topk *k,
                                                   const struct netrt_topk_heap *heap, long i)
{
    return (struct netrt_topk_item){heap->values[i * k->out_step],
                                    netrt_integer_at(heap->positions + i * k->more_step)};
}

NETRT_INLINE void netrt_topk_put(const struct netrt_topk *k, const struct netrt_topk_heap *heap,
                                 long i, struct netrt_topk_item item)
{
    heap->values[i * k->out_step] = item.value;
    netrt_integer_put(heap->positions + i * k->more_step, item.at);
}

/* Puts an item at i, or below it, in a heap of n. */
NETRT_INLINE void netrt_topk_sink(const struct netrt_topk *k, const struct netrt_topk_heap *heap,
                                  long i, long n, struct netrt_topk_item item)
{
    for (long below = 2 * i + 1; below < n; below = 2 * i + 1) {
        struct netrt_topk_item last = netrt_topk_get(k, heap, below);
        if (below + 1 < n) {
            const struct netrt_topk_item other = netrt_topk_get(k, heap, below + 1);
            if (netrt_topk_before(k, last, other)) {
                last = other;
                below++;
            }
        }
        if (netrt_topk_before(k, last, item))
            break;
        netrt_topk_put(k, heap, i, last);
        i = below;
    }
    netrt_topk_put(k, heap, i, item);
}

/* Of the elements from `in` on. */
NETRT_INLINE void netrt_topk_choose(const struct netrt_topk *k, const struct netrt_topk_heap *heap,
                                    const netrt_element *in)
{
    for (long i = 0; i < k->k; i++)
        netrt_topk_put(k, heap, i, (struct netrt_topk_item){in[i * k->along], (int32_t)i});
    for (long i = k->k / 2 - 1; i >= 0; i--)
        netrt_topk_sink(k, heap, i, k->k, netrt_topk_get(k, heap, i));
    for (long i = k->k; i < k->size; i++) {
        const struct netrt_topk_item item = {in[i * k->along], (int32_t)i};
        if (netrt_topk_before(k, item, netrt_topk_get(k, heap, 0)))
            netrt_topk_sink(k, heap, 0, k->k, item);
    }
    for (long n = k->k - 1; n > 0; n--) {
        const struct netrt_topk_item last = netrt_topk_get(k, heap, 0);
        const struct netrt_topk_item item = netrt_topk_get(k, heap, n);
        netrt_topk_put(k, heap, n, last);
        netrt_topk_sink(k, heap, 0, n, item);
    }
}

/* Clears what follows a row, of both results. */
NETRT_INLINE void netrt_topk_clear(const struct netrt_topk *k, const struct netrt_topk_heap *heap,
                                   long first, long n)
{
    for (long j = 0; j < n; j++)
        for (long i = 0; i < k->pad; i++) {
            heap->values[j * k->out_step + first + i] = 0;
            heap->positions[j * k->more_step + first + i] = 0;
        }
}

/* A task does one row of positions, of dimension 4. */
NETRT_INLINE void netrt_topk(const struct netrt_topk *k, const struct netrt_args *a, long task)
{
    const netrt_element *in = a->in + NETRT_ELEMENT_AT(k, in, task);
    struct netrt_topk_heap heap = {a->out + NETRT_ELEMENT_AT(k, out, task),
                                   a->more + NETRT_ELEMENT_AT(k, more, task)};
    for (long i = 0; i < k->n4; i++) {
        const struct netrt_topk_heap here = {heap.values + i * k->out4,
                                             heap.positions + i * k->more4};
        netrt_topk_choose(k, &here, in + i * k->in4);
        if (k->last)
            netrt_topk_clear(k, &here, k->k, 1);
    }
    if (!k->last)
        netrt_topk_clear(k, &heap, k->n4, k->k);
}

#endif
