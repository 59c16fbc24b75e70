/*
 * The plan: the loop program that the emitter prints. Kernels with all constants decided, in order;
 * where each operand lies; how weights are packed; which sequences are one function.
 */
#ifndef NETC_PLAN_PLAN_H
#define NETC_PLAN_PLAN_H

#include "ir/graph.h"
#include "plan/kernels.h"

enum target_id {
#define TARGET(id, ...) TARGET_##id,
#include "plan/targets.def"
    N_TARGETS
};

struct target {
    const char *name; /* "native" where it was asked so */
    const char *row;  /* its name in targets.def */
    int lanes, registers;
    int64_t l1, l2;
    const char *flags, *compiler;
    int processors; /* 0: not known */
    /* bytes a cycle of one core from beyond its second cache: of tensors, and of weights, which a
     * run reads once */
    double far_bytes, far_weights;
    double task_cycles; /* handing out a task, and its cold start */
};

/* The row of that name, "native" being this machine's; false: no such target. What follows its last
 * '-' is short for a name: "v3". */
bool target_find(struct target *, const char *name);

/* Targets for one program, which chooses among them: most able first. */
struct targets {
    size_t n;
    struct target at[N_TARGETS];
};
/* The targets of a list "x86-64-v2+v3". NULL, or what is wrong with the list: a phrase before it.
 */
const char *targets_find(struct targets *, const char *list);
/* Makes plans for so many processors, as far as plans care. */
void target_set_processors(struct target *, int64_t n);
/* Whether its code runs on this machine. */
bool target_runs_here(const struct target *);
/* All names, for messages: "native, generic, …". */
void target_names(struct text *);

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

/* Schedules that were measured, by layer and target. Text form: a line for each, "LAYER: DECISION",
 * in order; what follows a '#' is a comment. */
struct tuning;
struct tuning *tuning_new(struct arena *);
/* Adds the lines of a file. False: an error was reported. */
bool tuning_read(struct tuning *, struct diags *, uint32_t source);
/* Sets or replaces a line: words of a plan_step; NULL comment: none. */
void tuning_set(struct tuning *, const char *layer, const char *decision, const char *comment);
void tuning_print(struct text *, const struct tuning *);

struct plan_options {
    struct target target;
    int threads;  /* 0: not known */
    int winograd; /* its tile, wherever it is possible; 0: where it is faster; -1: nowhere */
    enum netrt_stored stored;    /* weights, of the kernels that read other types than f32 */
    const struct tuning *tuning; /* measured schedules, or NULL */
    int variant;                 /* 0: the best schedules; n: the n-th candidate of each layer */
    const struct plan *lead; /* of another target, whose packed weights this one reads; or NULL */
};

/* Plans a graph that went through the pass pipeline; a bn that was not folded adds its weights to
 * the graph. NULL with errors in diags (a weight or arena
 * too large, or packed weights that are not those of the lead). */
struct plan *plan_make(struct arena *, struct diags *, struct graph *, const struct plan_options *);

/* What a machine does, for predictions; GB/s of all threads together. */
struct plan_rates {
    int threads;
    double ghz;           /* of cycles in which the target issues two vector multiply-adds */
    double core_gbytes;   /* from the caches of their cores */
    double cache_gbytes;  /* from the last cache */
    double full_gbytes;   /* sweeping over as much as that has */
    double memory_gbytes; /* over much more */
    int64_t core_bytes, cache_bytes; /* of a core, of the last cache */
};

/* The time of a step: computing, and moving bytes; the longer hides the other. */
struct plan_time {
    double compute_us, memory_us, us;
};

/* What the models of the plan assume of a target, of which nothing was measured: one thread. */
struct plan_rates plan_rates_assumed(const struct target *);
struct plan_time plan_predict(const struct plan *, const struct plan_step *,
                              const struct plan_rates *);

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
