/*
 * The plan: the loop program that the emitter prints. Kernels with all constants decided, in order;
 * where each operand lies; how weights are packed; which sequences are one function.
 */
#ifndef NETC_PLAN_PLAN_H
#define NETC_PLAN_PLAN_H

#include "ir/graph.h"
#include "target/kernels.h"
#include "target/target.h"

/* What an argument of a kernel refers to. */
enum place { PLACE_none, PLACE_input, PLACE_output, PLACE_arena, PLACE_packed };

struct operand {
    enum place place;
    int index;      /* of the input or output, of the buffer, or of the packed tensor */
    int64_t offset; /* in elements, from the start of that, to row 0, column 0 */
};

/* The arguments of a kernel, fields of struct netrt_args. */
enum arg {
#define ARG(name, written, doc) ARG_##name,
#include "kernels/args.def"
    N_ARGS
};
const char *arg_name(enum arg);
bool arg_is_written(enum arg);

/* A region of the arena: one value, or a concat with its slices. */
struct buffer {
    const struct node *node; /* whose value it is */
    int64_t bytes;           /* multiple of 64 */
    int64_t offset;          /* in the arena */
    int first, last;         /* steps between which it lives */
    bool scratch;            /* what a step of the node writes and reads again, not its value */
};

/* A packed tensor (struct netrt_packed, with its expression). */
struct packed {
    struct netrt_packed layout; /* .expr: index into plan->exprs */
    const struct weight *weight;
};
/* Whether two are packed in the same way, whatever they hold and wherever they lie. */
bool packed_alike(const struct netrt_packed *, const struct netrt_packed *);

/* One kernel call. */
struct plan_step {
    const struct node *node;  /* the host, if several were fused */
    const struct node *first; /* of a pair of kernels: the node computed part by part, or NULL */
    enum kernel kernel;
    union kernel_shape shape;
    long tasks;
    union { /* by name, and by number */
        struct {
#define ARG(name, written, doc) struct operand name;
#include "kernels/args.def"
        };
        struct operand arg[N_ARGS];
    };
    int64_t
        shared; /* floats of its result, in two halves, that the processes which train together
                 * make one of behind it: means and variances of bn_train, else averages; 0: none
                 */
    int64_t scratch_size; /* floats of a piece of `scratch` */
    int slots;            /* pieces; 0: none needed */
    int task;             /* index into plan->tasks: steps of equal kernel and shape share one */
    double macs;
    double first_macs;               /* of these, of the first of a pair */
    double predicted_us;             /* of one thread, by the target's row */
    const char *why;                 /* the decision, a line for --emit=plan */
    const struct schedule *schedule; /* of a layer that can be tuned; or NULL */
};

/* Whether an operand is memory of its own, and not a packed tensor. */
bool plan_is_value(const struct operand *);

/* A distinct kernel instance: a C function of its own. */
struct plan_task {
    const char *name; /* unique C identifier: conv_3x3_64_64_56x56 */
    enum kernel kernel;
    const union kernel_shape *shape;
    int first_step, n_steps;
    int like;   /* the first task of the same code, whose shapes differ in sizes: itself, or one
                   before it */
    int n_like; /* of such a first one: how many there are */
    int next;   /* the next of them; -1: none */
};

/*
 * Functions: the tree of block instances, identical ones shared. An item is a step or a call of
 * another function. A function has a parameter for all that it touches at one place, and one for
 * its weights, which lie at distances from the first.
 */
enum item_kind { ITEM_STEP, ITEM_CALL };

struct plan_item {
    enum item_kind kind;
    int step;          /* index into plan->steps: of this step, or the first of the call */
    int function;      /* of a call */
    int times, period; /* the `period` items from this one follow each other so often, with weights
                        * at even distances; those of the first time are listed */
    int64_t stride;    /* that distance, in bytes */
    const int *args;   /* numbers of the function's parameters: one for each argument of a step (-1:
                        * it has none, or packed weights), or each parameter of what is called */
    int64_t weights;   /* of a call: byte offset of its first packed tensor, or -1 */
};

/* A pointer that a function gets. */
struct plan_param {
    struct operand at; /* what it points to in the first instance: the first that lies there */
    int n;             /* values that lie there, one after the other */
    bool written;
};

struct plan_function {
    const char *name;          /* unique C identifier: basic_64_56x56 */
    const struct frame *frame; /* first instance */
    const char *of;            /* of a part of a long function: its name; or NULL */
    VEC(struct plan_item) items;
    int first_step, n_steps; /* of the first instance */
    int instances;
    bool once; /* the program runs it once: buffers at one address are one parameter */
    VEC(struct plan_param)
    params;          /* in the order of first use; of the network, each buffer
                      * that its own items touch */
    int64_t weights; /* byte offset of its first packed tensor in the first instance, or -1 */
};

struct plan {
    const struct plan *next; /* for the next target, with the same packed weights; or NULL */
    struct arena *arena;
    const struct graph *graph;
    struct target target;
    VEC(struct buffer) buffers;
    VEC(struct plan_step) steps;
    VEC(struct plan_task) tasks;
    VEC(struct plan_function) functions; /* the last is the network itself: run */
    VEC(struct packed) packed;
    VEC(const struct weight *) exprs; /* in the order of struct netrt_expr */
    int64_t arena_bytes, lower_bound_bytes, naive_bytes, weights_bytes;
    int fault;   /* the buffer of a run's first fault, where the arena begins; -1: there can be none
                  */
    int threads; /* to run with; 0: as many as the machine has */
};

/* Where an operand lies, as a key of a map: the same for those that are one parameter of a
 * function, its field `once` being so. NULL: nowhere. */
const void *plan_place(const struct plan *, bool once, const struct operand *);
/* Steps of an item, done once. */
int plan_item_steps(const struct plan *, const struct plan_item *);
/* The step that stands for one in the text of functions: that of its function's first instance, in
 * the first time of a loop. */
int plan_step_written(const struct plan *, int step);

/* --emit=plan: a line for each decision, deterministic. Of this plan, not of the next. */
void plan_print(struct text *, const struct plan *);

/* The model's constant tables in memory, for binding weights at compile time (a code's run is
 * NULL); its codes are those of the plan and the next ones. */
const struct netrt_model *plan_model(struct arena *, const struct plan *);
/* By output of the graph: the number of the step behind which it is whole. */
int *plan_outputs_made(struct arena *, const struct plan *);
/* The same with its tables rolled up; shares what it can with the one given. */
const struct netrt_model *plan_model_rolled(struct arena *, const struct netrt_model *);

#endif
