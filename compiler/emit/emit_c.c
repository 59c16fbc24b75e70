/* NAME.c: what it is, the runtime, kernels, functions, tables, interface. */
#include "emit/parts.h"

#include <string.h>

/* The kernels of the file, of the plans before `end`. */
static bool *used_kernels(const struct emitter *e, const struct plan *end)
{
    bool *used = arena_array(e->arena, N_KERNELS, sizeof *used);
    for (const struct plan *plan = e->plan; plan != end; plan = plan->next)
        for (size_t i = 0; i < plan->tasks.n; i++)
            used[plan->tasks.at[i].kernel] |= task_is_here(e, i);
    return used;
}

static const char *target_word(const struct plan *plan)
{
    return c_identifier(plan->arena, plan->target.name);
}

/* A file with the code of several targets. */
static bool holds_several(const struct emitter *e)
{
    return e->options->single_file && e->several;
}

/* What the names of kernels in files of their own start with, so that no two networks or targets of
 * a program have one in common. */
static const char *prefix_of_tasks(const struct emitter *e)
{
    const char *name = e->options->executable ? "net" : e->options->name;
    if (!e->parts)
        return "";
    return arena_printf(e->arena, "%s_task_",
                        c_identifier(e->arena, e->several ? emit_code_name(e->plan, name) : name));
}

static const char *add_name(struct emitter *e, const char *name)
{
    const bool several = holds_several(e);
    return names_add(&e->names,
                     several ? arena_printf(e->arena, "%s_%s", name, target_word(e->plan)) : name);
}

/* Names of functions: not of the runtime that stands in the same file, and none that a parameter
 * or local would hide. */
static void choose_names(struct emitter *e, const char *runtime)
{
    static const char *const locals[] = {"a",    "c",     "i",     "w",    "step",
                                         "task", "shape", "sizes", "arena"};
    const struct plan *plan = e->plan;
    names_init(&e->names, e->arena);
    e->names.elsewhere = runtime;
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        unique_take(&e->names.unique, locals[i]);
    const char *prefix = prefix_of_tasks(e);
    e->task = arena_array(e->arena, plan->tasks.n, sizeof *e->task);
    e->function = arena_array(e->arena, plan->functions.n, sizeof *e->function);
    for (size_t i = 0; i < plan->tasks.n; i++)
        e->task[i] = add_name(e, arena_printf(e->arena, "%s%s", prefix, plan->tasks.at[i].name));
    e->shared = arena_array(e->arena, plan->tasks.n, sizeof *e->shared);
    for (size_t i = 0; i < plan->tasks.n; i++)
        if (plan->tasks.at[i].n_like > 1)
            e->shared[i] =
                add_name(e, arena_printf(e->arena, "%s%s_shared", prefix, plan->tasks.at[i].name));
    for (size_t i = 0; i + 1 < plan->functions.n; i++)
        e->function[i] = add_name(e, plan->functions.at[i].name);
}

/* "x86-64-v4, x86-64-v3": what the file is for. */
static const char *targets_of(const struct emitter *e, bool one)
{
    struct text t;
    text_init(&t, e->arena);
    for (const struct plan *plan = e->plan; plan; plan = one ? NULL : plan->next)
        text_printf(&t, "%s%s", t.n ? ", " : "", plan->target.name);
    return text_string(&t);
}

static void describe_command(struct emitter *e, bool one)
{
    struct cwriter *w = &e->w;
    if (e->options->single_file) {
        cwriter_line(w, " * Compile with: cc -O3 %sFILE.c -lm -lpthread",
                     one ? "-march=native " : "");
        return;
    }
    cwriter_line(w, " * Compile with: cc -std=gnu11 -O3 %s", one ? e->plan->target.flags : "");
    cwriter_line(w, " *     -ffp-contract=fast -fno-math-errno -fno-trapping-math "
                    "$(pkg-config --cflags netrt)");
    if (one)
        return;
    cwriter_line(w, " * and beside it, with these flags more:");
    for (const struct plan *plan = e->plan; plan; plan = plan->next)
        cwriter_line(w, " *     %s.c  %s",
                     c_comment(e->arena, emit_code_name(plan, e->options->name)),
                     plan->target.flags);
}

