/* What the backward pass needs of the forward pass: inside the cost model. */
#ifndef NETC_COST_SAVED_H
#define NETC_COST_SAVED_H

#include "ir/graph.h"

/* The tensors of a graph as storages: a node's result is in the storage of its root. */
struct storages {
    const struct graph *graph;
    uint32_t *root; /* by id: the node that the result is a view of, or its own (of a flatten that
                     * has to copy) */
    uint32_t *uses; /* by id */
};

void storages_init(struct storages *, struct arena *, const struct graph *);
int64_t storage_bytes(const struct storages *, uint32_t id);

/* Calls `keep` with the root of each tensor that the node keeps, once for each operand. */
typedef void keep_rule(void *context, uint32_t root);
void saved_tensors(const struct storages *, const struct node *, keep_rule *keep, void *context);
/* Whether its operands' gradients are its own gradient, or parts of that. */
bool saved_passes_gradient(const struct node *);
/* Bytes that it keeps besides. */
int64_t saved_extra(const struct node *);

#endif
