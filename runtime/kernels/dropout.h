/* Dropout: element i of the tensor, counted densely, passes by a number that is made of i, the
 * operator's stream and the seed of the step: the same whatever the threads and layouts, and made
 * again for the gradient. In rows, which have no more than one row of columns, channels are next to
 * each other in this count; elsewhere columns are. */
#ifndef NETRT_KERNELS_DROPOUT_H
#define NETRT_KERNELS_DROPOUT_H

#include "border.h"

/* Mixes the bits of words: multiplications and shifts of which each can be undone, so that
 * different words stay different. */
NETRT_INLINE netrt_words netrt_mix(netrt_words x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ x >> 16;
}

/* A word in all lanes. */
NETRT_INLINE netrt_words netrt_all_words(uint32_t x)
{
    return x + (netrt_words){0};
}

/* The key of a step of a stream: in all lanes. */
NETRT_INLINE netrt_words netrt_dropout_key(long stream, float seed)
{
    return netrt_mix(netrt_mix(netrt_all_words((uint32_t)stream)) + (uint32_t)(long)seed);
}

/* Zeros where the numbers of elements `index` are below p, of 2^24 equally likely ones. */
NETRT_INLINE netrt_vec netrt_dropped(netrt_vec x, netrt_words index, netrt_words key, float p)
{
    const netrt_words number = netrt_mix(netrt_mix(index + key) ^ key) >> 8;
    const netrt_mask passes =
        ~NETRT_MASK((netrt_mask)number < netrt_all_bits((int32_t)(p * 0x1p24f)));
    return netrt_select(passes, x * (p < 1 ? 1 / (1 - p) : 0), netrt_all(0));
}

NETRT_INLINE void netrt_dropout_row(const struct netrt_dropout *k, netrt_element *out,
                                    const netrt_element *in, long first, long rest, netrt_words key)
{
    const netrt_mask lanes = NETRT_LANES;
    const netrt_words step = netrt_all_words((uint32_t)k->channel_step);
    for (long x = 0; x < k->w; x++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const long lane = v * NETRT_VL;
            const netrt_words channel = (netrt_words)lanes + (uint32_t)lane;
            const netrt_vec y =
                netrt_dropped(netrt_load(in + x * k->in.col + lane),
                              channel * step + (uint32_t)(first + x * k->column_step), key, k->p);
            netrt_store(out + x * k->out.col + lane, netrt_first(y, rest - lane));
        }
}

NETRT_INLINE void netrt_dropout(const struct netrt_dropout *k, const struct netrt_args *a,
                                long task)
{
    struct netrt_rows part = netrt_rows_of(task, k->c, k->h, k->task_rows);
    const long channel = part.block * NETRT_BLOCK, planes = k->depth ? k->depth : 1;
    const long first = part.image / planes * planes * k->c * k->h * k->w +
                       part.image % planes * k->h * k->w + channel * k->channel_step;
    const netrt_words key = netrt_dropout_key(k->stream, a->other[0]);
    const netrt_element *in = a->in + NETRT_IMAGE(k, in, part.image);
    netrt_element *out = a->out + NETRT_IMAGE(k, out, part.image);
    part.image = 0;
    for (long y = part.first; y < part.end; y++)
        netrt_dropout_row(k, out + netrt_row(&k->out, &part, y), in + netrt_row(&k->in, &part, y),
                          first + y * k->w, k->c - channel, key);
    NETRT_CLEAR_BORDER(k, out + netrt_row(&k->out, &part, 0), k->h, k->w, part.first, part.end);
}

#endif
