/* Nodes of ONNX, their attributes, and tensors that are known. */
#include "onnx/export.h"

#include <string.h>

enum {
    TYPE_real = 1,
    TYPE_int,
    TYPE_string,
    TYPE_tensor,
    TYPE_reals = 6,
    TYPE_ints
}; /* of attributes */
enum { ELEMENTS_f32 = 1, ELEMENTS_i64 = 7 };

const char *export_lacks(struct exporting *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *what = arena_vprintf(e->x->arena, format, args);
    va_end(args);
    diag_add(e->x->diags, e->node->span, MESSAGE(err_onnx_form), e->node->name ? e->node->name : "",
             op_info(e->node->op)->name, (long long)e->x->options->opset, what);
    return NULL;
}

const char *export_in(struct exporting *e, int i)
{
    return e->x->formals ? e->x->formals[i] : map_get(&e->x->names, e->node->input[i]);
}

const struct type *export_type(const struct exporting *e, int i)
{
    return &e->node->input[i]->type;
}

const char *export_weight(struct exporting *e, enum role role)
{
    struct export *x = e->x;
    const struct weight *w = e->node->weight[role];
    if (!w)
        return NULL;
    if (!map_get(&x->names, w)) {
        map_put(&x->names, w, (void *)(uintptr_t)unique_add(&x->values, w->name, NULL, NULL));
        VEC_PUSH(x->arena, &x->params, w);
    }
    return map_get(&x->names, w);
}

const char *export_name(struct exporting *e, const char *what)
{
    const char *name = e->node->name && *e->node->name ? e->node->name : op_info(e->node->op)->name;
    name = what ? arena_printf(e->x->arena, "%s/%s", name, what) : name;
    return unique_add(&e->x->values, name, NULL, NULL);
}

static char *copy(struct export *x, const char *s)
{
    return arena_strdup(x->arena, s ? s : "");
}

static Onnx__NodeProto *last_node(struct exporting *e)
{
    return e->x->nodes.at[e->x->nodes.n - 1];
}

static void add_output(struct export *x, Onnx__NodeProto *node, const char *name)
{
    char **outputs = arena_array(x->arena, node->n_output + 1, sizeof *outputs);
    for (size_t i = 0; i < node->n_output; i++)
        outputs[i] = node->output[i];
    outputs[node->n_output++] = copy(x, name);
    node->output = outputs;
}

static const char *add_node(struct exporting *e, const char *name, const char *value,
                            const char *op, const char *const *in, int n)
{
    struct export *x = e->x;
    Onnx__NodeProto *node = arena_new_of(x->arena, Onnx__NodeProto);
    onnx__node_proto__init(node);
    if (!x->formals) /* nobody asks for the names of what is inside a function */
        node->name = copy(x, unique_add(&x->node_names, name, NULL, NULL));
    node->op_type = copy(x, op);
    while (n && !in[n - 1])
        n--;
    node->n_input = (size_t)n;
    node->input = arena_array(x->arena, (size_t)n + 1, sizeof *node->input);
    for (int i = 0; i < n; i++)
        node->input[i] = copy(x, in[i]);
    add_output(x, node, value);
    VEC_PUSH(x->arena, &x->nodes, node);
    return value;
}

const char *export_step(struct exporting *e, const char *what, const char *op,
                        const char *const *in, int n)
{
    const char *name = export_name(e, what);
    return add_node(e, name, name, op, in, n);
}

/* The node of ONNX that has the name of the node. */
static const char *add_main(struct exporting *e, const char *value, const char *op,
                            const char *const *in, int n)
{
    const char *name = e->node->name;
    return add_node(e, name && *name ? name : value, value, op, in, n);
}

const char *export_last(struct exporting *e, const char *op, const char *const *in, int n)
{
    const char *wanted = map_get(&e->x->wanted, e->node);
    return add_main(e, wanted ? wanted : export_name(e, NULL), op, in, n);
}

void export_call(struct exporting *e, const char *op, const char *value, const char *const *in,
                 int n)
{
    add_main(e, value, op, in, n);
    last_node(e)->domain = copy(e->x, EXPORT_DOMAIN);
}

void export_output(struct exporting *e, const char *name)
{
    add_output(e->x, last_node(e), name);
}

