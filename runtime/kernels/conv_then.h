/* A convolution, part by part in a kernel that reads it channel by channel. */
#ifndef NETRT_KERNELS_CONV_THEN_H
#define NETRT_KERNELS_CONV_THEN_H

#include "conv.h"
#include "strip.h"

/* A convolution, then `part_of_then` over each of its blocks. */
#define NETRT_CONV_THEN(k, a, task, part_of_then)                                                  \
    do {                                                                                           \
        const long blocks = netrt_ceil_div((k)->then.c, NETRT_BLOCK);                              \
        const long group = (k)->first.task_blocks;                                                 \
        struct netrt_rows part = netrt_rows_of(task, netrt_ceil_div(blocks, group) * NETRT_BLOCK,  \
                                               (k)->then.oh, (k)->then.task_rows);                 \
        part.block *= group;                                                                       \
        const long end = part.block + group < blocks ? part.block + group : blocks;                \
        const struct netrt_strip strip = NETRT_STRIP_OF(k, &part, (k)->first.oh);                  \
        const struct netrt_args first =                                                            \
            netrt_args_of_first(a, &(k)->first.out, (k)->first.border_left, &strip, part.block);   \
        const struct netrt_args then = netrt_args_of_then(a, &first);                              \
        const struct netrt_rows made = {part.image, part.block, strip.first, strip.end};           \
        netrt_conv_part(&(k)->first, &first, &made, end);                                          \
        for (; part.block < end; part.block++)                                                     \
            part_of_then(&(k)->then, &then, &part);                                                \
    } while (0)

#endif
