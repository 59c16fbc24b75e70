/* The model of a target that schedules are chosen by, and steps predicted with. */
#ifndef NETC_SCHEDULE_MODEL_H
#define NETC_SCHEDULE_MODEL_H

#include "target/kernels.h"
#include "target/target.h"

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
double schedule_winograd_gradient_cycles(const struct target *,
                                         const struct netrt_winograd_gradient *, int64_t threads);

#endif
