/*
 * Schedules: how a layer is computed. A schedule is a pure function of the layer's shape, the
 * target's row and measured lines.
 */
#ifndef NETC_SCHEDULE_SCHEDULE_H
#define NETC_SCHEDULE_SCHEDULE_H

#include "base/arena.h"
#include "target/kernels.h"
#include "target/target.h"

/* What is decided for a layer; 0: not yet, or any. */
enum algorithm { ALGORITHM_any, ALGORITHM_direct, ALGORITHM_winograd };
struct decision {
    enum algorithm algorithm;
    long row;          /* output columns of a row; or of a tile of Winograd's algorithm */
    long blocks, cols; /* register tile */
    long task_blocks;  /* of a task, and its */
    long task_rest;    /* rows; or tiles */
    long point_blocks; /* of Winograd's algorithm: at a point, before the next */
};

struct tuning;

/* What the layers of a network are scheduled for. */
struct scheduling {
    struct arena *arena; /* of the words of schedules */
    const struct target *target;
    int64_t threads; /* to plan for: schedule_threads() */
    int depth;       /* most convolutions of the network one after the other */
    int winograd;    /* its tile, where it is possible; 0: where it is faster; -1: nowhere */
    const struct tuning *measured; /* or NULL */
    int variant;                   /* 0: the best; n: the n-th candidate of each layer */
    bool in_pair;                  /* parts of the layer are rows of its map: no tile is across */
    bool bends;                    /* in training before the loss, where activations have bends */
    bool packs;                    /* weights are packed for each run: in training */
};

/* The schedule of a convolution. */
struct schedule {
    enum kernel kernel;           /* KERNEL_conv or KERNEL_winograd: */
    union kernel_shape shape;     /* the layer with its tile and tasks */
    const char *why;              /* a line for --emit=plan */
    const char *layer, *decision; /* in words, as in struct tuning */
    bool measured;                /* as it was measured */
    bool unusable;                /* what was measured is not possible, and was left out */
    int candidates;               /* how many there are, if a variant was asked for */
};

/* Schedules the convolution `k`, whose tile and tasks are not set. `flat`: its positions are one
 * long row that may be cut into rows of any length (oh and ow, with the strides of rows). `like`:
 * the algorithm to take, as schedule_algorithm() tells it of another target's; or NULL. */
struct schedule schedule_layer(const struct scheduling *, const struct netrt_conv *k, bool flat,
                               const struct decision *like);
/* The algorithm of a layer that was scheduled, with the tile of Winograd's: what the order of its
 * packed weights depends on. */
struct decision schedule_algorithm(enum kernel, const union kernel_shape *);

/* Sets the register tile of a product of matrices, `k`, and tasks as if it were a layer. */
void schedule_product(const struct scheduling *, struct netrt_conv *k);
/* Threads to plan for: those asked for, or, if that is 0, what the target tells. */
int64_t schedule_threads(const struct target *, int asked);
/* Sets of what vectors of a gradient of weights are, its tasks and parts. Parts, and with them the
 * order of sums, do not depend on threads. */
void schedule_weight_gradient(const struct scheduling *, struct netrt_weight_gradient *k);
/* The same gradient by Winograd's algorithm, with its tile and tasks; false: it is not faster, or
 * not possible. */
bool schedule_winograd_gradient(const struct scheduling *, const struct netrt_weight_gradient *k,
                                struct netrt_winograd_gradient *);
/* Register tile of depthwise and grouped convolutions: columns. */
long schedule_columns(long ow);
/* Rows of a task, of `parts` independent planes of `rows` rows, each `work` floats read, written or
 * multiplied. */
long schedule_rows(const struct scheduling *, long parts, long rows, double work);

#endif
