/* A program for training whose processes are ranks of MPI: the command `train` shares its steps
 * among those that mpirun starts. */
#ifndef NETRT_TRAIN_RANKS_H
#define NETRT_TRAIN_RANKS_H

#include "train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As netrt_train_main(). Links libnetrt_mpi.a and the library of MPI. */
int netrt_mpi_train_main(const struct netrt_model *, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
