/* The shapes of the kernels, as structs: what generated code and the compiler share. No vectors
 * here: the compiler includes this file. */
#ifndef NETRT_KERNELS_SHAPES_H
#define NETRT_KERNELS_SHAPES_H

#include "stored.h"

/* What kernels are made of: it is a part of each instance, whose shape is constant. */
#define NETRT_INLINE static inline __attribute__((always_inline, unused))

/* Code that instances share: the compiler is not to make it again for each. */
#ifdef __clang__
#define NETRT_SHARED static __attribute__((noinline))
#else
#define NETRT_SHARED static __attribute__((noinline, noclone))
#endif

/* A number of channels that is known to be some multiple of `step`, and not just once that. */
NETRT_INLINE long netrt_whole(long channels, long step)
{
    if (channels % step || channels <= step)
        __builtin_unreachable();
    return channels;
}

enum { NETRT_BLOCK = 16 };        /* channels in a block, on every target */
enum { NETRT_WINOGRAD_MOST = 8 }; /* points of a tile in a direction */

/* What activations are stored as, on their way through netrt_load() and netrt_store(), which know
 * its size, and weights unless a shape says otherwise in `stored`; sums are floats. */
typedef float netrt_element;
enum { NETRT_ELEMENT_BYTES = sizeof(netrt_element) };

/* Strides of an operand, in elements. Element (n, c, y, x) of a blocked operand lies at
 * n image + (c / 16) plane + y row + x col + (c % 16) lane, with col 16 and lane 1; of a planar
 * one at n image + c lane + y row + x col. */
struct netrt_view {
    long image, plane, row, col, lane;
};

enum netrt_act {
#define ACT(name, ...) NETRT_ACT_##name,
#include "acts.def"
};

enum netrt_reduction {
#define REDUCTION(name, doc) NETRT_REDUCTION_##name,
#include "reductions.def"
};

enum netrt_join {
#define JOIN(name, doc) NETRT_JOIN_##name,
#include "joins.def"
};

enum netrt_rest {
#define REST(name, doc) NETRT_REST_##name,
#include "rests.def"
    NETRT_REST_KINDS
};

/* What a kernel of bn does: all, or, of what processes share, what it finds in its own batch, or
 * the rest with what all have found. */
enum netrt_bn_part { NETRT_BN_ALL, NETRT_BN_FINDS, NETRT_BN_USES };

#define KERNEL(name, doc)         struct netrt_##name {
#define VIEW(field, doc)          struct netrt_view field;
#define INT(field, doc)           long field;
#define REAL(field, doc)          float field;
#define SHAPE(kernel, field, doc) struct netrt_##kernel field;
#define END(name)                                                                                  \
    }                                                                                              \
    ;
#include "shapes.def"

/* Arguments of one call, rows of args.def: pointers, to const where they are only read; what a
 * kernel does not use is NULL. */
struct netrt_args {
#define NETRT_ARG_no            const netrt_element
#define NETRT_ARG_yes           netrt_element
#define ARG(name, written, doc) NETRT_ARG_##written *name;
#include "args.def"
    long scratch_size; /* elements for each of `slots` threads; no others run the tasks */
    int slots;         /* 0: any number of threads */
};

/* A task of a kernel over its operands; `scratch` is the calling thread's own. */
typedef void netrt_task(const struct netrt_args *, long task);

static inline long netrt_ceil_div(long a, long b)
{
    return (a + b - 1) / b;
}

/* Number of tasks of a kernel. */
#define NETRT_ROW_TASKS(k, channels, rows)                                                         \
    ((k)->images * netrt_ceil_div(channels, NETRT_BLOCK) * netrt_ceil_div(rows, (k)->task_rows))

