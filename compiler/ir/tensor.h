/* Types of tensors, and weights as expressions over named parameters. */
#ifndef NETC_IR_TENSOR_H
#define NETC_IR_TENSOR_H

#include "base/text.h"
#include "core/model.h"

enum dtype { DTYPE_f32 };

/* dense: row-major; blocked: NCHW in blocks of 16 channels, the channels of a rank-2 tensor too. */
enum layout { LAYOUT_dense, LAYOUT_blocked };

enum { MAX_RANK = NETRT_MAX_RANK };

/* f32[1,64,56,56]: rank 4 is N, C, H, W; rank 2 is N, C. */
struct type {
    enum dtype dtype;
    enum layout layout;
    int rank;
    int64_t dim[MAX_RANK];
};

/* Dimensions of a tensor as an image: 1 where the rank has none. */
int64_t type_n(const struct type *);
int64_t type_c(const struct type *);
int64_t type_h(const struct type *);
int64_t type_w(const struct type *);

bool type_equal(const struct type *, const struct type *);
/* Equal rank and dimensions, in whatever layout. */
bool type_equal_dims(const struct type *, const struct type *);
/* Elements and bytes; a type that was checked by type_valid() does not overflow. */
int64_t type_elements(const struct type *);
int64_t type_bytes(const struct type *);
/* All dimensions positive, and at most 2^48 bytes. */
bool type_valid(const struct type *);
bool dims_valid(int rank, const int64_t *dim);
/* "1x64x56x56". */
void type_print_dims(struct text *, const struct type *);
/* "64x56x56" for messages: all but the batch, as users write it. */
void type_print_image(struct text *, const struct type *);
/* "f32[1,64,56,56]", and ":blocked" where it is: the IR's text form. */
void type_print(struct text *, const struct type *);

enum role { ROLE_weight, ROLE_bias, ROLE_running_mean, ROLE_running_var, N_ROLES };

const char *role_name(enum role);

/* Operands nest at most so deep (a parameter's depth is 0): a pass that would go deeper stops. */
enum { MAX_WEIGHT_DEPTH = 200 };

/* A weight: a named parameter of the checkpoint, or an expression over others (core/model.h). */
struct weight {
    enum netrt_expr_kind kind;
    const char *name; /* of a parameter: layer1.0.conv1.weight */
    double real;
    int axis;
    const struct weight *operand[NETRT_MAX_OPERANDS];
    int rank;
    int64_t dim[MAX_RANK];
    int depth;   /* of the expression */
    uint32_t id; /* for passes to number them */
};

#endif
