/* What kernels share that convolve one block of channels by itself: depthwise and grouped. */
#ifndef NETRT_KERNELS_CHANNELWISE_H
#define NETRT_KERNELS_CHANNELWISE_H

#include "act.h"
#include "border.h"

/* Row y of the task's block, in tiles of k->cols columns and what is left: `tile` gets the
 * operands at its first column, `in` at tap (0, 0). It is a macro because depthwise and grouped
 * shapes are different structs whose fields have the same names, and because `tile` must be inlined
 * with its constants at any level of optimization. */
#define NETRT_CHANNELWISE_ROW(k, a, part, y, tile)                                                 \
    do {                                                                                           \
        const long cols = (k)->cols < (k)->ow ? (k)->cols : (k)->ow, tail = (k)->ow % cols;        \
        const netrt_element *in =                                                                  \
            (a)->in + netrt_row(&(k)->in, part, (y) * (k)->sh - (k)->pt) - (k)->pl * (k)->in.col;  \
        const netrt_element *other =                                                               \
            (k)->residual ? (a)->other + netrt_row(&(k)->other, part, y) : (a)->in;                \
        netrt_element *out = (a)->out + netrt_row(&(k)->out, part, y);                             \
        long x = 0;                                                                                \
        for (; x + cols <= (k)->ow; x += cols)                                                     \
            tile(k, a, out + x * (k)->out.col, in + x * (k)->sw * (k)->in.col,                     \
                 other + x * (k)->other.col, (part)->block, cols);                                 \
        if (tail)                                                                                  \
            tile(k, a, out + x * (k)->out.col, in + x * (k)->sw * (k)->in.col,                     \
                 other + x * (k)->other.col, (part)->block, tail);                                 \
    } while (0)

#endif
