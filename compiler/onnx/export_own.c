/*
 * Operators that ONNX lacks as functions of the file: a call that says the operator and its
 * attributes, as netc reads them again, and a body of ONNX's own operators, for whoever does not
 * know netc's domain. A body is of one node: sizes are numbers in it.
 */
#include "onnx/export.h"

/* Names for the operands inside: of a list all are called alike. */
static const char **formals_of(struct exporting *e)
{
    const struct op_info *info = op_info(e->node->op);
    const int n = e->node->n_inputs;
    const char **formals = arena_array(e->x->arena, (size_t)n + 1, sizeof *formals);
    for (int i = 0; i < n; i++) {
        const int operand = info->most == MANY ? i == n - 1 : i;
        formals[i] = export_name(e, info->operands[operand].name);
    }
    return formals;
}

/* Takes back what was added behind these numbers of nodes and tensors, as the nodes of a function.
 */
static void take_body(struct exporting *e, Onnx__FunctionProto *f, size_t node, size_t tensor)
{
    struct export *x = e->x;
    VEC(Onnx__NodeProto *) body = {0};
    for (size_t i = node; i < x->nodes.n; i++)
        VEC_PUSH(x->arena, &body, x->nodes.at[i]);
    x->nodes.n = node;
    for (size_t i = tensor; i < x->tensors.n; i++)
        export_constant(e, x->tensors.at[i]);
    x->tensors.n = tensor;
    f->n_node = x->nodes.n - node + body.n;
    f->node = arena_array(x->arena, f->n_node + 1, sizeof(Onnx__NodeProto *));
    for (size_t i = 0; i < f->n_node; i++)
        f->node[i] = node + i < x->nodes.n ? x->nodes.at[node + i] : body.at[node + i - x->nodes.n];
    x->nodes.n = node;
}

static char **copies(struct export *x, const char *const *names, int n)
{
    char **all = arena_array(x->arena, (size_t)n + 1, sizeof *all);
    for (int i = 0; i < n; i++)
        all[i] = arena_strdup(x->arena, names[i]);
    return all;
}

/* The results by name, the first of which is `value`. Returns how many there are. */
static int results_of(struct exporting *e, const char *value, const char *results[MAX_RESULTS])
{
    const int n = op_info(e->node->op)->n_results;
    results[0] = value;
    for (int i = 1; i < n; i++)
        results[i] = map_get(&e->x->further[i], e->node);
    return n ? n : 1;
}

/* Without a name where nothing reads them. (ONNX's checker takes no call with fewer results than
 * the function has.) */
static void add_results(struct exporting *e, const char *const *results, int n)
{
    const uintptr_t asked = (uintptr_t)map_get(&e->x->asked, e->node);
    for (int i = 1; i < n; i++)
        export_output(e, asked >> i & 1 ? results[i] : "");
}

static void write_attribute(struct exporting *e, const struct attr_info *info)
{
    const struct attrs *a = &e->node->attr;
    const bool list = attr_is_list(info->kind);
    const int n = list ? (int)attr_get(a, info, 0) : attr_width(info->kind);
    double real[MAX_RANK];
    int64_t integer[MAX_RANK];
    for (int i = 0; i < n; i++) {
        real[i] = attr_get(a, info, i + list);
        integer[i] = attr_is_real(info->kind) ? 0 : (int64_t)real[i];
    }
    if (list || n > 1)
        attr_is_real(info->kind) ? export_reals(e, info->name, n, real)
                                 : export_ints(e, info->name, n, integer);
    else
        attr_is_real(info->kind) ? export_real(e, info->name, real[0])
                                 : export_int(e, info->name, integer[0]);
}

/* Attributes that are not their defaults, in the call; the function declares them, and its body has
 * heeded them. */
static void write_attributes(struct exporting *e, Onnx__FunctionProto *f)
{
    const struct op_info *info = op_info(e->node->op);
    const char **names = arena_array(e->x->arena, (size_t)info->n_attrs + 1, sizeof *names);
    struct attrs defaults;
    attrs_init(&defaults, e->node->op);
    for (int i = 0; i < info->n_attrs; i++) {
        if (attr_is_same(&e->node->attr, &defaults, &info->attrs[i]))
            continue;
        write_attribute(e, &info->attrs[i]);
        names[f->n_attribute++] = info->attrs[i].name;
    }
    f->attribute = copies(e->x, names, (int)f->n_attribute);
}

static Onnx__FunctionProto *new_function(struct export *x, const char *name)
{
    Onnx__FunctionProto *f = arena_new_of(x->arena, Onnx__FunctionProto);
    Onnx__OperatorSetIdProto *opset = arena_new_of(x->arena, Onnx__OperatorSetIdProto);
    onnx__function_proto__init(f);
    onnx__operator_set_id_proto__init(opset);
    f->name = arena_strdup(x->arena, name);
    f->domain = arena_strdup(x->arena, EXPORT_DOMAIN);
    f->opset_import = arena_array(x->arena, 1, sizeof *f->opset_import);
    f->opset_import[f->n_opset_import++] = opset;
    opset->domain = arena_strdup(x->arena, "");
    opset->has_version = true;
    opset->version = x->options->opset;
    VEC_PUSH(x->arena, &x->functions, f);
    return f;
}

const char *export_as_function(struct exporting *e)
{
    struct export *x = e->x;
    const struct op_info *info = op_info(e->node->op);
    const int n = e->node->n_inputs;
    const size_t node = x->nodes.n, tensor = x->tensors.n;
    const char **in = arena_array(x->arena, (size_t)n + 1, sizeof *in), *results[MAX_RESULTS];
    for (int i = 0; i < n; i++)
        in[i] = export_in(e, i);
    const char **formals = x->formals = formals_of(e);
    const char *value = e->row->write(e);
    x->formals = NULL;
    if (!value)
        return NULL;
    Onnx__FunctionProto *f =
        new_function(x, unique_add(&x->function_names, info->name, NULL, NULL));
    const int n_results = results_of(e, value, results);
    take_body(e, f, node, tensor);
    f->n_input = (size_t)n;
    f->input = copies(x, formals, n);
    f->n_output = (size_t)n_results;
    f->output = copies(x, results, n_results);
    export_call(e, f->name, value, in, n);
    add_results(e, results, n_results);
    write_attributes(e, f);
    return value;
}
