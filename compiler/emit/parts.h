/* The parts of the C file of a network, in the order in which they stand there. */
#ifndef NETC_EMIT_PARTS_H
#define NETC_EMIT_PARTS_H

#include "emit/cwriter.h"
#include "base/map.h"
#include "emit/emit.h"

/* Shared by the parts. Names that the net gives rise to are chosen by `names`; fixed ones of the
 * file start with "net_". */
struct emitter {
    struct cwriter w;
    struct arena *arena;
    const struct plan *plan;
    const struct emit_options *options;
    const struct sources *sources;
    bool several;        /* the program has the code of several targets */
    struct names names;  /* of the file */
    const char **shared; /* by task: the name of the code that it is the first to have; NULL: it is
                          * no first one, or shares its code with no other */
    const char **task;   /* names of plan->tasks, */
    size_t parts, *part; /* and which of so many files they stand in, with 0 in that of the code */
    size_t file;         /* the file that is written: one of those, or `parts`, that of the code */
    const char **function; /* names of plan->functions */
};

/* The texts of the runtime files that a single file needs: all but the kernels into `out`, those
 * that are used into `kernels`. False: one could not be read (reported). */
bool emit_runtime(struct text *out, struct text *kernels, struct diags *, const char *folder,
                  const bool *used);

/* Gives the names of kernels and code, of one target of a single file, that target's name. */
struct renaming {
    struct arena *arena;
    struct strings *strings;
    struct map shared; /* names that stay */
    struct text *out;
    const char *target;
};
/* `shared`: text whose names stay. */
void renaming_init(struct renaming *, struct arena *, const char *shared);
/* Appends the text with the names of `target`, part of an identifier. */
void rename_for_target(struct renaming *, struct text *out, const char *text, const char *target);

/* The value of a field of a shape: of an enum by its name, NETRT_ACT_relu; else in digits. */
const char *field_value(struct emitter *, const char *field, long value);
/* Whether a kernel instance stands in the file that is written. */
bool task_is_here(const struct emitter *, size_t task);
/* What the kernels of the file, of the plans before `end`, use of their general forms. */
void emit_uses(struct emitter *, const struct plan *end);
/* The rests that convolutions of the shape have, a bit for each enum netrt_rest. */
uint64_t rests_of_kernel(enum kernel, const void *shape);
/* A function for each distinct kernel instance of the file; in that of the code a declaration of
 * those of others. */
void emit_tasks(struct emitter *);
/* Which of so many files each kernel instance stands in: that of the ones that share its code. */
size_t *parts_of_tasks(const struct plan *, size_t parts);
/* The initializers of an instance's shape; `sizes`: of the shape in code that instances share. */
void add_shape_fields(struct emitter *, size_t task, bool sizes);
/* A function for each distinct block, and net_compute(). */
void emit_functions(struct emitter *);
/* What runs the network for this target: a struct netrt_code, for this file or, where the plan is
 * one of several, for the file that they share. */
void emit_own_code(struct emitter *, bool shared);
/* The tables of struct netrt_model, and net_model. */
void emit_tables(struct emitter *);
/* What a program for training is told: net_recipe. */
void emit_recipe(struct emitter *);
/* The library interface, and main(). */
void emit_interface(struct emitter *);
/* Whether it has functions that prepare pictures. */
bool interface_prepares(const struct graph *);
/* Whether some output is of boxes, which a library finds. */
bool interface_finds_boxes(const struct graph *);
/* Whether it says what outputs find: boxes or classes. */
bool interface_finds(const struct graph *);
void emit_main(struct emitter *);

/* What the interface calls an input or output: see interface_init(). */
struct interface {
    const char *prefix; /* of its functions */
    const char **input, **output;
};
void interface_init(struct interface *, const struct plan *, const struct emit_options *);
/* The parameters of NAME_run(), as items of a list. */
void interface_parameters(struct cwriter *, const struct interface *, const struct plan *);

/* "2x64x56x56", and without the batch: "64x56x56"; 1814073344 as "1.81 G". */
const char *text_of_dims(struct arena *, const struct type *);
const char *text_of_image(struct arena *, const struct type *);
const char *text_of_count(struct arena *, double);
/* What a node computes, in a line: "conv 3x3 stride 2, 64x56x56 -> 128x28x28, residual, relu". */
const char *text_of_node(struct arena *, const struct node *);

#endif