static void describe(struct emitter *e, bool one)
{
    const struct plan *plan = e->plan;
    const struct graph *graph = plan->graph;
    double macs = 0;
    for (size_t i = 0; i < plan->steps.n; i++)
        macs += plan->steps.at[i].macs;
    cwriter_line(&e->w, "/*");
    cwriter_line(&e->w, " * Network %s of %s, compiled by netc " NETC_VERSION " for %s.",
                 c_comment(e->arena, graph->name ? graph->name : "unnamed"),
                 c_comment(e->arena, graph->source ? graph->source : "no file"),
                 targets_of(e, one));
    cwriter_line(&e->w, " *");
    for (size_t i = 0; i < graph->inputs.n; i++)
        cwriter_line(&e->w, " *   input   %s %s",
                     c_comment(e->arena, graph->inputs.at[i].node->name),
                     text_of_dims(e->arena, &graph->inputs.at[i].node->type));
    for (size_t i = 0; i < graph->outputs.n; i++)
        cwriter_line(&e->w, " *   output  %s %s", c_comment(e->arena, graph->outputs.at[i].name),
                     text_of_dims(e->arena, &graph->outputs.at[i].node->type));
    cwriter_line(&e->w, " *   work    %s multiply-accumulates in %zu steps",
                 text_of_count(e->arena, macs), plan->steps.n);
    cwriter_line(&e->w, " *   memory  %sB of weights, %sB of workspace",
                 text_of_count(e->arena, (double)plan->weights_bytes),
                 text_of_count(e->arena, (double)plan->arena_bytes));
    cwriter_line(&e->w, " *");
    describe_command(e, one);
    cwriter_line(&e->w, " */");
}

/* `code`: whether the file has some of the plan; `shared`: whether another file has the rest. */
static void emit_includes(struct emitter *e, bool code, bool shared)
{
    const bool *used = used_kernels(e, code ? e->plan->next : e->plan);
    cwriter_line(&e->w, "#include \"core/model.h\"");
    cwriter_line(&e->w, "#include \"core/pool.h\"");
    if (!shared && e->options->training)
        cwriter_line(&e->w, "#include \"core/recipe.h\"");
    if (!shared)
        cwriter_line(&e->w, "#include \"%s\"",
                     e->options->mpi          ? "train/ranks.h"
                     : e->options->training   ? "train/train.h"
                     : e->options->executable ? "host/host.h"
                     : e->options->shared     ? "core/library.h"
                                              : "core/bind.h");
    if (!shared && !e->options->training && !e->options->executable &&
        interface_prepares(e->plan->graph))
        cwriter_line(&e->w, "#include \"picture/prepare.h\"");
    if (!shared && !e->options->training && !e->options->executable &&
        interface_finds(e->plan->graph))
        cwriter_line(&e->w, "#include \"answer/found.h\"");
    emit_uses(e, code ? e->plan->next : e->plan);
    for (int i = 0; i < N_KERNELS; i++)
        if (used[i])
            cwriter_line(&e->w, "#include \"kernels/%s.h\"", kernel_info((enum kernel)i)->name);
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "#include <stdint.h>");
}

/* What the command line of a single file does not say; the runtime has functions that no network
 * needs all of. gcc contracts products and sums by itself; clang is told. */
static void emit_settings(struct emitter *e)
{
    static const char *const lines[] = {
        "#ifndef _GNU_SOURCE",
        "#define _GNU_SOURCE",
        "#endif",
        "#ifdef __clang__",
        "#pragma clang fp contract(fast)",
        "#endif",
        "#pragma GCC diagnostic push",
        "#pragma GCC diagnostic ignored \"-Wunused-function\"",
    };
    for (const char *at = e->several ? "" : e->plan->target.flags; (at = strstr(at, "-D")); at += 2)
        cwriter_line(&e->w, "#define %.*s", (int)strcspn(at + 2, " "), at + 2);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cwriter_line(&e->w, "%s", lines[i]);
}

static struct emitter emitter_of(struct text *out, struct diags *diags, const struct plan *plan,
                                 const struct emit_options *options)
{
    struct emitter e = {
        .arena = plan->arena, .plan = plan, .options = options, .sources = diags->sources};
    e.several = plan->next;
    e.parts = emit_parts(plan, options);
    e.part = parts_of_tasks(plan, e.parts);
    e.file = e.parts;
    cwriter_init(&e.w, out);
    return e;
}

/* A function for each kernel instance, block and network, and the table of one row that names it.
 */
static void emit_plan(struct emitter *e, bool shared)
{
    emit_tasks(e);
    emit_functions(e);
    emit_own_code(e, shared);
}

/* What the network is to the runtime and to its users. */
static void emit_rest(struct emitter *e)
{
    emit_recipe(e);
    emit_tables(e);
    if (e->options->executable)
        emit_main(e);
    else if (!e->options->evaluation)
        emit_interface(e);
}

/* "arch=x86-64-v4,prefer-vector-width=512" of -march and -m; "" if there are none. */
static const char *options_of(const struct emitter *e, const struct target *target)
{
    struct text t;
    text_init(&t, e->arena);
    for (const char *at = target->flags; (at = strstr(at, "-m")); at += 2)
        text_printf(&t, "%s%.*s", t.n ? "," : "", (int)strcspn(at + 2, " "), at + 2);
    return text_string(&t);
}

