/* Memory to train a network, in bytes, for the batch that it was elaborated with. */
#ifndef NETC_COST_TRAINING_H
#define NETC_COST_TRAINING_H

#include "ir/graph.h"

/* Copies of each parameter that an optimizer keeps: itself, its gradient, its state. */
enum optimizer {
#define OPTIMIZER(id, ...) OPTIMIZER_##id,
#include "cost/optimizers.def"
    N_OPTIMIZERS
};

const char *optimizer_name(enum optimizer);
int optimizer_copies(enum optimizer);

struct training {
    int64_t saved;     /* what the forward pass keeps for the backward pass, apart from parameters:
                          each storage once */
    int64_t gradients; /* of activations, alive where the walk is at its peak */
    int64_t walk;      /* the peak of the backward walk: tensors still saved and gradients alive */
    const struct node *peak_at; /* whose backward step that is */
    int64_t params;             /* bytes of the parameters, shared ones once */
    int64_t buffers;            /* bytes of bn's running statistics */
    int64_t peak[N_OPTIMIZERS]; /* walk + buffers + copies of the parameters */
    int64_t lecture[2];         /* by rule of thumb: 2 x activations + 3 or 4 x parameters */
};

/* False if a figure does not fit in 63 bits. */
bool training_estimate(struct arena *, const struct graph *, struct training *);

/* Keep only some tensors, compute the others again from the nearest one before: `keep` is k for
 * every k-th point of the main line where the network is one tensor wide, or 0 for the ends of
 * blocks. */
struct checkpoint {
    int64_t keep;
    int64_t points;     /* tensors kept */
    int64_t peak_bytes; /* kept + the largest segment's walk, without parameters */
    int64_t extra_macs;
};

struct checkpoints {
    struct checkpoint *at;
    size_t n;
};

/* The curve, from keeping all (k = 1) on; at most 16 points. */
struct checkpoints training_checkpoints(struct arena *, const struct graph *);

#endif
