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

/* Keep only some tensors, and compute the others again. Points are nodes that all paths of the
 * network go through. */
struct checkpoint {
    int64_t keep;       /* every k-th point; 1: no checkpoints; 0: the ends of blocks */
    int64_t points;     /* kept, the input among them */
    int64_t peak_bytes; /* of the walk: points kept, tensors computed again, gradients */
    int64_t extra_macs; /* computed again */
};

struct checkpoints {
    struct checkpoint *at;
    size_t n;
};

/* The curve, from no checkpoints on; at most 16, and none for a net of several inputs or whose
 * figures do not fit. */
struct checkpoints training_checkpoints(struct arena *, const struct graph *);
/* Marks the nodes of the graph that row `keep` of its curve keeps, for the pass `recompute`; none
 * where that is 1, since all are kept. */
void training_keep(struct arena *, struct graph *, int64_t keep);

#endif
