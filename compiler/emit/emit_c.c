/* NAME.c: what it is, the runtime, kernels, functions, tables, interface. */
#include "emit/parts.h"

#include <string.h>

static bool *used_kernels(const struct plan *plan)
{
    bool *used = arena_array(plan->arena, N_KERNELS, sizeof *used);
    for (size_t i = 0; i < plan->tasks.n; i++)
        used[plan->tasks.at[i].kernel] = true;
    return used;
}

/* Names of functions: not of the runtime that stands in the same file, and none that a parameter
 * or local would hide. */
static void choose_names(struct emitter *e, const char *runtime)
{
    static const char *const locals[] = {"a", "c", "w", "step", "task", "shape", "arena"};
    const struct plan *plan = e->plan;
    names_init(&e->names, e->arena);
    e->names.elsewhere = runtime;
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        VEC_PUSH(e->arena, &e->names.taken, locals[i]);
    e->task = arena_array(e->arena, plan->tasks.n, sizeof *e->task);
    e->function = arena_array(e->arena, plan->functions.n, sizeof *e->function);
    for (size_t i = 0; i < plan->tasks.n; i++)
        e->task[i] = names_add(&e->names, plan->tasks.at[i].name);
    for (size_t i = 0; i + 1 < plan->functions.n; i++)
        e->function[i] = names_add(&e->names, plan->functions.at[i].name);
}

static void describe(struct emitter *e)
{
    const struct plan *plan = e->plan;
    const struct graph *graph = plan->graph;
    double macs = 0;
    for (size_t i = 0; i < plan->steps.n; i++)
        macs += plan->steps.at[i].macs;
    cwriter_line(&e->w, "/*");
    cwriter_line(&e->w, " * Network %s of %s, compiled by netc " NETC_VERSION " for %s.",
                 c_comment(e->arena, graph->name ? graph->name : "unnamed"),
                 c_comment(e->arena, graph->source ? graph->source : "no file"), plan->target.name);
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
    if (e->options->single_file) {
        cwriter_line(&e->w, " * Compile with: cc -O3 -march=native FILE.c -lm -lpthread");
    } else {
        cwriter_line(&e->w, " * Compile with: cc -std=gnu11 -O3 %s", plan->target.flags);
        cwriter_line(&e->w, " *     -ffp-contract=fast -fno-math-errno -fno-trapping-math "
                            "$(pkg-config --cflags netrt)");
    }
    cwriter_line(&e->w, " */");
}

static void emit_includes(struct emitter *e, const bool *used)
{
    cwriter_line(&e->w, "#include \"core/model.h\"");
    cwriter_line(&e->w, "#include \"core/pool.h\"");
    cwriter_line(&e->w, "#include \"%s\"", e->options->executable ? "host/host.h" : "core/bind.h");
    for (int i = 0; i < N_KERNELS; i++)
        if (used[i])
            cwriter_line(&e->w, "#include \"kernels/%s.h\"", kernel_info((enum kernel)i)->name);
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "#include <stdint.h>");
}

/* What the command line of a single file does not say; the runtime has functions that no network
 * needs all of. gcc contracts products and sums by itself;
 * clang is told. */
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
    for (const char *at = e->plan->target.flags; (at = strstr(at, "-D")); at += 2)
        cwriter_line(&e->w, "#define %.*s", (int)strcspn(at + 2, " "), at + 2);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cwriter_line(&e->w, "%s", lines[i]);
}

bool emit_c(struct text *out, struct diags *diags, const struct plan *plan,
            const struct emit_options *options)
{
    struct emitter e = {
        .arena = plan->arena, .plan = plan, .options = options, .sources = diags->sources};
    const bool *used = used_kernels(plan);
    struct text runtime;
    text_init(&runtime, plan->arena);
    if (options->single_file && !emit_runtime(&runtime, diags, options->runtime, used))
        return false;
    cwriter_init(&e.w, out);
    choose_names(&e, options->single_file ? text_string(&runtime) : NULL);
    describe(&e);
    if (options->single_file) {
        emit_settings(&e);
        text_append_n(out, text_string(&runtime), runtime.n);
        cwriter_line(&e.w, "#pragma GCC diagnostic pop");
    } else {
        emit_includes(&e, used);
    }
    emit_tasks(&e);
    emit_functions(&e);
    emit_tables(&e);
    if (options->executable)
        emit_main(&e);
    else
        emit_interface(&e);
    return true;
}
