/* The part of a tensor that a task reads and makes, and the zero border that it writes around. */
#ifndef NETRT_KERNELS_BORDER_H
#define NETRT_KERNELS_BORDER_H

#include "vec.h"

/* Clears the border of rows first .. end - 1 of a plane of oh x ow positions at `plane`: left and
 * right of these rows, the rows above it with row 0, those below it with the last. */
NETRT_INLINE void netrt_clear_border(netrt_element *plane, const struct netrt_view *view, long oh,
                                     long ow, long first, long end, const long top, const long left,
                                     const long bottom, const long right)
{
    const long col = view->col;
    const size_t whole = (size_t)((left + ow + right) * col) * sizeof *plane;
    for (long y = first == 0 ? -top : first; y < (end == oh ? oh + bottom : end); y++) {
        netrt_element *row = plane + y * view->row;
        if (y < 0 || y >= oh) {
            __builtin_memset(row - left * col, 0, whole);
            continue;
        }
        if (left > 0)
            __builtin_memset(row - left * col, 0, (size_t)(left * col) * sizeof *row);
        if (right > 0)
            __builtin_memset(row + ow * col, 0, (size_t)(right * col) * sizeof *row);
    }
}

/* The same for a kernel k that has the usual fields. */
#define NETRT_CLEAR_BORDER(k, plane, oh, ow, first, end)                                           \
    netrt_clear_border(plane, &(k)->out, oh, ow, first, end, (k)->border_top, (k)->border_left,    \
                       (k)->border_bottom, (k)->border_right)

/* A task clears the border of a plane of a block. */
NETRT_INLINE void netrt_border(const struct netrt_border *k, const struct netrt_args *a, long task)
{
    const long blocks = netrt_ceil_div(k->c, NETRT_BLOCK);
    NETRT_CLEAR_BORDER(k, a->out + task / blocks * k->out.image + task % blocks * k->out.plane,
                       k->h, k->w, 0, k->h);
}

/* Where image n of an operand begins, of a kernel with `depth`: of a volume, whose planes are
 * images, plane n % depth of batch item n / depth. */
#define NETRT_IMAGE(k, operand, n)                                                                 \
    ((k)->depth ? (n) / (k)->depth * (k)->operand.image + (n) % (k)->depth * (k)->operand##_depth  \
                : (n) * (k)->operand.image)

/* Which part of its output a task of NETRT_ROW_TASKS makes. */
struct netrt_rows {
    long image, block, first, end;
};

NETRT_INLINE struct netrt_rows netrt_rows_of(long task, long channels, long rows, long task_rows)
{
    const long parts = netrt_ceil_div(rows, task_rows);
    const long blocks = netrt_ceil_div(channels, NETRT_BLOCK);
    long first = task % parts * task_rows;
    long end = first + task_rows < rows ? first + task_rows : rows;
    return (struct netrt_rows){task / parts / blocks, task / parts % blocks, first, end};
}

/* Positions first .. end - 1 of an image, row by row: the part of a task of some positions. The
 * first task of an image clears the border of all its planes. */
struct netrt_positions {
    long image, first, end;
};

NETRT_INLINE struct netrt_positions netrt_positions_of(long task, long positions, long each)
{
    const long parts = netrt_ceil_div(positions, each), first = task % parts * each;
    const long end = first + each < positions ? first + each : positions;
    return (struct netrt_positions){task / parts, first, end};
}

/* The element at position number `at` of four dimensions, of which the inner three have n1, n2 and
 * n3 positions; step0 to step3 are the elements between neighbours along each. */
NETRT_INLINE long netrt_element_at(long at, const long n1, const long n2, const long n3, long step0,
                                   long step1, long step2, long step3)
{
    const long at3 = at % n3, above2 = at / n3, at2 = above2 % n2, above1 = above2 / n2;
    return above1 / n1 * step0 + above1 % n1 * step1 + at2 * step2 + at3 * step3;
}

/* The same of an operand, by the fields of its kernel's shape: in0, in1, … of `in`. It is a macro
 * because each kernel's shape is a struct of its own. */
#define NETRT_ELEMENT_AT(k, operand, at)                                                           \
    netrt_element_at(at, (k)->n1, (k)->n2, (k)->n3, (k)->operand##0, (k)->operand##1,              \
                     (k)->operand##2, (k)->operand##3)

/* Where row y of the task's block starts in an operand at `base`. */
NETRT_INLINE long netrt_row(const struct netrt_view *view, const struct netrt_rows *part, long y)
{
    return part->image * view->image + part->block * view->plane + y * view->row;
}

/* The first block of input channels that a block of outputs reads, and how many channels there
 * are from it on: constant without groups. */
struct netrt_channels {
    long block, rest;
};

NETRT_INLINE struct netrt_channels netrt_channels_of(long oc, long group_oc, long group_ic,
                                                     long block)
{
    if (group_oc >= oc)
        return (struct netrt_channels){0, group_ic};
    const long first = NETRT_BLOCK * block / group_oc * group_ic / NETRT_BLOCK;
    return (struct netrt_channels){first, oc / group_oc * group_ic - first * NETRT_BLOCK};
}

#endif
