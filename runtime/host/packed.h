/*
 * Files of packed weights: 8 bytes "netrtpk1", the model's fingerprint and the size of what follows
 * (64 bits each, little-endian), the name of the type that weights of convolutions and linear
 * layers are stored as (8 bytes; zeros are f32), zeros up to 64 bytes, and the weights as they are
 * in memory. Such a file is mapped, not read: pages come as they are touched, and programs share
 * them.
 */
#ifndef NETRT_HOST_PACKED_H
#define NETRT_HOST_PACKED_H

#include "program.h"

/* 1: starts as such a file does; 0: does not, or cannot be read. */
int netrt_is_packed_file(const char *path);
/* Maps one that was written for this very network: p->weights, until netrt_packed_unmap(), which
 * does nothing where none was mapped. */
int netrt_packed_map(struct netrt_program *, const char *path);
void netrt_packed_unmap(struct netrt_program *);
/* Whether the mapped file is still what it was, and could be read; else it fails, and what was
 * computed meanwhile is worthless. Another program may cut the file short or write to it; pages
 * that are gone then read as zeros. */
int netrt_packed_check(const struct netrt_program *);

#endif
