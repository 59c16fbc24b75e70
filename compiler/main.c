/* netc: options, then the stages, a line each. */
#include "core/params.h"
#include "cost/training.h"
#include "diagnostics.h"
#include "driver/cc.h"
#include "driver/depend.h"
#include "driver/options.h"
#include "driver/output.h"
#include "emit/emit.h"
#include "foreign.h"
#include "front/format.h"
#include "front/parse.h"
#include "lsp/lsp.h"
#include "min_input.h"
#include "onnx/onnx.h"
#include "pass/gradient.h"
#include "pass/pass.h"
#include "planner.h"
#include "prepare.h"
#include "product.h"
#include "recompute.h"
#include "report/derivatives.h"
#include "report/report.h"
#include "report_code.h"
#include "restyle.h"
#include "sema/elaborate.h"
#include "several.h"
#include "tune.h"
#include "watch.h"
#include "write_net.h"
#include "write_onnx.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_ok, EXIT_bad_input, EXIT_wrong_call };

struct compilation {
    struct arena *arena;
    struct strings *strings;
    struct sources sources;
    struct diags diags;
    struct options options;
    const char *resources;
    struct report *report;        /* NULL: none is made */
    struct machine *machine;      /* NULL: times are not predicted */
    struct netrt_source *weights; /* of the network's own file; NULL: it holds none */
    int64_t keep; /* which results training keeps: a row of the curve of checkpoints; 1: all */
};

static void compilation_init(struct compilation *s, struct arena *arena)
{
    *s = (struct compilation){.arena = arena, .strings = strings_new(arena), .keep = 1};
    sources_init(&s->sources, arena);
    diags_init(&s->diags, arena, &s->sources);
    s->resources = resources_find(arena);
}

static int wrong_call(const char *problem, const char *value, const char *hint)
{
    fprintf(stderr, "netc: %s '%s'\n  hint: %s\n", problem, value, hint);
    return EXIT_wrong_call;
}

static int set_warnings(struct compilation *s)
{
    if (!s->options.report)
        report_lints_off(&s->diags);
    for (size_t i = 0; i < s->options.warnings.n; i++) {
        const char *flag = s->options.warnings.at[i];
        bool off = !strncmp(flag, "no-", 3);
        if (!diags_set_flag(&s->diags, flag + 3 * off, !off))
            return wrong_call("no such warning:", flag + 3 * off, diags_flags(s->arena));
    }
    return EXIT_ok;
}

static int status_of(const struct compilation *s, bool done)
{
    return done && !diags_have_errors(&s->diags) ? EXIT_ok : EXIT_bad_input;
}

/* A stage's text, to -o or standard output. */
static int write_text(struct compilation *s, const struct text *t)
{
    const char *path = s->options.output ? s->options.output : "-";
    return status_of(s, output_write(&s->diags, path, text_string(t), t->n));
}

static uint32_t open_source(struct compilation *s)
{
    const char *why;
    uint32_t source = sources_open(&s->sources, s->options.file, &why);
    if (!source)
        diag_add(&s->diags, (struct span){0}, MESSAGE(err_open), s->options.file, why);
    return source;
}

static int print_tree(struct compilation *s)
{
    struct text t;
    text_init(&t, s->arena);
    uint32_t source = open_source(s);
    struct ast_file *file = source ? parse(s->arena, s->strings, &s->diags, source) : NULL;
    if (!file || diags_have_errors(&s->diags))
        return EXIT_bad_input;
    format_file(&t, file);
    return write_text(s, &t);
}

static bool is_graph_text(const char *path)
{
    return string_ends_in(path, ".graph");
}

static struct graph *read_graph(struct compilation *s)
{
    uint32_t source = open_source(s);
    return source ? graph_read(s->arena, s->strings, &s->diags, source) : NULL;
}

