/* The sizes that windows give. */
#ifndef NETC_IR_WINDOW_H
#define NETC_IR_WINDOW_H

#include "base/formula.h"
#include "ir/graph.h"

/* Positions of the result along an axis (0 rows, 1 columns, 2 depth) of a convolution or pool with
 * windows: what the shape rules compute, where formulas may be kept. False: the operator has no
 * windows. */
bool window_size(struct formulas *, enum op, const struct attrs *, const struct type *in, int axis,
                 struct quantity *);

#endif
