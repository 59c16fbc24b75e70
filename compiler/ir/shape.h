/* What the shape rules share. A rule reads a call, sets the result's dimensions and the learned
 * parameters, or reports why it cannot. All numbers it meets are below 2^48 in magnitude. */
#ifndef NETC_IR_SHAPE_H
#define NETC_IR_SHAPE_H

#include "ir/graph.h"

struct shape_call {
    struct shape *shape;
    enum op op;
    const struct attrs *attr;
    struct node *const *input;
    int n_inputs;
};

/* The type of operand i. */
const struct type *shape_in(const struct shape_call *, int i);
/* "64x56x56" of operand i, valid as long as the diagnostics. */
const char *shape_dims(const struct shape_call *, int i);

/* Reports to the diagnostics; shape->failure is then set, to add hints to. False, for rules to
 * return: shape_fail(c, MESSAGE(err_add), ...). */
bool shape_fail(const struct shape_call *, enum diag_id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether it has channels and positions: [N, C, L] or [N, C, H, W]; of space, [N, C, D, H, W] as
 * well. */
bool shape_is_map(const struct type *);
bool shape_is_space(const struct type *);
/* Sets the result: the first operand's batch, then these; of [N, C, L] the rows are 1. */
bool shape_image(const struct shape_call *, int64_t c, int64_t h, int64_t w);
/* The same of what may have a depth, which others leave out. */
bool shape_space(const struct shape_call *, int64_t c, int64_t d, int64_t h, int64_t w);
bool shape_vector(const struct shape_call *, int64_t c);
/* Adds a parameter of the first `rank` of these dimensions. */
void shape_weight(const struct shape_call *, enum role, int rank, int64_t a, int64_t b, int64_t c,
                  int64_t d);

/* The same, of any type. */
void shape_has_param(const struct shape_call *, enum role, const struct type *);

/* The one dimension that attribute `dim` names; 0 if it is not one but the batch (reported). */
int shape_axis(const struct shape_call *);
/* Reports an operand without channels and positions. */
bool shape_needs_image(const struct shape_call *);
/* The same of an operator that takes depth. */
bool shape_needs_space(const struct shape_call *);
/* Reports that a size cannot be addressed. */
bool shape_too_large(const struct shape_call *);

/* Rows "a b" of a pair for messages: 3x3. */
#define PAIR(p) (long long)(p)[0], (long long)(p)[1]

/* The rules; ops.def names them. */
bool shape_conv(const struct shape_call *);
bool shape_conv_transpose(const struct shape_call *);
bool shape_pool(const struct shape_call *);
bool shape_adaptive_pool(const struct shape_call *);
bool shape_global_pool(const struct shape_call *);

bool shape_same(const struct shape_call *);
bool shape_dropout(const struct shape_call *);
bool shape_planes(const struct shape_call *);
bool shape_linear(const struct shape_call *);
bool shape_prelu(const struct shape_call *);
bool shape_bn(const struct shape_call *);
bool shape_layernorm(const struct shape_call *);
bool shape_rmsnorm(const struct shape_call *);
bool shape_groupnorm(const struct shape_call *);
bool shape_instancenorm(const struct shape_call *);
/* Along one dimension. */
bool shape_axes(const struct shape_call *);
bool shape_flatten(const struct shape_call *);
bool shape_channel_shuffle(const struct shape_call *);

bool shape_pad(const struct shape_call *);
bool shape_crop(const struct shape_call *);
bool shape_pixel_shuffle(const struct shape_call *);
bool shape_pixel_unshuffle(const struct shape_call *);
bool shape_upsample(const struct shape_call *);

bool shape_concat(const struct shape_call *);
bool shape_join(const struct shape_call *);
bool shape_matmul(const struct shape_call *);
bool shape_attention(const struct shape_call *);

bool shape_param(const struct shape_call *);
bool shape_reduce(const struct shape_call *);
bool shape_reshape(const struct shape_call *);
bool shape_permute(const struct shape_call *);
bool shape_slice(const struct shape_call *);
bool shape_moved(const struct shape_call *);
bool shape_unfold(const struct shape_call *);
bool shape_unflatten(const struct shape_call *);
bool shape_full(const struct shape_call *);

bool shape_embedding(const struct shape_call *);
bool shape_gather(const struct shape_call *);
/* The position of the largest or least along one dimension. */
bool shape_argmax(const struct shape_call *);
bool shape_long(const struct shape_call *);
bool shape_float(const struct shape_call *);
bool shape_topk(const struct shape_call *);

bool shape_nms(const struct shape_call *);
bool shape_anchors(const struct shape_call *);
bool shape_decode(const struct shape_call *);
bool shape_inside(const struct shape_call *);
bool shape_roi(const struct shape_call *);
bool shape_paste_masks(const struct shape_call *);
bool shape_heatmaps_to_keypoints(const struct shape_call *);
bool shape_composite(const struct shape_call *);

bool shape_recurrent(const struct shape_call *);
bool shape_result(const struct shape_call *);

bool shape_cross_entropy(const struct shape_call *);
bool shape_cross_entropy_gradient(const struct shape_call *);
bool shape_bn_train(const struct shape_call *);
bool shape_bn_gradient(const struct shape_call *);
bool shape_weight_gradient(const struct shape_call *);
bool shape_linear_transposed(const struct shape_call *);
bool shape_pool_gradient(const struct shape_call *);
bool shape_gather_gradient(const struct shape_call *);
bool shape_embedding_gradient(const struct shape_call *);
bool shape_sum_to(const struct shape_call *);

bool shape_input(const struct shape_call *);
bool shape_picture(const struct shape_call *);

#endif