static struct elaborate_options elaborate_options(const struct options *o, const char *resources)
{
    return (struct elaborate_options){
        .file = o->file,
        .net = o->net,
        .recipe = o->recipe,
        .defines = o->defines.at,
        .n_defines = o->defines.n,
        .inputs = o->inputs.at,
        .n_inputs = o->inputs.n,
        .include_dirs = o->include_dirs.at,
        .n_include_dirs = o->include_dirs.n,
        .resources = resources,
        .batch = o->batch,
        .batch_given = o->batch_given,
        .training = o->train,
        .share_batch = o->mpi,
        .sync_bn = o->sync_bn,
        .any_labels = o->emit != EMIT_executable || o->report,
    };
}

/* A file of another tool as a graph. */
static struct graph *import_foreign(struct compilation *s, const struct elaborate_options *e,
                                    int *status)
{
    struct foreign f = {.arena = s->arena,
                        .strings = s->strings,
                        .sources = &s->sources,
                        .diags = &s->diags,
                        .options = e};
    struct graph *g = foreign_import(&f);
    if (f.wrong_call)
        *status = f.problem ? wrong_call(f.problem, f.value, f.hint) : EXIT_wrong_call;
    s->weights = f.weights;
    return g;
}

static struct graph *elaborate_with(struct compilation *s, const struct elaborate_options *e,
                                    int *status)
{
    struct graph *g = NULL;
    if (foreign_kind(e->file))
        return import_foreign(s, e, status);
    if (elaborate(s->arena, s->strings, &s->sources, &s->diags, e, &g) == ELABORATE_WRONG_CALL)
        *status = EXIT_wrong_call;
    return g;
}

/* The graph of whatever file it is, with what the command line says of its pictures. */
static struct graph *read_with(struct compilation *s, const struct elaborate_options *e,
                               int *status)
{
    struct graph *g = is_graph_text(e->file) ? read_graph(s) : elaborate_with(s, e, status);
    struct prepare p = {s->arena, s->strings,         &s->sources,       &s->diags,
                        e,        s->options.prepare, s->options.labels, false};
    if (g && !diags_have_errors(&s->diags) && !prepare_graph(&p, g))
        *status = EXIT_wrong_call;
    return g;
}

static struct graph *read_file(struct compilation *s, int *status)
{
    struct elaborate_options e = elaborate_options(&s->options, s->resources);
    return read_with(s, &e, status);
}

/* Whether a graph for training, as it was written, has a loss, and all that it depends on a
 * gradient. */
static bool can_train(struct compilation *s, struct graph *g)
{
    if (!g->training)
        return true;
    g->input_gradients = s->options.input_gradients;
    training_keep(s->arena, g, s->keep);
    return gradient_add_loss(g, &s->diags) && gradient_check(g, &s->diags);
}

/* Runs the passes that --passes names. */
static int run_passes(struct compilation *s, struct graph *g)
{
    for (size_t i = 0; i < s->options.passes.n; i++) {
        enum pass_id pass = pass_find(s->options.passes.at[i]);
        if (pass == N_PASSES)
            return wrong_call("no such pass:", s->options.passes.at[i], pass_names(s->arena));
        if (pass == PASS_gradient && !can_train(s, g))
            return EXIT_bad_input;
        pass_run(pass, g);
    }
    return EXIT_ok;
}

static int print_graph(struct compilation *s, const struct graph *g)
{
    struct text t;
    text_init(&t, s->arena);
    if (s->options.emit == EMIT_dot)
        emit_dot(&t, g);
    else
        graph_print(&t, g);
    return write_text(s, &t);
}

static int print_plan(struct compilation *s, const struct plan *plan)
{
    struct text t;
    text_init(&t, s->arena);
    for (; plan; plan = plan->next)
        plan_print(&t, plan);
    return write_text(s, &t);
}

static struct product product_of(struct compilation *s, const struct graph *g,
                                 const struct plan *plan)
{
    return (struct product){.arena = s->arena,
                            .diags = &s->diags,
                            .options = &s->options,
                            .name = g->name,
                            .plan = plan,
                            .resources = s->resources,
                            .own = s->weights};
}

static int produce(struct compilation *s, const struct plan *plan, const struct plan *evaluation)
{
    struct product p = product_of(s, plan->graph, plan);
    p.evaluation = evaluation;
    if (s->options.emit == EMIT_lib || s->options.emit == EMIT_shared)
        return status_of(s, product_library(&p));
    if (s->options.emit == EMIT_c || s->options.single_file)
        return status_of(s, product_c(&p));
    return status_of(s, product_executable(&p));
}

