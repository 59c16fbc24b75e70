/*
 * The graph: operators in SSA form over typed tensors, in program order (operands stand before
 * users). A node is an operator and its result; where an operator has several, the others are nodes
 * of operator `result`. docs/ir.md is the contract.
 */
#ifndef NETC_IR_GRAPH_H
#define NETC_IR_GRAPH_H

#include "base/diag.h"
#include "base/map.h"
#include "ir/tensor.h"
#include "kernels/shapes.h"

#include <math.h>

enum op {
#define OP(id, ...) OP_##id,
#define ATTR(...)
#include "ir/ops.def"
    N_OPS
};

enum op_class {
    CLASS_LAYER,
    CLASS_FORK,
    CLASS_PICTURE,
    CLASS_PURPOSE,
    CLASS_LOSS,
    CLASS_RECIPE,
    CLASS_OPTIMIZER,
    CLASS_SCHEDULE,
    CLASS_AUGMENT,
    CLASS_INITIAL,
    CLASS_INTERNAL
};

enum op_flag {
    OP_NONE = 0,
    OP_EPILOGUE = 1,       /* can add a residual (a second input) and apply an activation */
    OP_ACTIVATION = 2,     /* elementwise, named as its enum netrt_act */
    OP_INPLACE = 4,        /* may write its result over its first input */
    OP_VIEW = 8,           /* the elements of its input, in order */
    OP_TRAINING_ONLY = 16, /* nothing at inference */
    OP_ROWS = 32,          /* works on the last dimension: reads and makes layout rows */
    OP_EITHER = 64,        /* element by element: makes the layout that its first operand has */
    OP_AXES = 256,         /* works along attribute `dim`: on blocks if that has the channels, on
                              rows if it has the last dimension, on either if both or none, or
                              if EITHER stands beside it */
    OP_JOIN = 128,         /* of branches; of one it is that one */
    OP_VOLUME = 8192,      /* works on the planes of a volume */
    OP_WHOLE = 131072,    /* takes the planes of all batch items together: what sums over a batch */
    OP_STEPS = 1024,      /* reads its operands in any order of their dimensions */
    OP_TYPES = 2048,      /* takes any element types; makes that of its first operand, or f32 */
    OP_COMPOSITE = 16384, /* stands for others, which elaboration makes in its place */
    OP_DERIVATIVE = 65536, /* multiplies by the derivative of an activation */
    OP_BATCH = 32768,      /* a step of augmentation of a whole batch, which mixes labels too */
    OP_INDEX = 4096,       /* its last operand is of integers, and they are positions */
    OP_MOVES = 512         /* moves elements along `dim` or `dims`: makes the layout that its first
                              operand has, but rows where blocks of channels would not stay whole */
};

enum { MANY = -1 };

/* A list of dimensions, or of their sizes. */
struct dims {
    int64_t n, at[MAX_RANK];
};

/* A list of numbers; n of them. */
struct reals {
    double n, at[MAX_RANK];
};

/* A list of numbers of any length, in an arena: as many as there are classes do not fit in every
 * node. */
struct numbers {
    int64_t n;
    const double *at;
};

enum op_mode {
#define MODE(id, spelling, taps, whole) MODE_##id,
#include "ir/modes.def"
};