/* From here on functions are compiled for a target, or, with `end`, for the file's own again. */
static void emit_target_options(struct emitter *e, const struct plan *plan, bool end)
{
    struct cwriter *w = &e->w;
    const char *options = options_of(e, &plan->target);
    const char *arch = arena_strndup(e->arena, options, strcspn(options, ","));
    const char *apply = "apply_to = function)";
    if (!*options)
        return;
    cwriter_line(w, "#ifdef __clang__");
    if (end)
        cwriter_line(w, "#pragma clang attribute pop");
    else
        cwriter_line(w, "#pragma clang attribute push(__attribute__((target(\"%s\"))), %s", arch,
                     apply);
    if (end)
        cwriter_line(w, "#pragma clang attribute pop");
    else
        cwriter_line(w, "#pragma clang attribute push(__attribute__((min_vector_width(%d))), %s",
                     32 * plan->target.lanes, apply);
    cwriter_line(w, "#else");
    if (end)
        cwriter_line(w, "#pragma GCC pop_options");
    else
        cwriter_line(w, "#pragma GCC push_options");
    if (!end)
        cwriter_line(w, "#pragma GCC target(\"%s\")", options);
    cwriter_line(w, "#endif");
}

/* Kernels and code of one target of several, under its name. */
static void emit_target(struct emitter *e, const struct plan *plan, const struct text *runtime,
                        const struct text *kernels)
{
    struct text code;
    struct renaming renaming;
    struct emitter one = *e;
    text_init(&code, e->arena);
    cwriter_init(&one.w, &code);
    one.plan = plan;
    choose_names(&one, arena_printf(e->arena, "%s%s", runtime->at, kernels->at));
    text_append_n(&code, kernels->at, kernels->n);
    emit_plan(&one, false);
    renaming_init(&renaming, e->arena, runtime->at);
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "/* ==== %s ==== */", plan->target.name);
    cwriter_line(&e->w, "%s", "");
    emit_target_options(e, plan, false);
    cwriter_line(&e->w, "#define NETRT_%s_VL %d", target_word(plan), plan->target.lanes);
    rename_for_target(&renaming, e->w.out, text_string(&code), target_word(plan));
    emit_target_options(e, plan, true);
}

static bool emit_single_file(struct emitter *e, struct diags *diags)
{
    struct text runtime, kernels;
    text_init(&runtime, e->arena);
    text_init(&kernels, e->arena);
    if (!emit_runtime(&runtime, &kernels, diags, e->options->runtime, used_kernels(e, NULL)))
        return false;
    describe(e, !e->several);
    emit_settings(e);
    emit_uses(e, NULL);
    text_append_n(e->w.out, text_string(&runtime), runtime.n);
    for (const struct plan *plan = e->several ? e->plan : NULL; plan; plan = plan->next)
        emit_target(e, plan, &runtime, &kernels);
    if (!e->several) {
        choose_names(e, arena_printf(e->arena, "%s%s", runtime.at, kernels.at));
        text_append_n(e->w.out, text_string(&kernels), kernels.n);
    }
    cwriter_line(&e->w, "#pragma GCC diagnostic pop");
    if (!e->several)
        emit_plan(e, false);
    emit_rest(e);
    return true;
}

bool emit_c(struct text *out, struct diags *diags, const struct plan *plan,
            const struct emit_options *options)
{
    struct emitter e = emitter_of(out, diags, plan, options);
    if (options->single_file)
        return emit_single_file(&e, diags);
    choose_names(&e, NULL);
    describe(&e, !plan->next);
    emit_includes(&e, !plan->next, false);
    if (!plan->next)
        emit_plan(&e, false);
    emit_rest(&e);
    return true;
}

const char *emit_code_name(const struct plan *plan, const char *name)
{
    return arena_printf(plan->arena, "%s_%s", name, target_word(plan));
}

void emit_code(struct text *out, struct diags *diags, const struct plan *plan,
               const struct emit_options *options)
{
    struct emitter e = emitter_of(out, diags, plan, options);
    choose_names(&e, NULL);
    describe(&e, true);
    emit_includes(&e, true, true);
    emit_plan(&e, true);
}

size_t emit_parts(const struct plan *plan, const struct emit_options *options)
{
    const size_t n = plan->tasks.n;
    return !options->apart ? 0 : n >= 64 ? 8 : n >= 28 ? 4 : n >= 12 ? 2 : 0;
}

void emit_part(struct text *out, struct diags *diags, const struct plan *plan,
               const struct emit_options *options, size_t part)
{
    struct emitter e = emitter_of(out, diags, plan, options);
    e.file = part;
    choose_names(&e, NULL);
    emit_includes(&e, true, true);
    emit_tasks(&e);
}
