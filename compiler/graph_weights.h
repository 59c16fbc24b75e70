/* The weights of a graph that no pass has changed: a checkpoint's, or those of its own file. */
#ifndef NETC_GRAPH_WEIGHTS_H
#define NETC_GRAPH_WEIGHTS_H

#include "core/checkpoint.h"
#include "product.h"

struct graph_weights {
    struct netrt_source *source; /* NULL: there are none */
    struct netrt_checkpoint *file;
    struct netrt_checkpoint_source bound;
};

/* Opens what --weights names, else the network's own; graph_weights_close() is called either way.
 * False: the file does not fit (reported). */
bool graph_weights_open(struct graph_weights *, const struct product *, const struct graph *);
void graph_weights_close(struct graph_weights *);

#endif
