/*
 * Makes softmax over a dimension between the channels and the last one softmax over the last, of
 * what is permuted, and permutes back.
 *
 * Needs nothing, and stands before layout. Keeps names: what was the softmax is the permute behind
 * it, and the other two are named after it.
 */
#include "pass/pass.h"

/* The dimension to turn to the end; 0: it need not be turned. */
static int axis_to_turn(const struct node *n)
{
    if (n->op != OP_softmax && n->op != OP_log_softmax)
        return 0;
    const struct type *in = &n->input[0]->type;
    const int axis = attrs_axis(&n->attr, in);
    return axis > 1 && axis < in->rank - 1 ? axis : 0;
}

/* Dimensions in order, but for `axis` and the last, which change places. */
static struct dims exchange(int axis, int rank)
{
    struct dims dims = {.n = rank};
    for (int i = 0; i < rank; i++)
        dims.at[i] = i == axis ? rank - 1 : i == rank - 1 ? axis : i;
    return dims;
}

static struct node *make_node(struct graph *graph, enum op op, const struct node *like,
                              struct node *in, struct type type, const char *suffix)
{
    struct node *n = graph_make(graph, op, like, &in, 1, type);
    n->name =
        strings_intern0(graph->strings, arena_printf(graph->arena, "%s.%s", like->name, suffix));
    VEC_PUSH(graph->arena, &graph->nodes, n);
    return n;
}

static void turn(struct graph *graph, struct node *n, int axis)
{
    const struct dims dims = exchange(axis, n->type.rank);
    const struct type type = type_permuted(&n->type, dims.at);
    struct node *there = make_node(graph, OP_permute, n, n->input[0], type, "turned");
    struct node *last = make_node(graph, n->op, n, there, type, "last");
    there->attr.dims = dims;
    last->attr = n->attr;
    last->attr.dim.at[0] = n->type.rank - 1;
    n->op = OP_permute;
    n->input[0] = last;
    attrs_init(&n->attr, OP_permute);
    n->attr.dims = dims;
}

void pass_turn(struct graph *graph)
{
    const size_t n = graph->nodes.n;
    struct node *const *before = graph_take_nodes(graph);
    for (size_t i = 0; i < n; i++) {
        const int axis = axis_to_turn(before[i]);
        if (axis)
            turn(graph, before[i], axis);
        VEC_PUSH(graph->arena, &graph->nodes, before[i]);
    }
    graph_renumber(graph);
}
