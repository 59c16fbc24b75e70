/* A network made ready to run: its weights, threads and memory. */
#ifndef NETRT_HOST_PROGRAM_H
#define NETRT_HOST_PROGRAM_H

#include "options.h"
#include "../core/model.h"
#include "../core/pool.h"

struct netrt_program;

/* Packs the weights of file options->weights into `packed`. */
typedef int netrt_bind_file(struct netrt_program *, void *packed);

struct netrt_step_clock; /* profile.h */

struct netrt_program {
    const struct netrt_model *model;
    const struct netrt_options *options;
    struct netrt_message *message;
    netrt_bind_file *bind_file;
    netrt_pool *pool;     /* NULL: one thread */
    const float *weights; /* packed */
    void *owned_weights;  /* the same, where they are not the embedded ones */
    void *workspace;
    float **inputs, **outputs;      /* dense, as in the model */
    struct netrt_step_clock *clock; /* NULL: no profile is wanted */
};

/* Elements of a tensor. */
long netrt_tensor_elements(const struct netrt_tensor *);

/* Fills and packs the weights that the options name into zeroed memory. */
int netrt_program_bind(struct netrt_program *, void *packed);
/* Gets everything ready for netrt_program_run(). netrt_program_close() also after a failure. */
int netrt_program_open(struct netrt_program *);
void netrt_program_run(struct netrt_program *);
void netrt_program_close(struct netrt_program *);

/* Reads the command line and does what it says: the main() of a program with these commands. */
int netrt_program_main(const struct netrt_model *, const struct netrt_command *, netrt_bind_file *,
                       int argc, char **argv);

#endif
