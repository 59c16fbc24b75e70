/*
 * What the files that write ONNX share. A node of the graph becomes one of ONNX or several: steps,
 * and the last one, which has its name. Dimensions are those of the graph, the batch among them,
 * which shapes take over from what they are given.
 */
#ifndef NETC_ONNX_EXPORT_H
#define NETC_ONNX_EXPORT_H

#include "base/unique.h"
#include "onnx/file.h"
#include "onnx/onnx.h"

struct export
{
    struct arena *arena;
    const struct graph *graph;
    struct diags *diags;
    const struct onnx_export_options *options;
    VEC(Onnx__NodeProto *) nodes;
    VEC(Onnx__TensorProto *) tensors;
    VEC(const struct weight *) params; /* those that nodes read, in the order of their first use */
    struct unique values, node_names;  /* names of tensors, and of nodes */
    VEC(Onnx__FunctionProto *) functions;
    struct unique function_names;
    const char **formals;            /* of the function whose body is written; NULL: none is */
    struct map names;                /* by weight, and by node: its tensor */
    struct map further[MAX_RESULTS]; /* by node: its further results; [0] is not used */
    struct map asked;                /* by node: bit i for its result i, if some node reads it */
    struct map wanted;               /* by node: the output that it is */
    struct map single;               /* nodes that are the same for all images of a batch */
};

struct export_row;

/* A node of the graph that is being written. */
struct exporting {
    struct export *x;
    const struct node *node;
    const struct export_row *row;
};

/* A row of exports.def. */
typedef const char *export_function(struct exporting *);
struct export_row {
    export_function *write; /* gives the name of the result; NULL: reported */
    const char *name, *attributes;
    bool own; /* the nodes are the body of a function */
};

/* The domain of these functions, which is netc's. */
#define EXPORT_DOMAIN "netc"

/* Reports why a node has no form in ONNX; NULL, for functions to return. */
const char *export_lacks(struct exporting *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Tensors by name: operand `i`, and a parameter (NULL: the node has none). */
const char *export_in(struct exporting *, int i);
const char *export_weight(struct exporting *, enum role);
/* The type of operand `i`. */
const struct type *export_type(const struct exporting *, int i);

/* A name for a tensor of the node's own; `what` it is may be NULL. */
const char *export_name(struct exporting *, const char *what);
/* A node of ONNX over these tensors, NULL for one that is left out; gives its result. A step is
 * called after the node and `what` it is; the last one as the node. */
const char *export_step(struct exporting *, const char *what, const char *op, const char *const *in,
                        int n);
const char *export_last(struct exporting *, const char *op, const char *const *in, int n);
#define STEP(e, what, op, ...)                                                                     \
    export_step((e), (what), (op), (const char *const[]){__VA_ARGS__},                             \
                (int)(sizeof(const char *[]){__VA_ARGS__} / sizeof(const char *)))
#define LAST(e, op, ...)                                                                           \
    export_last((e), (op), (const char *const[]){__VA_ARGS__},                                     \
                (int)(sizeof(const char *[]){__VA_ARGS__} / sizeof(const char *)))
/* One more result of the node of ONNX that was added last, which is result `i` of the node. */
void export_result(struct exporting *, int i);
/* One more result of that node, of a name that is given. */
void export_output(struct exporting *, const char *name);
/* The same, of no node's result: its name. "": one that nobody reads. */
const char *export_more(struct exporting *, const char *what);

/* Attributes of the node of ONNX that was added last. */
void export_int(struct exporting *, const char *name, int64_t);
void export_real(struct exporting *, const char *name, double);
void export_ints(struct exporting *, const char *name, int n, const int64_t *);
void export_reals(struct exporting *, const char *name, int n, const double *);
void export_string(struct exporting *, const char *name, const char *);
/* Those of the row. */
void export_attributes(struct exporting *);

/* Tensors that are known: initializers, and one number spread to a shape. */
const char *export_known_ints(struct exporting *, const char *what, int n, const int64_t *);
/* The node's axes, of its operand's type. */
const char *export_known_axes(struct exporting *);
const char *export_known_reals(struct exporting *, const char *what, int n, const double *);
const char *export_known_real(struct exporting *, const char *what, double);
const char *export_filled(struct exporting *, const char *what, int rank, const int64_t *dim,
                          double);
/* A reshape to these dimensions, of which the first, the batch, is taken over; the last node where
 * `what` is NULL. */
const char *export_reshape(struct exporting *, const char *what, const char *in, int rank,
                           const int64_t *dim);

/* Positions from `first` up to `end` of a dimension. */
const char *export_part(struct exporting *, const char *what, const char *in, int64_t axis,
                        int64_t first, int64_t end);

/* A node that gives a tensor that is known, and nothing else. */
void export_constant(struct exporting *, Onnx__TensorProto *);
/* A node of ONNX that calls function `op` of netc's domain, whose first result is `value`. */
void export_call(struct exporting *, const char *op, const char *value, const char *const *in,
                 int n);
/* export_own.c: the node as a call of a function, whose body is what the row writes. */
const char *export_as_function(struct exporting *);

#define EXPORT(op, function, name, attributes) export_function export_##function;
#include "onnx/exports.def"

#endif
