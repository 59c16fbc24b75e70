#include "product.h"

#include "core/checkpoint.h"
#include "driver/cc.h"
#include "driver/output.h"
#include "emit/emit.h"

#include <stdlib.h>
#include <string.h>

static bool to_stream(const struct product *p)
{
    return p->options->output && !strcmp(p->options->output, "-");
}

/* The path of the product, without an ending: what -o says, or the net's name. */
static const char *stem(const struct product *p)
{
    return p->options->output && !to_stream(p) ? p->options->output : p->name;
}

/* Whether weights are embedded: those of --weights, or else of the network's own file. Into a
 * stream of C nothing is: they would lie in a file beside it. */
static bool embeds(const struct product *p)
{
    const bool own = p->own && p->plan->graph->params.n && !to_stream(p);
    return p->options->weights || own;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static char *with_ending(const struct product *p, const char *path, const char *ending)
{
    return arena_printf(p->arena, "%s%s", path, ending);
}

/* "out/libresnet18.a" of "out/resnet18". */
static char *library_path(const struct product *p)
{
    const char *path = stem(p), *base = base_name(path);
    const char *ending = p->options->emit == EMIT_shared ? "so" : "a";
    return arena_printf(p->arena, "%.*slib%s.%s", (int)(base - path), path, base, ending);
}

const char *product_path(const struct product *p)
{
    if (p->options->emit == EMIT_lib || p->options->emit == EMIT_shared)
        return library_path(p);
    if (p->options->emit == EMIT_onnx)
        return p->options->output ? p->options->output : with_ending(p, p->name, ".onnx");
    if (p->options->emit == EMIT_net)
        return p->options->output ? p->options->output : with_ending(p, p->name, ".net");
    if (p->options->emit == EMIT_c || p->options->single_file)
        return with_ending(p, stem(p), ".c");
    return stem(p);
}

static bool failed(const struct product *p, const char *what)
{
    diag_add(p->diags, (struct span){0}, MESSAGE(err_weights), what);
    return false;
}

static bool bind_checkpoint(const struct product *p, const struct netrt_model *model, void *packed)
{
    char error[512], *report = NULL;
    const struct options *o = p->options;
    const struct netrt_checkpoint_options options = {.map = o->weights_map,
                                                     .ignore_extra = o->ignore_extra.at,
                                                     .n_ignore_extra = o->ignore_extra.n};
    bool done =
        !netrt_checkpoint_bind(model, o->weights, &options, packed, error, sizeof error, &report);
    if (!done)
        failed(p, report ? arena_printf(p->arena, "%s\n%s", error, report) : error);
    free(report);
    return done;
}

static bool bind_own(const struct product *p, const struct netrt_model *model, void *packed)
{
    char error[512];
    return !netrt_pack_weights(model, p->own, packed, error, sizeof error) || failed(p, error);
}

/* Binds the weights and writes the packed bytes to `path`. */
static bool write_weights(const struct product *p, const char *path)
{
    const struct netrt_model *model = plan_model(p->arena, p->plan);
    void *packed = aligned_alloc(64, model->weights_bytes ? model->weights_bytes : 64);
    if (!packed)
        return failed(p, "out of memory");
    /* between aligned tensors too: the same input, the same bytes */
    memset(packed, 0, model->weights_bytes);
    bool done =
        p->options->weights ? bind_checkpoint(p, model, packed) : bind_own(p, model, packed);
    done = done && output_write(p->diags, path, packed, model->weights_bytes);
    free(packed);
    return done;
}

/* What is written for the C compiler. */
struct c_files {
    struct arena *arena;
    VEC(struct cc_source) at;
};

/* Writes a text to `path`.c, or to standard output. */
static bool write_c(const struct product *p, const char *path, const struct text *c,
                    struct c_files *files, const struct cc_source *how)
{
    struct cc_source source = *how;
    source.path = to_stream(p) ? "-" : with_ending(p, path, ".c");
    VEC_PUSH(files->arena, &files->at, source);
    return output_write(p->diags, source.path, c->at, c->n);
}

/* Writes the files of a plan's kernels, if they stand in such, beside its code `path`.c. */
static bool write_parts(const struct product *p, const char *path, const struct plan *plan,
                        const struct emit_options *options, struct c_files *files)
{
    const struct cc_source how = {.flags = plan->target.flags};
    bool done = true;
    for (size_t i = 0; i < emit_parts(plan, options) && done; i++) {
        struct text c;
        text_init(&c, p->arena);
        emit_part(&c, p->diags, plan, options, i);
        done = write_c(p, arena_printf(p->arena, "%s_%zu", path, i), &c, files, &how);
    }
    return done;
}

/* Writes the code of each target, where there are several, beside `path`.c. */
static bool write_codes(const struct product *p, const char *path,
                        const struct emit_options *options, struct c_files *files)
{
    bool done = true;
    const bool several = p->plan->next && !options->single_file;
    for (const struct plan *plan = several ? p->plan : NULL; plan && done; plan = plan->next) {
        const struct cc_source how = {.flags = plan->target.flags};
        const char *name = emit_code_name(plan, path);
        struct text c;
        text_init(&c, p->arena);
        emit_code(&c, p->diags, plan, options);
        done = write_parts(p, name, plan, options, files) && write_c(p, name, &c, files, &how);
    }
    return done;
}

/* Writes the C of the plan to `path`.c and beside it, with the packed weights. */
static bool write_source(const struct product *p, const char *path, struct emit_options *options,
                         struct c_files *files)
{
    struct text c;
    struct cc_source how = {.flags = p->plan->next ? "" : p->plan->target.flags};
    text_init(&c, p->arena);
    options->name = options->evaluation ? "evaluation" : base_name(stem(p));
    options->runtime = with_ending(p, p->resources, "/include");
    if (embeds(p)) {
        how.folder = arena_strndup(p->arena, path, (size_t)(base_name(path) - path));
        options->weights_file = with_ending(p, base_name(path), ".weights");
        if (!write_weights(p, with_ending(p, path, ".weights")))
            return false;
    }
    return (p->plan->next || write_parts(p, path, p->plan, options, files)) &&
           emit_c(&c, p->diags, p->plan, options) && write_codes(p, path, options, files) &&
           write_c(p, path, &c, files, &how);
}

static bool write_header(const struct product *p, const char *path, const struct emit_options *o)
{
    struct text h;
    text_init(&h, p->arena);
    emit_header(&h, p->plan, o);
    return output_write(p->diags, with_ending(p, path, ".h"), h.at, h.n);
}

bool product_c(const struct product *p)
{
    bool single = p->options->single_file;
    if (embeds(p) && !output_check(p->diags, with_ending(p, stem(p), ".weights")))
        return false;
    struct emit_options o = {.single_file = single, .executable = single};
    struct c_files files = {.arena = p->arena};
    return write_source(p, stem(p), &o, &files) &&
           (single || to_stream(p) || write_header(p, stem(p), &o));
}

static bool finds_boxes(const struct product *p)
{
    return graph_find_output(p->plan->graph, NETRT_PURPOSE_boxes);
}

/* Compiles sources to `output`: a static library, a shared one with these exports, or a program. */
static bool compile(const struct product *p, const struct c_files *files, const char *output,
                    bool library, const char *exports, bool alone)
{
    const struct cc_call call = {
        .compiler = p->options->cc ? p->options->cc : p->plan->target.compiler,
        .resources = p->resources,
        .sources = files->at.at,
        .n_sources = files->at.n,
        .output = output,
        .library = library,
        .exports = exports,
        .alone = alone,
        .xml = finds_boxes(p),
        .mpi = p->options->mpi,
        .verbose = p->options->verbose,
    };
    return cc_run(p->arena, p->diags, &call);
}

/* The names that a shared library shows; NULL: it is a static one, or an error was reported. */
static const char *write_exports(const struct product *p, const char *folder,
                                 const struct emit_options *o)
{
    struct text t;
    const char *path = with_ending(p, folder, "/net.exports");
    text_init(&t, p->arena);
    emit_exports(&t, p->plan, o);
    return o->shared && output_write(p->diags, path, t.at, t.n) ? path : NULL;
}

bool product_library(const struct product *p)
{
    struct output_folder folder;
    if (!output_check(p->diags, library_path(p)) ||
        !output_folder_make(&folder, p->arena, p->diags))
        return false;
    struct c_files files = {.arena = p->arena};
    struct emit_options o = {.shared = p->options->emit == EMIT_shared, .apart = true};
    bool done = write_source(p, with_ending(p, folder.path, "/net"), &o, &files);
    const char *exports = done ? write_exports(p, folder.path, &o) : NULL;
    done = done && (exports || !o.shared) &&
           compile(p, &files, library_path(p), !o.shared, exports, false) &&
           write_header(p, stem(p), &o);
    output_folder_remove(&folder);
    return done;
}

bool product_is_foreign(const struct target *target)
{
#ifdef __aarch64__
    return strcmp(target->name, "native") && strcmp(target->name, "aarch64") &&
           strcmp(target->name, "generic");
#else
    return !strcmp(target->name, "aarch64");
#endif
}

/* What a program for training evaluates by, beside the code that it trains with. */
static bool write_evaluation(const struct product *p, const char *folder, struct c_files *files)
{
    struct product own = *p;
    struct emit_options o = {.evaluation = true, .apart = true};
    own.plan = p->evaluation;
    return !own.plan || write_source(&own, with_ending(p, folder, "/evaluation"), &o, files);
}

bool product_executable(const struct product *p)
{
    struct output_folder folder;
    if (!output_check(p->diags, stem(p)) || !output_folder_make(&folder, p->arena, p->diags))
        return false;
    /* libnetrt.a is of the machine that netc runs on: others have the runtime in their one file. */
    bool alone = product_is_foreign(&p->plan->target);
    struct c_files files = {.arena = p->arena};
    struct emit_options o = {.executable = true,
                             .single_file = alone,
                             .apart = !alone,
                             .training = p->plan->graph->training,
                             .mpi = p->options->mpi,
                             .boxes = finds_boxes(p) && !alone};
    bool done = write_source(p, with_ending(p, folder.path, "/net"), &o, &files) &&
                write_evaluation(p, folder.path, &files) &&
                compile(p, &files, stem(p), false, NULL, alone);
    output_folder_remove(&folder);
    return done;
}
