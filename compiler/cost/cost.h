/* What an operator costs: pure functions of a node. docs/counting.md defines each count. */
#ifndef NETC_COST_COST_H
#define NETC_COST_COST_H

#include "base/formula.h"
#include "ir/graph.h"

/* The rows of counts.def: as numbers, and with their formulas. */
struct counts {
#define COUNT(id, doc) int64_t id;
#include "cost/counts.def"
};
struct counted {
#define COUNT(id, doc) struct quantity id;
#include "cost/counts.def"
};

/* Counts a node's operator, without a fused residual or activation. False if a count does not fit
 * in 63 bits. */
bool cost_count(const struct node *, struct counts *);
/* The same, where formulas may be kept. */
void cost_explain(struct formulas *, const struct node *, struct counted *);
/* The elements of a tensor: SYMBOL_elements of a result, or SYMBOL_inputs of an operand. */
struct quantity cost_elements(struct formulas *, enum formula_symbol, const struct type *);

#endif
