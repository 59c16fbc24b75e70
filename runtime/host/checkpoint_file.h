/* Weights from the checkpoint that --weights names, for programs that have the readers. */
#ifndef NETRT_HOST_CHECKPOINT_FILE_H
#define NETRT_HOST_CHECKPOINT_FILE_H

#include "program.h"

/* Packs the weights of the file into `packed`, as the options --weights-map and --ignore-extra say.
 * A netrt_bind_file. */
int netrt_bind_checkpoint_file(struct netrt_program *, void *packed);

#endif
