/* A network as a description, with its weights beside it. */
#ifndef NETC_WRITE_NET_H
#define NETC_WRITE_NET_H

#include "product.h"

/* Writes a graph that no pass has changed as a description to -o or standard output; with --import
 * to -o or NAME.net, and where the network's own file holds weights these as safetensors beside it,
 * with the names that the description has. `strings` are the graph's. False: an error was reported.
 */
bool write_description(const struct product *, struct sources *, struct strings *,
                       const struct graph *);

#endif
