/* The operators by their definitions, in float64, over dense tensors: what compiled networks are
 * compared with. Slow, and written to be checked by eye. */
#ifndef NETC_REFERENCE_ORACLE_H
#define NETC_REFERENCE_ORACLE_H

#include "ir/graph.h"

/* A dense tensor, n x c x h x w. */
struct tensor {
    long n, c, h, w;
    double *at;
};

/* A learned parameter's values, or NULL where the operator has none. */
struct parameters {
    const double *role[N_ROLES];
};

/* Computes a node; out->at has room for its type's elements. */
void oracle_compute(const struct node *, const struct tensor *const *in, const struct parameters *,
                    struct tensor *out);

/* The first result of an LSTM or GRU, in oracle_recurrent.c. */
void oracle_recurrent(const struct node *, const struct tensor *in, const struct parameters *,
                      struct tensor *out);

/* An element of the first result of an operator of detection, by its number, in oracle_boxes.c. */
double oracle_boxes(const struct node *, const struct tensor *const *in, long number);

/* An element of the result of attention, by its number, in oracle_attention.c. */
double oracle_attention(const struct node *, const struct tensor *const *in, long number);

/* An element of what upsample makes of such an input, by its number, in oracle_upsample.c. */
double oracle_upsample(const struct attrs *, const struct tensor *in, const struct tensor *out,
                       long number);

#endif
