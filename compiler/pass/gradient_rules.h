/* What the rules of gradients share: inside the pass. */
#ifndef NETC_PASS_GRADIENT_RULES_H
#define NETC_PASS_GRADIENT_RULES_H

#include "pass/gradient.h"
#include "pass/pass.h"

/* A backward pass in the making. */
struct gradient {
    struct graph *graph;
    struct node **of;       /* by id: the gradient of a node so far, or NULL */
    const bool *learns;     /* by id: whether it depends on what has a gradient */
    struct node **of_param; /* by number of the parameter in the graph */
    struct node *node;      /* whose rule runs */
    struct node *result;    /* the gradient of its result */
};

/* Whether operand `i` of the node has a gradient that something needs. */
bool gradient_wanted(const struct gradient *, int i);
/* Adds to the gradient of operand `i`; one of another size is summed up to it, where it was spread.
 */
void gradient_give(struct gradient *, int i, struct node *gradient);
/* Adds to the gradient of the node's parameter of that role. */
void gradient_give_param(struct gradient *, enum role, struct node *gradient);

/* Appends an operator of these attributes, in the node's place and frame; `name` tells it from the
 * node's others. */
struct node *gradient_op(struct gradient *, enum op, const struct attrs *,
                         struct node *const *inputs, int n_inputs, const char *name);
/* The same of one operand, or two, with the operator's default attributes. */
struct node *gradient_op1(struct gradient *, enum op, struct node *a, const char *name);
struct node *gradient_op2(struct gradient *, enum op, struct node *a, struct node *b,
                          const char *name);
/* Sums up to these dimensions; the node itself where it has them. */
struct node *gradient_sum_to(struct gradient *, struct node *, const struct type *);
/* A tensor of that type, all of one number; the same with batch 1. */
struct node *gradient_all(struct gradient *, const struct type *, double value);
struct node *gradient_full(struct gradient *, const struct type *, double value);
/* The same elements with these dimensions, but for the batch, which stays. */
struct node *gradient_reshaped(struct gradient *, struct node *, const struct type *);
/* Positions first .. end - 1 of a dimension. */
struct node *gradient_part(struct gradient *, struct node *, int axis, int64_t first, int64_t end);
/* So many rows, columns and, of a volume, planes, from these on. */
struct node *gradient_crop_to(struct gradient *, struct node *, const int64_t first[3],
                              const int64_t size[3]);
/* Times a number. */
struct node *gradient_scaled(struct gradient *, struct node *, double factor, const char *name);
/* By OP_sum or OP_mean over some dimensions, which stay with size 1. */
struct node *gradient_reduced(struct gradient *, enum op, struct node *, const struct dims *);
/* The last two dimensions exchanged. */
struct node *gradient_transposed(struct gradient *, struct node *);
/* The node's parameter of that role as a tensor of one image, of as many elements. */
struct node *gradient_weight(struct gradient *, enum role, const struct type *);
/* Where `by` is above 0, what flows; else 0. */
struct node *gradient_where_positive(struct gradient *, struct node *by, struct node *flows);
/* Further result `i` of a node. */
struct node *gradient_result(struct gradient *, struct node *, int i);

/* The rules: gradient_<rule>() of ops.def. They give to the operands, and to the parameters, what
 * they get of the result's gradient. */
typedef void gradient_rule(struct gradient *);
gradient_rule gradient_conv, gradient_conv_transpose, gradient_linear, gradient_bn_train,
    gradient_activation, gradient_pool, gradient_adaptive_pool, gradient_dropout_train,
    gradient_cross_entropy, gradient_param;
gradient_rule gradient_norm, gradient_lrn, gradient_prelu, gradient_extreme, gradient_amax,
    gradient_attention, gradient_recurrent, gradient_unfold, gradient_gather, gradient_topk,
    gradient_embedding;
gradient_rule gradient_spread, gradient_softmax, gradient_log_softmax, gradient_reduce,
    gradient_scale, gradient_add, gradient_sub, gradient_mul, gradient_div, gradient_matmul;
gradient_rule gradient_same, gradient_reshape, gradient_permute, gradient_pad, gradient_crop,
    gradient_upsample, gradient_channel_shuffle, gradient_pixel_shuffle, gradient_slice,
    gradient_roll, gradient_flip, gradient_concat;

#endif
