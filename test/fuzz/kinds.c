#define _XOPEN_SOURCE 700
#include "kinds.h"

#include "darknet/darknet.h"
#include "driver/machine.h"
#include "emit/emit.h"
#include "front/format.h"
#include "front/parse.h"
#include "front/tidy.h"
#include "front/words.h"
#include "lsp/lsp.h"
#include "onnx/onnx.h"
#include "pass/gradient.h"
#include "pass/pass.h"
#include "planner.h"
#include "sema/elaborate.h"
#include "write/write.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The compiler's state for one input. */
struct session {
    struct arena *arena;
    struct strings *strings;
    struct sources sources;
    struct diags diags;
};

static void session_init(struct session *s)
{
    *s = (struct session){.arena = arena_new()};
    s->strings = strings_new(s->arena);
    sources_init(&s->sources, s->arena);
    diags_init(&s->diags, s->arena, &s->sources);
}

/* Prints the messages to nowhere, for the printing's sake. */
static bool session_end(struct session *s)
{
    bool good = !diags_have_errors(&s->diags);
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere) {
        diags_print(&s->diags, nowhere);
        fclose(nowhere);
    }
    arena_free(s->arena);
    return good;
}

/* Packs the weights of a file, where they are few. */
static void pack(struct session *s, const struct plan *plan, struct netrt_source *weights)
{
    enum { MOST = 1 << 24 };
    char error[256];
    const struct netrt_model *model = plan_model(s->arena, plan);
    if (!weights || model->weights_bytes > MOST)
        return;
    void *packed = calloc(1, model->weights_bytes + 1);
    if (packed)
        netrt_pack_weights(model, weights, packed, error, sizeof error);
    free(packed);
}

/* The ways back from a graph: a description, an ONNX file. What they refuse is no error of the
 * input. */
static void write_back(struct session *s, const struct graph *g)
{
    const struct onnx_export_options options = {.opset = ONNX_DEFAULT_OPSET};
    struct written_params params = {0};
    struct onnx_bytes bytes;
    struct diags refused;
    struct text t;
    diags_init(&refused, s->arena, &s->sources);
    text_init(&t, s->arena);
    write_net(&t, &s->sources, &refused, s->strings, g, &params);
    onnx_export(s->arena, &refused, g, &options, &bytes);
}

/* The passes, the plan and C, for a graph and perhaps its weights and schedules. */
static void lower_with(struct session *s, struct graph *g, struct netrt_source *weights,
                       const struct tuning *tuning)
{
    struct plan_options options = {.tuning = tuning};
    struct emit_options emit = {.name = "fuzzed", .executable = true};
    struct text c;
    text_init(&c, s->arena);
    target_find(&options.target, "x86-64-v3");
    pass_pipeline(g);
    struct plan *plan = plan_make(s->arena, &s->diags, g, &options);
    if (!plan)
        return;
    plan_print(&c, plan);
    emit_c(&c, &s->diags, plan, &emit);
    emit_header(&c, plan, &emit);
    pack(s, plan, weights);
}

static void lower(struct session *s, struct graph *g, struct netrt_source *weights)
{
    write_back(s, g);
    lower_with(s, g, weights, NULL);
}

/* Text in the one style is itself in that style; words are read whatever is wrong. */
static void read_as_editors_do(struct session *s, uint32_t source)
{
    struct diags ignored;
    struct text first, second;
    diags_init(&ignored, s->arena, &s->sources);
    text_init(&first, s->arena);
    text_init(&second, s->arena);
    words_read(s->arena, s->strings, &s->sources, source);
    if (!tidy(&first, s->strings, &ignored, source))
        return;
    const uint32_t again = sources_add(&s->sources, "tidy.net", text_string(&first), first.n);
    if (!tidy(&second, s->strings, &ignored, again) || second.n != first.n ||
        memcmp(text_string(&first), text_string(&second), first.n) != 0) {
        fprintf(stderr, "fuzz: text in the style changes again\n");
        abort();
    }
}

