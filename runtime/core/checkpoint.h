/*
 * Checkpoints: named tensors in a file, whatever its format (formats.def), hostile until parsed.
 * Nothing of a file is ever executed, and its elements are read when they are asked for: it is
 * never in memory as a whole, but for tensors that are compressed or not in C order.
 */
#ifndef NETRT_CORE_CHECKPOINT_H
#define NETRT_CORE_CHECKPOINT_H

#include "weights.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct netrt_checkpoint;

/* How a checkpoint is to be taken; all zeros: as it is. */
struct netrt_checkpoint_options {
    const char *map;                 /* a file of patterns that rename its tensors, or NULL */
    const char *const *ignore_extra; /* prefixes of names that a network need not have */
    size_t n_ignore_extra;
};

/*
 * Binds the checkpoint at `path`: packs its weights into `packed` (as netrt_pack_weights() does).
 * Returns 0, or -1 with a line in `error`, and in *report NULL or further lines (malloc'd; the
 * caller frees them). `options` may be NULL.
 */
int netrt_checkpoint_bind(const struct netrt_model *, const char *path,
                          const struct netrt_checkpoint_options *options, void *packed, char *error,
                          size_t error_size, char **report);

/* The steps of netrt_checkpoint_bind(). Opens and checks a file and renames its tensors. NULL with
 * a one-line message in error (no final newline). */
struct netrt_checkpoint *netrt_checkpoint_open(const char *path,
                                               const struct netrt_checkpoint_options *, char *error,
                                               size_t error_size);
void netrt_checkpoint_close(struct netrt_checkpoint *);

/*
 * Checks the file against the model's parameters: every missing, extra and mis-shaped tensor, with
 * the nearest name, or the one prefix by which all names differ. Dimensions of 1 may be there or
 * not. What PyTorch's wrappers put before all names is taken off first. `num_batches_tracked`
 * and `relative_position_index`, scopes in model->ignored and options->ignore_extra are never
 * extra. Returns 0, or -1 and the whole report in *report (malloc'd, a line each; the caller frees
 * it).
 */
int netrt_checkpoint_fit(struct netrt_checkpoint *, const struct netrt_model *,
                         const struct netrt_checkpoint_options *, char **report);

/*
 * Takes a file of another network by shape and order: the longest list of layers that it and the
 * model both have in their orders, the file's being that in which tensors lie. Its tensors get the
 * model's names, the file's others are forgotten, and `list` gets a line "LAYER from LAYER" for
 * each. Returns 0, or -1: out of memory.
 */
int netrt_checkpoint_align(struct netrt_checkpoint *, const struct netrt_model *, FILE *list);

/* A source of weights over a file that fits: valid until the file is closed. */
struct netrt_checkpoint_source {
    struct netrt_source source;
    struct netrt_checkpoint *checkpoint;
};
void netrt_checkpoint_source_init(struct netrt_checkpoint_source *, struct netrt_checkpoint *);

#ifdef __cplusplus
}
#endif

#endif
