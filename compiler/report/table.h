/*
 * The cost report as data, from which every form is printed: the operators of the network as
 * written, before any pass, in order; their sums by scope, by kind and in all; memory, budgets and
 * warnings. All figures are exact integers, for the whole batch.
 */
#ifndef NETC_REPORT_TABLE_H
#define NETC_REPORT_TABLE_H

#include "cost/convention.h"
#include "cost/field.h"
#include "cost/training.h"
#include "driver/machine.h"
#include "driver/options.h"
#include "plan/plan.h"
#include "predict/step.h"

struct report;
struct figures;

enum figure {
#define FIGURE(id, title, doc) FIGURE_##id,
#include "report/figures.def"
    N_FIGURES
};

/* A row of figures.def. */
struct figure_info {
    const char *name, *title, *doc;
};
const struct figure_info *figure_info(enum figure);
/* The figure of that name or title; N_FIGURES: none. */
enum figure figure_find(const char *name);
/* What --flops takes, for messages; in the arena. */
const char *report_conventions(struct arena *);

/* A sum of operators: what rows and all their sums have in common. */
struct figures {
    int64_t at[N_FIGURES];
    int64_t flops[N_CONVENTIONS];
};

enum { FROM_INPUT = -1 };

/* A figure of a row with its formula. */
struct explanation {
    const char *figure;
    struct quantity quantity;
};

/* Lines of the C of the plan, from 1 on. */
struct report_lines {
    int64_t first, last;
};

/* An operator. */
struct report_row {
    struct span span;
    enum op op;
    const char *name;
    struct attrs attr;
    int n_inputs, device;
    const struct type *input; /* n_inputs of them */
    const int *from;          /* the rows that made them, or FROM_INPUT */
    const char *const *from_name;
    struct type output;
    int scope; /* the innermost, in report->scopes; -1: none */
    struct fields field;
    const struct fields *operand_field; /* of the first operand; NULL: there is none */
    struct figures figures;
    int host;       /* the row whose step of the plan computes it as well; FROM_INPUT: none */
    bool predicted; /* a step of the plan computes it, on a machine that is known: */
    struct plan_time time;             /* of its steps, with what is fused into them */
    VEC(struct explanation) explained; /* where the options ask for it */
    VEC(struct report_lines) code;     /* of each of its steps the function, and the call */
};

/* A labelled scope: all operators whose name starts with "<path>.". */
struct report_scope {
    const char *path; /* "layer1.0" */
    const char *kind; /* the block: "basic"; "": steps under one label */
    int parent;       /* index of the scope around it, or -1 */
    int depth;        /* parts of the path: 2 */
    int first_row, last_row;
    bool joins;    /* concat, add or mul stand directly in it */
    int64_t count; /* operators */
    struct figures figures;
};

struct report_operator {
    enum op op;
    int64_t count;
    struct figures figures;
};

/* An input or output of the network. */
struct report_tensor {
    const char *name;
    struct type type;
    bool output;
    /* Of an output what a program must know to answer by it: */
    enum netrt_purpose purpose;
    bool probabilities;         /* classes: it comes from a softmax */
    double threshold;           /* map of one channel */
    struct picture_range range; /* picture */
    const char *count; /* the output that says how many of its rows are there; NULL: all are */
};

/* A device of `on`: what its operators hold, and the bytes of tensors that reach it from others. */
struct report_device {
    int device;
    int64_t count, received_bytes;
    struct figures figures;
};

/* What follows an operator that finds rows, as nms finds boxes. */
struct report_found {
    const char *name;       /* of that operator */
    int64_t most;           /* so many can be found in an image */
    struct figures figures; /* of what is computed of them, if so many are */
};

struct report_founds {
    VEC(struct report_found) list;
};

struct report_budget {
    const struct require *require;
    const char *text; /* as it stands in the source */
    double value;     /* of the figure that it bounds */
    bool holds;
};

struct report_warning {
    const char *id; /* as in -Wno-ID */
    struct span span;
    const char *text;
};

/* A buffer of the arena, or a step that runs in it. */
struct report_buffer {
    const char *name;
    struct span span;
    int64_t offset, bytes;
    int first, last; /* steps of the plan */
};

/* What the program that is generated needs to run: absent (false) in a report for training. */
struct report_memory {
    bool known;
    int64_t arena_bytes, lower_bound_bytes, naive_bytes;
    int64_t packed_bytes; /* of the weights, as kernels read them */
    VEC(struct report_buffer) buffers;
    VEC(struct report_buffer) timeline; /* a step each, and the bytes alive in it */
};

/* What the program that is generated for training allocates for the network, in bytes: by its plan
 * and recipe, without what data to evaluate by need. */
struct report_trainer {
    bool known; /* the network has a loss, and all between a parameter and it a gradient */
    const char *optimizer;
    int64_t params; /* dense, running statistics among them, and averages where a recipe has some */
    int64_t packed; /* the same parameters, as kernels read them */
    int64_t states; /* what the optimizer keeps */
    int64_t
        gradients;   /* of parameters: results of a run, and where a step has several their sums */
    int64_t batches; /* inputs of a run and of the next one, which is read ahead; other results */
    int64_t arena;
    int64_t all;
    int64_t again; /* multiply-accumulates that are done again; no bytes */
    int64_t keep;  /* the row of the curve of checkpoints that it is made by; 1: all are kept */
};

/* Ranks that share the runs of a step of training, and when it is done. */
struct report_ranks {
    int64_t ranks;
    struct ranks_time time;
};