/* The name of the file's last net, NULL if it does not parse. */
static const char *last_net(struct session *s, const struct bytes *input)
{
    uint32_t source = sources_add(&s->sources, "input.net", (const char *)input->at, input->n);
    struct ast_file *file = parse(s->arena, s->strings, &s->diags, source);
    const char *name = NULL;
    struct text t;
    read_as_editors_do(s, source);
    if (!file || diags_have_errors(&s->diags))
        return NULL;
    text_init(&t, s->arena);
    format_file(&t, file);
    for (size_t i = 0; i < file->items.n; i++)
        if (file->items.at[i]->kind == ITEM_net)
            name = file->items.at[i]->definition.name;
    return name;
}

/* The graph of the file's last net; NULL after an error. */
static struct graph *elaborate_last(struct session *s, const char *path, const struct bytes *input,
                                    bool training)
{
    struct elaborate_options options = {.file = path,
                                        .net = last_net(s, input),
                                        .batch = 1,
                                        .resources = "examples",
                                        .training = training};
    struct graph *g = NULL;
    if (!options.net ||
        elaborate(s->arena, s->strings, &s->sources, &s->diags, &options, &g) != ELABORATE_OK)
        return NULL;
    return g;
}

static bool run_net(const char *path, const struct bytes *input)
{
    struct session s;
    session_init(&s);
    struct graph *g = elaborate_last(&s, path, input, false);
    if (g)
        lower(&s, g, NULL);
    return session_end(&s) && g;
}

/* The graph with its loss and gradients. */
static bool run_train(const char *path, const struct bytes *input)
{
    struct session s;
    session_init(&s);
    struct graph *g = elaborate_last(&s, path, input, true);
    const bool trains = g && gradient_add_loss(g, &s.diags) && gradient_check(g, &s.diags);
    if (trains)
        lower_with(&s, g, NULL, NULL);
    return session_end(&s) && trains;
}

/* Schedules of a small net's layers. */
static bool run_schedule(const char *path, const struct bytes *input)
{
    static const char text[] = "net n { input x[16, 24, 24]\n repeat 2 { conv(32, 3, padding=1) }\n"
                               " conv(16, 1) -> conv(16, 3, groups=16) -> flatten -> linear(8) }\n";
    const struct bytes net = {.at = (unsigned char *)(uintptr_t)text, .n = sizeof text - 1};
    struct session s;
    session_init(&s);
    struct tuning *tuning = tuning_new(s.arena);
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(net.at, 1, net.n, file) == net.n;
    good = file && !fclose(file) && good;
    uint32_t source = sources_add(&s.sources, "input", (const char *)input->at, input->n);
    struct graph *g = good && tuning_read(tuning, &s.diags, source)
                          ? elaborate_last(&s, path, &net, false)
                          : NULL;
    if (g)
        lower_with(&s, g, NULL, tuning);
    return session_end(&s) && g;
}

static bool run_machine(const char *path, const struct bytes *input)
{
    struct machine machine;
    struct session s;
    struct text t;
    session_init(&s);
    (void)input;
    text_init(&t, s.arena);
    if (machine_read(&machine, s.arena, &s.diags, path))
        machine_print(&t, &machine);
    return session_end(&s);
}

/* The messages of an editor. */
static bool run_lsp(const char *path, const struct bytes *input)
{
    const struct lsp_options options = {.resources = "examples"};
    const int in = open(path, O_RDONLY), out = open("/dev/null", O_WRONLY);
    (void)input;
    const bool good = in >= 0 && out >= 0 && !lsp_serve(&options, in, out);
    close(in);
    close(out);
    return good;
}

static bool run_graph(const char *path, const struct bytes *input)
{
    struct session s;
    struct text t;
    const char *why;
    session_init(&s);
    (void)path;
    uint32_t source = sources_add(&s.sources, "input.graph", (const char *)input->at, input->n);
    struct graph *g = graph_read(s.arena, s.strings, &s.diags, source);
    bool good = g && graph_verify(g, &why);
    if (good) {
        text_init(&t, s.arena);
        graph_print(&t, g);
        lower(&s, g, NULL);
    }
    return session_end(&s) && good;
}

