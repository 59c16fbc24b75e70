/* The parameters of a network in training: dense, as a checkpoint has them, packed anew for each
 * step, but for those that kernels read so, which lie among the packed ones. */
#ifndef NETRT_TRAIN_PARAMETERS_H
#define NETRT_TRAIN_PARAMETERS_H

#include "../core/weights.h"
#include "../host/program.h"

struct netrt_parameters {
    struct netrt_program *program;
    struct netrt_source source; /* of these parameters */
    float **data;               /* of each parameter */
};

/* Memory for all of them, and for the packed ones: program->weights. netrt_parameters_close() also
 * after a failure. */
int netrt_parameters_open(struct netrt_parameters *, struct netrt_program *);
void netrt_parameters_close(struct netrt_parameters *);

/* From a checkpoint: one of another network gives what it has by name and shape, or with the option
 * by_order by shape and order, and a list of what was taken, or what it has not, is printed. Or
 * PyTorch's initialization, by the formula of initial.c. */
int netrt_parameters_read(struct netrt_parameters *, const char *path, uint64_t seed);
int netrt_parameters_init(struct netrt_parameters *, uint64_t seed);
/* Packs the weights of a program, from a source that several threads may load from: those of
 * training before each run, those of its evaluation before each time through the data. */
int netrt_parameters_pack(const struct netrt_program *, struct netrt_source *);
/* Writes a checkpoint of them, or of `data` in their place (NULL: none), whole or not at all. */
int netrt_parameters_write(const struct netrt_parameters *, float *const *data, const char *path);

/* A source of initial numbers, of the model's parameters. */
struct netrt_initial_source {
    struct netrt_source source;
    const struct netrt_model *model;
    uint64_t seed;
};
void netrt_initial_source_init(struct netrt_initial_source *, const struct netrt_model *,
                               uint64_t seed);

#endif
