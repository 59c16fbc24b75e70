/* A node that is being converted: its operands, its results, the operators that are made for it. */
#include "onnx/import.h"

#include <string.h>

bool call_lacks(struct call *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *what = arena_vprintf(c->import->arena, format, args);
    va_end(args);
    const char *type = c->node->op_type ? c->node->op_type : "";
    if (c->reported)
        return false;
    c->reported = true;
    const char *key = arena_printf(c->import->arena, "%s: %s", type, what);
    if (!lack_again(c->import, key, c->name))
        lack_first(c->import, key,
                   diag_add(c->import->diags, c->span, MESSAGE(err_onnx_node), c->name, type,
                            (long long)c->opset, what));
    return false;
}

bool operand_given(const struct call *c, int i)
{
    return i < c->n_in && c->in[i];
}

const struct constant *operand_constant(struct call *c, int i, const char *what)
{
    if (operand_given(c, i) && c->in[i]->kind == DATUM_constant)
        return c->in[i]->constant;
    call_lacks(c,
               operand_given(c, i) ? "%s, operand %d, must be known when netc runs, not flow"
                                   : "%s, operand %d, is not given",
               what, i + 1);
    return NULL;
}

bool operands_are_constant(const struct call *c)
{
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i] && c->in[i]->kind != DATUM_constant)
            return false;
    return c->n_in > 0;
}

int flow_rank(struct flow f)
{
    return f.node->type.rank - f.lead;
}

int64_t flow_dim(struct flow f, int axis)
{
    return f.node->type.dim[f.lead + axis];
}

/* Of the tensor that an erf is a function of. */
static const struct datum *shape_of(const struct datum *v)
{
    return v->kind == DATUM_erf ? v->erf.x : v;
}

int datum_rank(const struct datum *v)
{
    v = shape_of(v);
    return v->kind == DATUM_constant ? v->constant->rank : flow_rank(v->flow);
}

int64_t datum_dim(const struct datum *v, int axis)
{
    v = shape_of(v);
    return v->kind == DATUM_constant ? v->constant->dim[axis] : flow_dim(v->flow, axis);
}

int operand_rank(const struct call *c, int i)
{
    return datum_rank(c->in[i]);
}

int64_t operand_dim(const struct call *c, int i, int axis)
{
    return datum_dim(c->in[i], axis);
}

struct datum datum_of_flow(struct flow f)
{
    return (struct datum){.kind = DATUM_flow, .flow = f};
}

struct datum datum_of_constant(const struct constant *k)
{
    return (struct datum){.kind = DATUM_constant, .constant = k};
}

bool give(struct call *c, struct flow f)
{
    c->out[0] = datum_of_flow(f);
    return true;
}

bool give_constant(struct call *c, const struct constant *k)
{
    if (!k)
        return call_lacks(c, "what it computes is too large to be known before the network runs");
    c->out[0] = datum_of_constant(k);
    return true;
}

bool give_datum(struct call *c, struct datum v)
{
    c->out[0] = v;
    return true;
}

const struct datum *operand_datum(struct call *c, int i)
{
    if (operand_given(c, i) && c->in[i]->kind != DATUM_erf)
        return c->in[i];
    if (operand_given(c, i))
        call_lacks(c, "erf is known as a part of gelu only");
    else
        call_lacks(c, "operand %d is not given", i + 1);
    return NULL;
}

bool operand_flow(struct call *c, int i, struct flow *f)
{
    const struct datum *v = operand_datum(c, i);
    if (!v)
        return false;
    if (v->kind == DATUM_constant) {
        /* a first dimension of 1 can be the batch's */
        const bool single = v->constant->rank > 1 && v->constant->dim[0] == 1;
        return flow_of_constant(c, v->constant, v->constant->rank + !single, f);
    }
    *f = v->flow;
    return true;
}

bool operand_flow_as(struct call *c, int i, int lead, struct flow *f)
{
    if (lead == 0 && operand_given(c, i) && c->in[i]->kind == DATUM_constant)
        return flow_of_constant(c, c->in[i]->constant, c->in[i]->constant->rank, f);
    return operand_flow(c, i, f) && flow_as(c, *f, lead, f);
}

bool operand_axis(struct call *c, int rank, int64_t axis, int *to)
{
    const int64_t from_first = axis < 0 ? axis + rank : axis;
    if (from_first < 0 || from_first >= rank)
        return call_lacks(c, "there is no dimension %lld of %d", (long long)axis, rank);
    *to = (int)from_first;
    return true;
}

/* The name of the next operator: the node's, with a number behind all but the first. What is known
 * and flows into it is called after its tensor, or after the node. */
static const char *next_name(struct call *c, enum op op, const struct bound *bound)
{
    struct import *s = c->import;
    if (op == OP_param || op == OP_full) {
        const char *own = bound ? bound->constant->name : NULL;
        own = own ? own : arena_printf(s->arena, "%s.value", c->name);
        return unique_add(&s->node_names, own, NULL, NULL);
    }
    const char *name = c->made ? arena_printf(s->arena, "%s_%u", c->name, c->made + 1) : c->name;
    c->made++;
    return unique_add(&s->node_names, name, NULL, NULL);
}