void export_result(struct exporting *e, int i)
{
    const char *name = export_name(e, op_info(e->node->op)->results[i].name);
    add_output(e->x, last_node(e), name);
    map_put(&e->x->further[i], e->node, (void *)(uintptr_t)name);
}

const char *export_more(struct exporting *e, const char *what)
{
    const char *name = *what ? export_name(e, what) : "";
    add_output(e->x, last_node(e), name);
    return name;
}

static Onnx__AttributeProto *add_attribute(struct exporting *e, const char *name, int type)
{
    struct export *x = e->x;
    Onnx__NodeProto *node = last_node(e);
    Onnx__AttributeProto *a = arena_new_of(x->arena, Onnx__AttributeProto);
    Onnx__AttributeProto **all = arena_array(x->arena, node->n_attribute + 1, sizeof *all);
    for (size_t i = 0; i < node->n_attribute; i++)
        all[i] = node->attribute[i];
    onnx__attribute_proto__init(a);
    a->name = copy(x, name);
    a->has_type = true;
    a->type = type;
    all[node->n_attribute++] = a;
    node->attribute = all;
    return a;
}

void export_int(struct exporting *e, const char *name, int64_t value)
{
    Onnx__AttributeProto *a = add_attribute(e, name, TYPE_int);
    a->has_i = true;
    a->i = value;
}

void export_real(struct exporting *e, const char *name, double value)
{
    Onnx__AttributeProto *a = add_attribute(e, name, TYPE_real);
    a->has_f = true;
    a->f = (float)value;
}

void export_ints(struct exporting *e, const char *name, int n, const int64_t *values)
{
    Onnx__AttributeProto *a = add_attribute(e, name, TYPE_ints);
    a->n_ints = (size_t)n;
    a->ints = arena_array(e->x->arena, (size_t)n + 1, sizeof *a->ints);
    for (int i = 0; i < n; i++)
        a->ints[i] = values[i];
}

void export_reals(struct exporting *e, const char *name, int n, const double *values)
{
    Onnx__AttributeProto *a = add_attribute(e, name, TYPE_reals);
    a->n_floats = (size_t)n;
    a->floats = arena_array(e->x->arena, (size_t)n + 1, sizeof *a->floats);
    for (int i = 0; i < n; i++)
        a->floats[i] = (float)values[i];
}

void export_string(struct exporting *e, const char *name, const char *value)
{
    Onnx__AttributeProto *a = add_attribute(e, name, TYPE_string);
    a->has_s = true;
    a->s = (ProtobufCBinaryData){strlen(value), (uint8_t *)copy(e->x, value)};
}

/* Numbers of a window as ONNX has them: depth first, a row of positions alone without rows; of a
 * padding all before, then all after. */
static void write_numbers(struct exporting *e, const char *name, const struct attr_info *info)
{
    static const int places[][3] = {{2, 0, 1}, {4, 0, 1}, {5, 2, 3}}; /* sizes, before, after */
    const struct attrs *a = &e->node->attr;
    const int axes = export_type(e, 0)->rank - 2, parts = info->kind == ATTR_PADDING ? 2 : 1;
    int64_t values[6];
    for (int part = 0; part < parts; part++)
        for (int i = 0; i < axes; i++) {
            const int place = places[parts == 2 ? 1 + part : 0][3 - axes + i];
            values[part * axes + i] = (int64_t)attr_get(a, info, place);
        }
    export_ints(e, name, parts * axes, values);
}

static void write_list(struct exporting *e, const char *name, const struct attr_info *info)
{
    int64_t values[MAX_RANK];
    const int n = (int)attr_get(&e->node->attr, info, 0);
    for (int i = 0; i < n; i++)
        values[i] = (int64_t)attr_get(&e->node->attr, info, 1 + i);
    export_ints(e, name, n, values);
}

static void write_attribute(struct exporting *e, const char *name, const struct attr_info *info)
{
    const double value = attr_get(&e->node->attr, info, 0);
    switch (info->kind) {
    case ATTR_REAL:
        export_real(e, name, value);
        break;
    case ATTR_PAIR:
    case ATTR_EXTENT:
    case ATTR_PADDING:
        write_numbers(e, name, info);
        break;
    case ATTR_DIMS:
        write_list(e, name, info);
        break;
    default:
        export_int(e, name, (int64_t)value);
    }
}

