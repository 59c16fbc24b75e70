/* The channels of one position, which lie a block and a plane apart. */
#ifndef NETRT_KERNELS_CHANNELS_H
#define NETRT_KERNELS_CHANNELS_H

#include "vec.h"

/* The greatest lane of a block, which is not NaN where another one is not. */
NETRT_INLINE float netrt_greatest_lane(const netrt_vec *x)
{
    float lanes[NETRT_BLOCK];
    for (long v = 0; v < NETRT_VECS; v++)
        netrt_store(lanes + v * NETRT_VL, x[v]);
    NETRT_FOR (long step = NETRT_BLOCK / 2; step > 0; step /= 2)
        NETRT_FOR (long i = 0; i < step; i++)
            lanes[i] = lanes[i] > lanes[i + step] ? lanes[i] : lanes[i + step];
    return lanes[0];
}

/* The greatest of the first `c` channels; NaN is passed over, which differences to it will show. */
NETRT_INLINE float netrt_greatest_channel(const netrt_element *in, long plane, long c)
{
    const netrt_vec least = netrt_all(-__builtin_inff());
    netrt_vec most[NETRT_VECS];
    for (long v = 0; v < NETRT_VECS; v++)
        most[v] = least;
    for (long b = 0; b * NETRT_BLOCK < c; b++)
        NETRT_FOR (long v = 0; v < NETRT_VECS; v++) {
            const netrt_vec x = netrt_load(in + b * plane + v * NETRT_VL);
            const netrt_vec there =
                netrt_select(netrt_among_first(c - b * NETRT_BLOCK - v * NETRT_VL), x, least);
            most[v] = NETRT_GREATER(there, most[v]);
        }
    return netrt_greatest_lane(most);
}

#endif