static bool run_onnx(const char *path, const struct bytes *input)
{
    const struct onnx_options options = {.path = path, .batch = 1};
    struct onnx_model model = {0};
    struct session s;
    struct text t;
    const char *why;
    session_init(&s);
    (void)input;
    bool good = onnx_import(s.arena, s.strings, &s.sources, &s.diags, &options, &model) == ONNX_OK;
    if (good && !graph_verify(model.graph, &why)) {
        fprintf(stderr, "fuzz: the graph is not valid: %s\n", why);
        abort();
    }
    if (good) {
        text_init(&t, s.arena);
        graph_print(&t, model.graph);
        lower(&s, model.graph, model.weights);
    }
    return session_end(&s) && good;
}

static bool run_cfg(const char *path, const struct bytes *input)
{
    const struct darknet_options options = {.path = path, .batch = 1};
    struct session s;
    const char *why;
    bool wrong_call = false;
    session_init(&s);
    (void)input;
    struct graph *g =
        darknet_import(s.arena, s.strings, &s.sources, &s.diags, &options, &wrong_call);
    if (g && !graph_verify(g, &why)) {
        fprintf(stderr, "fuzz: the graph is not valid: %s\n", why);
        abort();
    }
    if (g)
        lower(&s, g, NULL);
    return session_end(&s) && g;
}

static const struct kind kinds[] = {
    {"net", "input.net", run_net, mutate},
    {"train", "input.net", run_train, mutate},
    {"schedule", "input.net", run_schedule, mutate},
    {"machine", "input.json", run_machine, mutate},
    {"lsp", "input", run_lsp, mutate},
    {"graph", "input.graph", run_graph, mutate},
    {"onnx", "input.onnx", run_onnx, mutate_onnx},
    {"safetensors", "input.safetensors", run_checkpoint, mutate},
    {"torch", "input.pth", run_checkpoint, mutate},
    {"torch-old", "input.pth", run_checkpoint, mutate},
    {"darknet", "input.weights", run_darknet, mutate},
    {"cfg", "input.cfg", run_cfg, mutate},
    {"npz", "input.npz", run_checkpoint, mutate},
    {"by-order", "input", run_by_order, mutate},
    {"index", "input.json", run_index, mutate},
    {"map", "input.map", run_map, mutate},
    {"infer", "input", run_infer, mutate},
    {"npy", "input.npy", run_npy, mutate},
    {"picture", "input.png", run_picture, mutate},
    {"idx", "t10k-images-idx3-ubyte", run_idx, mutate},
    {"idx-labels", "t10k-labels-idx1-ubyte", run_idx_labels, mutate},
    {"cifar", "test_batch.bin", run_dataset, mutate},
    {"csv", "pictures.csv", run_dataset, mutate},
    {"coco", "input.json", run_annotations, mutate},
    {"voc", "input.xml", run_annotations, mutate},
    {"prepare", "input", run_prepare, mutate},
    {"labels", "input", run_labels, mutate},
    {"packed", "input", run_packed, mutate},
    {"state", "input", run_state, mutate},
    {"call-netc", "input", run_call_netc, mutate},
    {"call-answers", "input", run_call_answers, mutate},
    {"call-trains", "input", run_call_trains, mutate},
};

const struct kind *kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

bool kind_place(const struct kind *kind, char *path, size_t size)
{
    static const char memory[] = "/dev/shm";
    const char *place = getenv("TMPDIR");
    char folder[128];
    if (!place)
        place = access(memory, W_OK) ? "/tmp" : memory;
    snprintf(folder, sizeof folder, "%.100s/netc-fuzz-XXXXXX", place);
    const bool made = mkdtemp(folder);
    snprintf(path, size, "%s/%s", folder, kind->file);
    return made;
}

void kind_leave(const char *path)
{
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)(strrchr(path, '/') - path), path);
    DIR *folder = opendir(name);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(name);
}
