/* Which of a network's codes this machine runs. */
#ifndef NETRT_CORE_CPU_H
#define NETRT_CORE_CPU_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether this machine has the instructions of a target that netc names; those that make no demands
 * (generic) it has. */
int netrt_cpu_runs(const char *target);

/*
 * The first code that this machine runs; with NETRT_TARGET in the environment, the one of that
 * name. NULL with a message in error, cut to fit, where there is none.
 */
const struct netrt_code *netrt_cpu_choose(const struct netrt_model *, char *error,
                                          size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