/* What writes a network as it was written takes neither passes nor training: the problems of both.
 */
static int check_as_written(struct compilation *s, const char *emit, const char *passes,
                            const char *training)
{
    const bool given = s->options.passes_given;
    const char *option = given ? "--passes" : s->options.train ? "--train" : NULL;
    if (!option)
        return EXIT_ok;
    return wrong_call(given ? passes : training, option,
                      arena_printf(s->arena, "leave out %s, or --emit=%s", option, emit));
}

/* The versions that it is written in, and what has no form there. */
static int check_onnx(struct compilation *s)
{
    struct options *o = &s->options;
    o->opset = o->opset ? o->opset : ONNX_DEFAULT_OPSET;
    if (o->opset < ONNX_LEAST_OPSET || o->opset > ONNX_MOST_OPSET)
        return wrong_call("no version of ONNX's operators that netc writes:",
                          arena_printf(s->arena, "%lld", (long long)o->opset),
                          arena_printf(s->arena, "'--opset N' takes %d to %d", ONNX_LEAST_OPSET,
                                       ONNX_MOST_OPSET));
    return check_as_written(
        s, "onnx", "what passes make has no form in ONNX:", "training has no form in ONNX:");
}

static int export_graph(struct compilation *s, struct graph *g)
{
    const struct product p = product_of(s, g, NULL);
    return status_of(s, write_onnx(&p, g));
}

/* What a description is made of: a network, as it was written. */
static int check_net(struct compilation *s)
{
    const struct options *o = &s->options;
    if (o->import && !foreign_kind(o->file))
        return wrong_call("neither ONNX nor a configuration of Darknet, and not imported:", o->file,
                          "'--emit=net' writes any network as a description");
    return check_as_written(s, "net", "what passes make has no form in the language:",
                            "a description is not of training alone:");
}

/* The derivatives of a small network, as formulas. */
static int print_derivatives(struct compilation *s, struct graph *g)
{
    struct text t;
    text_init(&t, s->arena);
    const bool done = can_train(s, g) && derivatives_print(&t, g, &s->options, &s->diags);
    return done ? write_text(s, &t) : EXIT_bad_input;
}

static int describe_graph(struct compilation *s, const struct graph *g)
{
    const struct product p = product_of(s, g, NULL);
    return status_of(s, write_description(&p, &s->sources, s->strings, g));
}

/* What was read, as a rule of make. */
static int write_dependencies(struct compilation *s, const struct graph *g)
{
    const struct product product = product_of(s, g, NULL);
    const char *others[] = {s->options.weights, s->options.weights_map, s->options.schedule};
    struct depend depend;
    depend_begin(&depend, s->arena, &s->diags, product_path(&product));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i])
            depend_add(&depend, others[i]);
    for (size_t i = 0; i < s->sources.files.n; i++)
        if (!s->sources.files.at[i]->in_memory)
            depend_add(&depend, s->sources.files.at[i]->path);
    const struct text *rule = depend_end(&depend);
    return status_of(s, rule && output_write(&s->diags, s->options.depend, rule->at, rule->n));
}

static bool to_terminal(const struct compilation *s)
{
    return !s->options.output && isatty(STDOUT_FILENO);
}

static int print_min_input(struct compilation *s)
{
    struct elaborate_options e = elaborate_options(&s->options, s->resources);
    struct text t;
    text_init(&t, s->arena);
    min_input_print(&t, s->report, &e);
    return write_text(s, &t);
}

/* The explanation as a text of its own; nothing where it is a part of a report. */
static int print_explanation(struct compilation *s)
{
    const char *nearest = NULL;
    struct text t;
    text_init(&t, s->arena);
    if (!report_explain(&t, s->report, to_terminal(s), &nearest))
        return wrong_call("no such layer:", s->options.explain_layer,
                          nearest ? arena_printf(s->arena, "did you mean '%s'?", nearest)
                                  : "'netc --report FILE.net' lists the layers");
    return t.n ? write_text(s, &t) : EXIT_ok;
}