static inline long netrt_conv_tasks(const struct netrt_conv *k)
{
    long blocks = netrt_ceil_div(k->oc, NETRT_BLOCK);
    return k->images * netrt_ceil_div(blocks, k->task_blocks) * netrt_ceil_div(k->oh, k->task_rows);
}
/* Rows and columns of a tile that is not cut: several rows if they are whole. */
NETRT_INLINE long netrt_conv_tile_rows(const struct netrt_conv *k)
{
    const long rows = k->cols < 2 * k->ow ? 1 : k->cols / k->ow;
    return rows < k->oh ? rows : k->oh;
}
NETRT_INLINE long netrt_conv_tile_cols(const struct netrt_conv *k)
{
    return k->cols < k->ow ? k->cols : k->ow;
}
NETRT_INLINE long netrt_conv_rest_blocks(const struct netrt_conv *k)
{
    return netrt_ceil_div(k->oc, NETRT_BLOCK) % k->blocks;
}
NETRT_INLINE long netrt_conv_rest_rows(const struct netrt_conv *k)
{
    return k->oh % netrt_conv_tile_rows(k);
}
NETRT_INLINE long netrt_conv_rest_cols(const struct netrt_conv *k)
{
    return k->ow % netrt_conv_tile_cols(k);
}
/* Rows of tiles of an image, and tiles of each: as many in all rows and columns that a dilation
 * apart. */
static inline long netrt_winograd_down(const struct netrt_winograd *k)
{
    return netrt_ceil_div(netrt_ceil_div(k->oh, k->dh), k->tile_h) * k->dh;
}
static inline long netrt_winograd_across(const struct netrt_winograd *k)
{
    return netrt_ceil_div(netrt_ceil_div(k->ow, k->dw), k->tile_w) * k->dw;
}
static inline long netrt_winograd_tiles(const struct netrt_winograd *k)
{
    return netrt_winograd_down(k) * netrt_winograd_across(k);
}
static inline long netrt_winograd_tasks(const struct netrt_winograd *k)
{
    long blocks = netrt_ceil_div(k->oc, NETRT_BLOCK);
    return k->images * netrt_ceil_div(blocks, k->task_blocks) *
           netrt_ceil_div(netrt_winograd_tiles(k), k->task_tiles);
}
/* Points that a tile is made at. */
static inline long netrt_winograd_points(const struct netrt_winograd *k)
{
    return (k->tile_h + k->kh - 1) * (k->tile_w + k->kw - 1);
}
/* Floats from a point to the next in the two parts of scratch memory: of transformed inputs, and of
 * products. A block more than there are: a power of two would put all points in one set of a
 * cache. */
