/* A file as a graph: its inputs, its nodes, its outputs. */
#include "onnx/import.h"

#include <string.h>

/* Versions of ONNX's operators that operators.def was written for. */
enum { OLDEST_OPSET = 6, NEWEST_OPSET = 28, MOST_NODES = 100000 };

/* What --input says for it, NULL: nothing. */
static const char *given_shape(const struct onnx_options *o, const char *name)
{
    const size_t n = strlen(name);
    const char *text = NULL;
    for (size_t i = 0; i < o->n_inputs; i++)
        if (!strncmp(o->inputs[i], name, n) && o->inputs[i][n] == '=')
            text = o->inputs[i] + n + 1;
    return text;
}

/* "3x224x224" or what else has so many dimensions, for messages. */
static const char *shape_form(struct import *s, int n)
{
    struct text t;
    text_init(&t, s->arena);
    for (int i = 0; i < n; i++)
        text_printf(&t, "%s%d", i ? "x" : "", n - i > 2 ? 3 : 224);
    return text_string(&t);
}

static enum onnx_result bad_input(struct import *s, const char *name, const char *what)
{
    diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_input), name, what);
    return ONNX_BAD_INPUT;
}

/* The dimensions that --input gives, with the batch or without it. */
static enum onnx_result take_given(struct import *s, const char *name, const char *text, int rank,
                                   int64_t *dim)
{
    int64_t given[MAX_RANK];
    const int n = (int)dims_parse(text, MAX_RANK, given);
    if (n < 1 || (rank && n != rank && n != rank - 1)) {
        diag_add(s->diags, (struct span){0}, MESSAGE(err_input_option), name, text,
                 shape_form(s, rank > 1 ? rank - 1 : 1));
        return ONNX_WRONG_CALL;
    }
    const int first = rank ? rank - n : 0;
    memcpy(dim + first, given, (size_t)n * sizeof *given);
    return ONNX_OK;
}

/* The sizes that the file gives; 0 for one that has a name in place of a number. */
static enum onnx_result file_shape(struct import *s, const Onnx__ValueInfoProto *input,
                                   enum dtype *dtype, int *rank, int64_t *dim)
{
    const Onnx__TensorTypeProto *t = input->type ? input->type->tensor_type : NULL;
    if (!t)
        return bad_input(s, input->name, "is no tensor");
    *dtype = file_dtype(t->elem_type);
    if (*dtype != N_DTYPES && dtype_is_float(*dtype))
        *dtype = DTYPE_f32;
    if (*dtype == N_DTYPES || !dtype_in_c(*dtype))
        return bad_input(s, input->name, "holds no floats, nor integers of 32 or 64 bits");
    *rank = t->shape ? (int)t->shape->n_dim : 0;
    if (t->shape && t->shape->n_dim > MAX_RANK)
        return bad_input(s, input->name, "has more than 6 dimensions");
    for (int i = 0; i < *rank; i++)
        dim[i] = t->shape->dim[i]->dim_value > 0 ? t->shape->dim[i]->dim_value : 0;
    return ONNX_OK;
}

/* The first dimension that has no size is the batch, others are asked for. */
static enum onnx_result fill_shape(struct import *s, const Onnx__ValueInfoProto *input,
                                   enum dtype *dtype, int *rank, int64_t *dim)
{
    enum onnx_result result = file_shape(s, input, dtype, rank, dim);
    const char *text = given_shape(s->options, input->name);
    const bool sized = input->type && input->type->tensor_type && input->type->tensor_type->shape;
    if (!result && *rank && (!dim[0] || s->options->batch_given))
        dim[0] = s->options->batch;
    if (!result && text)
        result = take_given(s, input->name, text, *rank, dim);
    if (!result && text && !sized)
        *rank = (int)dims_parse(text, MAX_RANK, dim);
    if (!result && !text && !sized)
        return bad_input(s, input->name, "has no shape in the file: --input gives it");
    for (int i = 0; i < *rank && !result; i++)
        if (!dim[i])
            return bad_input(s, input->name,
                             arena_printf(s->arena,
                                          "has a dimension %d without a size: '--input %s=%s' "
                                          "gives one",
                                          i, input->name, shape_form(s, *rank - 1)));
    return result;
}

/* Whether the file itself fixes the first dimension, and not to 1. */
static bool fixes_first(const struct import *s, const Onnx__ValueInfoProto *input)
{
    const Onnx__TensorTypeProto *t = input->type ? input->type->tensor_type : NULL;
    return t && t->shape && t->shape->n_dim && t->shape->dim[0]->dim_value > 1 &&
           !s->options->batch_given && !given_shape(s->options, input->name);
}

