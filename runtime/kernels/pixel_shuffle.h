/* Channels to squares of rows and columns, and back: see the table for the maps. */
#ifndef NETRT_KERNELS_PIXEL_SHUFFLE_H
#define NETRT_KERNELS_PIXEL_SHUFFLE_H

#include "border.h"

/* Offset in the input of output channel c, at row y and column x of a square, from where that
 * square's position, or first row and column, lies. */
NETRT_INLINE long netrt_pixel_shuffle_from(const struct netrt_pixel_shuffle *k, long c, long y,
                                           long x)
{
    const long square = k->side * k->side;
    const long from = k->inverse ? c / square : c * square + y * k->side + x;
    const long inside =
        k->inverse ? c / k->side % k->side * k->in.row + c % k->side * k->in.col : 0;
    return from / NETRT_BLOCK * k->in.plane + from % NETRT_BLOCK + inside;
}

/* Columns left, left + step, ... of row y of a block of n channels from c on. */
NETRT_INLINE void netrt_pixel_shuffle_columns(const struct netrt_pixel_shuffle *k,
                                              netrt_element *out, const netrt_element *in, long c,
                                              long n, long y, long left, long step)
{
    long from[NETRT_BLOCK];
    for (long i = 0; i < n; i++)
        from[i] = netrt_pixel_shuffle_from(k, c + i, y % k->side, left);
    for (long x = left; x < k->ow; x += step) {
        const netrt_element *at = k->inverse
                                      ? in + y * k->side * k->in.row + x * k->side * k->in.col
                                      : in + y / k->side * k->in.row + x / k->side * k->in.col;
        for (long i = 0; i < NETRT_BLOCK; i++)
            out[x * k->out.col + i] = i < n ? at[from[i]] : 0;
    }
}

NETRT_INLINE void netrt_pixel_shuffle(const struct netrt_pixel_shuffle *k,
                                      const struct netrt_args *a, long task)
{
    const struct netrt_rows part = netrt_rows_of(task, k->c, k->oh, k->task_rows);
    const long c = part.block * NETRT_BLOCK, step = k->inverse ? 1 : k->side;
    const long n = k->c - c < NETRT_BLOCK ? k->c - c : NETRT_BLOCK;
    const netrt_element *in = a->in + part.image * k->in.image;
    for (long y = part.first; y < part.end; y++)
        for (long left = 0; left < step; left++)
            netrt_pixel_shuffle_columns(k, a->out + netrt_row(&k->out, &part, y), in, c, n, y, left,
                                        step);
    NETRT_CLEAR_BORDER(k, a->out + netrt_row(&k->out, &part, 0), k->oh, k->ow, part.first,
                       part.end);
}

#endif
