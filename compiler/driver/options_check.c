/* Whether options go together: what contradicts another one, or has no effect on what is asked for,
 * is refused with a message. */
#include "driver/options_check.h"

#include "base/text.h"
#include "driver/option.h"

#include <string.h>

/* Whether what is asked for needs a name: all but one text. */
static bool makes_files(const struct options *o)
{
    bool text = o->report || o->explain || o->diff || o->min_input || o->params || o->passes_given;
    return o->emit == EMIT_lib || o->emit == EMIT_shared ||
           (o->emit == EMIT_executable && !o->single_file && !text) ||
           (o->weights && !o->params && (o->emit == EMIT_c || o->single_file));
}

/* A name that stands for something else than what would be made under it. */
static bool check_output(const struct options *o)
{
    static const struct {
        const char *ending, *hint;
    } names[] = {
        {".so", "'--emit=shared -o x' makes libx.so"},
        {".dylib", "netc makes static libraries: '--emit=lib -o x' makes libx.a"},
        {".dll", "netc makes static libraries: '--emit=lib -o x' makes libx.a"},
        {".a", "'--emit=lib -o x' makes libx.a"},
        {".o", "'--emit=lib -o x' makes libx.a"},
        {".c", "'--emit=c -o x' writes x.c and x.h"},
        {".h", "'--emit=c -o x' writes x.c and x.h"},
        {".onnx", "a program has a name of its own, as in '-o x'"},
        {".net", "a program has a name of its own, as in '-o x'"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (string_ends_in(o->output, names[i].ending) || strstr(o->output, ".so.")) {
            fprintf(stderr, "netc: what is made here is no file to be called '%s'\n  hint: %s\n",
                    o->output, names[i].hint);
            return false;
        }
    return true;
}

/* What netc is asked to print or to make. */
enum printed {
    TEXT_program = 1, /* or C, a library, a plan */
    TEXT_graph = 2,   /* the network in another form */
    TEXT_report = 4,
    TEXT_explain = 8,
    TEXT_style = 16,
    TEXT_diff = 32,
    TEXT_min_input = 64
};

static enum printed text_of(const struct options *o, const char **name)
{
    const bool graph = o->emit == EMIT_ast || o->emit == EMIT_graph || o->emit == EMIT_dot ||
                       o->emit == EMIT_net || o->emit == EMIT_gradient;
    const struct {
        bool asked;
        enum printed text;
        const char *name;
    } texts[] = {{o->diff, TEXT_diff, "diff"},
                 {o->min_input, TEXT_min_input, "min-input"},
                 {o->style, TEXT_style, "style"},
                 {o->explain && o->report <= FORM_md, TEXT_explain, "explain"},
                 {graph, TEXT_graph, "emit"},
                 {o->report, TEXT_report, "report"},
                 {true, TEXT_program, NULL}};
    size_t i = 0;
    while (!texts[i].asked)
        i++;
    *name = texts[i].name;
    return texts[i].text;
}

/* Options that what is asked for takes no notice of. */
static enum options_result check_unheeded(const struct options *o)
{
    const struct {
        bool given;
        const char *name;
        unsigned heeded; /* by these texts */
    } rows[] = {
        {o->machine, "machine", TEXT_report | TEXT_diff | TEXT_program},
        {o->interconnect, "interconnect", TEXT_report},
        {o->sort, "sort", TEXT_report},
        {o->depth >= 0, "depth", TEXT_report | TEXT_style},
        {o->activations == ACTIVATIONS_planned, "activations=planned", TEXT_report | TEXT_program},
        {o->weights_as, "weights-as", TEXT_report | TEXT_diff | TEXT_program},
        {o->prepare, "prepare", TEXT_report | TEXT_diff | TEXT_program | TEXT_graph},
        {o->labels, "labels", TEXT_program},
        {o->recompute, "recompute", TEXT_report | TEXT_program},
        {o->memory, "memory", TEXT_report | TEXT_program}};
    const char *name;
    const enum printed text = text_of(o, &name);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].given && !(rows[i].heeded & text)) {
            if (name)
                fprintf(stderr, "netc: --%s has no effect on what --%s prints\n", rows[i].name,
                        name);
            else
                fprintf(stderr, "netc: --%s is of --report, which is not asked for\n",
                        rows[i].name);
            return OPTIONS_wrong;
        }
    return OPTIONS_run;
}