static inline long netrt_winograd_in_point(const struct netrt_winograd *k)
{
    return (netrt_ceil_div(k->ic, NETRT_BLOCK) * k->task_tiles + 1) * NETRT_BLOCK;
}
static inline long netrt_winograd_out_point(const struct netrt_winograd *k)
{
    return (k->point_blocks * k->task_tiles + 1) * NETRT_BLOCK;
}
/* Floats of scratch memory of a task. */
static inline long netrt_winograd_scratch(const struct netrt_winograd *k)
{
    return netrt_winograd_points(k) * (netrt_winograd_in_point(k) + netrt_winograd_out_point(k));
}
static inline long netrt_depthwise_tasks(const struct netrt_depthwise *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->oh);
}
static inline long netrt_grouped_tasks(const struct netrt_grouped *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->oh);
}
static inline long netrt_conv_transpose_tasks(const struct netrt_conv_transpose *k)
{
    return NETRT_ROW_TASKS(k, k->oc, k->oh);
}
static inline long netrt_border_tasks(const struct netrt_border *k)
{
    return k->images * netrt_ceil_div(k->c, NETRT_BLOCK);
}
static inline long netrt_pooling_tasks(const struct netrt_pooling *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->oh);
}
static inline long netrt_adaptive_pooling_tasks(const struct netrt_adaptive_pooling *k)
{
    return k->images * netrt_ceil_div(k->c, NETRT_BLOCK);
}
static inline long netrt_pointwise_tasks(const struct netrt_pointwise *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->h);
}
/* A task of copy writes one image's block of channels (blocked) or channel (planar). */
static inline long netrt_copy_tasks(const struct netrt_copy *k)
{
    long first = k->at % NETRT_BLOCK;
    return k->images * (k->out_blocked ? netrt_ceil_div(first + k->c, NETRT_BLOCK) : k->c);
}
static inline long netrt_strided_tasks(const struct netrt_strided *k)
{
    return k->n0 * k->n1 * k->n2 * k->n3 * netrt_ceil_div(k->n4, k->task_rows);
}
static inline long netrt_pixel_shuffle_tasks(const struct netrt_pixel_shuffle *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->oh);
}
static inline long netrt_resample_tasks(const struct netrt_resample *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->oh);
}
static inline long netrt_softmax_tasks(const struct netrt_softmax *k)
{
    return k->images * netrt_ceil_div(k->h * k->w, k->task_positions);
}
static inline long netrt_channelnorm_tasks(const struct netrt_channelnorm *k)
{
    return k->images * netrt_ceil_div(k->h * k->w, k->task_positions);
}
static inline long netrt_lrn_tasks(const struct netrt_lrn *k)
{
    return k->images * netrt_ceil_div(k->h, k->task_rows);
}
static inline long netrt_reduce_tasks(const struct netrt_reduce *k)
{
    return k->images * (k->over_channels ? 1 : netrt_ceil_div(k->c, NETRT_BLOCK));
}
static inline long netrt_matmul_tasks(const struct netrt_matmul *k)
{
    const long blocks = netrt_ceil_div(k->product.oc, NETRT_BLOCK);
    return k->n0 * k->n1 * k->n2 * k->n3 * netrt_ceil_div(blocks, k->product.task_blocks);
}
/* Floats of scratch memory that a task takes. */
static inline long netrt_matmul_scratch(const struct netrt_matmul *k)
{
    return k->product.ic * k->product.task_blocks * NETRT_BLOCK;
}
static inline long netrt_attention_matrices(const struct netrt_attention *k)
{
    return k->n0 * k->n1 * k->n2 * k->n3;
}
static inline long netrt_attention_tasks(const struct netrt_attention *k)
{
    const long blocks = netrt_ceil_div(k->scores.oc, NETRT_BLOCK);
    return netrt_attention_matrices(k) * netrt_ceil_div(blocks, k->task_blocks);
}
/* Floats of scratch memory of a task: for each query itself, the scores of a tile of keys, its row
 * of the result, the greatest score and the sum. */
static inline long netrt_attention_scratch(const struct netrt_attention *k)
{
    return k->blocks * NETRT_BLOCK * (k->scores.ic + k->scores.ow + k->product.ow + 2);
}

