/* The program around a network and its gradients: what the main() of an executable for training
 * calls. Commands and options are printed by --help. */
#ifndef NETRT_TRAIN_TRAIN_H
#define NETRT_TRAIN_TRAIN_H

#include "../core/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the exit status: 0, 1 for a bad input, 2 for a wrong call. */
int netrt_train_main(const struct netrt_model *, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