/* A broken budget does not keep a report from being printed. */
static int print_report(struct compilation *s)
{
    struct text t;
    text_init(&t, s->arena);
    return report_print(&t, s->report, to_terminal(s)) ? write_text(s, &t) : EXIT_bad_input;
}

static int find_targets(struct compilation *s, struct targets *targets)
{
    struct text names;
    const char *wrong = targets_find(targets, s->options.target);
    const bool one = s->options.emit == EMIT_c && !s->options.single_file && s->options.output &&
                     !strcmp(s->options.output, "-");
    if (!wrong && targets->n > 1 && s->options.tune)
        wrong = "'--tune' measures one target at a time, not";
    if (!wrong && targets->n > 1 && one)
        wrong = "several files cannot be one stream:";
    text_init(&names, s->arena);
    target_names(&names);
    return wrong ? wrong_call(wrong, s->options.target, text_string(&names)) : EXIT_ok;
}

/* The machine that --machine names: plans are then made for its processors. */
static int find_machine(struct compilation *s, struct targets *targets)
{
    const struct options *o = &s->options;
    const struct target *target = &targets->at[0];
    struct machine *m = arena_new_of(s->arena, struct machine);
    struct machine_measure measure = {.resources = s->resources,
                                      .compiler = o->cc ? o->cc : target->compiler,
                                      .target = target->name,
                                      .target_flags = target->flags,
                                      .verbose = o->verbose};
    bool native = o->machine && !strcmp(o->machine, "native");
    if (!o->machine)
        return EXIT_ok;
    if (native && !target_runs_here(target))
        return wrong_call("--machine=native measures this machine, which does not run",
                          target->name, "give a file that describes another machine");
    if (!(native ? machine_native(m, s->arena, &s->diags, &measure)
                 : machine_read(m, s->arena, &s->diags, o->machine)))
        return EXIT_bad_input;
    for (size_t i = 0; i < targets->n; i++)
        target_set_processors(&targets->at[i], m->threads);
    s->machine = m;
    return EXIT_ok;
}

/* A plan for each target, most able first, which the others follow. NULL: an error was reported. */
static struct plan *make_plans(struct compilation *s, struct graph *g,
                               const struct targets *targets)
{
    struct plan_options o = {.target = targets->at[0],
                             .threads = (int)s->options.threads,
                             .winograd = s->options.no_winograd ? -1 : (int)s->options.winograd,
                             .stored = s->options.stored};
    struct plan *first = NULL, *last = NULL;
    const struct product p = product_of(s, g, NULL);
    if (!tune_schedules(&p, &s->sources, g, &o))
        return NULL;
    for (size_t i = 0; i < targets->n; i++) {
        o.target = targets->at[i];
        o.lead = first;
        struct plan *plan = plan_make(s->arena, &s->diags, g, &o);
        if (!plan || diags_have_errors(&s->diags))
            return NULL;
        if (last)
            last->next = plan;
        else
            first = plan;
        last = plan;
    }
    return first;
}

/* The network anew, as it was written: it was read without errors before. NULL: it has no loss; an
 * error was heard, and is not said. */
static struct graph *read_again(struct compilation *s, bool with_gradients)
{
    struct diags heard = s->diags;
    int status = 0;
    diags_init(&s->diags, s->arena, &s->sources);
    struct elaborate_options e = elaborate_options(&s->options, s->resources);
    e.evaluates = !with_gradients;
    struct graph *g = read_with(s, &e, &status);
    const bool good = g && (with_gradients ? can_train(s, g) : gradient_add_loss(g, &s->diags));
    s->diags = heard;
    return good ? g : NULL;
}

/* The network that a program for training evaluates by: as at inference, but with its loss. NULL:
 * an error was reported. */
static struct plan *make_evaluation(struct compilation *s, const struct targets *targets)
{
    struct graph *g = read_again(s, false);
    if (!g)
        return NULL;
    g->training = false;
    pass_pipeline(g);
    return make_plans(s, g, targets);
}

