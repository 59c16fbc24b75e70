/*
 * What a compiled network is to the runtime: constant tables that generated code defines, and the
 * compiler fills in memory when it binds weights itself. Nothing here is ever written.
 */
#ifndef NETRT_CORE_MODEL_H
#define NETRT_CORE_MODEL_H

#include "../kernels/fault.h"
#include "../kernels/stored.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct netrt_pool netrt_pool; /* threads: core/pool.h */
struct netrt_recipe;

enum { NETRT_MAX_RANK = 6, NETRT_MAX_OPERANDS = 2 };

/* The element types of inputs and outputs are some of these. */
enum netrt_dtype {
#define DTYPE(id, ...) NETRT_DTYPE_##id,
#include "dtypes.def"
};

/* A named tensor: an input, an output, or a parameter of a checkpoint. Dense, row-major; parameters
 * are of float. */
struct netrt_tensor {
    const char *name;
    int rank;
    long dim[NETRT_MAX_RANK];
};

/*
 * Weights are expressions over the tensors of a checkpoint (bn folds into them), evaluated when
 * they are bound: a table in which operands stand before their users.
 */
enum netrt_expr_kind {
    NETRT_EXPR_PARAM, /* the checkpoint's tensor number `param` */
    NETRT_EXPR_REAL,  /* the number `real`, of rank 0 */
    NETRT_EXPR_LIST,  /* `n` numbers, a vector */
    NETRT_EXPR_ADD,
    NETRT_EXPR_SUB,
    NETRT_EXPR_MUL,
    NETRT_EXPR_DIV,
    NETRT_EXPR_SQRT
};

/*
 * Element by element, in float64, rounded to float once at the end. Operands have equal shapes,
 * or one is a number (rank 0), or one is a vector (rank 1) that runs along dimension `axis` of the
 * other.
 */
struct netrt_expr {
    enum netrt_expr_kind kind;
    int operand[NETRT_MAX_OPERANDS];
    int param;
    int axis;
    double real;
    long n;
    const double *list;
};

/* How a tensor is laid out for its kernel. */
enum netrt_layout {
#define LAYOUT(name, doc) NETRT_LAYOUT_##name,
#include "layouts.def"
};

/*
 * A packed tensor: expression `expr` laid out at byte `offset` of the packed weights. The sizes are
 * those of the kernel: for CONV `ic` is what each block of outputs reads (the `ic` of struct
 * netrt_conv), group_oc and group_ic as there, ic_block 16 or ic. The other layouts have their
 * channels in oc, rows and columns in kh and kw (1 for CHANNELS), GROUPED the channels of a group
 * in group_ic, and WINOGRAD its tile in tile_h and tile_w (0 for the others). CONV may be stored as
 * another type than f32. `bytes` is netrt_packed_bytes() of the rest (core/weights.h), `offset` a
 * multiple of 64.
 */
struct netrt_taps {
    long all; /* of the kernel as it is stored; 0: all of them are packed, in order */
    long columns;
    long first, row, column; /* tap t is number first + t / columns * row + t % columns * column */
    long planes; /* of a volume's kernel, [oc, c, planes, kh, kw], packed as one of a map whose
                  * input channels are planes x c; 0: no volume's. `all` is then of a plane. */
};

struct netrt_packed {
    enum netrt_layout layout;
    enum netrt_stored stored;
    int transposed; /* 1, of CONV and WINOGRAD: what is packed is [ic, oc / groups, kh, kw] */
    int expr;
    long oc, ic, kh, kw;
    long group_oc, group_ic, ic_block;
    long tile_h, tile_w;
    size_t offset, bytes;
    struct netrt_taps
        taps; /* which ones are packed: those that see more than padding, or reach a phase */
};

/* One step of a picture's preprocessing, in the order written. */
enum netrt_picture_kind {
#define PICTURE(name, doc) NETRT_PICTURE_##name,
#include "picture.def"
};

struct netrt_picture {
    enum netrt_picture_kind kind;
    long size[2];          /* resize: shorter side in size[0]; the others: rows, columns */
    float mean[3], std[3]; /* normalize */
    float factor;          /* scale */
    int fill;              /* letterbox: the gray around, 0 to 255 */
};

struct netrt_input {
    struct netrt_tensor tensor;
    enum netrt_dtype dtype;
    long
        positions; /* its integers are positions among so many, or more; 0: they are no positions */
    int n_picture;
    const struct netrt_picture *picture;
};

/* What an output is for. */
enum netrt_purpose {
#define PURPOSE(name, ...) NETRT_PURPOSE_##name,
#include "purposes.def"
    NETRT_N_PURPOSES,
    NETRT_WRITTEN_PURPOSES = NETRT_PURPOSE_box_classes + 1 /* those that a description can say */
};

