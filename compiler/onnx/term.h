/* What the body of a Loop computes, as terms: term.c. */
#ifndef NETC_ONNX_TERM_H
#define NETC_ONNX_TERM_H

#include "onnx/import.h"

enum { MOST_ROWS = 8 };

/* A tensor in the body. Two are the same where their names are. */
struct term {
    const char *name; /* interned */
    enum dtype dtype;
    int rank;
    int64_t dim[CONSTANT_RANK]; /* -1: known only when the network runs */
};

/* The body: what is not known of it has a term, the rest is in the names of `body`. */
struct terms {
    struct call *loop;
    struct body body;
    struct map of;                      /* by interned name in the file: struct term */
    struct map names;                   /* by what a term is made of, interned: its name */
    const char *number;                 /* of the iteration, in the file */
    const struct datum *row[MOST_ROWS]; /* tensors of which a row for each iteration is taken, in
                                           the order of taking */
    int n_rows, made;
};

/* The nodes in order; false: reported. */
bool terms_read(struct terms *, size_t n, Onnx__NodeProto *const *);
/* The name of what a text says, "a=Sub(row0,1);b=Add(a,a);b": terms by the names that lines give
 * them, and numbers. */
const char *terms_of_text(struct terms *, const char *text);

#endif
