/* A graph as a description: source text that compiles to the same graph, up to names. */
#ifndef NETC_WRITE_WRITE_H
#define NETC_WRITE_WRITE_H

#include "ir/graph.h"

/* What the description calls a parameter of the graph: two names where two operators share one. */
struct written_param {
    const struct weight *weight;
    const char *name;
};

struct written_params {
    VEC(struct written_param) list; /* in the order of the nodes */
};

/*
 * Appends the description of a graph that no pass has changed, in the one style of source text.
 * Parameters are called as in the graph where a place of the language has their name, "a.b.weight",
 * and else after their operators; `params` says how. What only training needs, devices and names of
 * classes are not written. False: what passes add has no form in the language (reported).
 */
bool write_net(struct text *, struct sources *, struct diags *, struct strings *,
               const struct graph *, struct written_params *params);

#endif
