/* Receptive fields: which rows and columns of the network's inputs an element depends on. */
#ifndef NETC_COST_FIELD_H
#define NETC_COST_FIELD_H

#include "base/formula.h"
#include "ir/graph.h"

/* Along one axis, in pixels of the input. Output position o depends on `size` positions at most,
 * from offset + jump * o on; padding counts as positions, so that the offset can be negative. */
struct field {
    int64_t size;
    double jump;    /* a fraction after an enlargement; 0: every position has the same field */
    int64_t offset; /* the first position of output 0's field */
};

/* The fields of one node: rows, columns, depth. */
struct fields {
    struct field axis[3];
};

/* The fields of every node, in an array by id, which belongs to the arena. A join has the union of
 * its branches'; a global pool, adaptive pool, linear, flatten or layernorm of all dimensions the
 * union of all positions of its input. Sizes saturate at 2^60. */
const struct fields *field_all(struct arena *, const struct graph *);

/* The recurrence r + (k - 1) d j of what moves a window over its input, or reads all of an axis:
 * the size of a node's field, from that of its operand, and the jump. False: the field has another
 * rule. */
bool field_recurrence(struct formulas *, const struct node *, const struct fields *operand,
                      int axis, struct quantity *size, struct quantity *jump);

/* The node that the budget `field` speaks of: the last on the way to the main output before a pool
 * or linear layer gathers all positions. NULL: the graph has no output. */
const struct node *field_last(const struct graph *);

#endif
