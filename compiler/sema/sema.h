/*
 * What the files of elaboration share. A file is read in these steps: import.c loads it and what it
 * imports; net.c chooses the net; step.c walks bodies, and hands each kind of action to call.c
 * (operators and blocks), fork.c or loop.c; expr.c gives the values of expressions, bind.c and
 * attrs.c turn arguments into attributes.
 */
#ifndef NETC_SEMA_SEMA_H
#define NETC_SEMA_SEMA_H

#include "base/map.h"
#include "sema/elaborate.h"
#include "sema/value.h"

/* A named scope of parameters: "layer1.0", and the number its next unlabelled step takes. */
struct names {
    const char *path; /* "" at the root */
    int64_t next;
};

/* So many maps can an operand be that is a list: attributes have a number for each. */
enum { MOST_MAPS = MAX_RANK };

/* A labelled or numbered step, by its full path. */
struct entry {
    const char *path, *label;
    struct span span;
    struct flow flow; /* its result, once `done` */
    bool done;
    const char *follower; /* the activation or norm that follows on its line, or NULL */
    uint32_t round;       /* of the place */
};

struct binding {
    const char *name;
    struct value value;
    struct span span;
    const struct ast_let *let; /* a file's constant, evaluated when it is first used */
    struct scope *scope;       /* … in this scope */
    bool evaluated, evaluating;
};

/* `default conv(…)`: options, in force for calls written from `from` on; those that one callable
 * had before in the same scope are among them. */
struct option {
    const struct callable *callable;
    uint32_t from;
};

struct options {
    VEC(struct option) list;
};

/* A place where names live: file, block, body, round of a loop. */
struct scope {
    struct scope *parent;
    struct module *module;
    bool block;      /* labels outside are not visible */
    bool loop;       /* labels go to the scope around */
    bool incomplete; /* a body was skipped after an error: labels may be missing */
    VEC(struct binding) bindings;
    struct map latest;  /* of many bindings: one more than the number of a name's last */
    size_t n_latest;    /* how many are in it */
    struct map options; /* struct options, by the operator's row or the block's definition */
    VEC(struct entry *) labels;
};

struct module {
    const char *path;
    uint32_t source;
    uint64_t device, file; /* identity, however it is spelled */
    const struct ast_file *tree;
    struct map definitions[ITEM_train + 1]; /* the first item of a kind and a name */
    struct scope *scope;
    VEC(struct module *) imports; /* each once; a later one hides what those before it define */
    bool loading;
    struct span imported_at;
    struct module *imported_by;
};

/* A net whose body is walked: the graph's own, or one that is a step of another. */
struct program {
    const struct ast_definition *definition;
    size_t n_inputs, n_seen;     /* n_seen: input statements passed so far */
    const struct callable *call; /* of a step, with the tensors for inputs; NULL: the graph's own */
    struct flow flow;            /* that flows into the step */
    bool resized;                /* an input's rows or columns are not those that it declares */
};

/* The net and the blocks around a step, innermost first. */
struct call {
    const struct call *parent;
    const struct ast_definition *definition;
    int depth;
    const struct frame *frame; /* of a block */
    struct flow in;            /* what it was called on */
};

/* The functions being evaluated, innermost first. */
struct activation {
    const struct activation *caller;
    const struct ast_let *let;
};

/* The preprocessing being written. */
struct pictures {
    struct graph_input *input;
    int64_t channels, height, width; /* so far; 0: the picture's own */
    int64_t declared[2];             /* rows and columns before --input */
    const char *arithmetic;          /* the first scale or normalize, or NULL */
};

/* Where elaboration stands. */
struct place {
    struct scope *scope;
    struct names *names;
    const struct frame *frame;
    const struct call *call;
    struct flow in;
    struct entry *last;        /* the label of the step that made `in`, or NULL */
    struct pictures *pictures; /* NULL: in the network */
    struct program *net;       /* NULL: in a file */
    int device;
    bool net_body;  /* directly in a net, where inputs stand */
    uint32_t round; /* which application of a shared step it is in, from 1 on; 0: in none */
};

/* A result that a `from` left behind. */
struct drop {
    const struct node *node;
    struct span from;
};

/* What the net is trained by: its `train`, or the file's that it names. */
struct recipe {
    const struct ast_stmt *stmt;
    const struct ast_body *body; /* NULL: it has none, or that was an error */
    struct place place;          /* in which settings are read */
};

