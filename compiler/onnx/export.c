/* A graph as an ONNX file: its nodes one after the other, by the rows of exports.def. */
#include "onnx/export.h"

#include "base/number.h"

#include <string.h>

static const struct export_row rows[N_OPS] = {
#define EXPORT(op, function, name, attributes)                                                     \
    [OP_##op] = {export_##function, name, attributes, false},
#define EXPORT_OWN(op, function, name, attributes)                                                 \
    [OP_##op] = {export_##function, name, attributes, true},
#include "onnx/exports.def"
};

/* The version of the format that came with a version of the operators. */
static int64_t ir_version(int64_t opset)
{
    return opset >= 23 ? 11 : opset >= 21 ? 10 : opset >= 19 ? 9 : 8;
}

/* Nodes that depend on no input are the same for all images. */
static void note_single(struct export *x, const struct node *node)
{
    bool single = node->op != OP_input;
    for (int i = 0; i < node->n_inputs; i++)
        single = single && map_get(&x->single, node->input[i]);
    if (single)
        map_put(&x->single, node, x);
}

static bool write_node(struct export *x, const struct node *node)
{
    struct exporting e = {x, node, &rows[node->op]};
    if (node->op == OP_input)
        return true;
    note_single(x, node);
    if (!node_is_plain(node))
        return export_lacks(&e, "a pass made it");
    if (!e.row->write)
        return export_lacks(&e, "ONNX has no such operator");
    const char *value = e.row->own ? export_as_function(&e) : e.row->write(&e);
    if (value)
        map_put(&x->names, node, (void *)(uintptr_t)value);
    return value;
}

/* All nodes, whose operands have a name or were reported. */
static bool write_nodes(struct export *x)
{
    const struct graph *g = x->graph;
    bool good = true;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *node = g->nodes.at[i];
        bool known = true;
        for (int k = 0; k < node->n_inputs; k++)
            known = known && map_get(&x->names, node->input[k]);
        good = known && write_node(x, node) && good;
    }
    return good;
}

static char *copy(struct export *x, const char *s)
{
    return arena_strdup(x->arena, s);
}

/* The first dimension of what has the batch is open, unless --batch is given: "N", or "300N" where
 * it is that of the regions of all images. */
static char *open_dimension(struct export *x, int64_t dim)
{
    const int64_t times = dim / x->graph->inputs.at[0].node->type.dim[0];
    return times > 1 ? arena_printf(x->arena, "%lldN", (long long)times) : copy(x, "N");
}

static Onnx__TensorShapeProto *shape_of(struct export *x, const struct type *t, bool batch)
{
    Onnx__TensorShapeProto *shape = arena_new_of(x->arena, Onnx__TensorShapeProto);
    onnx__tensor_shape_proto__init(shape);
    shape->n_dim = (size_t)t->rank;
    shape->dim = arena_array(x->arena, (size_t)t->rank + 1, sizeof *shape->dim);
    for (int i = 0; i < t->rank; i++) {
        Onnx__DimensionProto *d = shape->dim[i] = arena_new_of(x->arena, Onnx__DimensionProto);
        onnx__dimension_proto__init(d);
        if (i == 0 && batch && !x->options->batch_given) {
            d->dim_param = open_dimension(x, t->dim[0]);
        } else {
            d->has_dim_value = true;
            d->dim_value = t->dim[i];
        }
    }
    return shape;
}

static Onnx__ValueInfoProto *value_info(struct export *x, const char *name, const struct type *t,
                                        bool batch)
{
    Onnx__ValueInfoProto *v = arena_new_of(x->arena, Onnx__ValueInfoProto);
    onnx__value_info_proto__init(v);
    v->name = copy(x, name);
    v->type = arena_new_of(x->arena, Onnx__TypeProto);
    onnx__type_proto__init(v->type);
    v->type->tensor_type = arena_new_of(x->arena, Onnx__TensorTypeProto);
    onnx__tensor_type_proto__init(v->type->tensor_type);
    v->type->tensor_type->has_elem_type = true;
    v->type->tensor_type->elem_type = file_number(t->dtype);
    v->type->tensor_type->shape = shape_of(x, t, batch);
    return v;
}

/* Inputs, and behind them the parameters where no weights are given. */
static void write_inputs(struct export *x, Onnx__GraphProto *g)
{
    const size_t n = x->graph->inputs.n, more = x->options->weights ? 0 : x->params.n;
    g->input = arena_array(x->arena, n + more + 1, sizeof *g->input);
    for (size_t i = 0; i < n; i++) {
        const struct node *in = x->graph->inputs.at[i].node;
        g->input[g->n_input++] = value_info(x, map_get(&x->names, in), &in->type, true);
    }
    for (size_t i = 0; i < more; i++) {
        const struct weight *w = x->params.at[i];
        g->input[g->n_input++] = value_info(x, map_get(&x->names, w), &w->type, false);
    }
}

/* A tensor that is none of the node's own gets the output's name by a node that passes it on. */
static void write_outputs(struct export *x, Onnx__GraphProto *g)
{
    g->output = arena_array(x->arena, x->graph->outputs.n + 1, sizeof *g->output);
    for (size_t i = 0; i < x->graph->outputs.n; i++) {
        const struct graph_output *o = &x->graph->outputs.at[i];
        struct exporting e = {x, o->node, NULL};
        const char *value = map_get(&x->names, o->node);
        if (strcmp(value, o->name) != 0) {
            map_put(&x->wanted, o->node, (void *)(uintptr_t)o->name);
            LAST(&e, "Identity", value);
        }
        g->output[g->n_output++] =
            value_info(x, o->name, &o->node->type, !map_get(&x->single, o->node));
    }
}

/* Reads the elements of a parameter; false: reported. */
static bool write_weight(struct export *x, const struct weight *w)
{
    Onnx__TensorProto *t = arena_new_of(x->arena, Onnx__TensorProto);
    const int64_t n = type_elements(&w->type);
    char error[512];
    struct netrt_tensor tensor = {.name = w->name, .rank = w->type.rank};
    int number = 0;
    onnx__tensor_proto__init(t);
    t->name = copy(x, map_get(&x->names, w));
    t->has_data_type = t->has_raw_data = true;
    t->data_type = file_number(DTYPE_f32);
    t->n_dims = (size_t)w->type.rank;
    t->dims = arena_array(x->arena, t->n_dims + 1, sizeof *t->dims);
    for (int i = 0; i < w->type.rank; i++)
        t->dims[i] = tensor.dim[i] = w->type.dim[i];
    while (x->graph->params.at[number] != w)
        number++;
    float *elements = arena_array(x->arena, (size_t)n, sizeof *elements);
    struct netrt_source *source = x->options->weights;
    if (source->load(source, &tensor, number, 0, (long)n, elements, error, sizeof error)) {
        diag_add(x->diags, (struct span){0}, MESSAGE(err_weights), error);
        return false;
    }
    t->raw_data = (ProtobufCBinaryData){(size_t)n * sizeof *elements, (uint8_t *)elements};
    VEC_PUSH(x->arena, &x->tensors, t);
    return true;
}

static bool write_weights(struct export *x)
{
    static const int64_t most_bytes = (int64_t)1 << 31;
    int64_t bytes = 0;
    for (size_t i = 0; i < x->params.n; i++)
        bytes += type_bytes(&x->params.at[i]->type);
    if (bytes >= most_bytes) {
        diag_add(x->diags, (struct span){0}, MESSAGE(err_onnx_large), (long long)bytes);
        return false;
    }
    for (size_t i = 0; i < x->params.n; i++)
        if (!write_weight(x, x->params.at[i]))
            return false;
    return true;
}

/* Names that are given: those of inputs and outputs. An output is the last node of what it comes
 * from, if that is no input. */
static void take_names(struct export *x)
{
    const struct graph *g = x->graph;
    for (size_t i = 0; i < g->inputs.n; i++) {
        const struct node *in = g->inputs.at[i].node;
        map_put(&x->names, in, (void *)(uintptr_t)unique_add(&x->values, in->name, NULL, NULL));
    }
    for (size_t i = 0; i < g->outputs.n; i++) {
        const struct graph_output *o = &g->outputs.at[i];
        unique_take(&x->values, o->name);
        if (!map_get(&x->wanted, o->node))
            map_put(&x->wanted, o->node, (void *)(uintptr_t)o->name);
    }
}

/* Which further results of each node others read. */
static void note_asked(struct export *x)
{
    const struct graph *g = x->graph;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        if (n->op != OP_result)
            continue;
        const uintptr_t asked = (uintptr_t)map_get(&x->asked, n->input[0]);
        map_put(&x->asked, n->input[0], (void *)(asked | (uintptr_t)1 << n->attr.index));
    }
}

