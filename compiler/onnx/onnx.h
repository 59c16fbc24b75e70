/* ONNX files: a graph of netc, and the weights that the file holds. */
#ifndef NETC_ONNX_ONNX_H
#define NETC_ONNX_ONNX_H

#include "core/weights.h"
#include "ir/graph.h"

/* What the command line chooses. */
struct onnx_options {
    const char *path;
    const char *const *inputs; /* "name=3x96x96", with the batch or without it */
    size_t n_inputs;
    int64_t batch; /* of inputs whose first dimension has a name in place of a size */
    bool batch_given;
};

struct onnx_model {
    struct graph *graph;
    struct netrt_source *weights; /* of the graph's parameters; lives as long as the arena */
};

enum onnx_result {
    ONNX_OK,
    ONNX_BAD_INPUT, /* errors are in diags */
    ONNX_WRONG_CALL /* the same, and the command line is at fault: no such input, no such shape */
};

/* Reads the file (added to `sources` as a list of its nodes, a line each) and makes its graph.
 * Reports every operator that netc lacks, not the first alone. */
enum onnx_result onnx_import(struct arena *, struct strings *, struct sources *, struct diags *,
                             const struct onnx_options *, struct onnx_model *);

/* What is written. */
struct onnx_export_options {
    int64_t opset;                /* ONNX_LEAST_OPSET to ONNX_MOST_OPSET */
    bool batch_given;             /* else the first dimension of inputs is open */
    struct netrt_source *weights; /* of the graph's parameters; NULL: they are inputs */
};

enum { ONNX_LEAST_OPSET = 18, ONNX_DEFAULT_OPSET = 21, ONNX_MOST_OPSET = 23 };

struct onnx_bytes {
    uint8_t *at; /* in the arena */
    size_t n;
};

/* Writes a graph that no pass has changed. False: an error was reported; every node without a form
 * in ONNX is. */
bool onnx_export(struct arena *, struct diags *, const struct graph *,
                 const struct onnx_export_options *, struct onnx_bytes *);

#endif
