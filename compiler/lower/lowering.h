/* How a plan is made from a graph: what the files of this folder share, and nobody else. */
#ifndef NETC_LOWER_LOWERING_H
#define NETC_LOWER_LOWERING_H

#include "base/map.h"
#include "lower/lower.h"
#include "schedule/schedule.h"

#include <limits.h>

/* Most bytes of one buffer, and of all weights: far below what could overflow, for thousands of
 * buffers. A netc of 32 bits counts them in a long, too. */
#define LOWER_MOST_BYTES (LONG_MAX > INT32_MAX ? (int64_t)1 << 48 : (int64_t)1 << 30)

/* Where a node's result lies, and how. */
struct value {
    struct type type; /* a flatten that moved nothing has the type of its map */
    struct operand at;
    struct netrt_view view;
    int64_t border[6];
    int64_t plane;        /* of a volume: floats from a plane to the next */
    const int64_t *steps; /* between neighbours of each dimension; NULL: as the layout says */
    struct operand more;  /* where the further results lie, one after the other; NONE: has none */
};

struct scheduled;

struct lowering {
    struct plan *plan;
    struct graph *graph; /* gets the weights that lowering adds */
    struct diags *diags;
    struct arena *scratch; /* until the plan is made */
    const struct plan_options *options;
    struct scheduling scheduling;    /* what layers are scheduled for */
    const struct node **reader;      /* by id: of a node computed by its reader, part by part */
    const bool *answers;             /* by id: whether something else than gradients needs it */
    struct value *values;            /* by id of the node */
    const struct node *node;         /* the one being lowered */
    bool placed;                     /* its result has its place, where it is lowered by planes */
    VEC(struct scheduled) scheduled; /* convolutions, so far */

    /* Ids of the last readers: of each node (the number of nodes for an output), of each node with
     * all that lies in it, of each buffer. */
    uint32_t *last_use, *last_use_within;
    VEC(uint32_t) last_use_of_buffer;

    struct map expr_index;   /* by address of the weight: its number + 1 */
    struct map packed_index; /* likewise: the number of the last tensor that was packed of it + 1 */
};

/* ---- lower.c: steps ---- */

/* Reports that a buffer cannot be addressed; lowering ends after this node. Returns false. */
bool lower_too_large(struct lowering *, const struct node *);

/* Appends a step for the node being lowered; all but these is zero, and no weights. The shape's
 * views are for the caller to set. Valid until the next one. */
struct plan_step *step_add(struct lowering *, enum kernel, const struct value *out,
                           const struct value *in);

/* Appends the steps of l->node, by its operator's function. */
void lower_operator(struct lowering *);

