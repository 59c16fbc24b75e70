/*
 * Matrices of operands: the last two dimensions are a matrix, those before them say which. Where a
 * dimension continues another in all operands, they are one, so that kernels have four at most.
 */
#ifndef NETC_LOWER_BATCH_H
#define NETC_LOWER_BATCH_H

#include "lower/lowering.h"

enum { BATCH_DIMS = 4, BATCH_OPERANDS = 5 };

/* Matrices of an operand, or of the result; `value` is NULL where there is none. */
struct matrices {
    const struct value *value;
    int64_t stride[MAX_RANK];
};

/* Dimensions of matrices, and each operand's elements from one matrix to the next. */
struct batch {
    int n, n_operands;
    int64_t size[BATCH_DIMS], step[BATCH_OPERANDS][BATCH_DIMS];
};

struct matrices matrices_of(const struct value *);

/* Matrices of the last of so many operands, which is the result; those that have one of a dimension
 * serve all of it. */
struct batch batch_of(const struct matrices operand[], int n_operands);

/* How many matrices there are along each dimension, and the steps of an operand: fields of a
 * kernel's shape. */
void batch_sizes(const struct batch *, long *const field[BATCH_DIMS]);
void batch_steps(const struct batch *, int operand, long *const field[BATCH_DIMS]);

/* The fields `what`0 to `what`3 of a kernel's shape, for them. */
#define BATCH_FIELDS(k, what)                                                                      \
    (long *const[BATCH_DIMS])                                                                      \
    {                                                                                              \
        &(k)->what##0, &(k)->what##1, &(k)->what##2, &(k)->what##3                                 \
    }

#endif
