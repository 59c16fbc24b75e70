/* A network made ready to run: its weights, threads and memory. */
#ifndef NETRT_HOST_PROGRAM_H
#define NETRT_HOST_PROGRAM_H

#include "dtype.h"
#include "options.h"
#include "../core/model.h"
#include "../core/pool.h"

struct netrt_program;

/* Packs the weights of file options->weights, which are not packed yet, into `packed`. */
typedef int netrt_bind_file(struct netrt_program *, void *packed);
/* Prepares the picture in a file for one image of an input. */
typedef int netrt_picture_reader(struct netrt_program *, int input, const char *path, float *data);

struct netrt_annotations; /* data/annotations.h */

/* Reads annotations of one form; the paths of pictures are as the form has them. */
typedef int netrt_annotations_reader(struct netrt_annotations *, const char *path,
                                     struct netrt_message *);

/* What a program reads beside NumPy files and packed weights. */
struct netrt_readers {
    netrt_bind_file *bind_file;
    netrt_picture_reader *picture;         /* NULL: no pictures */
    netrt_annotations_reader *annotations; /* Pascal VOC's; NULL: none of these */
};

struct netrt_step_clock;  /* profile.h */
struct netrt_packed_file; /* packed.h */

struct netrt_program {
    const char *name; /* of the executable */
    const struct netrt_model *model;
    const struct netrt_code *code; /* the one that runs here */
    const struct netrt_options *options;
    struct netrt_message *message;
    const struct netrt_readers *readers;
    netrt_pool *pool;                      /* NULL: one thread */
    const float *weights;                  /* packed */
    void *owned_weights;                   /* the same, where they were packed here */
    struct netrt_packed_file *packed_file; /* the one that they lie in, where it was mapped */
    void *workspace;
    float **inputs, **outputs;      /* dense, of the model's types: netrt_program_buffers() */
    struct netrt_step_clock *clock; /* NULL: no profile is wanted */
    struct netrt_profile *watch;    /* of runs without a clock, it is told each step; or NULL */
};

/* Whether a parameter is one of bn's running statistics. */
bool netrt_is_statistic(const struct netrt_tensor *);

/* Gets the weights that the options name, or those that the program carries: p->weights; none where
 * the caller has some, p->owned_weights. */
int netrt_program_weights(struct netrt_program *);
/* Gets everything ready for netrt_program_run(): weights, the arena, threads. netrt_program_close()
 * also after a failure. */
int netrt_program_open(struct netrt_program *);
/* Memory for one run's inputs and outputs, unless there is some. */
int netrt_program_buffers(struct netrt_program *);
/* Fails where an integer of an input is not what the network takes. Before the outputs are used:
 * netrt_packed_check(). */
int netrt_program_run(struct netrt_program *, const float *const *inputs, float *const *outputs);
void netrt_program_close(struct netrt_program *);
/* Prints a message to standard error, after what was printed to standard output before. `kind`:
 * "error", or "warning" for what does not change the exit status. */
void netrt_program_say(const struct netrt_program *, const char *kind,
                       const struct netrt_message *);

/* Reads the command line and does what it says: the main() of a program with these commands. One
 * that fails without a message has said what is wrong. */
int netrt_program_main(const struct netrt_model *, const struct netrt_command *,
                       const struct netrt_readers *, int argc, char **argv);

#endif