static enum onnx_result convert_input(struct body *b, const Onnx__ValueInfoProto *input)
{
    struct import *s = b->import;
    struct shape shape = {.diags = s->diags};
    struct attrs attrs;
    int64_t dim[MAX_RANK] = {0};
    int rank = 0;
    enum onnx_result result = fill_shape(s, input, &shape.type.dtype, &rank, dim);
    if (result)
        return result;
    int lead = rank < 2 ? 2 - rank : 0;
    if (s->whole_shapes && rank > 1 && rank < MAX_RANK && fixes_first(s, input))
        lead = 1;
    shape.type.rank = lead + rank;
    for (int i = 0; i < shape.type.rank; i++)
        shape.type.dim[i] = i < lead ? 1 : dim[i - lead];
    attrs_init(&attrs, OP_input);
    if (!shape_infer(&shape, OP_input, &attrs, NULL, 0))
        return ONNX_BAD_INPUT;
    struct node *node = graph_append(s->graph, &shape, OP_input, &attrs, NULL, 0, input->name);
    node->label = node->name;
    node->frame = s->frame;
    unique_take(&s->node_names, input->name);
    VEC_PUSH(s->arena, &s->graph->inputs, (struct graph_input){.node = node});
    names_set(b, input->name, datum_of_flow((struct flow){node, lead}));
    return ONNX_OK;
}

/* Older files list initializers among the inputs. */
static enum onnx_result convert_inputs(struct body *b, const Onnx__GraphProto *g)
{
    struct import *s = b->import;
    enum onnx_result worst = ONNX_OK;
    for (size_t i = 0; i < g->n_input; i++) {
        if (!g->input[i]->name)
            g->input[i]->name = arena_strdup(s->arena, "");
        if (names_find(&b->names, strings_intern0(s->strings, g->input[i]->name)))
            continue;
        const enum onnx_result result = convert_input(b, g->input[i]);
        worst = result > worst ? result : worst;
    }
    if (!worst && !s->graph->inputs.n)
        return bad_input(s, "", "is missing: the model has none");
    return worst;
}

/* Each --input names an input. */
static enum onnx_result check_options(struct import *s, const Onnx__GraphProto *g)
{
    const struct onnx_options *o = s->options;
    for (size_t i = 0; i < o->n_inputs; i++) {
        const size_t n = strcspn(o->inputs[i], "=");
        bool found = false;
        for (size_t k = 0; k < g->n_input && !found; k++)
            found = g->input[k]->name && strlen(g->input[k]->name) == n &&
                    !strncmp(g->input[k]->name, o->inputs[i], n);
        if (!found) {
            diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_option), o->path,
                     arena_strndup(s->arena, o->inputs[i], n));
            return ONNX_WRONG_CALL;
        }
    }
    return ONNX_OK;
}

/* An output has a node of its own, in the shape that the file gives it as far as that has a batch.
 */
static bool add_output(struct body *b, const char *name, const struct datum *v)
{
    struct import *s = b->import;
    const Onnx__NodeProto node = {.op_type = arena_strdup(s->arena, "output")};
    const struct datum *in[1] = {v};
    struct call c = {.body = b,
                     .import = s,
                     .node = &node,
                     .name = name,
                     .opset = b->opset,
                     .n_in = 1,
                     .in = in};
    struct flow f;
    int64_t dim[MAX_RANK];
    struct attrs a;
    if (v->choice.kind && !is_counted(v))
        return call_lacks(&c, "how many elements it has is known only when the network runs");
    if (!operand_flow(&c, 0, &f))
        return false;
    if (v->choice.kind && !type_is_counted(&f.node->type))
        return call_lacks(&c, "how many rows it has is not known behind what was computed of them");
    for (int i = 0; i < flow_rank(f); i++)
        dim[i] = flow_dim(f, i);
    attrs_init(&a, OP_identity);
    if (!flow_reshape(&c, f, flow_rank(f), dim, &f))
        return false;
    const bool own = f.node->op != OP_input && f.node->op != OP_param && f.node->op != OP_full;
    if (!own && !make_flow(&c, OP_identity, &a, f, &f))
        return false;
    const struct graph_output output = {.name = strings_intern0(s->strings, name), .node = f.node};
    VEC_PUSH(s->arena, &s->graph->outputs, output);
    return true;
}

