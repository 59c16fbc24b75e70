/*
 * What the files of this folder share: values by name, the node that is converted, and how
 * operators of the graph are made for it.
 *
 * A graph of netc keeps the batch as dimension 0 of whatever flows, and ONNX does not. A flow is
 * therefore a node and a number `lead` of dimensions of 1 that stand before those of ONNX's tensor:
 * with a lead of 1 the first of ONNX's dimensions is one like all others. Where the batch is 1 a
 * reshape, which is free, adds the lead or takes it away.
 */
#ifndef NETC_ONNX_IMPORT_H
#define NETC_ONNX_IMPORT_H

#include "base/unique.h"
#include "onnx/file.h"
#include "onnx/onnx.h"

struct flow {
    struct node *node;
    int lead;
};

/* factor * x^power * (shift + erf(inner * x)): what stands for gelu in many files, until it is one.
 */
struct erf {
    const struct datum *x;
    double inner, shift, factor;
    int power;
};

enum datum_kind {
    DATUM_flow,
    DATUM_constant,
    DATUM_erf,
    DATUM_choice,   /* what only its choice says */
    DATUM_left_out, /* of a node that was converted without it */
    DATUM_unknown   /* of a node that was reported, or could not be converted because of one */
};

/* What only some elements of a tensor are, or say, when the network runs: chosen.c. */
enum choice_kind {
    CHOICE_none,
    CHOICE_rows,      /* of a dimension the chosen positions are there, and others are not */
    CHOICE_mask,      /* whether each is there */
    CHOICE_positions, /* those that are there: [1, n], [n, 1] behind a Transpose, or [n] */
    CHOICE_shape,     /* a size among these stands for how many are there */
    CHOICE_count,     /* that many at most */
    CHOICE_size,      /* 0, if none is there */
    CHOICE_empty,     /* true, if none is there */
    CHOICE_found,     /* of NonMaxSuppression */
};

struct choice {
    enum choice_kind kind;
    const struct chosen *chosen;
    int from_end;               /* the dimension of rows or positions: 1 is the last */
    int rank;                   /* of positions: 2, or 1 for a vector */
    const struct chosen *among; /* of integers: the rows whose positions they are, by places that
                                   ONNX does not have; NULL: they are what ONNX has */
    struct found *found;
};

struct call;

struct datum {
    enum datum_kind kind;
    struct call *giver; /* left out: of which node, and which of its results */
    int number;
    struct choice choice;
    struct flow flow;
    const struct constant *constant;
    struct erf erf;
};

/* Names of a graph, a branch of an If, or a function: in the latter those around are not seen. */
struct names {
    const struct names *outer; /* NULL: there are none */
    struct map values;         /* by interned name: struct datum */
};

struct import {
    struct arena *arena;
    struct graph *graph;
    struct strings *strings;
    struct diags *diags;
    const struct onnx_options *options;
    const Onnx__ModelProto *model;
    const struct frame *frame;
    struct unique node_names, param_names;
    struct map weights;      /* by interned name of a parameter: its struct constant */
    struct map initializers; /* by interned name, of the graph: struct datum */
    struct budget budget;
    int64_t steps;     /* nodes that may still be converted: functions call functions */
    bool whole_shapes; /* a first dimension that the file fixes is no batch */
    struct map joins;  /* by node: the last concat that begins with it, as build.c has it */
    size_t lacking;    /* nodes that could not be converted */
    struct map lacks;  /* by interned text of what netc lacks: struct lack, of lacks.c */
    VEC(struct lack *) lacks_in_order;
    struct map
        uses; /* by interned name of a tensor of the graph: how many nodes and outputs read it */
    VEC(struct chosen *) joined; /* what is chosen in several tensors, one after the other */
    bool branches;     /* some node has a graph of its own, whose reading is not counted */
    struct map there;  /* by choice: struct flow, of there.c */
    struct map bounds; /* by node of integers: struct bounds, where they are known */
    struct map ceils;  /* by node: the node that it is rounded up from */
};

/* Between which numbers integers are. */
struct bounds {
    int64_t least, most;
};

/* Where nodes come from: the graph, or the body of a function. */
struct body {
    struct import *import;
    struct names names;
    int64_t opset;
    const struct call *caller; /* of a function; NULL */
    const struct span *spans;  /* of the graph's own nodes; NULL: all have `span` */
    struct span span;
    const char *scope; /* before the names of its nodes; "" */
    int depth;
};

enum { MOST_OPERANDS = 4096, MOST_DEPTH = 16 };

struct operator;

