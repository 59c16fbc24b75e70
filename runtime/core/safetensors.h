/*
 * Safetensors files (f32, f16, bf16; the header is JSON, read by jansson): hostile until parsed.
 */
#ifndef NETRT_CORE_SAFETENSORS_H
#define NETRT_CORE_SAFETENSORS_H

#include "weights.h"

#ifdef __cplusplus
extern "C" {
#endif

struct netrt_safetensors;

/* Opens and checks a file. NULL with a one-line message in error (no final newline). Elements are
 * read when they are asked for: a checkpoint is never in memory as a whole. */
struct netrt_safetensors *netrt_safetensors_open(const char *path, char *error, size_t error_size);
void netrt_safetensors_close(struct netrt_safetensors *);

/*
 * Checks the file against the model's parameters: every missing, extra and mis-shaped tensor, with
 * the nearest name, or the one prefix by which all names differ. `num_batches_tracked` and scopes
 * in model->ignored are never extra. Returns 0, or -1 and the whole report in *report (malloc'd,
 * a line each; the caller frees it), NULL where there is no memory for it.
 */
int netrt_safetensors_check(const struct netrt_safetensors *, const struct netrt_model *,
                            char **report);

/* A source of weights over a checked file: valid until the file is closed. */
struct netrt_safetensors_source {
    struct netrt_source source;
    struct netrt_safetensors *file;
};
void netrt_safetensors_source_init(struct netrt_safetensors_source *, struct netrt_safetensors *);

#ifdef __cplusplus
}
#endif

#endif