/* What lies between machines that train together matters where there are such. */
static enum options_result check_interconnect(const struct options *o)
{
    if (!o->interconnect || (o->machine && o->mpi))
        return OPTIONS_run;
    fputs("netc: --interconnect is of machines that train together\n  hint: 'netc --report --train "
          "--mpi --machine FILE --interconnect FILE FILE.net' predicts their steps\n",
          stderr);
    return OPTIONS_wrong;
}

/* How weights are stored, where none are. */
static enum options_result check_weights_as(const struct options *o)
{
    const char *without = o->params                                       ? "params"
                          : o->train                                      ? "train"
                          : o->passes_given && o->emit == EMIT_executable ? "passes"
                                                                          : NULL;
    if (!o->weights_as || !without)
        return OPTIONS_run;
    fprintf(stderr, "netc: --weights-as has no effect with --%s\n", without);
    return OPTIONS_wrong;
}

/* A table of several networks is a report, and no other text. */
static enum options_result check_several(const struct options *o)
{
    const char *other = o->diff        ? "diff"
                        : o->min_input ? "min-input"
                        : o->style     ? "style"
                        : o->explain   ? "explain"
                                       : NULL;
    const char *list = options_list(o);
    const bool named = o->nets || o->sweeps.n || o->solve;
    if (!named && !list && o->files.n < 2)
        return OPTIONS_run;
    if (o->report && o->diagnostics > DIAGNOSTICS_short)
        other = "diagnostics";
    if (!named && list && o->diff)
        fprintf(stderr,
                "netc: -D %s gives several values, and --diff compares two networks\n"
                "  hint: 'net NAME = ...' makes a net of other values\n",
                list);
    else if (!o->report && !named)
        fprintf(stderr,
                "netc: -D %s gives several values\n  hint: 'netc --report -D %s FILE.net' makes a "
                "table of them\n",
                list, list);
    else if (!o->report)
        fprintf(stderr,
                "netc: --%s is of --report\n  hint: 'netc --report %s FILE.net' makes a table\n",
                o->nets    ? "nets"
                : o->solve ? "solve"
                           : "sweep",
                o->nets    ? "--nets A,B"
                : o->solve ? "--sweep NAME=RANGE --solve QUESTION"
                           : "--sweep NAME=RANGE");
    else if (other)
        fprintf(stderr,
                "netc: --nets, --sweep, several values of -D and several files make a table, and "
                "--%s another text\n",
                other);
    return !o->report || other ? OPTIONS_wrong : OPTIONS_run;
}

/* Whether --diff names the network that it is asked of. */
static bool is_itself(const struct options *o)
{
    const size_t n = strlen(o->file);
    return !strcmp(o->diff, o->file) || (o->net && !strcmp(o->diff, o->net)) ||
           (o->net && !strncmp(o->diff, o->file, n) && o->diff[n] == ':' &&
            !strcmp(o->diff + n + 1, o->net));
}

/* Parameters are those of both sides, which then are the same. */
static enum options_result check_diff(const struct options *o)
{
    if (!o->diff || !o->defines.n || !is_itself(o))
        return OPTIONS_run;
    fprintf(stderr,
            "netc: -D holds for both sides of --diff, and '%s' is compared with itself\n"
            "  hint: 'net NAME = …' makes a net of other values, '-D NAME=A,B' with --report a "
            "table\n",
            o->diff);
    return OPTIONS_wrong;
}

/* Whether what is asked for has room for an explanation. */
static bool can_explain(const struct options *o)
{
    return o->report != FORM_csv && !o->style && !o->diff && !o->min_input && !o->passes_given &&
           o->emit == EMIT_executable && !o->single_file;
}