/* The tensors of a checkpoint, as the program would list them. */
static int print_params(struct compilation *s, const struct plan *plan)
{
    struct text t;
    char *list = NULL;
    size_t size;
    FILE *out = open_memstream(&list, &size);
    text_init(&t, s->arena);
    if (out) {
        netrt_params_print(plan_model(s->arena, plan), out);
        fclose(out);
        text_append(&t, list);
    }
    free(list);
    return write_text(s, &t);
}

/* The plan of the program for training; NULL: there is none, since the network has no loss or an
 * operator no gradient. */
static struct plan *plan_training(struct compilation *s, const struct targets *targets)
{
    struct graph *g = read_again(s, true);
    if (!g)
        return NULL;
    pass_pipeline(g);
    return make_plans(s, g, targets);
}

static const struct plan *plan_kept(void *context, int64_t keep)
{
    struct compilation *s = context;
    struct targets targets;
    s->keep = keep;
    return find_targets(s, &targets) ? NULL : plan_training(s, &targets);
}

/* What training keeps of a graph, by --recompute and --memory. */
static int choose_kept(struct compilation *s, const struct graph *g)
{
    struct targets targets;
    struct recompute r = {
        .arena = s->arena, .options = &s->options, .plan = plan_kept, .context = s};
    if (!g->training || !(s->options.recompute || s->options.memory))
        return EXIT_ok;
    const int status = find_targets(s, &targets);
    if (status)
        return status;
    if (!recompute_choose(&r, g, &s->keep))
        return wrong_call(r.problem, r.value, r.hint);
    return status_of(s, true);
}

/* What lies between the machines of a step, if that was asked for. */
static int find_link(struct compilation *s, struct machine_link *link)
{
    const char *path = s->options.interconnect;
    return !path || machine_read_link(link, s->arena, &s->diags, path) ? EXIT_ok : EXIT_bad_input;
}

/* A network in training is reported on as it was written, with the memory of its program and the
 * time of its steps. */
static int report_training(struct compilation *s, const struct graph *g, struct targets *targets)
{
    struct machine_link *link = arena_new_of(s->arena, struct machine_link);
    int status = find_machine(s, targets);
    if (!status)
        status = find_link(s, link);
    if (status)
        return status;
    report_check_budgets(s->report, g);
    const struct plan *plan = plan_training(s, targets);
    if (plan)
        report_add_trainer(s->report, plan, s->keep);
    if (plan && s->machine)
        report_predict_step(s->report, plan, s->machine, s->options.interconnect ? link : NULL);
    return print_report(s);
}

/* What training has no form of. */
static int refuse_training(const struct compilation *s)
{
    if (s->options.mpi && !cc_has_mpi())
        return wrong_call("netc was built where there was no MPI, which is needed for", "--mpi",
                          "configure looks for Open MPI or MPICH with pkg-config (Debian: "
                          "libopenmpi-dev)");
    if (s->options.emit == EMIT_lib || s->options.emit == EMIT_shared ||
        s->options.emit == EMIT_c || s->options.single_file)
        return wrong_call("training is an executable, not a library or C:", "--train",
                          "'netc --train FILE.net -o NAME' makes one");
    if (s->options.weights)
        return wrong_call("the weights of training change, and are not embedded:", "--weights",
                          "give the program '--init FILE'");
    return EXIT_ok;
}

/* The plans of a graph after its passes, one for each target. */
static int plan_graph(struct compilation *s, struct graph *g, struct targets *targets,
                      struct plan **plan)
{
    const int status = find_machine(s, targets);
    *plan = status ? NULL : make_plans(s, g, targets);
    return status ? status : *plan ? EXIT_ok : EXIT_bad_input;
}