/* The functions that ops.def names: the steps of l->node. A failure is in the diagnostics. */
void lower_conv(struct lowering *);
void lower_linear(struct lowering *);
void lower_conv_transpose(struct lowering *);
void lower_bn(struct lowering *);
void lower_scale(struct lowering *);
void lower_activation(struct lowering *);
void lower_prelu(struct lowering *);
void lower_join(struct lowering *);
void lower_reduce(struct lowering *);
void lower_matmul(struct lowering *);
void lower_attention(struct lowering *);
void lower_recurrent(struct lowering *);
void lower_result(struct lowering *);
void lower_pool(struct lowering *);
void lower_adaptive_pool(struct lowering *);
void lower_layernorm(struct lowering *);
void lower_groupnorm(struct lowering *);
void lower_lrn(struct lowering *);
void lower_softmax(struct lowering *);
void lower_pixel_shuffle(struct lowering *);
void lower_upsample(struct lowering *);
void lower_param(struct lowering *);
void lower_reshape(struct lowering *);
void lower_permute(struct lowering *);
void lower_flatten(struct lowering *);
void lower_pad(struct lowering *);
void lower_crop(struct lowering *);
void lower_channel_shuffle(struct lowering *);
void lower_concat(struct lowering *);
void lower_slice(struct lowering *);
void lower_roll(struct lowering *);
void lower_flip(struct lowering *);
void lower_unfold(struct lowering *);
void lower_full(struct lowering *);
void lower_pack(struct lowering *);
void lower_embedding(struct lowering *);
void lower_gather(struct lowering *);
void lower_argmax(struct lowering *);
void lower_topk(struct lowering *);
void lower_long(struct lowering *);
void lower_float(struct lowering *);
void lower_nms(struct lowering *);
void lower_anchors(struct lowering *);
void lower_decode(struct lowering *);
void lower_inside(struct lowering *);
void lower_roi(struct lowering *);
void lower_paste_masks(struct lowering *);
void lower_heatmaps_to_keypoints(struct lowering *);
void lower_cross_entropy(struct lowering *);
void lower_cross_entropy_gradient(struct lowering *);
void lower_bn_train(struct lowering *);
void lower_bn_gradient(struct lowering *);
void lower_dropout(struct lowering *);
void lower_weight_gradient(struct lowering *);
void lower_activation_gradient(struct lowering *);
void lower_pool_gradient(struct lowering *);
void lower_adaptive_pool_gradient(struct lowering *);
void lower_sum_to(struct lowering *);
void lower_upsample_gradient(struct lowering *);
void lower_gather_gradient(struct lowering *);
void lower_embedding_gradient(struct lowering *);

/* ---- copy.c, dims.c, move.c: elements that move ---- */

/* By dimension, positions from + i step of the input, for the n first of i, which go to positions
 * to + i of the output. */
struct move {
    int64_t n[MAX_RANK], from[MAX_RANK], step[MAX_RANK], to[MAX_RANK];
};

/* All of `out` from the same positions of an input. */
struct move move_all(const struct type *out);
/* Between blocked maps, of which the last two dimensions are rows and columns. Clears the border
 * along the output's edges, and the lanes after the last channel. */
void move_blocks(struct lowering *, const struct value *out, const struct value *in,
                 const struct move *);
/* The same between values that are no blocked maps. Clears what follows the output's rows. */
void move_strided(struct lowering *, const struct value *out, const struct value *in,
                  const struct move *);

/* Fills all of a value, without its border, with a number. */
void fill_add(struct lowering *, const struct value *, float);

/* ---- dims.c ---- */

/* Makes an operand of a join something that kernels can spread: of rows, some of the dimensions
 * between batch and features cannot be spread alone, and are copied as often as the result has
 * them. False: too large (reported). */
bool lower_expand(struct lowering *, struct value *);

/* Copies output number `i` of the network from where its node's value lies, if it is elsewhere. */
void lower_output(struct lowering *, size_t i);

/* ---- index.c ---- */

/* Makes the value of an input of integers, dense in the user's memory, one of 32 bits inside.
 * False: too large (reported). */
bool lower_integers_in(struct lowering *, struct value *);
/* Writes dense integers of 32 bits to an output, `out`. */
void lower_integers_out(struct lowering *, const struct value *out, const struct value *in);
/* Makes integers of 32 bits of floats that lie in the same layout, rows or densely. */
void lower_integers_of(struct lowering *, const struct value *out, const struct value *floats);
/* And the other way. */
void lower_floats_of(struct lowering *, const struct value *out, const struct value *integers);

/* ---- map.c ---- */

/* A step of out = in, position by position; scale, join and activation are for the caller. */
struct plan_step *pointwise_add(struct lowering *, const struct value *out, const struct value *in);

/* Steps that pool each image of a batch, by the node's window or to the result's size. */
typedef void pool_part(struct lowering *, const struct value *out, const struct value *in);
pool_part pool_images, adapt_images;
/* Whether a pool of a volume goes over its planes too, and its window along these, as rows. */
bool pool_is_deep(const struct attrs *);
struct attrs pool_window_of_depth(const struct attrs *);

/* ---- volume.c ---- */

