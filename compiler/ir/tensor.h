/* Types of tensors, and weights as expressions over named parameters. */
#ifndef NETC_IR_TENSOR_H
#define NETC_IR_TENSOR_H

#include "base/text.h"
#include "core/model.h"

enum dtype {
#define DTYPE(id, ...) DTYPE_##id,
#include "core/dtypes.def"
    N_DTYPES
};

/* Bytes of an element of each type: BYTES_f32. */
enum {
#define DTYPE(id, bytes, ...) BYTES_##id = bytes,
#include "core/dtypes.def"
};

/* Bytes of an element, and the name of the type in texts: "f32". */
int64_t dtype_bytes(enum dtype);
const char *dtype_name(enum dtype);
/* The type of that name; N_DTYPES: there is none. */
enum dtype dtype_find(const char *name);
bool dtype_is_integer(enum dtype);
/* What inputs and outputs of the type are in C: "float"; NULL: there are none of it. */
const char *dtype_in_c(enum dtype);

enum layout {
#define LAYOUT(id, ...) LAYOUT_##id,
#include "ir/layouts.def"
    N_LAYOUTS
};

/* What a type's text has behind its dimensions: "blocked"; "" for dense. */
const char *layout_name(enum layout);
/* The layout of that name; N_LAYOUTS: there is none. */
enum layout layout_find(const char *name);

enum { MAX_RANK = NETRT_MAX_RANK, VOLUME_RANK = 5 /* [N, C, D, H, W] */ };

/*
 * f32[1,64,56,56]: an element type and dimensions by position; dimension 0 is the batch of what
 * flows through a network. A dimension that is `counted` holds the most that a count can be which
 * is known only at run time: f32[1,<=300,4].
 */
struct type {
    enum dtype dtype;
    enum layout layout;
    int rank;
    int64_t dim[MAX_RANK];
    bool counted[MAX_RANK];
};

/*
 * A tensor as a map: images, channels, rows, columns. Which dimensions these are follows from its
 * layout. Dense and blocked tensors are N, C, then D, H, W as far as the rank goes: [N, C, L] has
 * one row of L columns, and the planes of [N, C, D, H, W] follow each other as more rows. In layout
 * rows the channels are the last dimension: all between the batch and them are columns of one row.
 */
int64_t type_n(const struct type *);
int64_t type_c(const struct type *);
int64_t type_h(const struct type *);
int64_t type_w(const struct type *);
/* Positions along an axis of a map: 0 rows, 1 columns, 2 the depth of [N, C, D, H, W], 1 of others.
 */
int64_t type_along(const struct type *, int axis);
/* The dimension of the channels: 1, or in layout rows the last. */
int type_channel_axis(const struct type *);

/* With dimension dims[i] as dimension i. */
struct type type_permuted(const struct type *, const int64_t dims[]);

/* "3x96x96" as numbers above 0, at most `most`: how many; 0: it is not of that form. */
size_t dims_parse(const char *text, size_t most, int64_t *dim);

bool type_equal(const struct type *, const struct type *);
/* Equal rank and dimensions, in whatever layout. */
bool type_equal_dims(const struct type *, const struct type *);
/* Whether some dimension is counted. */
bool type_is_counted(const struct type *);
/* Elements and bytes; a type that was checked by type_valid() does not overflow. */
int64_t type_elements(const struct type *);
int64_t type_bytes(const struct type *);
/* Elements along some dimensions together: bit i of `axes` for dimension i. */
int64_t type_elements_along(const struct type *, unsigned axes);
/* All dimensions positive, and at most 2^48 bytes. */
bool type_valid(const struct type *);
/* "1x64x56x56". */
void type_print_dims(struct text *, const struct type *);
/* "64x56x56" for messages: all but the batch, as users write it. */
void type_print_image(struct text *, const struct type *);
/* "f32[1,64,56,56]", and ":blocked" or another layout: the IR's text form. */
void type_print(struct text *, const struct type *);

enum role {
#define ROLE(id, ...) ROLE_##id,
#include "ir/roles.def"
    N_ROLES
};

const char *role_name(enum role);
/* What a checkpoint has behind the name of the operator. */
const char *role_suffix(enum role);
/* The path of what is called `name` inside of `path`: behind a dot, or in place of the '*' in it.
 */
const char *path_join(struct arena *, const char *path, const char *name);
/* The name of an operator's parameter in a checkpoint. */
const char *path_of_role(struct arena *, const char *path, enum role);
/* Whether training learns it; it keeps the others as statistics. */
bool role_is_learned(enum role);

/* Operands nest at most so deep (a parameter's depth is 0): a pass that would go deeper stops. */
enum { MAX_WEIGHT_DEPTH = 200 };

/* A weight: a named parameter of the checkpoint, or an expression over others (core/model.h). */
struct weight {
    enum netrt_expr_kind kind;
    const char *name; /* of a parameter: layer1.0.conv1.weight */
    double real;
    const double *list; /* of a list: as many numbers as its type has */
    int axis;
    const struct weight *operand[NETRT_MAX_OPERANDS];
    struct type type;
    int depth;   /* of the expression */
    uint32_t id; /* for passes to number them */
};

#endif
