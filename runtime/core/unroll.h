/* The tables of a network with every row. */
#ifndef NETRT_CORE_UNROLL_H
#define NETRT_CORE_UNROLL_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A copy of a model whose tables are written out: n_rolls is 0. The rest is shared with it. One
 * block of memory, for the caller to free(); NULL: there is none. */
struct netrt_model *netrt_unroll(const struct netrt_model *);

#ifdef __cplusplus
}
#endif

#endif