/* A node that is being converted. */
struct call {
    struct body *body;
    struct import *import;
    const Onnx__NodeProto *node;
    const char *name; /* in the graph, and of what messages speak */
    struct span span;
    int64_t opset;
    int n_in, n_out;
    const struct datum **in; /* NULL: left out */
    struct datum *out;
    uint32_t made; /* operators so far */
    bool reported; /* what is wrong with it: once is enough */
};

/* Reports what netc lacks for a node; false, for functions to return. */
bool call_lacks(struct call *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* attribute.c: attributes by name, through those of a function's caller. */
const Onnx__AttributeProto *attribute(const struct call *, const char *name);
int64_t attribute_int(const struct call *, const char *name, int64_t otherwise);
double attribute_real(const struct call *, const char *name, double otherwise);
/* The shortest decimal that is that float: an exporter had 1e-5, of which the file holds the
 * nearest one. */
double decimal_of(float);
/* "" where it is not given; valid as long as the arena. */
const char *attribute_string(const struct call *, const char *name);
/* How many there are, 0 where it is not given; -1: more than `most` (reported). */
int attribute_ints(struct call *, const char *name, int64_t *to, int most);
/* Integers of an operand, or of the attribute where the operand is left out: those of older files.
 */
int operand_ints(struct call *, int operand, const char *name, int64_t *to, int most);
/* A number that is an operand; false: it is not one known number (reported). Left out: `otherwise`.
 */
bool operand_real(struct call *, int operand, double otherwise, double *to);

/* Operands. */
bool operand_given(const struct call *, int i);
/* NULL: it is none (reported, as operand `what`). */
const struct constant *operand_constant(struct call *, int i, const char *what);
bool operands_are_constant(const struct call *);
int operand_rank(const struct call *, int i);
int64_t operand_dim(const struct call *, int i, int axis);
/* A flow or a constant; NULL: reported. */
const struct datum *operand_datum(struct call *, int i);
/* What flows in: a constant becomes a parameter. */
bool operand_flow(struct call *, int i, struct flow *);
/* The same in the form of that lead. */
bool operand_flow_as(struct call *, int i, int lead, struct flow *);
/* `axis` from the end where negative; false: there is none (reported). */
bool operand_axis(struct call *, int rank, int64_t axis, int *to);

int datum_rank(const struct datum *);
int64_t datum_dim(const struct datum *, int axis);
struct datum datum_of_flow(struct flow);
struct datum datum_of_constant(const struct constant *);
/* The only result. */
bool give(struct call *, struct flow);
bool give_datum(struct call *, struct datum);
bool give_constant(struct call *, const struct constant *); /* NULL: beyond what is folded */

int flow_rank(struct flow);
int64_t flow_dim(struct flow, int axis);

/* An operator with these attributes, a parameter for each role of its own. NULL: its shape rule
 * reported. */
struct bound {
    enum role role;
    const struct constant *constant;
};
struct node *make(struct call *, enum op, const struct attrs *, struct node *const *inputs, int n,
                  const struct bound *, int n_bound);
/* One without parameters, over flows that keep their lead. */
bool make_flow(struct call *, enum op, const struct attrs *, struct flow, struct flow *);

/* build.c: what moves dimensions, of flows and of constants. False: reported. */
bool flow_as(struct call *, struct flow, int lead, struct flow *);
bool flow_reshape(struct call *, struct flow, int rank, const int64_t *dim, struct flow *);
bool flow_permute(struct call *, struct flow, const int *perm, struct flow *);
bool flow_scale(struct call *, struct flow, double factor, struct flow *);
bool flow_power(struct call *, struct flow, double exponent, struct flow *);
bool flow_number(struct call *, double value, int rank, struct flow *);
/* 1 for what is above 0, else 0. */
bool flow_step(struct call *, struct flow, struct flow *);
/* A constant as a tensor of the graph, of that rank, with `rank` - its own dimensions of 1 before
 * it. */
bool flow_of_constant(struct call *, const struct constant *, int rank, struct flow *);
/* Element by element, spread to each other. */
bool flow_join(struct call *, enum op, const struct datum *const *, int n, struct flow *);
bool flow_join_as(struct call *, enum op, const struct attrs *, const struct datum *const *, int n,
                  struct flow *);
bool flow_join_two(struct call *, enum op, struct flow, struct flow, struct flow *);
/* Over some dimensions, which keep the size 1 or, without `keep`, are left out. */
bool flow_reduce(struct call *, enum op, struct flow, unsigned axes, bool keep, struct flow *);

bool datum_reshape(struct call *, const struct datum *, int rank, const int64_t *dim,
                   struct datum *);
bool datum_permute(struct call *, const struct datum *, const int *perm, struct datum *);
/* Positions first, first + step, …, n of them; a step below 0 goes backwards. */
bool datum_slice(struct call *, const struct datum *, int axis, int64_t first, int64_t n,
                 int64_t step, struct datum *);
bool datum_concat(struct call *, const struct datum *const *, int n, int axis, struct datum *);
bool datum_spread(struct call *, const struct datum *, int rank, const int64_t *dim,
                  struct datum *);

/* fold.c: what is known is computed. */
bool fold_unary(struct call *);
bool fold_binary(struct call *);
bool fold_cast(struct call *, enum dtype);
bool fold_where(struct call *);
bool fold_scatter(struct call *);
bool fold_reduce(struct call *, enum op, unsigned axes, bool keep);
/* Rows, [..., k], times a matrix, [k, n]. NULL: they do not fit, or take more multiplications than
 * the budget has elements. */
const struct constant *fold_product(struct import *, const struct constant *,
                                    const struct constant *);

/* body.c: converts nodes in order, in the names of `body`. */
void convert_nodes(struct body *, size_t n, Onnx__NodeProto *const *);
bool convert_if(struct call *);
/* The nodes of the graph that is that attribute. */
bool convert_branch(struct call *, const char *name);
/* The version of ONNX's own operators. */
int64_t opset_of(size_t n, Onnx__OperatorSetIdProto *const *, int64_t otherwise);
bool convert_initializers(struct body *, size_t n, Onnx__TensorProto *const *);
/* Whether a value is one that netc has; false: reported, also of a result that its node does not
 * give. */
bool datum_is_there(const struct datum *);
const struct datum *names_find(const struct names *, const char *interned);
void names_set(struct body *, const char *name, struct datum);

/* Whether no other node of the graph reads an operand. */
bool operand_is_read_once(const struct call *, int i);
/* A bias for a product of a matrix that has none yet, and nobody reads: the node is then called
 * after the call. False: reported. */
bool add_bias(struct call *, struct node *product, const struct constant *bias);

/* integers.c: what is known of the integers of a node that was made; whether some flow in. */
void integers_note(struct import *, const struct node *);
bool integers_flow(const struct call *);
/* Their sum, difference, product or quotient. */
bool join_integers(struct call *, enum op);
/* A comparison that bounds decide, for all elements alike. False: reported. */
bool integers_decide(struct call *, bool *decided);
/* What is known of integers as floats; NULL: some are none (reported). */
const struct constant *integers_as_floats(struct call *, const struct constant *);
bool flow_floats(struct call *, struct flow, struct flow *);
bool flow_integers(struct call *, struct flow, struct flow *);
/* The integers among a tensor's that are known, whatever was chosen of them. */
bool flow_chosen_integers(struct call *, struct flow, const struct constant *of, struct flow *);

/* chosen.c: whether some operand is, or tells of, elements that are chosen; such nodes. */
bool operands_choose(const struct call *);
bool convert_chosen(struct call *);
/* Whether as many rows of a tensor are there as a node of the graph counts, the first ones. */
bool is_counted(const struct datum *);

/* mask.c: a comparison of what flows, which chooses where bounds do not decide it. */
bool choose_elements(struct call *);

/* lacks.c: whether the same was reported of another node, which then stands for this one too. */
bool lack_again(struct import *, const char *what, const char *node);
/* What was reported for the first time. */
void lack_first(struct import *, const char *what, struct diag *);
/* Adds to each report the nodes that it stands for. */
void lacks_note(struct import *);

/* operator_own.c: the operator that a node of netc's own domain stands for; N_OPS: it is none. */
enum op own_operator(const Onnx__NodeProto *);
bool convert_own(struct call *, enum op);

/* listing.c: adds a list of the nodes to the sources, and gives their places in it. */
struct span *list_nodes(struct arena *, struct sources *, const char *path,
                        const Onnx__GraphProto *);

/* erf.c: products and sums with one. False: it is none of those that lead to gelu. */
bool erf_begin(struct call *);
bool erf_joins(const struct call *);
bool erf_join(struct call *, enum op);

/* The rows of operators.def. */
typedef bool convert(struct call *);
struct operator
{
    const char *name;
    int64_t since;
    convert *convert;
    const char *attributes; /* their names, with spaces between and around */
};
/* The row for an operator of that version; NULL: there is none. *known: there are rows for others.
 */
const struct operator* operator_find(const char *name, int64_t opset);

#endif