/* Whoever gets rows of which as many are there as are found gets their number as well. */
static bool add_counts(struct body *b)
{
    struct graph *g = b->import->graph;
    bool good = true;
    for (size_t i = 0, n = g->outputs.n; i < n && good; i++) {
        struct node *of = g->outputs.at[i].node;
        struct node *counter = type_is_counted(&of->type) ? graph_counter(of) : NULL;
        if (!counter || graph_count_output(g, &g->outputs.at[i]) >= 0)
            continue;
        const Onnx__NodeProto node = {.op_type = arena_strdup(b->import->arena, "output")};
        struct call c = {.body = b, .import = b->import, .node = &node, .name = counter->name};
        struct attrs a;
        attrs_init(&a, OP_result);
        a.index = op_find_result(counter->op, "count");
        struct node *count = make(&c, OP_result, &a, &counter, 1, NULL, 0);
        good = count;
        if (count) {
            const struct graph_output output = {.name = count->name, .node = count};
            VEC_PUSH(b->import->arena, &g->outputs, output);
        }
    }
    return good;
}

static bool convert_outputs(struct body *b, const Onnx__GraphProto *g)
{
    struct import *s = b->import;
    bool good = g->n_output > 0;
    if (!good)
        diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_output), "");
    for (size_t i = 0; i < g->n_output; i++) {
        const char *name = g->output[i]->name ? g->output[i]->name : "";
        const struct datum *v = names_find(&b->names, strings_intern0(s->strings, name));
        if (!v)
            diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_output), name);
        good = v && datum_is_there(v) && add_output(b, name, v) && good;
    }
    return good && add_counts(b);
}

/* Leaves out parameters of nodes that no output needs. */
static void drop_unused(struct graph *g)
{
    struct map used = {.arena = g->arena};
    size_t n = 0;
    for (size_t i = 0; i < g->nodes.n; i++)
        for (int role = 0; role < N_ROLES; role++)
            if (g->nodes.at[i]->weight[role])
                map_put(&used, g->nodes.at[i]->weight[role], g);
    for (size_t i = 0; i < g->params.n; i++)
        if (map_get(&used, g->params.at[i]))
            g->params.at[n++] = g->params.at[i];
    g->params.n = n;
}

static int64_t elements_of_file(const Onnx__GraphProto *g)
{
    int64_t all = 0;
    for (size_t i = 0; i < g->n_initializer; i++) {
        int64_t n;
        const Onnx__TensorProto *t = g->initializer[i];
        if (t->n_dims <= CONSTANT_RANK && constant_count((int)t->n_dims, t->dims, &n) &&
            all < ((int64_t)1 << 40))
            all += n;
    }
    return all;
}

/* "resnet18" of "models/resnet18.onnx": exporters call all of their graphs alike. */
static const char *model_name(struct import *s)
{
    const char *path = s->options->path, *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    return strings_intern(s->strings, base,
                          dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static void import_init(struct import *s, const struct span *spans, struct body *b)
{
    const Onnx__GraphProto *g = s->model->graph;
    struct frame *frame = arena_new_of(s->arena, struct frame);
    s->graph = graph_new(s->arena, s->strings, model_name(s));
    s->graph->source = s->options->path;
    *frame = (struct frame){.kind = FRAME_net, .name = s->graph->name, .path = ""};
    s->frame = frame;
    s->graph->n_frames = 1;
    unique_init(&s->node_names, s->arena);
    unique_init(&s->param_names, s->arena);
    s->weights = s->initializers = s->joins = s->lacks = s->bounds = s->there = s->ceils =
        (struct map){.arena = s->arena};
    s->budget.elements = 4 * elements_of_file(g) + ((int64_t)1 << 22);
    s->steps = MOST_NODES;
    s->lacking = 0;
    s->joined.n = 0;
    *b = (struct body){.import = s,
                       .names = {.values = {.arena = s->arena}},
                       .opset = opset_of(s->model->n_opset_import, s->model->opset_import, 1),
                       .scope = "",
                       .spans = spans};
}

static void count_use(struct import *s, const char *name)
{
    const char *interned = strings_intern0(s->strings, name ? name : "");
    const intptr_t n = (intptr_t)map_get(&s->uses, interned);
    map_put(&s->uses, interned, (void *)(n + 1));
}

static void count_uses(struct import *s, const Onnx__GraphProto *g)
{
    s->uses = (struct map){.arena = s->arena};
    s->branches = false;
    for (size_t i = 0; i < g->n_node; i++) {
        for (size_t k = 0; k < g->node[i]->n_input; k++)
            count_use(s, g->node[i]->input[k]);
        for (size_t k = 0; k < g->node[i]->n_attribute; k++)
            s->branches = s->branches || g->node[i]->attribute[k]->has_g;
    }
    for (size_t i = 0; i < g->n_output; i++)
        count_use(s, g->output[i]->name);
}

static enum onnx_result convert_graph(struct import *s, const struct span *spans)
{
    const Onnx__GraphProto *g = s->model->graph;
    struct body b;
    import_init(s, spans, &b);
    if (g->n_sparse_initializer)
        return bad_input(s, g->name ? g->name : "", "has sparse tensors, which netc does not read");
    enum onnx_result result = check_options(s, g);
    if (result)
        return result;
    count_uses(s, g);
    const bool read = convert_initializers(&b, g->n_initializer, g->initializer);
    result = convert_inputs(&b, g);
    if (result || !read)
        return result ? result : ONNX_BAD_INPUT;
    convert_nodes(&b, g->n_node, g->node);
    if (s->steps <= 0)
        diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_steps), s->options->path, MOST_NODES);
    const bool good = !s->lacking && s->steps > 0 && convert_outputs(&b, g);
    lacks_note(s);
    if (!good)
        return ONNX_BAD_INPUT;
    graph_sweep(s->graph);
    drop_unused(s->graph);
    graph_suppose_classes(s->graph);
    return ONNX_OK;
}

