/* What the steps of a text made: the nodes of the graphs, by their places. */
#ifndef NETC_LSP_SPOTS_H
#define NETC_LSP_SPOTS_H

#include "cost/field.h"

/* A step: an operator, or the call of a block. */
struct spot {
    struct span span;
    const struct graph *graph;
    const struct fields *fields;     /* of its nodes, by id */
    const struct node *first, *last; /* that it made, the first time it was taken */
    const struct node *latest;       /* that it made at the last time */
    const struct frame *frame;       /* of the call; NULL: an operator */
    uint32_t instance;
    int64_t times;
};

struct spots {
    VEC(struct spot) list;
    size_t *slot; /* a table by place: index into the list, and 1; 0: free */
    size_t n_slots;
};

/* Adds the steps of a graph whose first source is the text; those that another graph took before
 * stay as they are. The graph may be of a text with errors. */
void spots_add_graph(struct spots *, struct arena *, const struct graph *);
/* The innermost step at a byte of the text; NULL: there is none. */
const struct spot *spots_at(const struct spots *, size_t offset);
/* Whether a node was made by the call of a spot, or is its operator. */
bool spot_made(const struct spot *, const struct node *);

#endif