/* Whether the node being lowered works on the planes of a volume. */
bool volume_is(const struct node *);
/* Its steps: those of an operator on a batch of images, for each batch item. */
void lower_volume(struct lowering *, void (*lower)(struct lowering *));
/* Clears the border of whole planes of a volume, as it was made. */
void volume_clear(struct lowering *, const struct value *);

/* ---- conv.c ---- */

/* A step of a linear layer of the node being lowered: `out`, rows of so many features, is `in`
 * times `weight`, [features of out, of in], plus `bias`, if it is not NULL. */
void linear_add(struct lowering *, const struct value *out, const struct value *in,
                const struct weight *weight, const struct weight *bias);

/* ---- matmul.c ---- */

/* Whether the linear layer being lowered is to read its parameter as a checkpoint has it, a task
 * packing what it multiplies: in training, where weights change with every run, and of those that
 * the second cache does not hold, packing would be most of the layer's time. */
bool linear_reads_parameter(const struct lowering *);
/* Its step. */
void linear_by_parameter(struct lowering *, const struct value *out, const struct value *in);

/* ---- pair.c ---- */

/* Decides which of the nodes that are marked as inlined are computed by their readers. */
void pairs_choose(struct lowering *);
/* Appends the one step of a node and of what it computes part by part. False: too large
 * (reported). */
bool lower_pair(struct lowering *, const struct node *then);

/* ---- value.c: where results lie ---- */

void values_init(struct lowering *);
/* The result of a node that was lowered before. */
const struct value *value_of(const struct lowering *, const struct node *);
/* Operand `i` of the node being lowered. */
const struct value *value_in(const struct lowering *, int i);
/* Whether of the node being lowered, no output, only nodes of `op` read the result, as an operand
 * below number `n`. */
bool value_only_read_by(const struct lowering *, enum op, int n);
/* Whether of the node being lowered, no output, only operators read the result that take any order
 * of its dimensions (STEPS), perhaps by way of permutes, slices and reshapes that split dimensions,
 * which move nothing then. */
bool value_read_in_steps(const struct lowering *);
/* Whether a reshape is of rows, and makes rows of whole blocks: readers by steps would find no
 * zeros behind others. */
bool value_ends_in_blocks(const struct node *reshape);
/* Finds room for the result of the node being lowered. NULL: too large (reported). */
const struct value *value_make(struct lowering *);
/* The same in the order of dimensions of the only reader, if that is a permute that can lie there:
 * its steps say so. The last dimension stays the last. */
const struct value *value_make_permuted(struct lowering *);
/* As value_make() over operand `i`, if that dies here and lies as the result would; value_make(),
 * if not.
 */
const struct value *value_make_over(struct lowering *, int i);
/* Finds room for the further results of the node being lowered, as its value_make() did for the
 * first: rows, one result after the other. False: too large (reported). */
bool value_make_more(struct lowering *, struct operand *more);
/* The result is number `i`, 1 or more, of operand 0. */
void value_result(struct lowering *, int i);
/* How further result `i`, 1 or more, of the node being lowered lies in that memory. */
void value_further(const struct lowering *, int i, struct value *);
/* Memory for the first fault of a run (kernels/fault.h), the same for all steps. */
struct operand value_fault(struct lowering *);
/* Zeros that follow each row of a value. */
int64_t value_padding(const struct value *);
/* The result of a node that its reader computes part by part: its strides in scratch memory, whose
 * planes are yet to be laid out. Other nodes find it by value_make(). False: too large
 * (reported). */
bool value_strip(struct lowering *, const struct node *);
/* Gives a step scratch memory of `floats` for each thread that finds a task. False: too large
 * (reported). */
bool value_scratch(struct lowering *, struct plan_step *, int64_t floats);
/* The result is operand 0 from channel `channel` on, seen as `type`. */
void value_alias(struct lowering *, int64_t channel, const struct type *type);
/* The result is operand 0 from position `first` of a dimension on, which lies as it would alone. */
void value_part(struct lowering *, int axis, int64_t first);
/* A value in layout rows as dense planes, by the positions of its dimensions: what fills its rows
 * up is a border on the right. Others are returned as they are. */