/* Whether some input has a first dimension that need not be a batch. */
static bool has_fixed(const struct import *s)
{
    const Onnx__GraphProto *g = s->model->graph;
    for (size_t i = 0; i < g->n_input; i++)
        if (g->input[i]->name && fixes_first(s, g->input[i]))
            return true;
    return false;
}

/* Whether all inputs have one batch, which a program needs. */
static bool inputs_agree(const struct graph *g)
{
    for (size_t i = 1; i < g->inputs.n; i++)
        if (g->inputs.at[i].node->type.dim[0] != g->inputs.at[0].node->type.dim[0])
            return false;
    return true;
}

/* Whether a conversion works out, of which nothing is heard. */
static bool converts(struct import *s, const struct span *spans, bool whole_shapes)
{
    struct diags *heard = s->diags, silent;
    diags_init(&silent, s->arena, heard->sources);
    s->diags = &silent;
    s->whole_shapes = whole_shapes;
    const bool works =
        convert_graph(s, spans) == ONNX_OK && (whole_shapes || inputs_agree(s->graph));
    s->diags = heard;
    return works;
}

/* Tries first dimensions as batches first, then, where the file fixes one, as dimensions like
 * others; what is wrong is heard of the first try. */
static enum onnx_result convert_either(struct import *s, const struct span *spans)
{
    if (has_fixed(s) && (converts(s, spans, false) || converts(s, spans, true)))
        return ONNX_OK;
    s->whole_shapes = false;
    return convert_graph(s, spans);
}

/* The weights of the file. */
struct file_weights {
    struct netrt_source source;
    struct strings *strings;
    struct map constants;
};

static int load(struct netrt_source *source, const struct netrt_tensor *param, int number,
                long first, long n, float *data, char *error, size_t error_size)
{
    const struct file_weights *w = (const struct file_weights *)source;
    const struct constant *k = map_get(&w->constants, strings_intern0(w->strings, param->name));
    (void)number;
    if (!k || first + n > constant_elements(k)) {
        snprintf(error, error_size, "the model has no tensor '%s' that fits", param->name);
        return -1;
    }
    constant_floats(k, first, n, data);
    return 0;
}

static struct netrt_source *weights_of(const struct import *s)
{
    struct file_weights *w = arena_new_of(s->arena, struct file_weights);
    *w = (struct file_weights){{.load = load}, s->strings, s->weights};
    return &w->source;
}

/* Of a version that is newer than those known operators mean most likely what they meant. */
static bool check_opset(struct import *s)
{
    const Onnx__ModelProto *m = s->model;
    const int64_t opset = opset_of(m->n_opset_import, m->opset_import, 1);
    if (opset > NEWEST_OPSET)
        diag_add(s->diags, (struct span){0}, MESSAGE(warn_onnx_opset), s->options->path,
                 (long long)opset, NEWEST_OPSET, NEWEST_OPSET);
    if (opset < OLDEST_OPSET)
        diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_opset), s->options->path,
                 (long long)opset, OLDEST_OPSET);
    return opset >= OLDEST_OPSET;
}

enum onnx_result onnx_import(struct arena *arena, struct strings *strings, struct sources *sources,
                             struct diags *diags, const struct onnx_options *options,
                             struct onnx_model *model)
{
    struct import s = {.arena = arena, .strings = strings, .diags = diags, .options = options};
    s.model = file_read(arena, diags, options->path);
    if (!s.model)
        return ONNX_BAD_INPUT;
    const struct span *spans = list_nodes(arena, sources, options->path, s.model->graph);
    if (!check_opset(&s))
        return ONNX_BAD_INPUT;
    const enum onnx_result result = convert_either(&s, spans);
    if (result == ONNX_OK)
        *model = (struct onnx_model){s.graph, weights_of(&s)};
    return result;
}