/* Options that contradict each other. */
static enum options_result check_together(const struct options *o)
{
    if (o->single_file && o->emit != EMIT_executable && o->emit != EMIT_c) {
        fputs("netc: --single-file writes C, and --emit asks for something else\n", stderr);
        return OPTIONS_wrong;
    }
    if (o->output && !strcmp(o->output, "-") && makes_files(o)) {
        fputs("netc: what is made here needs the name of a file after '-o', not '-'\n", stderr);
        return OPTIONS_wrong;
    }
    if (o->output && makes_files(o) && !check_output(o))
        return OPTIONS_wrong;
    if (!o->weights && (o->weights_map || o->ignore_extra.n)) {
        fprintf(stderr, "netc: --%s is of a checkpoint, and none is given\n",
                o->weights_map ? "weights-map" : "ignore-extra");
        fputs("  hint: '--weights FILE' gives one\n", stderr);
        return OPTIONS_wrong;
    }
    if (o->explain && !can_explain(o)) {
        fputs("netc: --explain is a text of its own, or a part of --report=json or html\n", stderr);
        return OPTIONS_wrong;
    }
    if (o->style && (o->report != FORM_text || o->diff)) {
        fputs("netc: --style is a text of its own, and --report or --diff asks for another\n",
              stderr);
        return OPTIONS_wrong;
    }
    return OPTIONS_run;
}

/* What a program for training computes again is chosen once, for one program. */
static enum options_result check_recompute(const struct options *o)
{
    const char *name = o->recompute ? "recompute" : "memory";
    const char *other = o->recompute && o->memory ? "memory"
                        : o->nets                 ? "nets"
                        : o->sweeps.n             ? "sweep"
                        : o->solve                ? "solve"
                                                  : NULL;
    if (!o->recompute && !o->memory)
        return OPTIONS_run;
    if (!o->train)
        fprintf(stderr,
                "netc: --%s is of programs for training\n  hint: 'netc --train --%s=%s FILE.net -o "
                "NAME' makes one\n",
                name, name, option_row(o->recompute ? OPTION_recompute : OPTION_memory)->argument);
    else if (other)
        fprintf(stderr, "netc: --%s does not go with --%s\n", name, other);
    else if (o->files.n > 1)
        fprintf(stderr, "netc: --%s is of one network, and here are several\n", name);
    else
        return OPTIONS_run;
    return OPTIONS_wrong;
}

/* A description is written without the weights of another file. */
static enum options_result check_description(const struct options *o)
{
    if (o->import && o->emit != EMIT_net)
        fputs("netc: --import writes a description, and --emit asks for something else\n", stderr);
    else if (o->emit == EMIT_net && o->weights && !o->import)
        fprintf(stderr,
                "netc: a description has no weights of another file: '%s'\n"
                "  hint: 'netc --help' lists the options\n",
                o->weights);
    else
        return OPTIONS_run;
    return OPTIONS_wrong;
}

/* What is of pictures has no form in trees and in other tools' files. */
static enum options_result check_pictures(const struct options *o)
{
    const char *name = o->prepare ? "prepare" : "labels";
    const char *form = o->emit == EMIT_onnx  ? "an ONNX file"
                       : o->emit == EMIT_ast ? "the tree of a description"
                                             : NULL;
    if ((!o->prepare && !o->labels) || !form)
        return OPTIONS_run;
    fprintf(stderr, "netc: --%s has no place in %s\n", name, form);
    return OPTIONS_wrong;
}

static enum options_result check_mpi(const struct options *o)
{
    if (o->mpi && !o->train)
        fputs("netc: --mpi is of programs for training\n  hint: 'netc --train --mpi FILE.net -o "
              "NAME' makes one\n",
              stderr);
    else if (o->sync_bn && !o->mpi)
        fputs("netc: --sync-bn is of programs that several processes run\n  hint: 'netc --train "
              "--mpi --sync-bn FILE.net -o NAME' makes one\n",
              stderr);
    else
        return OPTIONS_run;
    return OPTIONS_wrong;
}

enum options_result options_check(const struct options *o)
{
    enum options_result (*const checks[])(const struct options *) = {
        check_description, check_mpi,  check_recompute,  check_together,     check_several,
        check_pictures,    check_diff, check_weights_as, check_interconnect, check_unheeded};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i](o) == OPTIONS_wrong)
            return OPTIONS_wrong;
    return OPTIONS_run;
}