static int lower(struct compilation *s, struct graph *g)
{
    struct targets targets;
    int status = find_targets(s, &targets);
    if (status)
        return status;
    if (s->options.emit == EMIT_shared && product_is_foreign(&targets.at[0]))
        return wrong_call("a shared library is of the machine that netc runs on, not for",
                          targets.at[0].name, "'--emit=lib' or '--emit=c' is for others");
    if (g->training && s->options.report)
        return report_training(s, g, &targets);
    if (g->training && (status = refuse_training(s)))
        return status;
    if (!s->options.passes_given && !can_train(s, g))
        return EXIT_bad_input;
    if (!s->options.passes_given)
        pass_pipeline(g);
    struct plan *plan;
    if ((status = plan_graph(s, g, &targets, &plan)))
        return status;
    if (s->options.params)
        return print_params(s, plan);
    report_add_program(s->report, g, plan, s->machine);
    const struct product product = product_of(s, g, plan);
    if (s->options.report == FORM_html)
        report_add_code(s->report, &product);
    if (s->options.report)
        return print_report(s);
    if (diags_have_errors(&s->diags))
        return EXIT_bad_input;
    if (s->options.emit == EMIT_plan)
        return print_plan(s, plan);
    struct plan *evaluation = g->training ? make_evaluation(s, &targets) : NULL;
    return g->training && !evaluation ? EXIT_bad_input : produce(s, plan, evaluation);
}

/* All that a report says of a graph, into s->report: of a network that runs by its plan, too. */
static int complete_report(struct compilation *s, struct graph *g)
{
    struct targets targets;
    int status = find_targets(s, &targets);
    if (!(s->report = report_of_graph(s->arena, &s->diags, g, &s->options)))
        return EXIT_bad_input;
    if (status || g->training)
        return status;
    pass_pipeline(g);
    struct plan *plan;
    if (!(status = plan_graph(s, g, &targets, &plan)))
        report_add_program(s->report, g, plan, s->machine);
    return status;
}

/* The report of options that outlive it, in an arena of its own; messages are printed. */
static struct report *report_of_options(struct arena *arena, const struct options *o, int *status)
{
    struct compilation s;
    compilation_init(&s, arena);
    s.options = *o;
    struct graph *g = NULL;
    if (!(*status = set_warnings(&s)))
        g = read_file(&s, status);
    if (!*status && (!g || diags_have_errors(&s.diags)))
        *status = EXIT_bad_input;
    if (!*status)
        *status = complete_report(&s, g);
    diagnostics_print(&s.diags, o->diagnostics, stderr);
    if (s.report)
        s.report->options = o;
    return *status ? NULL : s.report;
}

/* Sets the file and net of --diff: a net of the file, or a file and, after a colon, a net of it.
 * Returns whether it is a file. */
static bool choose_other(struct arena *arena, struct options *o)
{
    const char *other = o->diff;
    if (foreign_kind(other)) {
        o->file = other;
        o->net = NULL;
        return true;
    }
    const bool file = split_net(arena, other, &o->file, &o->net);
    o->net = file ? o->net : other;
    return file;
}

/* From another file to this one, or from this net to another one of the file. */
static int print_diff(struct compilation *s)
{
    int status = EXIT_ok;
    struct options other = s->options;
    const bool before = choose_other(s->arena, &other);
    const struct options *const first = before ? &other : &s->options;
    const struct options *const second = before ? &s->options : &other;
    struct text t;
    text_init(&t, s->arena);
    const struct report *was = report_of_options(s->arena, first, &status);
    const struct report *is = was ? report_of_options(s->arena, second, &status) : NULL;
    if (!is)
        return status;
    return report_diff(&t, was, is, &s->diags, to_terminal(s)) ? write_text(s, &t) : EXIT_bad_input;
}

static int print_several(struct compilation *s)
{
    struct nets nets;
    struct text t;
    bool part;
    text_init(&t, s->arena);
    if (s->options.train && s->options.machine)
        return wrong_call("the table of several networks has times of those that run, not with",
                          "--train", "leave out --machine");
    const int status = several_make(&nets, s->arena, &s->options, report_of_options, &part);
    if (status && !part)
        return status;
    if (!nets_print(&t, &nets, &s->diags, to_terminal(s)) || write_text(s, &t))
        return EXIT_bad_input;
    return status;
}

/* Whether the names exist that the options of the report give. */
static int check_names(struct compilation *s)
{
    const char *value, *hint;
    const char *wrong = report_check_options(s->arena, &s->options, &value, &hint);
    return wrong ? wrong_call(wrong, value, hint) : EXIT_ok;
}

static int serve(const struct compilation *s)
{
    const struct lsp_options o = {.include_dirs = s->options.include_dirs.at,
                                  .n_include_dirs = s->options.include_dirs.n,
                                  .resources = s->resources};
    return lsp_serve(&o, STDIN_FILENO, STDOUT_FILENO);
}

