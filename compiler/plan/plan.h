/*
 * The plan: the loop program that the emitter prints. Kernels with all constants decided, in order;
 * where each operand lies; how weights are packed; which sequences are one function.
 */
#ifndef NETC_PLAN_PLAN_H
#define NETC_PLAN_PLAN_H

#include "ir/graph.h"
#include "target/kernels.h"
#include "target/target.h"

/* What an operand of a step refers to. */
enum place { PLACE_none, PLACE_input, PLACE_output, PLACE_arena, PLACE_packed };

struct operand {
    enum place place;
    int index;      /* of the input or output, of the buffer, or of the packed tensor */
    int64_t offset; /* in elements, from the start of that, to row 0, column 0 */
};

/* A region of the arena: one value, or a concat with its slices. */
struct buffer {
    const struct node *node; /* whose value it is */
    int64_t bytes;           /* multiple of 64 */
    int64_t offset;          /* in the arena */
    int first, last;         /* steps between which it lives */
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
    struct operand out, in, other, third, fourth; /* all but `out` and `more` are read */
    struct operand more;    /* what the kernel makes beside its output: further results */
    struct operand scratch; /* memory of a kernel whose tasks need it, a piece for each slot */
    int64_t scratch_size;   /* floats of a piece */
    int slots;              /* pieces; 0: none needed */
    int weight, bias;       /* index into plan->packed, or -1 */
    int first_weight, first_bias; /* of the first of a pair; of a recurrent layer, backwards */
    int task; /* index into plan->tasks: steps of equal kernel and shape share one */
    double macs;
    double first_macs;   /* of these, of the first of a pair */
    double predicted_us; /* of one thread, by the target's row */
    const char *why;     /* the decision, a line for --emit=plan */

    /* of a layer that can be tuned */
    const char *layer, *decision; /* in words; NULL: not one */
    bool tuned;                   /* as it was measured */
    int candidates;               /* how many there are, if a variant was asked for */
};

/* What a step touches, by number: its operands, those first that it only reads, and its weights as
 * indices into plan->packed, or -1; those of operands that are parameters are among them. */
enum { STEP_OPERANDS = 7, STEP_READ_ONLY = 4, STEP_WEIGHTS = 8 };
/* Whether an operand is memory that has an argument of its own: not a packed tensor. */
bool plan_is_value(const struct operand *);
const struct operand *plan_step_operand(const struct plan_step *, int i);
int plan_step_weight(const struct plan_step *, int i);

/* A distinct kernel instance: a C function of its own. */
struct plan_task {
    const char *name; /* unique C identifier: conv_3x3_64_64_56x56 */
    enum kernel kernel;
    const union kernel_shape *shape;
    int first_step, n_steps;
};

/*
 * Functions: the tree of block instances, identical ones shared. An item is a step or a call of
 * another function; operands of steps inside are numbered arguments (distinct buffers, in order of
 * first use), weights are relative to the call's first packed byte.
 */
enum item_kind { ITEM_STEP, ITEM_CALL };

struct plan_item {
    enum item_kind kind;
    int step;          /* index into plan->steps: of this step, or the first of the call */
    int function;      /* of a call */
    int times, period; /* the `period` items from this one follow each other so often, with weights
                        * at even distances; those of the first time are listed */
    int64_t stride;    /* that distance, in bytes */
};

struct plan_function {
    const char *name;          /* unique C identifier: basic_64_56x56 */
    const struct frame *frame; /* first instance */
    const char *of;            /* of a part of a long function: its name; or NULL */
    VEC(struct plan_item) items;
    int first_step, n_steps; /* of the first instance */
    int instances;
    bool once;     /* the program runs it once: buffers at one address are one argument */
    int n_buffers; /* distinct buffers, inputs and outputs it touches: its pointer arguments */
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

/* Where an operand lies, as a key of a map: the same for those that are one argument of a function,
 * its field `once` being so. NULL: nowhere. */
const void *plan_place(const struct plan *, bool once, const struct operand *);
/* Steps of an item, done once. */
int plan_item_steps(const struct plan *, const struct plan_item *);

/* --emit=plan: a line for each decision, deterministic. Of this plan, not of the next. */
void plan_print(struct text *, const struct plan *);

/* The model's constant tables in memory, for binding weights at compile time (a code's run is
 * NULL); its codes are those of the plan and the next ones. */
const struct netrt_model *plan_model(struct arena *, const struct plan *);
/* The same with its tables rolled up; shares what it can with the one given. */
const struct netrt_model *plan_model_rolled(struct arena *, const struct netrt_model *);

#endif
