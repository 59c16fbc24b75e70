/*
 * Mutations of ONNX files that leave them ONNX files: what mutate() does to one mostly ends in the
 * reader of protobuf, and the importer, behind it, sees little. Here operands, operators, numbers
 * and the order of nodes are changed in the message itself. Functions and the graphs of branches
 * stay.
 */
#include "mutate.h"
#include "onnx/onnx.pb-c.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INT64 = 7, FLOAT = 1 }; /* types of TensorProto */

static int64_t any_integer(struct random *r)
{
    static const int64_t some[] = {0,  1,  2,  3,  4,       5,         7,
                                   -1, -2, -3, 16, 1 << 24, INT64_MAX, INT64_MIN};
    return some[random_below(r, sizeof some / sizeof *some)];
}

static float any_real(struct random *r)
{
    static const float some[] = {0, 1, -1, 0.5F, 1e-5F, 3e38F, INFINITY, -INFINITY, NAN};
    return some[random_below(r, sizeof some / sizeof *some)];
}

static void set_text(char **to, const char *from)
{
    char *copy = strdup(from ? from : "");
    free(*to);
    *to = copy;
}

/* Requires a graph with nodes. */
static Onnx__NodeProto *any_node(struct random *r, const Onnx__GraphProto *g)
{
    return g->node[random_below(r, g->n_node)];
}

/* The name of a value: what a node makes, an initializer or an input. */
static const char *any_value(struct random *r, const Onnx__GraphProto *g)
{
    const Onnx__NodeProto *n = any_node(r, g);
    const size_t way = random_below(r, 8);
    if (way == 0 && g->n_initializer)
        return g->initializer[random_below(r, g->n_initializer)]->name;
    if (way == 1 && g->n_input)
        return g->input[random_below(r, g->n_input)]->name;
    return n->n_output ? n->output[random_below(r, n->n_output)] : "";
}

static void change_operand(struct random *r, Onnx__GraphProto *g)
{
    Onnx__NodeProto *n = any_node(r, g);
    if (n->n_input)
        set_text(&n->input[random_below(r, n->n_input)], any_value(r, g));
}

static void exchange_operands(struct random *r, Onnx__GraphProto *g)
{
    Onnx__NodeProto *n = any_node(r, g);
    if (!n->n_input)
        return;
    char **a = &n->input[random_below(r, n->n_input)], **b = &n->input[random_below(r, n->n_input)];
    char *kept = *a;
    *a = *b;
    *b = kept;
}

static void leave_out_operand(struct random *r, Onnx__GraphProto *g)
{
    Onnx__NodeProto *n = any_node(r, g);
    if (n->n_input && random_below(r, 2))
        set_text(&n->input[random_below(r, n->n_input)], "");
    else if (n->n_input)
        free(n->input[--n->n_input]);
}

static void exchange_operators(struct random *r, Onnx__GraphProto *g)
{
    Onnx__NodeProto *a = any_node(r, g), *b = any_node(r, g);
    char *kept = a->op_type;
    a->op_type = b->op_type;
    b->op_type = kept;
}

static void exchange_nodes(struct random *r, Onnx__GraphProto *g)
{
    Onnx__NodeProto **a = &g->node[random_below(r, g->n_node)],
                    **b = &g->node[random_below(r, g->n_node)];
    Onnx__NodeProto *kept = *a;
    *a = *b;
    *b = kept;
}

/* What took its result takes its first operand. */
static void remove_node(struct random *r, Onnx__GraphProto *g)
{
    const size_t at = random_below(r, g->n_node);
    Onnx__NodeProto *n = g->node[at];
    memmove(&g->node[at], &g->node[at + 1], (--g->n_node - at) * sizeof *g->node);
    for (size_t i = at; i < g->n_node && n->n_input && n->n_output; i++)
        for (size_t k = 0; k < g->node[i]->n_input; k++)
            if (!strcmp(g->node[i]->input[k], n->output[0]))
                set_text(&g->node[i]->input[k], n->input[0]);
    onnx__node_proto__free_unpacked(n, NULL);
}

static void change_dim(struct random *r, Onnx__TensorProto *t)
{
    if (t->n_dims)
        t->dims[random_below(r, t->n_dims)] = any_integer(r);
}

static void change_tensor(struct random *r, Onnx__TensorProto *t)
{
    const int64_t integer = any_integer(r);
    const float real = any_real(r);
    const size_t n = t->raw_data.len / sizeof integer, m = t->raw_data.len / sizeof real;
    if (!random_below(r, 8))
        change_dim(r, t);
    else if (t->n_int64_data)
        t->int64_data[random_below(r, t->n_int64_data)] = integer;
    else if (t->n_float_data)
        t->float_data[random_below(r, t->n_float_data)] = real;
    else if (t->data_type == INT64 && n)
        memcpy(t->raw_data.data + sizeof integer * random_below(r, n), &integer, sizeof integer);
    else if (t->data_type == FLOAT && m)
        memcpy(t->raw_data.data + sizeof real * random_below(r, m), &real, sizeof real);
}

static void change_initializer(struct random *r, Onnx__GraphProto *g)
{
    if (g->n_initializer)
        change_tensor(r, g->initializer[random_below(r, g->n_initializer)]);
}

static void change_attribute(struct random *r, Onnx__GraphProto *g)
{
    Onnx__NodeProto *n = any_node(r, g);
    Onnx__AttributeProto *a = n->n_attribute ? n->attribute[random_below(r, n->n_attribute)] : NULL;
    if (!a)
        return;
    if (a->t)
        change_tensor(r, a->t);
    else if (a->n_ints)
        a->ints[random_below(r, a->n_ints)] = any_integer(r);
    else if (a->has_f)
        a->f = any_real(r);
    else
        a->i = any_integer(r);
}

static void change_result(struct random *r, Onnx__GraphProto *g)
{
    if (g->n_output)
        set_text(&g->output[random_below(r, g->n_output)]->name, any_value(r, g));
}

typedef void change(struct random *, Onnx__GraphProto *);

static void change_graph(struct random *r, Onnx__GraphProto *g)
{
    static change *const ways[] = {change_operand,   change_operand,     exchange_operands,
                                   change_attribute, change_initializer, leave_out_operand,
                                   exchange_nodes,   exchange_operators, remove_node,
                                   change_attribute, change_initializer, change_result};
    const size_t count = 1 + random_below(r, 3);
    for (size_t i = 0; i < count && g->n_node; i++)
        ways[random_below(r, sizeof ways / sizeof *ways)](r, g);
}

void mutate_onnx(struct random *r, struct bytes *b, const struct bytes *other)
{
    Onnx__ModelProto *model =
        random_below(r, 8) ? onnx__model_proto__unpack(NULL, b->n, b->at) : NULL;
    if (model && model->graph) {
        change_graph(r, model->graph);
        const size_t n = onnx__model_proto__get_packed_size(model);
        const struct bytes packed = {calloc(1, n + 1), n, n + 1};
        onnx__model_proto__pack(model, packed.at);
        bytes_copy(b, &packed);
        free(packed.at);
    } else {
        mutate(r, b, other);
    }
    if (model)
        onnx__model_proto__free_unpacked(model, NULL);
}