void export_attributes(struct exporting *e)
{
    const struct op_info *info = op_info(e->node->op);
    for (const char *at = e->row->attributes; *at; at += strspn(at, " ")) {
        const size_t n = strcspn(at, "="), m = strcspn(at + n, " ");
        for (int i = 0; i < info->n_attrs; i++)
            if (strlen(info->attrs[i].name) == m - 1 &&
                !strncmp(info->attrs[i].name, at + n + 1, m - 1))
                write_attribute(e, arena_strndup(e->x->arena, at, n), &info->attrs[i]);
        at += n + m;
    }
}

void export_constant(struct exporting *e, Onnx__TensorProto *t)
{
    add_node(e, t->name, t->name, "Constant", NULL, 0);
    add_attribute(e, "value", TYPE_tensor)->t = t;
}

static Onnx__TensorProto *new_tensor(struct export *x, int type, int rank, const int64_t *dim,
                                     size_t bytes)
{
    Onnx__TensorProto *t = arena_new_of(x->arena, Onnx__TensorProto);
    onnx__tensor_proto__init(t);
    t->has_data_type = t->has_raw_data = true;
    t->data_type = type;
    t->n_dims = (size_t)rank;
    t->dims = arena_array(x->arena, (size_t)rank + 1, sizeof *t->dims);
    for (int i = 0; i < rank; i++)
        t->dims[i] = dim[i];
    t->raw_data = (ProtobufCBinaryData){bytes, arena_alloc(x->arena, bytes + 1)};
    return t;
}

static const char *add_known(struct exporting *e, const char *what, Onnx__TensorProto *t)
{
    const char *name = export_name(e, what);
    t->name = copy(e->x, name);
    VEC_PUSH(e->x->arena, &e->x->tensors, t);
    return name;
}

const char *export_known_ints(struct exporting *e, const char *what, int n, const int64_t *values)
{
    const int64_t count = n;
    const size_t bytes = (size_t)n * sizeof *values;
    Onnx__TensorProto *t = new_tensor(e->x, ELEMENTS_i64, 1, &count, bytes);
    memcpy(t->raw_data.data, values, bytes);
    return add_known(e, what, t);
}

static Onnx__TensorProto *new_reals(struct export *x, int rank, int n, const double *values)
{
    const int64_t count = n;
    float *to;
    Onnx__TensorProto *t = new_tensor(x, ELEMENTS_f32, rank, &count, (size_t)n * sizeof *to);
    to = (float *)(void *)t->raw_data.data;
    for (int i = 0; i < n; i++)
        to[i] = (float)values[i];
    return t;
}

const char *export_known_axes(struct exporting *e)
{
    const struct type *in = export_type(e, 0);
    const unsigned axes = attrs_axes(&e->node->attr, in);
    int64_t list[MAX_RANK];
    int n = 0;
    for (int i = 0; i < in->rank; i++)
        if (axes >> i & 1)
            list[n++] = i;
    return export_known_ints(e, "axes", n, list);
}

const char *export_known_reals(struct exporting *e, const char *what, int n, const double *values)
{
    return add_known(e, what, new_reals(e->x, 1, n, values));
}

const char *export_known_real(struct exporting *e, const char *what, double value)
{
    return add_known(e, what, new_reals(e->x, 0, 1, &value));
}

static const char *shape_name(struct exporting *e, const char *what)
{
    return what ? arena_printf(e->x->arena, "%s.shape", what) : "shape";
}

const char *export_filled(struct exporting *e, const char *what, int rank, const int64_t *dim,
                          double value)
{
    const char *shape = export_known_ints(e, shape_name(e, what), rank, dim);
    const char *name =
        what ? STEP(e, what, "ConstantOfShape", shape) : LAST(e, "ConstantOfShape", shape);
    add_attribute(e, "value", TYPE_tensor)->t = new_reals(e->x, 1, 1, &value);
    return name;
}

const char *export_reshape(struct exporting *e, const char *what, const char *in, int rank,
                           const int64_t *dim)
{
    int64_t to[MAX_RANK];
    for (int i = 0; i < rank; i++)
        to[i] = i ? dim[i] : 0;
    const char *shape = export_known_ints(e, shape_name(e, what), rank, to);
    return what ? STEP(e, what, "Reshape", in, shape) : LAST(e, "Reshape", in, shape);
}
