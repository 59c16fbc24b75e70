/* Passes over the graph, by name and as the pipeline. */
#ifndef NETC_PASS_PASS_H
#define NETC_PASS_PASS_H

#include "ir/ir.h"

enum pass_id {
#define PASS(id, name, doc) PASS_##id,
#include "pass/passes.def"
    N_PASSES
};

#define PASS(id, name, doc) void pass_##id(struct graph *);
#include "pass/passes.def"

const char *pass_name(enum pass_id);
const char *pass_doc(enum pass_id);
/* The pass of that name; N_PASSES: none. */
enum pass_id pass_find(const char *name);

/* All names, for messages: "inference, sweep, …"; in the arena. */
const char *pass_names(struct arena *);

/* Runs one pass, then the verifier: a violation is a fault of the compiler, reported as such with
 * the pass's name; it ends the program with status 70 and a request to report it. */
void pass_run(enum pass_id, struct graph *);
/* Runs all, in order, for inference. */
void pass_pipeline(struct graph *);

#endif
