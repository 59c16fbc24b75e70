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
    static const char *const locals[] = {"a", "c", "i", "w", "step", "task", "shape", "arena"};
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
        cwriter_line(w, " * Compile with: cc -O3 -march=native FILE.c -lm -lpthread");
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

/* `used`: the kernels, NULL in a file without code; `shared`: whether another file has the rest. */
static void emit_includes(struct emitter *e, const bool *used, bool shared)
{
    cwriter_line(&e->w, "#include \"core/model.h\"");
    cwriter_line(&e->w, "#include \"core/pool.h\"");
    if (!shared)
        cwriter_line(&e->w, "#include \"%s\"",
                     e->options->executable ? "host/host.h" : "core/bind.h");
    for (int i = 0; used && i < N_KERNELS; i++)
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

static struct emitter emitter_of(struct text *out, struct diags *diags, const struct plan *plan,
                                 const struct emit_options *options)
{
    struct emitter e = {
        .arena = plan->arena, .plan = plan, .options = options, .sources = diags->sources};
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
    emit_tables(e);
    if (e->options->executable)
        emit_main(e);
    else
        emit_interface(e);
}

static bool emit_single_file(struct emitter *e, struct diags *diags)
{
    const bool *used = used_kernels(e->plan);
    struct text runtime;
    text_init(&runtime, e->arena);
    if (!emit_runtime(&runtime, diags, e->options->runtime, used))
        return false;
    choose_names(e, text_string(&runtime));
    describe(e, true);
    emit_settings(e);
    text_append_n(e->w.out, text_string(&runtime), runtime.n);
    cwriter_line(&e->w, "#pragma GCC diagnostic pop");
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
    emit_includes(&e, plan->next ? NULL : used_kernels(plan), false);
    if (!plan->next)
        emit_plan(&e, false);
    emit_rest(&e);
    return true;
}

const char *emit_code_name(const struct plan *plan, const char *name)
{
    return arena_printf(plan->arena, "%s_%s", name, c_identifier(plan->arena, plan->target.name));
}

void emit_code(struct text *out, struct diags *diags, const struct plan *plan,
               const struct emit_options *options)
{
    struct emitter e = emitter_of(out, diags, plan, options);
    choose_names(&e, NULL);
    describe(&e, true);
    emit_includes(&e, used_kernels(plan), true);
    emit_plan(&e, true);
}
