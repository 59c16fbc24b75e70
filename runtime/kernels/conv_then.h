/* A convolution, part by part in a kernel that reads it channel by channel. */
#ifndef NETRT_KERNELS_CONV_THEN_H
#define NETRT_KERNELS_CONV_THEN_H

#include "conv.h"
#include "strip.h"

/* Rows that one step of a task has in common with the one before: they move to where it has them.
 */
NETRT_INLINE void netrt_strip_keep(netrt_element *scratch, const struct netrt_view *view,
                                   long blocks, long from, long to, long rows)
{
    if (rows <= 0)
        return;
    for (long b = 0; b < blocks; b++)
        __builtin_memmove(scratch + b * view->plane + to * view->row,
                          scratch + b * view->plane + from * view->row,
                          (size_t)(rows * view->row) * sizeof *scratch);
}

/* A convolution, then `part_of_then` over each of its blocks, a few rows at a time. Tasks of the
 * same rows follow each other: a thread finds what it made itself. It is a macro for the reasons of
 * NETRT_CHANNELWISE_ROW. */
#define NETRT_CONV_THEN(k, a, task, part_of_then)                                                  \
    do {                                                                                           \
        const long blocks = netrt_ceil_div((k)->then.c, NETRT_BLOCK);                              \
        const long group = (k)->first.task_blocks, step = (k)->first.task_rows;                    \
        const long common = ((k)->then.kh - 1) * (k)->then.dh + 1 - (k)->then.sh;                  \
        const long groups = netrt_ceil_div(blocks, group);                                         \
        const struct netrt_rows part =                                                             \
            netrt_rows_of(task / groups, NETRT_BLOCK, (k)->then.oh, (k)->then.task_rows);          \
        const long block = task % groups * group;                                                  \
        const long end = block + group < blocks ? block + group : blocks;                          \
        struct netrt_rows rows = {part.image, block, part.first, part.first};                      \
        struct netrt_strip before = {0, 0, 0};                                                     \
        for (; rows.first < part.end; rows.first = rows.end) {                                     \
            rows.end = rows.first + step < part.end ? rows.first + step : part.end;                \
            const struct netrt_strip strip = NETRT_STRIP_OF(k, &rows, (k)->first.oh);              \
            const struct netrt_args first =                                                        \
                netrt_args_of_first(a, &(k)->first.out, (k)->first.border_left, &strip, block);    \
            const struct netrt_args then = netrt_args_of_then(a, &first);                          \
            struct netrt_rows made = {part.image, block, strip.first, strip.end};                  \
            if (rows.first > part.first) {                                                         \
                netrt_strip_keep((a)->scratch, &(k)->first.out, end - block,                       \
                                 strip.from - before.from + (k)->first.border_top,                 \
                                 (k)->first.border_top, common);                                   \
                made.first = before.end > strip.first ? before.end : strip.first;                  \
            }                                                                                      \
            netrt_conv_part(&(k)->first, &first, &made, end);                                      \
            for (rows.block = block; rows.block < end; rows.block++)                               \
                part_of_then(&(k)->then, &then, &rows);                                            \
            before = strip;                                                                        \
        }                                                                                          \
    } while (0)

#endif