struct value value_planar(const struct value *);
/* The steps between neighbours of each dimension, by position, of a value that is not a blocked
 * map: dense, rows, or of rank 2. */
void value_strides(const struct value *, int64_t stride[MAX_RANK]);
/* The result is all of operand 0, seen as the node's type. False: its elements do not lie in memory
 * as they would in the result; nothing was done. */
bool value_reshape(struct lowering *);
/* The result is operand 0, in another order of its dimensions. */
void value_permute(struct lowering *, const struct dims *);
/* The result lies in the memory of operand 0, with these steps between neighbours of each of its
 * dimensions. */
void value_by_steps(struct lowering *, const int64_t step[MAX_RANK]);
/* The result is a packed tensor. */
void value_packed(struct lowering *, const struct operand *packed);
/* Floats from a row of n to the next, where nothing but the rest of a block lies between. */
int64_t whole_blocks(int64_t n);
/* Images as the rows of one: the positions of each, with its border, are columns. */
struct value value_columns(const struct value *images);
/* Memory for one step to hand on to the next. False: too large (reported). */
bool value_between(struct lowering *, struct value *, const struct type *);
/* The same with the border of each plane that another value has. */
bool value_between_like(struct lowering *, struct value *, const struct type *,
                        const struct value *like);
/* The planes of a volume as a batch of images, of its first batch item: a map of four dimensions.
 * Maps are returned as they are. */
struct value value_planes(const struct value *);
/* The user's memory of input and output number `i`: dense. */
struct value value_of_input(const struct lowering *, size_t i);
struct value value_of_output(const struct lowering *, size_t i);

/* ---- weights.c ---- */

/* Packs a weight: the argument that it is; nowhere without a weight, and if it is too large
 * (reported). */
struct operand weights_pack(struct lowering *, const struct weight *, struct netrt_packed);
/* The same of a matrix, or of several one after the other: each row filled up to a whole block. */
struct operand weights_pack_rows(struct lowering *, const struct weight *, int64_t rows,
                                 int64_t columns);
/* A vector of one number for each of `channels`. */
struct operand weights_pack_channels(struct lowering *, const struct weight *, int64_t channels);

/* ---- fields that many kernels have ----
 *
 * Each kernel's shape is a struct of its own (shapes.def), so that generated code initializes it by
 * name and nothing but what the kernel reads; fields of one meaning have one name in all of them. C
 * has no function over such structs, so these are macros of assignments. */

#define SET_BORDER(k, v)                                                                           \
    ((k)->border_top = (v)->border[0], (k)->border_left = (v)->border[1],                          \
     (k)->border_bottom = (v)->border[2], (k)->border_right = (v)->border[3])

#define SET_WINDOW(k, a)                                                                           \
    ((k)->kh = (a)->kernel[0], (k)->kw = (a)->kernel[1], (k)->sh = (a)->stride[0],                 \
     (k)->sw = (a)->stride[1], (k)->dh = (a)->dilation[0] ? (a)->dilation[0] : 1,                  \
     (k)->dw = (a)->dilation[1] ? (a)->dilation[1] : 1, (k)->pt = (a)->padding[0],                 \
     (k)->pl = (a)->padding[1])

#define SET_OUTPUT(k, t) ((k)->images = type_n(t), (k)->oh = type_h(t), (k)->ow = type_w(t))
#define SET_INPUT(k, t)  ((k)->ih = type_h(t), (k)->iw = type_w(t))
#define SET_PLANES(k, t)                                                                           \
    ((k)->images = type_n(t), (k)->c = type_c(t), (k)->h = type_h(t), (k)->w = type_w(t))
#define SET_ACT(k, node)                                                                           \
    ((k)->act = (node)->act, (k)->act_arg = (float)(node)->act_arg[0],                             \
     (k)->act_arg2 = (float)(node)->act_arg[1])

#endif
