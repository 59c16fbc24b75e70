/*
 * What the files of this folder share: a description as steps that hold steps, before it is text. A
 * step's parts are texts of the language, so that blocks can put a parameter in the place of any.
 */
#ifndef NETC_WRITE_TREE_H
#define NETC_WRITE_TREE_H

#include "base/unique.h"
#include "ir/graph.h"

enum step_kind {
    STEP_op,       /* an operator; `name` is its spelling */
    STEP_fork,     /* branches, and the operator that joins them */
    STEP_residual, /* a body, and perhaps a shortcut */
    STEP_from,     /* back to the result of `node`, which has a name */
    STEP_again,    /* back to the result of the output before, by its label */
    STEP_let,      /* gives that of `node` a name: the flow, or a further result of it */
    STEP_output,   /* label: output { body } */
    STEP_scope,    /* label: { body } */
    STEP_call,     /* of a block */
    STEP_repeat,   /* repeat n { body } */
    STEP_for       /* for i in first..=last { label[i]: … } */
};

/* "in.c": an expression that a step can use, where a tensor flows in, and nothing else. */
extern const char channels_in[];

struct arg {
    const char *name;
    const char *value;    /* an expression */
    const char *fallback; /* what it is where nothing is written; NULL: it must be */
    bool as_kernel;       /* falls back to the kernel */
};

struct seq;

struct step {
    enum step_kind kind;
    const struct node *node;
    const char *name;          /* of an operator, a fork */
    const struct block *block; /* of a call */
    const char *label;         /* NULL: none */
    bool shared;               /* may come again, with the parameters of the first of its label */
    const char *path;          /* where its parameters are to be; NULL: it has none */
    const char
        *scope; /* of scopes, what they are inside; of others where the file has them, or NULL */
    const struct graph_output *output; /* what the step is, beside the flow; NULL: none */
    VEC(struct arg) args;
    VEC(struct seq *) parts; /* branches, bodies */
};

struct seq {
    VEC(struct step *) steps;
};

struct block {
    const char *name;
    VEC(struct arg) params; /* fallback: the default's value, or NULL */
    struct seq *body;
};

struct writing {
    struct arena *arena;
    struct strings *strings;
    const struct graph *graph;
    struct unique paths;       /* of all */
    const char **path;         /* by id of a node: where its parameters are to be, or NULL */
    const char **hint;         /* the scope that its own name has, or NULL */
    const struct node **first; /* whose parameters it shares, maybe itself; NULL: it shares none */
    bool shares;               /* some do */
    size_t early; /* outputs up to this one stand where results are computed, each … */
    const struct node **behind; /* … behind this node */
    struct seq *body;           /* of the net */
    struct unique block_names;
    VEC(struct block *) blocks; /* each after those that it calls */
};

struct step *step_new(struct writing *, enum step_kind, const struct node *);
struct seq *seq_new(struct writing *);
void seq_push(struct writing *, struct seq *, struct step *);
/* Steps that `s` holds, itself first, in the order of the text. */
void step_walk(struct step *, void (*visit)(void *context, struct step *), void *context);
void seq_walk(struct seq *, void (*visit)(void *context, struct step *), void *context);

/* attributes.c: the step of an operator, with the arguments that its attributes are. */
struct step *step_of_node(struct writing *, const struct node *);
void step_take_attrs(struct writing *, struct step *, enum op, const struct attrs *, int rank);
/* The argument of that name; NULL: it has none. */
struct arg *step_arg(const struct step *, const char *name);
/* A number as the language has it, the shortest that is the same. */
const char *real_text(struct arena *, double);
/* Whether a word may be a name of a block, a parameter or a result; a label. */
bool is_word(const char *);
bool is_label(const char *);
/* The same with what no string of the language has replaced. */
const char *string_of(struct arena *, const char *);
/* `wanted` with what no name may have replaced. */
const char *word_of(struct arena *, const char *wanted);

/* shared.c: which operators have the parameters of an earlier one, whose hints are known. */
void find_shared(struct writing *);
bool is_written_again(const struct writing *, const struct node *);
/* Whether all parameters inside of it are shared. */
bool scope_is_shared(const struct writing *, const char *scope);
/* The end of the steps from `first` to `end` in which no path is there twice. */
size_t end_of_round(struct writing *, const struct seq *, size_t first, size_t end);
/* Braces that are shared as a whole. */
void share_scope(struct step *);
/* paths.c: where parameters are to be, and which outputs are written early. */
void write_paths(struct writing *);
/* Whether a node's own step is written as that output, whose name its parameters have. */
bool output_is_step(const struct writing *, size_t output);
/* The output beside the flow that has this name; NULL: none has. */
const struct graph_output *output_named(const struct writing *, const char *name);
/* structure.c: the graph as steps. */
void write_structure(struct writing *);
/* scopes.c: steps whose parameters are in one scope, in braces with its label. */
void write_scopes(struct writing *);
/* Labels of what stands in a body, which is inside of the scope `path`. */
void write_labels(struct writing *, struct seq *, const char *path);
/* Whether names of results are given and read in the body alone, so that it can stand elsewhere. */
bool seq_is_closed(struct writing *, struct seq *);
/* blocks.c: scopes that are alike become calls of blocks, and calls in a row loops. */
void write_blocks(struct writing *);
/* alike.c: a text that is the same for bodies that are alike: that differ in values alone. With
 * `values` for those that do not differ at all. */
const char *seq_key(struct writing *, struct seq *, bool values);
/* A value that may differ between bodies that are alike, which have as many in the same order. */
struct slot {
    const char **value;
    const char *name;     /* of the argument */
    const char *fallback; /* as of an argument */
};
struct slots {
    VEC(struct slot) list;
};
void seq_slots(struct writing *, struct seq *, struct slots *);
/* loops.c: steps in a row that are the same are written once. */
void write_loops(struct writing *, struct seq *);
/* defaults.c: what most calls of an operator have. */
void write_defaults(struct writing *, struct text *);
/* text.c */
void write_text(struct writing *, struct text *);

#endif