/* Changes the file as messages propose, until they propose no more; then says what is left. */
static int fix(struct compilation *s)
{
    enum { MOST_ROUNDS = 16 };
    int status = EXIT_ok, changes = 1;
    for (int round = 0; round < MOST_ROUNDS && changes > 0; round++) {
        struct arena *arena = s->arena;
        const struct options options = s->options;
        compilation_init(s, arena);
        s->options = options;
        if ((status = set_warnings(s)))
            return status;
        (void)read_file(s, &status);
        changes = diagnostics_fix(&s->diags, s->options.file);
    }
    return status ? status : status_of(s, true);
}

static int compile(struct compilation *s)
{
    if (s->options.lsp)
        return serve(s);
    if (s->options.format)
        return status_of(s, restyle(&s->sources, s->strings, &s->diags, &s->options));
    int status = set_warnings(s);
    if (status || (status = check_names(s)))
        return status;
    if (s->options.watch)
        return status_of(s, watch(s->arena, &s->diags, &s->options));
    if (s->options.fix)
        return fix(s);
    if (several_asked(&s->options))
        return print_several(s);
    if (s->options.diff)
        return print_diff(s);
    if (s->options.emit == EMIT_onnx && (status = check_onnx(s)))
        return status;
    if (s->options.emit == EMIT_net && (status = check_net(s)))
        return status;
    if (s->options.emit == EMIT_gradient && s->options.passes_given)
        return wrong_call("derivatives are of a network as it was written, without", "--passes",
                          "leave out --passes, or --emit=gradient");
    if (s->options.emit == EMIT_ast && foreign_kind(s->options.file))
        return wrong_call("--emit=ast takes a .net file, not", s->options.file,
                          arena_printf(s->arena, "--emit=graph prints the graph of %s",
                                       foreign_kind(s->options.file)));
    if (s->options.emit == EMIT_ast)
        return print_tree(s);
    struct graph *g = read_file(s, &status);
    if (status || !g || diags_have_errors(&s->diags))
        return status ? status : EXIT_bad_input;
    if ((status = choose_kept(s, g)))
        return status;
    bool text = s->options.emit == EMIT_graph || s->options.emit == EMIT_dot ||
                s->options.emit == EMIT_net || s->options.emit == EMIT_gradient ||
                (s->options.passes_given && s->options.emit == EMIT_executable);
    if (!text && !(s->report = report_of_graph(s->arena, &s->diags, g, &s->options)))
        return EXIT_bad_input;
    if (s->options.min_input && (is_graph_text(s->options.file) || foreign_kind(s->options.file)))
        return wrong_call("--min-input takes a .net file, not", s->options.file,
                          "the shapes of a graph are fixed");
    if (s->options.min_input)
        return print_min_input(s);
    if (s->options.explain && ((status = print_explanation(s)) || s->options.report <= FORM_md))
        return status;
    if ((status = run_passes(s, g)) || (s->options.depend && (status = write_dependencies(s, g))))
        return status;
    if (s->options.emit == EMIT_onnx)
        return diags_have_errors(&s->diags) ? EXIT_bad_input : export_graph(s, g);
    if (s->options.emit == EMIT_net)
        return describe_graph(s, g);
    if (s->options.emit == EMIT_gradient)
        return print_derivatives(s, g);
    return text ? print_graph(s, g) : lower(s, g);
}

/* --help and --version were answered. */
static int finish_answer(struct compilation *s)
{
    return status_of(s, output_write(&s->diags, "-", "", 0));
}

int main(int argc, char **argv)
{
    struct compilation s;
    struct arena *arena = arena_new();
    compilation_init(&s, arena);
    enum options_result parsed = options_parse(&s.options, arena, argc, argv);
    int status = parsed == OPTIONS_wrong ? EXIT_wrong_call
                 : parsed == OPTIONS_run ? compile(&s)
                                         : finish_answer(&s);
    diagnostics_print(&s.diags, s.options.diagnostics, stderr);
    arena_free(arena);
    return status;
}
