/* Numbers that are drawn for a picture, or for a run of several: all follow from a key. */
#ifndef NETRT_TRAIN_DRAWS_H
#define NETRT_TRAIN_DRAWS_H

#include "../core/random.h"

/* One after the other. */
struct draws {
    uint64_t key, n;
};

/* In [0, 1). */
static inline double draw(struct draws *d)
{
    return (double)(netrt_mix(d->key + d->n++) >> 11) * 0x1p-53;
}

/* From 0 to n. */
static inline long draw_up_to(struct draws *d, long n)
{
    return (long)(draw(d) * (double)(n + 1));
}

#endif
