/*
 * The networks that are served: shared libraries of `netc --emit=shared`. Libraries of one network
 * that were compiled for different batches are its variants; requests see one network.
 */
#ifndef NETRT_SERVE_NETWORK_H
#define NETRT_SERVE_NETWORK_H

#include "tensor.h"
#include "../core/library.h"
#include "../host/message.h"

enum { SERVE_MAX_VARIANTS = 8 };

struct serve_variant {
    void *handle; /* dlopen's */
    const struct netrt_library *library;
    struct netrt_weights *weights;
    long batch; /* images of a run */
};

struct serve_network {
    const char *name;
    int n_inputs, n_outputs, n_variants;
    struct serve_tensor *inputs, *outputs;
    struct serve_variant variants[SERVE_MAX_VARIANTS]; /* the smallest batch first */
};

struct serve_networks {
    int n;
    struct serve_network *at;
};

/* Loads the libraries, with the weights of a checkpoint, or with NULL those that they carry: a
 * checkpoint is of one network. Returns 0 or an exit status; release the networks either way. */
int serve_networks_load(struct serve_networks *, char *const *paths, int n, const char *weights,
                        struct netrt_message *);
void serve_networks_release(struct serve_networks *);
/* NULL: there is none of that name, whose length is given. */
struct serve_network *serve_networks_find(const struct serve_networks *, const char *name,
                                          size_t length);

/* The images that one run computes at most. */
long serve_network_batch(const struct serve_network *);
/* The number of the variant for so many images: the largest that they fill, or the smallest. A
 * batch of zeros costs as much as one of images. */
int serve_network_variant(const struct serve_network *, long images);

#endif