#define NETRT_RECURRENT_GATES(k) ((k)->lstm ? 4L : 3L)
static inline long netrt_recurrent_tasks(const struct netrt_recurrent *k)
{
    return k->images * k->directions;
}
/* Floats of scratch memory that a task takes. */
static inline long netrt_recurrent_scratch(const struct netrt_recurrent *k)
{
    return netrt_ceil_div(NETRT_RECURRENT_GATES(k) * k->h, NETRT_BLOCK) * NETRT_BLOCK;
}
static inline long netrt_integers_tasks(const struct netrt_integers *k)
{
    return netrt_ceil_div(k->n, k->task_elements);
}
static inline long netrt_gather_tasks(const struct netrt_gather *k)
{
    return k->n0 * k->n1 * k->n2 * k->n3 * netrt_ceil_div(k->n4, k->task_rows);
}
static inline long netrt_argmax_tasks(const struct netrt_argmax *k)
{
    return k->n0 * k->n1 * k->n2 * k->n3 * netrt_ceil_div(k->n4, k->task_rows);
}
static inline long netrt_topk_tasks(const struct netrt_topk *k)
{
    return k->n0 * k->n1 * k->n2 * k->n3;
}
static inline long netrt_nms_tasks(const struct netrt_nms *k)
{
    return k->images;
}
/* What is known of a result: its box, its area, its group. */
enum { NETRT_NMS_KEPT = 6 };
/* Floats of scratch memory that a task takes: candidates, and results, or scores of candidates. */
static inline long netrt_nms_scratch(const struct netrt_nms *k)
{
    const long all = k->boxes * k->classes;
    return all + (k->sigma > 0 ? all : NETRT_NMS_KEPT * k->detections);
}
/* Rows of a map in a task of anchors, boxes in one of decode. */
enum { NETRT_ANCHOR_ROWS = 8, NETRT_DECODED = 256 };
static inline long netrt_anchors_tasks(const struct netrt_anchors *k)
{
    return netrt_ceil_div(k->rows, NETRT_ANCHOR_ROWS);
}
static inline long netrt_decode_tasks(const struct netrt_decode *k)
{
    return k->images * netrt_ceil_div(k->boxes, NETRT_DECODED);
}
static inline long netrt_inside_tasks(const struct netrt_inside *k)
{
    return k->images;
}
static inline long netrt_roi_tasks(const struct netrt_roi *k)
{
    return k->images * k->regions;
}
static inline long netrt_paste_tasks(const struct netrt_paste *k)
{
    return k->images * k->regions;
}
static inline long netrt_keypoints_tasks(const struct netrt_keypoints *k)
{
    return k->images * k->regions;
}
/* Pixels of a side of a region, at most. */
enum { NETRT_KEYPOINTS_SIDE = 1 << 12 };
/* Floats of scratch memory that a task takes: a row of each map, and the largest value, its column
 * and its row. */
static inline long netrt_keypoints_scratch(const struct netrt_keypoints *k)
{
    return k->points * (k->iw + 3);
}
static inline long netrt_groupnorm_tasks(const struct netrt_groupnorm *k)
{
    if (NETRT_BLOCK % k->group == 0)
        return k->images * netrt_ceil_div(k->c, NETRT_BLOCK);
    return k->group % NETRT_BLOCK == 0 ? k->images * (k->c / k->group) : k->images;
}

/* ---- backward passes ---- */

/* Register tile of weight_gradient: outputs, with vectors of a whole block and with shorter ones,
 * and vectors of inputs. */
