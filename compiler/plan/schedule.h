/* The model of a target that schedules are chosen by; private to this folder. */
#ifndef NETC_PLAN_SCHEDULE_H
#define NETC_PLAN_SCHEDULE_H

#include "plan/lower.h"

/* Two vector multiply-adds and two loads a cycle. */
static const double fma_latency = 5;      /* cycles of a multiply-add, and a little slack */
static const double tile_cycles = 20;     /* entering and leaving a tile */
static const double region_cycles = 6000; /* getting other threads to take part */
static const double near_bytes = 128;     /* a cycle, from the first cache */
static const double middle_bytes = 32;    /* from the second */

/* Bytes of a row of 16 channels and one column. */
enum { block_bytes = NETRT_BLOCK * NETRT_ELEMENT_BYTES };

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

/* ---- tune.c ---- */

/* Which candidates of the model may be chosen. */
struct schedule_filter {
    struct decision only;          /* what it decides */
    const struct decision *except; /* and none of these */
    int n_except;
};
/* Whether a candidate, as far as it is decided, is admitted; NULL admits all. */
bool schedule_admits(const struct schedule_filter *, const struct decision *);

/* "direct row=56 tile=2x14 task=4x7", and back; false: it is none. */
const char *decision_text(struct arena *, const struct decision *);
bool decision_read(struct decision *, const char *text);

/* ---- tuning.c ---- */

/* What was measured for a layer; NULL: nothing. */
const struct decision *tuning_find(const struct tuning *, const char *layer);

/* ---- schedule.c ---- */

/* Chooses the tile and the tasks of a direct convolution whose other fields are set, among what the
 * lowering's filter admits. Returns the reason, and the cycles until all threads are done; NULL:
 * nothing is admitted. */
const char *schedule_conv(const struct lowering *, struct netrt_conv *, bool flat, double *cycles);

double schedule_max(double, double);
/* Vectors in a block of channels. */
int64_t schedule_vectors(const struct target *);
/* Vector registers that a tile of blocks x columns takes. */
int64_t schedule_registers(const struct target *, int64_t blocks, int64_t columns);
/* Cycles of a layer as it was scheduled, until so many threads are done. */
double schedule_conv_cycles(const struct target *, const struct netrt_conv *, int64_t threads);

/* ---- winograd.c ---- */

/* Whether Winograd's algorithm, as the filter admits it, is faster than the direct convolution `k`,
 * whose cycles (with the threads planned for) are given; if so, the layer with its tile and tasks,
 * and the reason. */
bool schedule_winograd(const struct lowering *, const struct netrt_conv *k, double direct_cycles,
                       struct netrt_winograd *, const char **why);

/* Outputs of a tile in the directions that have taps. */
long schedule_winograd_tile(const struct netrt_winograd *);

/* Cycles of a layer as it was scheduled, until so many threads are done. */
double schedule_winograd_cycles(const struct target *, const struct netrt_winograd *,
                                int64_t threads);

#endif
