/*
 * Weights: from a source of named tensors, by evaluating the model's expressions, to the packed
 * bytes that kernels read. The compiler uses the same functions to embed weights.
 */
#ifndef NETRT_CORE_WEIGHTS_H
#define NETRT_CORE_WEIGHTS_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the tensors of a checkpoint come from. */
struct netrt_source {
    /* Fills `data` with elements first .. first + n - 1 of the model's parameter `number`, whose
     * shape has been checked. Returns 0, or -1 with a message in error. */
    int (*load)(struct netrt_source *, const struct netrt_tensor *param, int number, long first,
                long n, float *data, char *error, size_t error_size);
    /* Where the same elements lie, of a source that has all parameters in memory; NULL: of one that
     * has not. */
    const float *(*view)(struct netrt_source *, int number, long first);
};

/* Bytes of a packed tensor, from its layout and sizes; 0 if they do not fit in a size_t. */
size_t netrt_packed_bytes(const struct netrt_packed *);

/* Whether what is packed, of an expression of that kind, is a parameter as a checkpoint has it. */
int netrt_packed_is_plain(const struct netrt_packed *, enum netrt_expr_kind);

/* The type narrower than f32 that some weights are stored as; f32: all are. */
enum netrt_stored netrt_weights_stored(const struct netrt_model *);
/* "bf16". */
const char *netrt_stored_name(enum netrt_stored);

/* Evaluates and packs all weights into `packed` (model->weights_bytes, 64-byte aligned, zeroed).
 * Returns 0, or -1 with a message in error: also where a number that is finite is beyond the range
 * of the type that it is stored as. Works on 16 output channels at a time. What the source has
 * where it is to be packed stays. */
int netrt_pack_weights(const struct netrt_model *, struct netrt_source *, void *packed, char *error,
                       size_t error_size);
/* The same of one of so many parts, which together are all: each writes memory of its own, so that
 * threads may make parts at once, from a source that several may load from. */
int netrt_pack_part(const struct netrt_model *, struct netrt_source *, void *packed, long part,
                    long parts, char *error, size_t error_size);

/*
 * Random weights, a formula of seed, name and index that other programs can repeat:
 *   h(i) = splitmix64(splitmix64(seed ^ fnv1a64(name)) + i),  u(i) = (h(i) >> 40) / 2^24
 *   running_var:                            0.5 + u
 *   weight of rank 1 or 3 (bn, layernorm):  0.5 + 0.5 u
 *   weight of rank 2 or 4:                  (2 u - 1) sqrt(6 / (product of dims after the first))
 *   anything else:                          0.2 (u - 0.5)
 * computed in float64 and rounded to float: variance is kept through a layer and its relu, and
 * grows slowly along residual blocks. splitmix64(x) is the output of the generator of that name
 * whose state was x. `name` is the tensor's full name, its role what follows the last dot.
 */
struct netrt_random_source {
    struct netrt_source source;
    uint64_t seed;
};
void netrt_random_source_init(struct netrt_random_source *, uint64_t seed);

#ifdef __cplusplus
}
#endif

#endif
