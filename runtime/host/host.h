/*
 * The program around a network: what the main() of an executable calls. Commands and options are
 * printed by --help. Two programs define netrt_main(): answer/main.c, which reads pictures, data
 * sets and checkpoints; and minimal.c, which needs libc alone.
 */
#ifndef NETRT_HOST_HOST_H
#define NETRT_HOST_HOST_H

#include "../core/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the exit status: 0, 1 for a bad input, 2 for a wrong call. */
int netrt_main(const struct netrt_model *, int argc, char **argv);
/* The same for a network that finds boxes: is linked with what reads annotations in XML. */
int netrt_main_boxes(const struct netrt_model *, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