struct sema {
    struct arena *arena;
    struct strings *strings;
    struct sources *sources;
    struct diags *diags, muted;
    const struct elaborate_options *options;
    struct graph *graph;
    VEC(struct module *) modules;
    struct map reported; /* places of messages */
    struct map entries;  /* by path */
    struct map unused;   /* parameters that a definition never uses */
    VEC(struct drop) drops;
    bool *input_used;                       /* of options->inputs */
    const struct ast_stmt *end_purpose;     /* the net's `output classes`, or NULL */
    struct recipe recipe;                   /* of the net */
    VEC(const struct node *) residual_ends; /* each bn that ends the body of a residual */
    int64_t batch;
    const struct activation *functions;
    int64_t work;
    int depth;
    uint32_t rounds; /* applications of shared steps */
    bool stopped, wrong_call;
};

/* ---- error.c ---- */

/* Where a message of this place goes: the first error at a place is heard, others are not. */
struct diags *sema_sink(struct sema *, struct span);
struct diags *sema_warning_sink(struct sema *, struct span, enum diag_id);
/* Whether an error was heard there. */
bool sema_reported(struct sema *, struct span);
/* Adds notes through the calls and loops around; returns `d`. */
struct diag *sema_walk_out(const struct place *, struct diag *d);
/* SEMA_ERROR(s, place, span, MESSAGE(id), …), SEMA_WARNING(s, place, span, id, …): the message with
 * its notes; hints can be added. */
#define SEMA_ERROR(s, place, span, ...)                                                            \
    sema_walk_out((place), diag_add(sema_sink((s), (span)), (span), __VA_ARGS__))