struct netrt_output {
    struct netrt_tensor tensor;
    enum netrt_dtype dtype;
    enum netrt_purpose purpose;
    int probabilities;        /* 1: it comes from a softmax */
    float threshold;          /* map of one channel: where it is more the class is 1 */
    int reversed;             /* picture: its channels are blue, green, red */
    int centers;              /* boxes: a center and sizes; 0: two corners */
    int relative;             /* boxes: in shares of the input's sides; 0: in its pixels */
    int background;           /* boxes: class 0 of the scores is that of no thing */
    float score, iou;         /* boxes: which ones are kept, where nothing else is asked for */
    float black[3], white[3]; /* picture: the numbers of its darkest and lightest, by channel */
    int count; /* of rows of which some may not be there: 1 + the number of the output that says of
                  each image how many are; 0: all are there */
    int made;  /* gradient: the number of the step behind which it is whole */
    int counted; /* their dimension: 1, or 0, where one image's rows follow those of another */
};

/* A step of the network for --profile, as the report names it. */
struct netrt_step {
    const char *name, *kernel;
    double macs;
};

/*
 * Rows of a table that stand for several: rows first .. first + rows - 1, in the table as it is
 * written, are the first of `times` equal groups, one after the other. From a group to the next go
 * up:
 *   params, steps  the number at the end of part `step` of the name, counted between its dots
 *   exprs          operands by `rows`, param by `step`
 *   packed         expr by `step`, offset by the bytes of the group
 */
enum netrt_table { NETRT_TABLE_params, NETRT_TABLE_exprs, NETRT_TABLE_packed, NETRT_TABLE_steps };

struct netrt_roll {
    enum netrt_table table;
    int first, rows, times, step;
};

/* When a profile is wanted, `run` calls `mark` after each step; NULL: never. `share` makes one of
 * what each of the processes that train together has found: of two halves of n floats each, means
 * and variances, or both averages; NULL: each keeps its own. */
struct netrt_profile {
    void (*mark)(struct netrt_profile *, int step);
    void (*share)(struct netrt_profile *, float *found, long n, int moments);
};

/* Inputs and outputs are arrays of their element types, whatever that of their pointers. */
typedef void netrt_run(const float *weights, const float *const *inputs, float *const *outputs,
                       void *workspace, netrt_pool *, struct netrt_profile *);

/* The target whose instructions the C compiler takes here, by its own options. */
#if defined __AVX512F__ && defined __AVX512BW__ && defined __AVX512DQ__ && defined __AVX512VL__
#define NETRT_LEVEL "x86-64-v4"
#elif defined __AVX2__ && defined __FMA__
#define NETRT_LEVEL "x86-64-v3"
#elif defined __SSE4_2__
#define NETRT_LEVEL "x86-64-v2"
#else
#define NETRT_LEVEL "generic"
#endif

/* The network's code for a target. All of a network's codes read the same packed weights. */
struct netrt_code {
    const char *target;
    const char *needs; /* the target whose instructions it has: another one for `native` */
    netrt_run *run;
    int threads; /* 1: it takes no others; what the compiler suggests; 0: as many as there are */
};

/* Inputs and outputs are dense, with the batch in dim[0]; outputs[0] is the end of the flow. */
struct netrt_model {
    const char *name, *source;
    int n_inputs, n_outputs, n_params, n_exprs, n_packed, n_steps, n_labels, n_codes, n_rolls;
    const struct netrt_input *inputs;
    const struct netrt_output *outputs;
    const struct netrt_tensor *params;
    const struct netrt_expr *exprs;
    const struct netrt_packed *packed;
    const struct netrt_step *steps;
    const struct netrt_roll *rolls; /* in the order of their rows; core/unroll.h writes them out */
    const char *const *labels;      /* names of the classes, or NULL */
    const char *const *ignored;     /* prefixes of training-only scopes, NULL-terminated, or NULL */
    size_t weights_bytes;           /* packed */
    size_t workspace_bytes;         /* the arena, 64-byte aligned: enough for each code */
    int faults;           /* 1: the workspace begins with a struct netrt_fault, of the last run */
    const void *embedded; /* packed weights in the executable, 64-byte aligned, or NULL */
    const struct netrt_code *const *codes; /* the most able first: core/cpu.h chooses */
    double macs;                           /* multiply-accumulates of one run */
    const struct netrt_recipe *recipe;     /* of a program for training: core/recipe.h; or NULL */
    const struct netrt_model *evaluation;  /* likewise: the network at inference, with its loss */
};

/* Elements of a tensor. */
long netrt_tensor_elements(const struct netrt_tensor *);
/* Whether something went wrong in the last run of a model with `faults`, whose workspace this is;
 * then what, as text that is cut to fit. */
int netrt_run_fault(const struct netrt_model *, const void *workspace, char *text, size_t size);
/* The number of the first output of that purpose, or -1. */
int netrt_find_output(const struct netrt_model *, enum netrt_purpose);

#ifdef __cplusplus
}
#endif

#endif