/* Values of attributes; which of them an operator has, its rows in ops.def say. Others are zero. */
struct attrs {
    int64_t out, groups, start, end, step, num_parameters, upscale_factor, downscale_factor;
    int64_t hidden_size, num_layers, index, stream, num_embeddings, embedding_dim, count, fill;
    int64_t detections, candidates, sampling_ratio, canonical_level, pre_nms, post_nms;
    int64_t kernel[3], stride[3], dilation[3], size[3],
        output_padding[3]; /* rows, columns, depth */
    int64_t channels[2], offset[2];
    int64_t ignore_index, batch_size, epochs, accumulate, warmup, T_max, total_iters;
    struct dims shape, dims, dim, shifts, sizes, levels, milestones;
    struct reals lengths, heights, ratios, scales, weights;
    struct numbers class_weights;
    int64_t padding[6]; /* top, left, bottom, right, front, back */
    bool bias, batch, affine, keepdim, ceil, count_include_pad, align_corners, bidirectional,
        largest, sorted, centers, relative, background, agnostic, safe_softmax, nesterov, by_step,
        cycle_momentum, aligned, scaled, shared;
    enum op_mode mode; /* of kind FAN an enum netrt_fan */
    double eps, momentum, alpha, beta, k, negative_slope, p, value, factor;
    double min, max, threshold, exponent, label_smoothing, black, white, score, iou;
    double iou_threshold, score_threshold, min_size, sigma, position, canonical_size;
    double lr, dampening, weight_decay, bias_weight_decay, norm_weight_decay, beta1, beta2;
    double clip_norm, average, start_factor, gamma, eta_min, power, pct_start;
    double div_factor, final_div_factor, base_momentum, max_momentum;
    double min_scale, max_scale, min_ratio, brightness, contrast, saturation, hue;
    double a, b, gain, val;
    double scale[2], pitch[2], mean[3], std[3];
};

/* The first row (axis 0) or column of so many that crop keeps. */
int64_t attrs_crop_offset(const struct attrs *, int axis, int64_t in);

/* Rows and columns that upsample reads for a position of its result. */
int attrs_taps(const struct attrs *);
/* Whether upsample goes from `in` to `out` positions by its factor, and not by the sizes. */
bool attrs_has_factor(const struct attrs *, int axis, int64_t in, int64_t out);
/* Positions of the input from one of the result to the next, as PyTorch computes it. */
float attrs_upsample_step(const struct attrs *, int axis, int64_t in, int64_t out);

/* The dimensions that attribute `dim`, or `dims`, names of a tensor, bit i for dimension i: all but
 * the batch where it names none. 0: it names the batch, one that is not there, or one twice. */
unsigned attrs_axes(const struct attrs *, const struct type *);
/* The one dimension that attribute `dim` names; 0: it names none, or several. */
int attrs_axis(const struct attrs *, const struct type *);
/* Whether there is padding on any side. */
bool attrs_pad(const struct attrs *);
/* Whether a window is one position of the operand, and none of its border. */
bool attrs_are_of_points(const struct attrs *);

/* Positions first, first + step, … of a dimension, n of them, which lie before `end`. */
struct positions {
    int64_t first, end, step, n;
};

/* What slice takes of a dimension of so many positions. n < 1: they do not lie in it. */
struct positions attrs_positions(const struct attrs *, int64_t size);

/* Of nms: the largest float that is not above iou_threshold. A float is above one of them if it is
 * above the other. */
float attrs_most_overlap(const struct attrs *);
/* Of regions: the side from which on one is taken from a coarser map than that of the scale before.
 * Of canonical_size it is on level canonical_level, of twice that on the next. torchvision adds
 * 1e-6 to the level before it takes its whole part. */
float attrs_least_side(const struct attrs *, int map);

/* Directions in which a recurrent operator goes through the steps. */
int64_t attrs_directions(const struct attrs *);

enum attr_kind {
    ATTR_INT,
    ATTR_REAL,
    ATTR_BOOL,
    ATTR_PAIR,
    ATTR_EXTENT,
    ATTR_PADDING,
    ATTR_REAL_PAIR,
    ATTR_TRIPLE,
    ATTR_MODE,
    ATTR_FAN,
    ATTR_DIMS,
    ATTR_REALS,
    ATTR_NUMBERS
};
enum attr_presence { ATTR_REQUIRED, ATTR_OPTIONAL, ATTR_NAMED, ATTR_AS_KERNEL };

/* A row ATTR of ops.def. */
struct attr_info {
    const char *name, *doc;
    enum attr_kind kind;
    enum attr_presence presence;
    size_t field; /* offset in struct attrs */
    double value, least;
};

/* A row RESULT or OPERAND of ops.def. */
struct result_info {
    const char *name, *doc;
};
enum { MAX_RESULTS = 5, MAX_OPERANDS = 3 };

/* A row OP of ops.def, as far as this floor knows it. */
struct op_info {
    const char *name, *doc;
    enum op_class class;
    int least, most;
    unsigned flags;
    const struct attr_info *attrs;
    int n_attrs;
    const struct result_info *results;
    int n_results; /* with names; 0: one result, without */
    const struct result_info *operands;
    int n_operands; /* that are arguments; 0: none is */
};