#define SEMA_WARNING(s, place, span, id, ...)                                                      \
    sema_walk_out((place), diag_add(sema_warning_sink((s), (span), DIAG_##id), (span), DIAG_##id,  \
                                    diag_text_##id, __VA_ARGS__))
/* Work is counted in evaluated expressions; a step, a call or a round takes the memory of several.
 */
enum { WORK_CALL = 8 };
/* Counts work; false, and an error once, where a description takes too much. */
bool sema_work(struct sema *, const struct place *, struct span, int64_t amount);
/* Guards the C stack: each deeper level of the tree enters and leaves. */
bool sema_enter(struct sema *, const struct place *, struct span);
void sema_leave(struct sema *);
/* The text of a place. */
const char *sema_text(const struct sema *, struct span);
const char *sema_describe(const struct sema *, const struct value *);

/* ---- scope.c ---- */

struct scope *scope_new(struct sema *, struct scope *parent);
/* A new name; in its own scope it takes the place of an older one for what follows. */
void scope_bind(struct sema *, struct scope *, const char *name, struct value, struct span);
/* The parameter or constant of that name, a file's own and imported ones too; NULL: none. */
struct binding *scope_find(const struct place *, const char *name);
/* Adds options of a callable, in force for calls written from `from` on. */
void scope_add_option(struct sema *, struct scope *, const struct callable *, uint32_t from);
/* The block, operator or function of that name, with the options in force where `span` stands;
 * NULL: none. */
const struct callable *scope_callable(struct sema *, const struct place *, const char *name,
                                      struct span);
/* The net of that name as it is defined, its parameters open; NULL: none. */
const struct callable *scope_net(struct sema *, const struct scope *, const char *name);
/* What a name in step position stands for. */
const struct callable *scope_step(struct sema *, const struct place *, const char *name,
                                  struct span);
/* Labels of loops and conditions go to the body around. */
void scope_add_label(struct sema *, struct scope *, struct entry *);
/* The labels of an inlined call's scope are those of the scope around, too. */
void scope_splice_labels(struct sema *, struct scope *, const struct scope *from);
struct entry *scope_label(struct sema *, const struct place *, const char *name);
/* Whether a body in sight was skipped, so that a missing label is no error of its own. */
bool scope_incomplete(const struct scope *);
/* A body was skipped after an error. */
void scope_skip(struct scope *);
/* Offers each name a step can have, or a name of an expression, or a label. */
void scope_offer_steps(const struct place *, struct nearest *);
void scope_offer_names(const struct place *, struct nearest *);
void scope_offer_labels(const struct place *, struct nearest *);
/* Says where a name that is not in sight is defined; false: nowhere. */
bool scope_hint_import(const struct sema *, const char *name, struct diag *);
/* Offers the operators of a class. */
void scope_offer_class(enum op_class, struct nearest *);
/* The definition's item in a module: own ones, then imported. */
const struct ast_item *module_find(const struct module *, const char *name, enum ast_item_kind,
                                   struct module **owner);

/* ---- expr.c, arith.c, builtin.c ---- */

struct value eval(struct sema *, const struct place *, const struct ast_expr *);
/* A list or a tuple, poison if lists in it are too deep (reported). */
struct value checked_items(struct sema *, const struct place *, struct span, enum value_kind,
                           const struct value *, size_t n);
/* A condition; false, with *value false, after an error. */
bool eval_bool(struct sema *, const struct place *, const struct ast_expr *, bool *value);
/* An integer; false, with *value 0, after an error. */
bool eval_int(struct sema *, const struct place *, const struct ast_expr *, int64_t *value);
/* The result of a labelled step. */
struct value label_value(const struct entry *);
/* The element of a list or tuple at an index, negative from its end; poison after an error at
 * `span`. */
struct value sequence_item(struct sema *, const struct place *, const struct value *of,
                           const struct ast_expr *index, struct span);
/* Evaluates a file's constant where that has not been done. */
struct value binding_value(struct sema *, const struct place *, struct binding *);
struct value arith_unary(struct sema *, const struct place *, const struct ast_expr *,
                         struct value);
struct value arith_binary(struct sema *, const struct place *, const struct ast_expr *,
                          struct value, struct value);
/* An integer is wanted and a value is there: the error, its hint with `//` where a division made it
 * a real. */
void report_not_int(struct sema *, const struct place *, struct span, const char *what,
                    const struct value *);
/* NULL: none of that name takes so many arguments, or more. */
const struct callable *builtin_find(struct sema *, const char *name, size_t n);
void builtin_offer(struct nearest *);
/* half, same, training. */
bool constant_find(const struct sema *, const char *name, struct value *);
struct value builtin_call(struct sema *, const struct place *, const struct ast_expr *,
                          const struct builtin *, const struct ast_args *);

/* ---- bind.c, attrs.c ---- */

const struct callable *callable_block(struct sema *, const struct ast_definition *, struct scope *,
                                      enum callable_kind);
const struct callable *callable_operator(struct sema *, enum op);
const struct callable *callable_function(struct sema *, const struct ast_let *, struct scope *);
/* The same under another name. */
const struct callable *callable_named(struct sema *, const struct callable *, const char *name);
const char *callable_param(const struct callable *, int i);
/* The parameter of that name; -1: none. */
int callable_find(const struct callable *, const char *name);
/* Parameter i of an operator as an attribute; NULL: it is none. */
const struct attr_info *callable_attr(const struct callable *, int i);
/* `c` with these arguments bound; NULL after an error. `options`: by a default statement. */
const struct callable *bind_args(struct sema *, const struct place *, const struct callable *,
                                 const struct ast_args *, bool options);
/* `c` with the options filled in that it has not been given. */
const struct callable *bind_options(struct sema *, const struct callable *c,
                                    const struct callable *options);
/* Binds the parameters in a scope, defaults evaluated in order; false: one is missing or wrong. */
bool bind_params(struct sema *, struct place *inner, const struct callable *,
                 const struct ast_params *, const struct place *outer, struct span);
/* Whether a value suits an operator's attribute. */
bool attr_accepts(struct sema *, const struct place *, enum op, const struct attr_info *,
                  const struct value *, struct span);
/* The attributes of a call on inputs of that size; false after an error. */
bool attrs_bind(struct sema *, const struct place *, const struct callable *, struct span,
                const struct type *in, struct attrs *);

/* ---- argument.c: argument `k` of a call does not fit ---- */

/* Says what a callable takes. */
void hint_params(struct sema *, const struct callable *, struct diag *);
/* A call as it is written, but for its first argument. */
const char *call_without_first(const struct sema *, const struct callable *,
                               const struct ast_args *);
void argument_unknown(struct sema *, const struct place *, const struct callable *,
                      const struct ast_args *, size_t k);
/* There are `positions`, and it is one more. */
void argument_too_many(struct sema *, const struct place *, const struct callable *,
                       const struct ast_args *, size_t k, int positions);
/* It is for parameter `i`, which was given before. */
void argument_twice(struct sema *, const struct place *, const struct callable *,
                    const struct ast_args *, size_t k, int i);
/* True where it is a slip for parameter `i` that is reported: linear(64, 10), mode=bilinear,
 * kernel==3. */
bool argument_is_linear_input(struct sema *, const struct place *, const struct callable *,
                              const struct ast_args *, size_t k, int i, const struct value *);
bool argument_is_bare_word(struct sema *, const struct place *, const struct callable *,
                           const struct ast_args *, size_t k, int i);
bool argument_compares(struct sema *, const struct place *, const struct callable *,
                       const struct ast_arg *);

/* ---- habits.c ---- */

/* What a layer of another tool, such as "nn.Conv2d", is here; NULL: not known. */
const char *habit_layer(const char *name);
/* An argument of another tool's operator. */
struct habit {
    const char *theirs, *hint;
    const char *ours; /* its name here, or NULL */
    bool dropped;     /* the way out is to leave it out */
};
/* NULL: not known. */
const struct habit *habit_argument(enum op, const char *theirs);
/* The argument that stands first there, and has no position here; NULL: not known. */
const char *habit_first(enum op);
/* The way out for a word that such an argument may be; NULL: not known. */
const char *habit_word(enum attr_kind, const char *word);

/* ---- expect.c ---- */

/* expect(c, h, w): the shape at a point. */
void elaborate_expect(struct sema *, struct place *, const struct ast_action *);
/* `require` in a block: a condition on what it is called with. */
void elaborate_condition(struct sema *, struct place *, const struct ast_expr *);

/* ---- names.c ---- */

const char *names_join(struct sema *, const char *path, const char *component);
/* The entry of a labelled step; a path taken before is an error. */
struct entry *names_claim(struct sema *, const struct place *, const char *label, struct span);
/* An entry that leaves its path to others. */
struct entry *names_unclaimed(struct sema *, const struct place *, const char *label, struct span);
/* The entry of an unlabelled operator or block call. */
struct entry *names_number(struct sema *, const struct place *, struct span);
/* The text of a label, its index evaluated; NULL after an error. */
const char *names_label(struct sema *, const struct place *, const struct ast_label *);
/* The string that a computed label is; NULL after an error. */
const char *names_text(struct sema *, const struct place *, const struct ast_expr *);
/* Appends an index's value to a name; NULL after an error. */
const char *names_index(struct sema *, const struct place *, const char *name,
                        const struct ast_expr *index);

/* ---- path.c ---- */

/* Result `i` of the operator that made a tensor, as a step of its own where that is not the first.
 */
struct value operator_result(struct sema *, const struct place *, struct node *, int i,
                             struct span);
/* Says which results the operator has by names, if it has any. */
void hint_results(const struct sema *, enum op, struct diag *);

/* The tensor that a path names; poison after an error, unless that is known already. */
struct value path_value(struct sema *, const struct place *, const struct ast_path *);

/* ---- import.c ---- */

/* Reads a file and its imports; NULL after an error. */
struct module *module_load(struct sema *, const char *path);
/* The file of the library of blocks that defines a block of that name, as it is imported; NULL. */
const char *module_in_library(const struct sema *, const char *block);
/* The file of that name beside the importing one, then along -I, then in the library; NULL. */
const char *module_search(struct sema *, const struct module *, const char *name);

/* ---- step.c ---- */

/* The statements of a body, in the scope of the place. */
void elaborate_stmts(struct sema *, struct place *, const struct ast_body *);
/* Walks a body in a scope of its own (`loop`: one that does not hold labels). */
void elaborate_body(struct sema *, struct place *, const struct ast_body *, bool loop);
void elaborate_default(struct sema *, const struct place *, const struct ast_default *,
                       struct span);
/* Enters a call, a round or a branch: notes of messages walk out through it. */
void elaborate_frame(struct sema *, struct place *, enum frame_kind, const char *name,
                     int64_t iteration, struct span);
/* After an error the tensor is unknown, and steps on it are silent, until a `from`. */
void flow_poison(struct place *);
/* Whether a step may be added; reports where no tensor flows. */
bool flow_check(struct sema *, struct place *, struct span);
/* Appends an operator over `inputs`; poisons the flow where its shapes do not fit. */
void elaborate_node(struct sema *, struct place *, enum op, const struct attrs *,
                    struct node **inputs, int n, const char *path, const char *label, struct span);
/* proposals of scores and deltas: the anchors, what is decoded, and the best of it. */
void elaborate_proposals(struct sema *, struct place *, const struct attrs *,
                         struct node *const in[], const struct entry *, const char *label,
                         struct span);

/* ---- call.c, fork.c, loop.c, picture.c, require.c, training.c ---- */

void elaborate_call(struct sema *, struct place *, const struct ast_action *, struct entry *);
void elaborate_fork(struct sema *, struct place *, const struct ast_action *, struct entry *);
void elaborate_residual(struct sema *, struct place *, const struct ast_action *, struct entry *);
void elaborate_repeat(struct sema *, struct place *, const struct ast_action *);
void elaborate_for(struct sema *, struct place *, const struct ast_action *);
void elaborate_if(struct sema *, struct place *, const struct ast_action *);
/* Rounds of a loop: begin, then next while true, which binds the pattern in a new scope of
 * *inner. */
struct loop {
    const struct ast_loop *tree;
    struct value list;
    int64_t next, first, last;
    bool failed; /* an item does not have the pattern's form */
};
bool loop_begin(struct sema *, const struct place *, struct loop *, const struct ast_loop *);
bool loop_next(struct sema *, struct loop *, struct place *inner, const struct place *outer);

void elaborate_pictures(struct sema *, struct place *, struct graph_input *,
                        const struct ast_input *, const int64_t *declared);
void elaborate_picture(struct sema *, struct place *, const struct callable *, struct span);
void elaborate_require(struct sema *, const struct place *, const struct ast_expr *);
/* The name of a figure that a condition speaks of, where nothing else has it; NULL: none. */
const char *require_figure(struct sema *, const struct place *, const struct ast_expr *);
/* Where a condition speaks of `training`: labels of the steps not taken are ignored in checkpoints,
 * unlabelled ones are errors. */
void training_check(struct sema *, const struct place *, const struct ast_action *, int taken);
/* The same for branches of a fork, of which some are there. */
void training_check_branches(struct sema *, const struct place *, const struct ast_action *,
                             const bool *there);

/* ---- tree.c ---- */

/* Body number i inside an action; NULL: there are no more. */
const struct ast_body *action_body(const struct ast_action *, size_t i);
/* The inputs that a net declares: their number, and number i of them. */
size_t body_inputs(const struct ast_body *);
const struct ast_input *body_input(const struct ast_body *, size_t i);
bool expr_mentions(const struct ast_expr *, const char *name);
/* Whether a definition's body never speaks of its parameter number i. */
bool param_unused(struct sema *, const struct ast_definition *, int i);

/* ---- output.c ---- */

/* An output beside the flow: the tensor of a labelled step that has been made. */
void output_beside(struct sema *, const struct place *, const struct entry *,
                   const struct ast_step *);
/* `output classes` in a net: for what flows out at its end. */
void output_purpose(struct sema *, const struct place *, const struct ast_stmt *);
/* At the end of a net, which `d` is: its main output, and what that is for. */
void output_finish(struct sema *, const struct place *, const struct ast_definition *d);

/* ---- recipe.c, loss.c ---- */

/* Finds the recipe of the net whose body is walked next, and sets the batch that it says. */
void recipe_begin(struct sema *, const struct place *, const struct ast_body *net);
/* At the end of the net: its settings, and with --train its loss, in the graph. */
void recipe_finish(struct sema *, const struct place *);
/* Reports that no `what` has that name, of the operators of a class; NULL: no name is written. */
void recipe_unknown(struct sema *, const struct place *, enum op_class, const char *what,
                    const char *name, struct span);
/* The graph's loss. */
void elaborate_loss(struct sema *, const struct place *, const struct ast_expr *);

/* ---- net.c, input.c ---- */

/* A part of a description that the command line gives, read as a file of its own: what stands
 * around it there is not shown in messages. */
struct option_text {
    const char *option, *before, *given, *after;
    enum ast_item_kind kind;
    const char *what; /* "one expression" */
};
/* The item that it is; NULL, and an error, if it is not one alone of that kind. */
const struct ast_item *option_item(struct sema *, const struct option_text *);

/* A net with the arguments that the nets made from others give them; NULL after an error at `span`,
 * where the name stands, or further on. */
const struct callable *net_callable(struct sema *, struct scope *, const char *name, struct span);
/* Chooses the net, and makes its graph; false after an error. */
bool elaborate_net(struct sema *, struct module *);
void elaborate_input(struct sema *, struct place *, const struct ast_input *, struct span);

/* ---- subnet.c ---- */

/* The body of a net that is called as a step, in the scope of its parameters. */
void elaborate_subnet(struct sema *, struct place *, const struct callable *, struct span);
/* The tensor that such a net's input stands for; poison where its type is not the declared one. */
struct flow subnet_input(struct sema *, const struct place *, const struct ast_input *,
                         const struct type *declared);

#endif