static void pack(struct export *x, Onnx__GraphProto *g, struct onnx_bytes *bytes)
{
    Onnx__ModelProto model;
    Onnx__OperatorSetIdProto opset, own, *const opsets[2] = {&opset, &own};
    onnx__model_proto__init(&model);
    onnx__operator_set_id_proto__init(&opset);
    onnx__operator_set_id_proto__init(&own);
    opset.domain = copy(x, "");
    own.domain = copy(x, EXPORT_DOMAIN);
    opset.has_version = own.has_version = model.has_ir_version = true;
    opset.version = x->options->opset;
    own.version = 1;
    model.functions = x->functions.at;
    model.n_functions = x->functions.n;
    model.ir_version = ir_version(x->options->opset);
    model.producer_name = copy(x, "netc");
    model.graph = g;
    model.n_opset_import = x->functions.n ? 2 : 1;
    model.opset_import = (Onnx__OperatorSetIdProto **)(uintptr_t)opsets;
    bytes->n = onnx__model_proto__get_packed_size(&model);
    bytes->at = arena_alloc(x->arena, bytes->n + 1);
    onnx__model_proto__pack(&model, bytes->at);
}

bool onnx_export(struct arena *arena, struct diags *diags, const struct graph *graph,
                 const struct onnx_export_options *options, struct onnx_bytes *bytes)
{
    struct export x = {.arena = arena, .graph = graph, .diags = diags, .options = options};
    Onnx__GraphProto g;
    unique_init(&x.values, arena);
    unique_init(&x.node_names, arena);
    unique_init(&x.function_names, arena);
    x.names.arena = x.wanted.arena = x.single.arena = x.asked.arena = arena;
    for (int i = 0; i < MAX_RESULTS; i++)
        x.further[i].arena = arena;
    take_names(&x);
    note_asked(&x);
    onnx__graph_proto__init(&g);
    if (!write_nodes(&x))
        return false;
    write_inputs(&x, &g);
    write_outputs(&x, &g);
    if (options->weights && !write_weights(&x))
        return false;
    g.name = copy(&x, graph->name);
    g.n_node = x.nodes.n;
    g.node = x.nodes.at;
    g.n_initializer = x.tensors.n;
    g.initializer = x.tensors.at;
    pack(&x, &g, bytes);
    return true;
}