/* "rnn.h_n": a further result is called after its operator. */
static const char *result_name(struct import *s, const struct node *of, int64_t index)
{
    const char *result = op_info(of->op)->results[index].name;
    return unique_add(&s->node_names, arena_printf(s->arena, "%s.%s", of->name, result), NULL,
                      NULL);
}

static bool same_dims(const struct type *t, const struct constant *k)
{
    return t->rank == k->rank && !memcmp(t->dim, k->dim, (size_t)t->rank * sizeof *t->dim);
}

/* Whether a name is another tensor's than the constant. */
static bool is_taken(const struct import *s, const char *name, const struct constant *k)
{
    const struct constant *other = map_get(&s->weights, name);
    return other && other->data != k->data;
}

/* The name of a parameter after its operator: also where a tensor of the file has it, of as many
 * elements, that one node reads, which has made the parameter of it. */
static const char *name_of_role(struct import *s, const struct type *type, enum role role,
                                const char *node, const struct constant *k)
{
    const char *wanted = strings_intern0(s->strings, path_of_role(s->arena, node, role));
    const struct datum *file = map_get(&s->initializers, wanted);
    const bool once = map_get(&s->uses, wanted) == (void *)(intptr_t)1;
    if (file && once && !s->branches && !is_taken(s, wanted, k) &&
        constant_elements(file->constant) == type_elements(type))
        return wanted;
    return unique_add(&s->param_names, wanted, NULL, NULL);
}

/* A parameter is called as the file's tensor if it is that, else after its operator. */
static const struct weight *parameter(struct call *c, const struct type *type, enum role role,
                                      const char *node, const struct constant *k)
{
    struct import *s = c->import;
    const char *name = k->name;
    if (!name || !same_dims(type, k) || is_taken(s, name, k))
        name = name_of_role(s, type, role, node, k);
    name = strings_intern0(s->strings, name);
    map_put(&s->weights, name, (void *)(uintptr_t)k);
    return weight_param(s->graph, name, type);
}

static const struct constant *bound_to(const struct bound *bound, int n, int role)
{
    for (int i = 0; i < n; i++)
        if ((int)bound[i].role == role)
            return bound[i].constant;
    return NULL;
}

/* Each parameter that the shape rule asks for has as many elements. */
static bool check_bound(struct call *c, const struct shape *shape, const struct bound *bound, int n)
{
    for (int role = 0; role < N_ROLES; role++) {
        if (!shape->has_param[role])
            continue;
        const struct constant *k = bound_to(bound, n, role);
        if (!k || constant_elements(k) != type_elements(&shape->param[role]))
            return call_lacks(c, "its %s has another shape than it needs",
                              role_name((enum role)role));
        if (!dtype_is_float(k->dtype))
            return call_lacks(c, "its %s holds no floats", role_name((enum role)role));
    }
    return true;
}

struct node *make(struct call *c, enum op op, const struct attrs *attrs, struct node *const *inputs,
                  int n, const struct bound *bound, int n_bound)
{
    struct import *s = c->import;
    struct shape shape = {.diags = s->diags, .span = c->span}, plain;
    struct attrs finished = *attrs;
    attrs_finish(&finished, op);
    const struct attr_info *wrong = attrs_invalid(&finished, op);
    if (wrong) {
        call_lacks(c, "'%s' of %s cannot be %g", wrong->name, op_info(op)->name,
                   attr_get(&finished, wrong, 0));
        return NULL;
    }
    if (!shape_infer(&shape, op, &finished, inputs, n)) {
        c->reported = true;
        if (shape.failure)
            diag_note(shape.failure, (struct span){0}, "this is '%s', %s", c->name,
                      c->node->op_type ? c->node->op_type : "");
        return NULL;
    }
    if (!check_bound(c, &shape, bound, n_bound))
        return NULL;
    plain = shape;
    memset(plain.has_param, 0, sizeof plain.has_param);
    const char *name = op == OP_result ? result_name(s, inputs[0], attrs->index)
                                       : next_name(c, op, n_bound ? bound : NULL);
    struct node *node = graph_append(s->graph, &plain, op, &finished, inputs, n, name);
    node->frame = s->frame;
    integers_note(s, node);
    for (int role = 0; role < N_ROLES; role++)
        if (shape.has_param[role])
            node->weight[role] = parameter(c, &shape.param[role], (enum role)role, node->name,
                                           bound_to(bound, n_bound, role));
    return node;
}

bool operand_is_read_once(const struct call *c, int i)
{
    const struct import *s = c->import;
    const char *name = strings_intern0(s->strings, c->node->input[i]);
    return !c->body->depth && !s->branches && map_get(&s->uses, name) == (void *)(intptr_t)1;
}

bool add_bias(struct call *c, struct node *product, const struct constant *bias)
{
    const struct type type = {.rank = 1, .dim = {product->attr.out}};
    product->name = next_name(c, product->op, NULL);
    product->attr.bias = true;
    product->weight[ROLE_bias] = parameter(c, &type, ROLE_bias, product->name, bias);
    return true;
}

bool make_flow(struct call *c, enum op op, const struct attrs *attrs, struct flow in,
               struct flow *out)
{
    *out = (struct flow){make(c, op, attrs, &in.node, 1, NULL, 0), in.lead};
    return out->node;
}