const struct op_info *op_info(enum op);
/* The operator of that spelling and class; N_OPS: none. */
enum op op_find(const char *spelling, enum op_class);
bool op_has(enum op, enum op_flag);
/* The number of the result of that name; -1: there is none. */
int op_find_result(enum op, const char *name);
/* The number of the operand that is a count of rows; -1: the operator has none. */
int op_count_operand(enum op);
/* The activation that an operator with the flag ACTIVATION is. */
enum netrt_act op_act(enum op);
/* Whether its derivative is a function of its result, not of its input. */
bool act_keeps_result(enum netrt_act);
/* Its parameter `i` of two: the operator's attribute of that number; 0: it has none. */
double op_act_arg(enum op, const struct attrs *, int i);
/* Sets every attribute to its default; AS_KERNEL ones to 0, until attrs_finish(). */
void attrs_init(struct attrs *, enum op);
/* Where number `i` of the `n` that are written of an attribute stands in it: depth, which is
 * written first, stands last. */
int attr_place(enum attr_kind, int n, int i);
/* How many numbers are written of an attribute that has more than one, of an operator on a tensor
 * of that rank: only of a volume, [N, C, D, H, W], do they have a depth. */
int attr_written(enum attr_kind, int rank);
/* Without depth: of what reads no volume. */
void attrs_flatten(struct attrs *, enum op);
/* Sets the AS_KERNEL attributes that are still 0 to the kernel. */
void attrs_finish(struct attrs *, enum op);
/* The first attribute below its least value, or not a number; NULL: there is none. */
const struct attr_info *attrs_invalid(const struct attrs *, enum op);
/* Whether its first `n` numbers are equal. */
bool attr_is_uniform(const struct attrs *, const struct attr_info *, int n);
/* Whether both have the same numbers of it. */
bool attr_is_same(const struct attrs *, const struct attrs *, const struct attr_info *);
/* How many numbers an attribute holds, and number i of them. DIMS, REALS and NUMBERS: how many
 * there are in the list, then those; the width of NUMBERS is that of their count alone. */
int attr_width(enum attr_kind);
bool attr_is_list(enum attr_kind);
/* Whether these are doubles, and not integers. */
bool attr_is_real(enum attr_kind);
/* The words that its values are, up to NULL; NULL: they are numbers. */
const char *const *attr_words(enum attr_kind);
double attr_get(const struct attrs *, const struct attr_info *, int i);
/* Not of NUMBERS, which attr_set_numbers() sets: to a list that lives as long as they. */
void attr_set(struct attrs *, const struct attr_info *, int i, double value);
void attr_set_numbers(struct attrs *, const struct attr_info *, struct numbers);

/* Where in the program a node was made: the chain of calls and loops, innermost first. */
enum frame_kind { FRAME_net, FRAME_block, FRAME_repeat, FRAME_for, FRAME_branch };

struct frame {
    const struct frame *parent;
    enum frame_kind kind;
    const char *name; /* of the net or block, of a loop's variable */
    const char *path; /* scope of parameter names: "layer1.0" */
    int64_t iteration;
    struct span span; /* of the call or loop */
    uint32_t id;      /* unique in the graph */
};

struct node {
    enum op op;
    uint32_t id; /* position in the graph */
    int n_inputs;
    struct node **input;
    struct type type;
    struct attrs attr;
    const struct weight *weight[N_ROLES]; /* NULL: has none */
    const char *name;                     /* path of scopes: "layer1.0.conv1" */
    const char *label;                    /* the label of its step, or NULL */
    struct span span;
    const struct frame *frame;
    int device;
    bool shares; /* its parameters are those of an earlier node of its name */

    /* set before the first pass, by graph_number(): the node of the graph as it was written whose
     * work this does, by its position there from 1 on; 0: none, as of what converts a layout. Those
     * that were folded or fused into it have no step of their own. */
    uint32_t written;
    VEC(uint32_t) absorbed;

