/* Attention by its definition. */
#include "oracle.h"

#include <math.h>

/* Where the matrix that serves number `matrix` of the result's starts in operand i: an operand of
 * one in a dimension serves all of that. */
static const double *matrix_of(const struct node *node, const struct tensor *const *in, int i,
                               long matrix)
{
    const struct type *out = &node->type, *t = &node->input[i]->type;
    long step = (long)(t->dim[t->rank - 2] * t->dim[t->rank - 1]), at = 0;
    for (int axis = out->rank - 3; axis >= 0; axis--) {
        at += matrix % (long)out->dim[axis] % (long)t->dim[axis] * step;
        step *= (long)t->dim[axis];
        matrix /= (long)out->dim[axis];
    }
    return in[i]->at + at;
}

/* The mask of one query and key; it may have one row or column for all. */
static double mask_of(const struct node *node, const struct tensor *const *in, long matrix,
                      long query, long key)
{
    if (node->n_inputs < 4)
        return 0;
    const struct type *t = &node->input[3]->type;
    const long rows = (long)t->dim[t->rank - 2], columns = (long)t->dim[t->rank - 1];
    return matrix_of(node, in, 3, matrix)[query % rows * columns + key % columns];
}

/* The mean of a column of the values, weighted by the exponentials of a query's scores. */
double oracle_attention(const struct node *node, const struct tensor *const *in, long number)
{
    const struct type *q = &node->input[0]->type, *v = &node->input[2]->type;
    const long e = (long)q->dim[q->rank - 1], columns = (long)v->dim[v->rank - 1];
    const long queries = (long)q->dim[q->rank - 2], keys = (long)v->dim[v->rank - 2];
    const long query = number / columns % queries;
    const long matrix = number / columns / queries;
    const double *x = matrix_of(node, in, 0, matrix) + query * e,
                 *y = matrix_of(node, in, 1, matrix);
    const double *z = matrix_of(node, in, 2, matrix) + number % columns;
    const double scale = node->attr.factor == 0 ? 1 / sqrt((double)e) : node->attr.factor;
    double sum = 0, all = 0, largest = -INFINITY;
    for (long key = 0; key < keys; key++) {
        double score = 0;
        for (long i = 0; i < e; i++)
            score += x[i] * y[key * e + i];
        score = score * scale + mask_of(node, in, matrix, query, key);
        if (score > largest) { /* what was summed counts from the largest score */
            sum *= exp(largest - score);
            all *= exp(largest - score);
            largest = score;
        }
        sum += exp(score - largest);
        all += exp(score - largest) * z[key * columns];
    }
    return all / sum;
}