enum { NETRT_GRADIENT_WIDE = 8, NETRT_GRADIENT_NARROW = 4, NETRT_GRADIENT_VECTORS = 3 };
static inline long netrt_weight_gradient_tasks(const struct netrt_weight_gradient *k)
{
    const long blocks = netrt_ceil_div(k->group_ic, NETRT_BLOCK);
    return k->depthwise
               ? netrt_ceil_div(k->oc, NETRT_BLOCK)
               : netrt_ceil_div(k->oc, k->task_oc) * netrt_ceil_div(blocks, k->task_blocks) *
                     netrt_ceil_div(k->kh, k->task_kh);
}
/* The forward convolution, as far as tiles and scratch memory are as its: a task's channels. */
static inline struct netrt_winograd
netrt_winograd_gradient_forward(const struct netrt_winograd_gradient *k)
{
    return (struct netrt_winograd){.in = k->in,
                                   .other = k->other,
                                   .images = k->images,
                                   .ic = k->task_in * NETRT_BLOCK,
                                   .oh = k->oh,
                                   .ow = k->ow,
                                   .kh = k->kh,
                                   .kw = k->kw,
                                   .dh = 1,
                                   .dw = 1,
                                   .pt = k->pt,
                                   .pl = k->pl,
                                   .tile_h = k->tile_h,
                                   .tile_w = k->tile_w,
                                   .point_blocks = k->task_out,
                                   .task_tiles = k->part_tiles};
}
/* Floats from a point to the next of a task's sums. */
static inline long netrt_winograd_sum_point(const struct netrt_winograd *k)
{
    return (k->point_blocks * k->ic + 1) * NETRT_BLOCK;
}
static inline long netrt_winograd_gradient_scratch(const struct netrt_winograd_gradient *k)
{
    const struct netrt_winograd w = netrt_winograd_gradient_forward(k);
    return netrt_winograd_scratch(&w) + netrt_winograd_points(&w) * netrt_winograd_sum_point(&w);
}
static inline long netrt_winograd_gradient_tasks(const struct netrt_winograd_gradient *k)
{
    return netrt_ceil_div(netrt_ceil_div(k->oc, NETRT_BLOCK), k->task_out) *
           netrt_ceil_div(netrt_ceil_div(k->ic, NETRT_BLOCK), k->task_in);
}
static inline long netrt_sum_to_tasks(const struct netrt_sum_to *k)
{
    return (k->over_images ? 1 : k->images) *
           (k->over_channels ? 1 : netrt_ceil_div(k->c, NETRT_BLOCK));
}
static inline long netrt_activation_gradient_tasks(const struct netrt_activation_gradient *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->h);
}
static inline long netrt_pooling_gradient_tasks(const struct netrt_pooling_gradient *k)
{
    return k->images * netrt_ceil_div(k->c, NETRT_BLOCK);
}
static inline long
netrt_adaptive_pooling_gradient_tasks(const struct netrt_adaptive_pooling_gradient *k)
{
    return k->images * netrt_ceil_div(k->c, NETRT_BLOCK);
}
static inline long netrt_resample_gradient_tasks(const struct netrt_resample_gradient *k)
{
    return k->images * netrt_ceil_div(k->c, NETRT_BLOCK);
}
static inline long netrt_scatter_tasks(const struct netrt_scatter *k)
{
    return k->out0 ? k->n0 : 1;
}
static inline long netrt_bn_train_tasks(const struct netrt_bn_train *k)
{
    return netrt_ceil_div(k->c, NETRT_BLOCK);
}
static inline long netrt_bn_gradient_tasks(const struct netrt_bn_gradient *k)
{
    return netrt_ceil_div(k->c, NETRT_BLOCK);
}
static inline long netrt_cross_entropy_tasks(const struct netrt_cross_entropy *k)
{
    (void)k;
    return 1;
}
static inline long netrt_cross_entropy_gradient_tasks(const struct netrt_cross_entropy_gradient *k)
{
    return k->images;
}
static inline long netrt_dropout_tasks(const struct netrt_dropout *k)
{
    return NETRT_ROW_TASKS(k, k->c, k->h);
}

/* ---- two kernels in one ---- */

/* Rows of the first's output in scratch memory for so many rows of the second's: those that its
 * windows read, and the border. */
#define NETRT_STRIP_ROWS(k, rows)                                                                  \
    (((rows)-1) * (k)->then.sh + ((k)->then.kh - 1) * (k)->then.dh + 1 + (k)->first.border_top +   \
     (k)->first.border_bottom)
/* Tasks: `blocks` blocks of a pool's or a depthwise convolution's `then`, or fewer, at a time. */
#define NETRT_PAIR_TASKS(k, blocks)                                                                \
    ((k)->then.images * netrt_ceil_div(netrt_ceil_div((k)->then.c, NETRT_BLOCK), blocks) *         \
     netrt_ceil_div((k)->then.oh, (k)->then.task_rows))

static inline long netrt_pointwise_conv_tasks(const struct netrt_pointwise_conv *k)
{
    return netrt_conv_tasks(&k->then);
}
static inline long netrt_pointwise_pooling_tasks(const struct netrt_pointwise_pooling *k)
{
    return NETRT_PAIR_TASKS(k, 1);
}
static inline long netrt_conv_pooling_tasks(const struct netrt_conv_pooling *k)
{
    return NETRT_PAIR_TASKS(k, k->first.task_blocks);
}
static inline long netrt_conv_depthwise_tasks(const struct netrt_conv_depthwise *k)
{
    return NETRT_PAIR_TASKS(k, k->first.task_blocks);
}

#endif