    /* set by pass fuse-epilogues: act(op + residual), the residual being the last input */
    enum netrt_act act;
    double act_arg[2];
    bool residual;

    /* of a graph for training: what comes before it is not stored for the gradients, which find it
     * by computing it again from the last such results (pass recompute) */
    bool kept;
    bool again; /* set by that pass: computes what an earlier node does */

    /* set by pass inline-producers: computed part by part where its one reader needs it, and never
     * stored as a whole, if the plan finds that this pays */
    bool inlined;

    /* set by pass concat-in-place: lies in the result of `into`, from position `into_channel` of
     * its dimension on, which holds the channels */
    struct node *into;
    int64_t into_channel;

    /* set by pass layout: zero border around each plane: top, left, bottom, right; of a volume
     * whole planes: front, back */
    int64_t border[6];
};

/* A step of preprocessing; what a recipe says. */
struct picture {
    enum op op;
    struct attrs attr;
    struct span span;
};

/* What a parameter begins with, by an operator of class INITIAL. */
struct initial {
    struct picture said;
    const struct weight *param;
};

struct graph_input {
    struct node *node; /* OP_input; its name is the input's */
    VEC(struct picture) pictures;
};

struct graph_output {
    const char *name;
    struct node *node;
    enum netrt_purpose purpose;
    struct attrs attr; /* of the row of ops.def that has the purpose's name, if one has */
    struct span span;
};

/* Whether a tensor can be an output for that (purposes.def says what it takes). */
bool purpose_fits(enum netrt_purpose, const struct type *);
/* The row of ops.def with the arguments of a purpose; N_OPS: it takes none and is not written. */
enum op purpose_op(enum netrt_purpose);

/* Classes among which an output tells; 0: unknown. */
int64_t purpose_n_classes(const struct graph_output *);

/* How numbers of a picture that flows out of the network lie, for each of its channels. */
struct picture_range {
    double black[3], white[3];
    bool reversed; /* blue is the first */
};

/* A budget: a tree of comparisons, and, or, not, over numbers and named figures of the report. */
enum require_kind {
    REQUIRE_number,
    REQUIRE_figure,
#define OPERATOR(name, spelling, precedence) REQUIRE_##name,
#include "base/operators.def"
};

struct require {
    enum require_kind kind;
    double number;
    const char *figure;
    const struct require *left, *right;
    struct span span;
};

struct graph {
    struct arena *arena;
    struct strings *strings;
    const char *name;   /* of the net */
    const char *source; /* path of its file, as it was given */
    bool training;
    bool input_gradients; /* of a graph for training: those of the inputs are wanted too */
    int64_t ranks; /* processes that normalize by the statistics of all their batches; 0: each by
                    * its own */
    VEC(struct node *) nodes;
    VEC(struct graph_input) inputs;
    VEC(struct graph_output) outputs; /* the main one first */
    VEC(const struct require *) requires;
    VEC(struct picture) recipe;        /* for training: of each class one at most, but AUGMENT */
    VEC(struct initial) initials;      /* of what the recipe initializes, each parameter once */
    VEC(const char *) frozen;          /* prefixes of scopes that training does not change */
    VEC(const char *) labels;          /* names of the classes */
    VEC(const char *) ignored;         /* prefixes of training-only scopes */
    VEC(const struct weight *) params; /* each named parameter once, in order */
    uint32_t n_frames;

    struct map param_index; /* by name: weight_find() */
    struct map param_owner; /* by weight: the first node that has it */
};

struct graph *graph_new(struct arena *, struct strings *, const char *name);

/*
 * What a shape rule gives: the types of the results (dense), and the learned parameters. A rule
 * reports a misfit to `diags` at `span` and returns false; the caller adds notes to `failure`.
 */
struct shape {
    struct diags *diags;
    struct span span;
    struct diag *failure;
    struct type type;
    struct type further[MAX_RESULTS - 1]; /* of results 1, 2, … */
    bool has_param[N_ROLES];
    struct type param[N_ROLES];
};

/*
 * Runs the operator's shape rule (and checks the number of inputs, and that sizes can be
 * addressed). Inputs' types are read from the nodes; a fused residual is not among them. The
 * attributes are valid (attrs_invalid) and finished. OP_input: the type is already in `shape`.
 */