/* The time of a step of training, predicted. */
struct report_step {
    int64_t runs, pictures;          /* of a step; 0 runs: no machine was asked for */
    struct step_time time;           /* of one machine */
    const struct machine_link *link; /* NULL: it is alone */
    VEC(struct report_ranks) ranks;  /* one, and where they are linked more */
};

/* Memory to train the network, for its batch. */
struct report_training {
    bool known; /* it was asked for, and fits in 63 bits */
    struct training bytes;
    const char *peak_name;          /* the operator in whose backward step the peak is, or NULL */
    struct span peak_span;          /* of it */
    struct checkpoints checkpoints; /* the curve */
    struct report_trainer program;
};

struct report {
    struct arena *arena;
    struct diags *diags;
    const struct options *options;
    const char *network, *file;
    const char *base;   /* the net that this one is made from by `=`, or its own name */
    const char *target; /* NULL: no plan was made */
    int64_t batch;
    bool training;
    enum convention flops; /* the one that tables show */
    VEC(struct report_tensor) inputs;
    VEC(struct report_tensor) outputs;
    VEC(struct report_row) rows;
    int *row_of; /* by a node's position in the graph as it was written; FROM_INPUT: no row */
    VEC(struct report_scope) scopes;
    VEC(struct report_operator) operators; /* in the order of their first row */
    VEC(struct report_device) devices;     /* empty where there is only one */
    struct figures total;
    int field_row;                       /* whose field is the network's; -1: an input's, or none */
    int64_t input_elements, input_bytes; /* of all inputs */
    int64_t weights_bytes;               /* of the trainable parameters, in the network's type */
    struct report_memory memory;
    struct report_training training_memory;
    struct report_step step;
    const struct machine *machine; /* NULL: none was asked for */
    int threads;                   /* asked for, or predicted with */
    double predicted_us;           /* of the whole network, on it */
    double roofline_us;            /* the sum of what bounds its steps */
    VEC(struct report_budget) budgets;
    VEC(struct report_warning) warnings;
    const char *code; /* the C of the plan; NULL: the form does not show it */
};

/* The report of a graph that no pass has touched. NULL with an error in diags: a count above 2^63,
 * or more than 2^48 bytes. */
struct report *report_make(struct arena *, struct diags *, const struct graph *,
                           const struct options *);
/* The row of what a node of the plan does, or of the written node with a position from 1 on; NULL:
 * there is none. */
struct report_row *report_row_of(const struct report *, uint32_t written);
/* Adds what the plan of the same graph says: memory, and the activations that it keeps. */
void report_add_plan(struct report *, const struct plan *);
/* Predicts the time of each step of the plan on a machine, which is kept. */
void report_predict(struct report *, const struct plan *, const struct machine *);
/* "compute" or "memory": what takes most of a row's predicted time. */
const char *row_bound(const struct report_row *);
/* Adds the memory to train the graph that the report was made of. */
void report_add_training(struct report *, const struct graph *);
/* What the plan of the network in training, with its recipe, says of the program: all but `keep`.
 */
struct report_trainer report_trainer(const struct plan *);
/* Adds that, with the row of the curve of checkpoints that the plan was made by. */
void report_add_trainer(struct report *, const struct plan *, int64_t keep);
/* How a row of the curve is called: "all", "1 of 3", "ends of blocks"; in the arena. */
const char *report_keep_text(struct arena *, int64_t keep);
/* Predicts a step of that program on a machine and, where there is a link, on several of them: 2, 4
 * and so on, up to one for each run. Both are kept. After report_add_trainer(). */
void report_predict_step(struct report *, const struct plan *, const struct machine *,
                         const struct machine_link *);
/* Adds the devices of `on`, where there are several. */
void report_add_devices(struct report *);
/* The bytes of a device's parameters, running statistics and results. */
int64_t report_device_bytes(const struct report_device *);
/* The operators that find rows of which more is computed than what is found again, in the arena. */
struct report_founds report_founds(const struct report *);
/* Checks the budgets of the graph: those that are broken are errors that point at them and at the
 * layer that sets the figure. After report_add_plan(), where there is a plan. */
void report_check_budgets(struct report *, const struct graph *);
/* Adds the warnings of -Wrounding, -Wpadding and -Wdouble-activation that are on; those of a
 * compile are messages too. */
void report_lint(struct report *);
/* Turns these warnings off: they are a report's, and a compile's where it asks for them. */
void report_lints_off(struct diags *);

/* Layers that multiply by parameters: convolutions, linear and recurrent layers. */
struct report_layers {
    int64_t all;
    int64_t deepest; /* so many of them at most on a way from the inputs: what courses call the
                        depth of a network */
};
struct report_layers report_layers(const struct report *);
bool report_is_layer(const struct report_row *);

/* Sums a figure of the rows anew: for the scopes, the kinds, the devices and the whole. */
void report_sum_again(struct report *, enum figure);
/* Adds to sum; false: more than 63 bits. */
bool figures_add(struct figures *sum, const struct figures *);
/* What `part` is of `all`, in %; 0 of nothing. */
double report_share(int64_t part, int64_t all);
/* The line of a place and the path of its file; 0 and NULL: it has none. */
uint32_t report_line(const struct report *, struct span);
const char *report_file(const struct report *, struct span);
/* The line of source that it begins in, in the arena; NULL: there is none. */
const char *report_source(const struct report *, struct span);

#endif
