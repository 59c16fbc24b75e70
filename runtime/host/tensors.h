/* Commands that need libc alone, and the files of packed weights that they read. */
#ifndef NETRT_HOST_TENSORS_H
#define NETRT_HOST_TENSORS_H

#include "program.h"

int netrt_command_run(struct netrt_program *);   /* NumPy files to NumPy files */
int netrt_command_bench(struct netrt_program *); /* time of many runs */
int netrt_command_info(struct netrt_program *);  /* what the network is */
int netrt_command_pack(struct netrt_program *);  /* writes the packed weights */

/*
 * A file of packed weights: 8 bytes "netrtpk1", the model's fingerprint and the size of what
 * follows (64 bits each, little-endian), zeros up to 64 bytes, and the weights as they are in
 * memory.
 */
/* 1: starts as such a file does; 0: does not, or cannot be read. */
int netrt_is_packed_file(const char *path);
/* Reads one that was written for this very network. */
int netrt_read_packed(struct netrt_program *, const char *path, void *packed);

#endif
