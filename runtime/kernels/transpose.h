/* Square parts of matrices, transposed in registers: as many vectors as a vector has lanes. */
#ifndef NETRT_KERNELS_TRANSPOSE_H
#define NETRT_KERNELS_TRANSPOSE_H

#include "vec.h"

/* The elements of the first or of the second halves of a and b, in turn. */
#if NETRT_VL == 1
#define NETRT_FIRST_HALVES  0
#define NETRT_SECOND_HALVES 0
#elif NETRT_VL == 4
#define NETRT_FIRST_HALVES  0, 4, 1, 5
#define NETRT_SECOND_HALVES 2, 6, 3, 7
#elif NETRT_VL == 8
#define NETRT_FIRST_HALVES  0, 8, 1, 9, 2, 10, 3, 11
#define NETRT_SECOND_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define NETRT_FIRST_HALVES  0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define NETRT_SECOND_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#endif

/* gcc has the function that clang has from version 12 on, and one of its own before. */
#if NETRT_VL == 1
#define NETRT_PICK(a, b, ...) (a)
#elif defined(__clang__) || __GNUC__ >= 12
#define NETRT_PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define NETRT_PICK(a, b, ...) __builtin_shuffle(a, b, (netrt_mask){__VA_ARGS__})
#endif

/* Each pass makes the first bit of an element's row the last of its lane, and the first of its lane
 * the last of its row. */
NETRT_INLINE void netrt_transpose(netrt_vec x[NETRT_VL])
{
    NETRT_FOR (long pass = 1; pass < NETRT_VL; pass *= 2) {
        netrt_vec y[NETRT_VL];
        NETRT_FOR (long i = 0; i < NETRT_VL / 2; i++) {
            y[2 * i] = NETRT_PICK(x[i], x[i + NETRT_VL / 2], NETRT_FIRST_HALVES);
            y[2 * i + 1] = NETRT_PICK(x[i], x[i + NETRT_VL / 2], NETRT_SECOND_HALVES);
        }
        NETRT_FOR (long i = 0; i < NETRT_VL; i++)
            x[i] = y[i];
    }
}

/* The first `rows` of rows `step` elements apart, as columns; other rows are zeros. */
NETRT_INLINE void netrt_load_transposed(netrt_vec x[NETRT_VL], const netrt_element *from, long step,
                                        long rows)
{
    NETRT_FOR (long i = 0; i < NETRT_VL; i++)
        x[i] = i < rows ? netrt_load(from + i * step) : netrt_all(0);
    netrt_transpose(x);
}

#endif
