#include "kinds.h"

#include "darknet/darknet.h"
#include "emit/emit.h"
#include "front/format.h"
#include "front/parse.h"
#include "onnx/onnx.h"
#include "pass/pass.h"
#include "planner.h"
#include "sema/elaborate.h"

#include <stdlib.h>
#include <string.h>

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

/* The passes, the plan and C, for a graph and perhaps its weights. */
static void lower(struct session *s, struct graph *g, struct netrt_source *weights)
{
    struct plan_options options = {0};
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

/* The name of the file's last net, NULL if it does not parse. */
static const char *last_net(struct session *s, const struct bytes *input)
{
    uint32_t source = sources_add(&s->sources, "input.net", (const char *)input->at, input->n);
    struct ast_file *file = parse(s->arena, s->strings, &s->diags, source);
    const char *name = NULL;
    struct text t;
    if (!file || diags_have_errors(&s->diags))
        return NULL;
    text_init(&t, s->arena);
    format_file(&t, file);
    for (size_t i = 0; i < file->items.n; i++)
        if (file->items.at[i]->kind == ITEM_net)
            name = file->items.at[i]->definition.name;
    return name;
}

static bool run_net(const char *path, const struct bytes *input)
{
    struct session s;
    session_init(&s);
    const char *name = last_net(&s, input);
    if (name) {
        struct elaborate_options options = {
            .file = path, .net = name, .batch = 1, .resources = "examples"};
        struct graph *g = NULL;
        if (elaborate(s.arena, s.strings, &s.sources, &s.diags, &options, &g) == ELABORATE_OK && g)
            lower(&s, g, NULL);
    }
    return session_end(&s) && name;
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
    {"net", "input.net", run_net},
    {"graph", "input.graph", run_graph},
    {"onnx", "input.onnx", run_onnx},
    {"safetensors", "input.safetensors", run_checkpoint},
    {"torch", "input.pth", run_checkpoint},
    {"torch-old", "input.pth", run_checkpoint},
    {"darknet", "input.weights", run_darknet},
    {"cfg", "input.cfg", run_cfg},
    {"npz", "input.npz", run_checkpoint},
    {"index", "input.json", run_index},
    {"map", "input.map", run_map},
    {"npy", "input.npy", run_npy},
    {"picture", "input.png", run_picture},
    {"idx", "t10k-images-idx3-ubyte", run_idx},
    {"idx-labels", "t10k-labels-idx1-ubyte", run_idx_labels},
    {"cifar", "test_batch.bin", run_dataset},
    {"csv", "pictures.csv", run_dataset},
    {"coco", "input.json", run_annotations},
    {"voc", "input.xml", run_annotations},
};

const struct kind *kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}