bool shape_infer(struct shape *, enum op, const struct attrs *, struct node *const *inputs,
                 int n_inputs);

/* The type (dense) of result `i` of a node whose shape rule was satisfied; `arena` is for what the
 * rule needs on the way. */
struct type node_result_type(const struct node *, int i, struct arena *);
/* What gives result `i` of a node, 1 or more; NULL: nobody asked for it yet. */
struct node *graph_find_result(const struct graph *, const struct node *, int i);

/* The node with the result `count` that says how many rows of a counted type are there; NULL:
 * nothing counts them. */
struct node *graph_counter(struct node *);
/* The number of the output that says how many rows of an output are there; -1: all are, or none
 * does. */
int graph_count_output(const struct graph *, const struct graph_output *);
/* Whether the scores of boxes, of which nms finds some, are [N, boxes], and not by classes too. */
bool graph_scores_are_plain(const struct type *boxes, const struct type *scores);

/*
 * Appends a node whose shape rule was satisfied: type and parameters are taken from `shape`, and
 * the parameters are named "<name>.<role>". Returns it.
 */
struct node *graph_append(struct graph *, const struct shape *, enum op, const struct attrs *,
                          struct node *const *inputs, int n_inputs, const char *name);

/* A node made by a pass (not yet in graph->nodes): a copy of `like`'s place and frame. */
struct node *graph_make(struct graph *, enum op, const struct node *like,
                        struct node *const *inputs, int n_inputs, struct type);

/* The same, of the type that the operator's shape rule gives; NULL: it does not take the inputs. */
struct node *graph_make_inferred(struct graph *, enum op, const struct attrs *,
                                 const struct node *like, struct node *const *inputs, int n_inputs);

/* Makes the positions of all nodes those that nodes which passes make say they come from. */
void graph_number(struct graph *);
/* `host` computes what `node` did, as well, and takes its uses, of which there are at most so many:
 * see graph_replace_uses(). */
void graph_absorb(struct graph *, struct node *host, struct node *node, uint32_t uses);
/* `host` computes what `node` did, as well, and does not take its uses. */
void graph_record(struct graph *, struct node *host, const struct node *node);

/* Makes every use of `old` (inputs, outputs, slices), but for inputs of `by`, a use of `by`; `old`
 * has at most `uses` uses, as graph_count_uses() counts them. Where `old` is kept, so is `by`. */
void graph_replace_uses(struct graph *, const struct node *old, struct node *by, uint32_t uses);
/* Removes nodes that no output needs (inputs and all parameters stay), and renumbers. */
void graph_sweep(struct graph *);
/* Empties the list of nodes, for a pass that makes it anew: those that it had. */
struct node *const *graph_take_nodes(struct graph *);
/* Sets the ids to the positions. */
void graph_renumber(struct graph *);
/* Whether `then` can compute its first operand part by part: bn before a convolution or a pool, or
 * a convolution before a depthwise one or a pool. Uses are not counted. */
bool graph_can_inline(const struct node *then);
/* The node in whose memory a result lies: the concat that it was placed in, or the operand of what
 * moves nothing (a slice of whole blocks or rows, identity, dropout); NULL: in its own. A flatten
 * moves nothing as well where its readers allow; it has no rows that could have a border. */
struct node *graph_home(const struct node *);
/* A convolution's window without the rows and columns of its kernel that see nothing but padding,
 * wherever it stands: kernel and padding as of a convolution that has only the others. Padding is
 * negative where the first of these sees no row 0. first[axis]: the first that is left. */
struct attrs graph_live_window(const struct node *conv, int64_t first[2]);
/*
 * The layout in which a node makes its result, and whether it can read operand `i` in that layout.
 * Tensors of rank 2 are blocked, whatever the operator's flags: their rows are their channels, so
 * that both layouts are the same memory.
 */
enum layout node_layout(const struct node *);
bool node_reads(const struct node *, int i, enum layout);
/* Positions among which the integers choose that a node with the flag INDEX reads. */
int64_t node_positions(const struct node *);
/* Whether a node has parameters, or what was computed of some. */
bool node_has_weights(const struct node *);
/* Whether a description can have a node: no pass has fused it, placed it or computed its weights.
 */
