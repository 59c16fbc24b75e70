/*
 * The elements of a graph's tensors, each as a real number with its formula: what a network of a
 * few scalars is when it is written out.
 */
#ifndef NETC_REPORT_ELEMENTS_H
#define NETC_REPORT_ELEMENTS_H

#include "base/real.h"
#include "ir/graph.h"

struct elements {
    struct arena *arena;
    const struct graph *graph;
    struct real **of;    /* by id: of each node so far, in order; NULL: none yet */
    struct real **param; /* by number, likewise */
};

/* The formulas of a node's elements, into `result`. Operands have theirs. */
typedef void elements_rule(const struct elements *, const struct node *, struct real *result);

/* The rule of an operator; NULL: it has none. */
elements_rule *elements_rule_of(const struct node *);

/* Of a node's operand, and of its parameter in a role (NULL: it has none). */
const struct real *elements_operand(const struct elements *, const struct node *, int i);
const struct real *elements_weight(const struct elements *, const struct node *, enum role);

/* Sets the position of element `i` of a type in each dimension; and the element at such a position,
 * of a type that spreads over dimensions where it has 1. */
void elements_position(const struct type *, int64_t i, int64_t at[MAX_RANK]);
int64_t elements_at(const struct type *, const int64_t at[MAX_RANK]);

/* The value of an activation, and its derivative, by its input x and result y (acts.def). */
struct real elements_activation(struct arena *, enum netrt_act, const double arg[2], struct real x);
struct real elements_derivative(struct arena *, enum netrt_act, const double arg[2], struct real x,
                                struct real y);
/* Whether both have formulas. */
bool elements_activation_has(enum netrt_act);

/* Rules of layers with windows or matrices. */
elements_rule elements_conv, elements_conv_transpose, elements_weight_gradient, elements_linear,
    elements_linear_transposed, elements_matmul;
/* Rules of softmax and cross entropy. */
elements_rule elements_softmax, elements_log_softmax, elements_cross_entropy,
    elements_cross_entropy_gradient;

#endif
