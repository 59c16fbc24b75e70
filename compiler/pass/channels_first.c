/*
 * Leaves channels where maps have them: between a permute that moves them behind rows and columns
 * and one that moves them back, operators that work on the last dimension, or element by element,
 * work on dimension 1 instead, and the two permutes go. A linear layer is a 1x1 convolution then
 * (the blocks of ConvNeXt).
 *
 * Needs dropout gone, and a map that is not made as rows; stands before fold-bn, which finds
 * convolutions. Keeps names, weights and the program's order; what has other uses between the two
 * permutes stays as it is.
 */
#include "pass/pass.h"

static const int64_t to_last[] = {0, 2, 3, 1}, to_first[] = {0, 3, 1, 2};
enum { RANK = 4 };

static bool permutes(const struct node *node, const int64_t dims[RANK])
{
    if (node->op != OP_permute || node->attr.dims.n != RANK)
        return false;
    for (int i = 0; i < RANK; i++)
        if (node->attr.dims.at[i] != dims[i])
            return false;
    return true;
}

/* Whether it works on the last dimension of four, or element by element. */
static bool moves_along(const struct node *node)
{
    if (node->residual || node->type.rank != RANK)
        return false;
    if (node->op == OP_layernorm || node->op == OP_rmsnorm || node->op == OP_softmax ||
        node->op == OP_log_softmax)
        return attrs_axes(&node->attr, &node->type) == 1u << (RANK - 1);
    return node->op == OP_linear || node->op == OP_scale || op_has(node->op, OP_ACTIVATION);
}

/* The one reader of a node: it stands behind it. */
static struct node *reader_of(const struct graph *graph, const struct node *node)
{
    for (size_t i = node->id + 1; i < graph->nodes.n; i++) {
        struct node *reader = graph->nodes.at[i];
        for (int k = 0; k < reader->n_inputs; k++)
            if (reader->input[k] == node)
                return reader;
    }
    return NULL; /* an output */
}

/* The permute back, to which nothing else reads what lies between; NULL: there is none. */
static struct node *find_back(const struct graph *graph, const struct node *permute,
                              const uint32_t *uses)
{
    const struct node *node = permute;
    struct node *reader = NULL;
    do {
        reader = uses[node->id] == 1 ? reader_of(graph, node) : NULL;
        node = reader;
    } while (reader && moves_along(reader));
    return reader && permutes(reader, to_first) ? reader : NULL;
}

static void become_convolution(struct node *linear)
{
    const struct attrs of = linear->attr;
    linear->op = OP_conv;
    attrs_init(&linear->attr, OP_conv);
    linear->attr.out = of.out;
    linear->attr.bias = of.bias;
    linear->attr.kernel[0] = linear->attr.kernel[1] = linear->attr.kernel[2] = 1;
}

static void move_channels(struct node *node)
{
    node->type = type_permuted(&node->type, to_first);
    if (op_has(node->op, OP_AXES))
        node->attr.dim = (struct dims){.n = 1, .at = {1}};
    if (node->op == OP_linear)
        become_convolution(node);
}

/* What lies between the two now reads, and is read, without them. */
static void move_between(struct graph *graph, struct node *permute, struct node *back,
                         uint32_t *uses)
{
    struct node *in = permute->input[0], *last = back->input[0];
    for (struct node *node = last; node != permute; node = node->input[0])
        move_channels(node);
    graph_replace_uses(graph, permute, in, 1);
    last = last == permute ? in : last;
    graph_replace_uses(graph, back, last, uses[back->id]);
    uses[last->id] += uses[back->id] - 1;
}

void pass_channels_first(struct graph *graph)
{
    uint32_t *uses = graph_count_uses(graph, graph->arena);
    for (size_t i = 0; i < graph->nodes.n; i++) {
        struct node *node = graph->nodes.at[i];
        const bool starts = permutes(node, to_last) && node_layout(node->input[0]) != LAYOUT_rows;
        struct node *back = starts ? find_back(graph, node, uses) : NULL;
        if (back)
            move_between(graph, node, back, uses);
    }
    graph_sweep(graph);
}