bool node_is_plain(const struct node *);
/* The least such number of all nodes that read an input's integers, in whatever order; 0: none
 * does. */
int64_t graph_positions(const struct graph *, const struct node *input);
/* What a recipe says of that class; NULL: nothing. */
const struct picture *graph_recipe(const struct graph *, enum op_class);
/* The same, or where nothing is said an operator with its defaults. */
struct picture graph_recipe_or(const struct graph *, enum op_class, enum op otherwise);
/* What a parameter begins with, in place of what was said of it before. */
void graph_set_initial(struct graph *, const struct initial *);
/* What the recipe says that it begins with, or what PyTorch's module has of its own; false: as all,
 * by the sizes of its weight (train/initial.c). */
bool graph_initial(const struct graph *, const struct weight *, struct picture *);
/* Whether an operator of class INITIAL goes by the sizes of a weight, which has two dimensions. */
bool initial_needs_fans(enum op);
/* Whether a parameter is of that scope, or has its name. */
bool weight_is_within(const struct weight *, const char *scope);
/* Whether a parameter is one that training does not change. */
bool graph_is_frozen(const struct graph *, const struct weight *);
/* The first output of that purpose, and the input of that name; NULL: there is none. */
const struct graph_output *graph_find_output(const struct graph *, enum netrt_purpose);
struct node *graph_find_input(const struct graph *, const char *name);
/* The one output of classes; NULL: there is none. */
const struct graph_output *graph_classes(const struct graph *);
/* Whether its numbers come from a softmax: then those of classes are probabilities. */
bool graph_output_is_softmax(const struct graph_output *);
/* The range that an output of a picture has: the one that is written, or else that of the picture
 * that an input was prepared from, or else 0 to 1. False where several inputs are prepared from
 * pictures, or where it differs by channels and the output has others. */
bool graph_picture_range(const struct graph *, const struct graph_output *, struct picture_range *);
/* The first output whose number of classes is known; NULL: there is none. */
const struct graph_output *graph_labelled(const struct graph *);
/* Names of the classes, a line of the source each, in place of those that there were. */
void graph_set_labels(struct graph *, const struct source *);
/* How many they should be; 0: unknown. */
int64_t graph_label_classes(const struct graph *);
/* Where nothing is said, what a net of one picture ends with is its classes, if it can be: one
 * number alone is rather how likely something is. */
void graph_suppose_classes(struct graph *);
/* Number of uses of each node by inputs and outputs, in an array by id. */
uint32_t *graph_count_uses(const struct graph *, struct arena *);

/* The parameter of that name (interned); NULL: there is none. */
const struct weight *weight_find(const struct graph *, const char *name);
/* The parameter of that name, made of that type if there is none. */
const struct weight *weight_param(struct graph *, const char *name, const struct type *);
const struct weight *weight_real(struct graph *, double);
/* A vector of these numbers, which live as long as the graph. */
const struct weight *weight_list(struct graph *, const struct numbers *);
/* Whether two shapes are equal, apart from dimensions of 1 behind the others: elements lie alike.
 */
bool weight_lies_as(const struct type *, const struct type *);
/* Whether two operands fit: such shapes, or one is a number, or a vector along `axis`. */
bool weight_joins(const struct weight *, const struct weight *, int axis);
/* `axis`: the dimension of the larger operand along which a vector operand runs. */
const struct weight *weight_binary(struct graph *, enum netrt_expr_kind, const struct weight *,
                                   const struct weight *, int axis);
const struct weight *weight_sqrt(struct graph *, const struct weight *);
/*
 * A bn at inference, behind a layer with `bias` (NULL: none): x * factor + shift, a number for each
 * channel, with
 *     factor = gamma / sqrt(var + eps),  shift = beta - (mean - bias) * factor
 */
const struct weight *weight_bn_factor(struct graph *, const struct node *bn);
const struct weight *weight_bn_shift(struct graph *, const struct node *bn,
                                     const struct weight *factor, const struct weight *bias);

#endif
