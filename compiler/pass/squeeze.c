/*
 * Makes a reduction that leaves its dimensions out one that keeps them, of size 1, and a reshape,
 * which moves nothing: flatten of a map that is a vector then. Kernels keep dimensions.
 *
 * Needs nothing, and stands before layout. Keeps names: what was the reduction is the reshape, and
 * the other is named after it.
 */
#include "pass/pass.h"

static bool leaves_out(const struct node *n)
{
    return op_has(n->op, OP_AXES) && op_has(n->op, OP_EITHER) && !n->attr.keepdim;
}

/* The reduction with all dimensions. */
static struct node *make_kept(struct graph *graph, const struct node *n)
{
    const unsigned axes = attrs_axes(&n->attr, &n->input[0]->type);
    struct type type = n->input[0]->type;
    type.layout = n->type.layout;
    for (int i = 0; i < type.rank; i++) {
        type.dim[i] = axes >> i & 1 ? 1 : type.dim[i];
        type.counted[i] = type.counted[i] && !(axes >> i & 1);
    }
    struct node *kept = graph_make(graph, n->op, n, n->input, 1, type);
    kept->attr = n->attr;
    kept->attr.keepdim = true;
    kept->name = strings_intern0(graph->strings, arena_printf(graph->arena, "%s.kept", n->name));
    return kept;
}

static void become_reshape(struct node *n, struct node *kept)
{
    const bool map = node_layout(kept) == LAYOUT_blocked;
    n->op = n->type.rank == 2 && map ? OP_flatten : OP_reshape;
    n->input[0] = kept;
    attrs_init(&n->attr, n->op);
    for (int i = 1; n->op == OP_reshape && i < n->type.rank; i++)
        n->attr.shape.at[n->attr.shape.n++] = n->type.dim[i];
}

void pass_squeeze(struct graph *graph)
{
    const size_t n = graph->nodes.n;
    struct node *const *before = graph_take_nodes(graph);
    for (size_t i = 0; i < n; i++) {
        if (leaves_out(before[i])) {
            struct node *kept = make_kept(graph, before[i]);
            VEC_PUSH(graph->arena, &graph->nodes, kept);
            become_reshape(before[i], kept);
        }
        VEC_PUSH(graph->arena, &graph->nodes, before[i]);
    }
    graph_renumber(graph);
}
