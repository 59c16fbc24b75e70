/* Printing what the plan holds: C, and pictures. */
#ifndef NETC_EMIT_EMIT_H
#define NETC_EMIT_EMIT_H

#include "plan/plan.h"

/* Where a part of the text of emit_c() stands: its bytes from `begin` to before `end`. */
struct emit_range {
    size_t begin, end;
};

/* Where the C of a plan stands: the function of each task; the call of each step that is written,
 * others zero (plan_step_written()). */
struct emit_ranges {
    struct emit_range *task, *call;
};

struct emit_options {
    const char *name;         /* C identifier and file name: resnet18 */
    const char *weights_file; /* packed weights to embed with .incbin, or NULL */
    const char *runtime;      /* folder of the runtime's sources, for single_file */
    bool single_file;         /* one file holding the parts of the runtime that it uses */
    bool executable;          /* has a main: netrt_main, or the minimal one in a single file */
    bool training;            /* that main is netrt_train_main, */
    bool mpi;                 /* or with this too netrt_mpi_train_main, */
    bool boxes;               /* or netrt_main_boxes */
    bool shared;              /* of a shared library, which has pools of threads */
    bool evaluation;          /* has no main, but net_evaluation, which one for training names */
    bool apart;               /* kernels stand in files of their own: emit_part() */

    struct emit_ranges *ranges; /* are filled in, of a single plan; or NULL */
};

/* NAME.c: all of a plan; or for one with next ones, what they share. False: a runtime file could
 * not be read (an error is in diags). */
bool emit_c(struct text *, struct diags *, const struct plan *, const struct emit_options *);
/* NAME_TARGET.c: the code of one plan of several. */
void emit_code(struct text *, struct diags *, const struct plan *, const struct emit_options *);
/* That NAME_TARGET of a file's name or path: "resnet18_x86_64_v3". */
const char *emit_code_name(const struct plan *, const char *name);
/* The files of the kernels of a plan, with `apart`: the C compiler takes them side by side. As many
 * on each machine, so that the program is the same; 0: they stand with the code. */
size_t emit_parts(const struct plan *, const struct emit_options *);
/* One of them. */
void emit_part(struct text *, struct diags *, const struct plan *, const struct emit_options *,
               size_t part);
/* NAME.h: the library interface, usable from C++. */
void emit_header(struct text *, const struct plan *, const struct emit_options *);
/* A script for the linker: the names that a shared library shows. */
void emit_exports(struct text *, const struct plan *, const struct emit_options *);
/* The graph in Graphviz's language. */
void emit_dot(struct text *, const struct graph *);

#endif
