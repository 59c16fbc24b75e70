/* The model of a target that schedules are chosen by, and steps predicted with. */
#ifndef NETC_SCHEDULE_MODEL_H
#define NETC_SCHEDULE_MODEL_H

#include "target/kernels.h"
#include "target/target.h"

/* Two vector multiply-adds and two loads a cycle. */
static const double fma_latency = 5;      /* cycles of a multiply-add, and a little slack */
static const double tile_cycles = 20;     /* entering and leaving a tile */
static const double region_cycles = 6000; /* getting other threads to take part */
static const double near_bytes = 128;     /* a cycle, from the first cache */
static const double middle_bytes = 32;    /* from the second */

/* Bytes of a row of 16 channels and one column. */
enum { block_bytes = NETRT_BLOCK * NETRT_ELEMENT_BYTES };

double schedule_max(double, double);
/* Vectors in a block of channels. */
int64_t schedule_vectors(const struct target *);
/* Vector registers that a tile of blocks x columns takes. */
int64_t schedule_registers(const struct target *, int64_t blocks, int64_t columns);
/* Cycles of a layer as it was scheduled, until so many threads are done. */
double schedule_conv_cycles(const struct target *, const struct netrt_conv *, int64_t threads);
double schedule_winograd_cycles(const struct target *, const struct netrt_winograd *,
                                int64_t threads);

#endif
