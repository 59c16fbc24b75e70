/* Darknet's configurations (.cfg): a graph of netc. */
#ifndef NETC_DARKNET_DARKNET_H
#define NETC_DARKNET_DARKNET_H

#include "ir/graph.h"

/* What the command line chooses. */
struct darknet_options {
    const char *path;
    const char *const *inputs; /* "image=3x416x416" in place of the file's sizes */
    size_t n_inputs;
    int64_t batch;
};

/* Whether a file begins as a configuration does: its first line that is neither empty nor a comment
 * is "[net]" or "[network]". */
bool darknet_is_cfg(const char *path);

/*
 * Reads the file (added to `sources`) and makes its graph. Layer N's parameters are called after
 * its number, "N.0.weight", and stand in the order of the layers, which is that of a file of
 * weights. NULL: errors are in diags, all of sections and keys that netc lacks at once;
 * *wrong_call: the command line is at fault.
 */
struct graph *darknet_import(struct arena *, struct strings *, struct sources *, struct diags *,
                             const struct darknet_options *, bool *wrong_call);

#endif
