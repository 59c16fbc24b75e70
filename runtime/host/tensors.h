/* Commands that need libc alone. */
#ifndef NETRT_HOST_TENSORS_H
#define NETRT_HOST_TENSORS_H

#include "program.h"

int netrt_command_run(struct netrt_program *);   /* NumPy files to NumPy files */
int netrt_command_bench(struct netrt_program *); /* time of many runs */
/* What a network is trained by, a setting a line, each behind a margin. */
void netrt_recipe_print(const struct netrt_recipe *, const char *margin);
int netrt_command_info(struct netrt_program *); /* what the network is */
int netrt_command_pack(struct netrt_program *); /* writes the packed weights */

#endif
