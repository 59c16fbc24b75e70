/* The command line, parsed: what was asked for, not yet what it means. */
#ifndef NETC_DRIVER_OPTIONS_H
#define NETC_DRIVER_OPTIONS_H

#include "base/arena.h"
#include "kernels/stored.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What an option may be is in the order of the words of its row of options.def. */
enum emit_kind {
    EMIT_executable,
    EMIT_ast,
    EMIT_graph,
    EMIT_plan,
    EMIT_c,
    EMIT_dot,
    EMIT_lib,
    EMIT_shared,
    EMIT_onnx,
    EMIT_net,
    EMIT_gradient
};
enum report_form { FORM_none, FORM_text, FORM_md, FORM_csv, FORM_json, FORM_html };
enum diagnostics_form { DIAGNOSTICS_text, DIAGNOSTICS_short, DIAGNOSTICS_json, DIAGNOSTICS_sarif };
enum activations { ACTIVATIONS_all, ACTIVATIONS_stored, ACTIVATIONS_course, ACTIVATIONS_planned };

enum report_style {
    STYLE_none,
    STYLE_torchinfo,
    STYLE_torchinfo_course,
    STYLE_gluon,
    STYLE_torch,
    STYLE_course
};

struct options {
    const char *file;   /* the .net file; where its name ends in .graph graph text, in .onnx ONNX */
    const char *output; /* NULL: named after the net; standard output for texts */
    enum emit_kind emit;
    VEC(const char *) passes;
    bool passes_given, params, single_file, no_winograd, train, mpi, sync_bn, input_gradients,
        verbose, lsp, import, batch_given;

    VEC(const char *) files; /* of --format, or of a table of networks */

    /* --format */
    bool format, in_place, check, show_changes;

    /* messages */
    enum diagnostics_form diagnostics;
    bool fix;

    const char *net, *recipe, *weights, *weights_map, *weights_as, *target, *cc, *depend, *tune,
        *schedule, *prepare, *labels;
    VEC(const char *) defines; /* name=value */
    VEC(const char *) inputs;  /* name=3x96x96 */
    VEC(const char *) include_dirs;
    VEC(const char *) ignore_extra; /* prefixes of a checkpoint's names */
    VEC(const char *) warnings;     /* error, no-dead, … */
    int64_t batch, threads, winograd;
    const char *recompute;    /* a row of the curve of checkpoints, or NULL */
    int64_t memory;           /* bytes that a program for training may take; 0: any */
    int64_t opset;            /* 0: not given */
    enum netrt_stored stored; /* of weights_as */

    /* the cost report */
    enum report_form report;
    enum report_style style;
    enum activations activations;
    bool no_bias, no_activations, min_input, explain, watch;
    int64_t port;              /* of --watch; 0: any */
    char **words;              /* the command line, for --watch */
    const char *nets;          /* "a,b", or NULL */
    const char *solve;         /* "params <= 5M", or NULL */
    VEC(const char *) sweeps;  /* name=range */
    const char *explain_layer; /* or a scope; NULL: all */
    const char *machine;       /* a file, "native", or NULL */
    const char *interconnect;  /* a file, or NULL */
    const char *diff;          /* a file or a net, or NULL */
    int64_t depth;             /* of scopes to show; -1: all */
    const char *flops;         /* a convention, "all", or NULL */
    const char *sort;          /* a figure's name, or NULL */
};

/* "0.1" */
const char *netc_version(void);

enum options_result { OPTIONS_run, OPTIONS_done, OPTIONS_wrong };

/* Parses argv. OPTIONS_done: --help or --version was answered; OPTIONS_wrong: a message was printed
 * (exit status 2). */
enum options_result options_parse(struct options *, struct arena *, int argc, char **argv);

/* The first comma of a list that is in no brackets and no string, or the end. */
const char *next_comma(const char *);
/* The first -D that gives a list of values, NAME=VALUE,VALUE; NULL: none does. */
const char *options_list(const struct options *);

/* Sets *file and *net to the parts of "a.net:NET", or *file alone of "a.net". False: the text is
 * neither, and nothing was set. */
bool split_net(struct arena *, const char *text, const char **file, const char **net);

#endif
