/*
 * Chooses the layout of every value. Channels are blocked; the network's inputs and outputs stay
 * dense, and `pack` nodes convert at these edges: one for each form in which an input is read, and
 * one for each output. A convolution of few channels reads an input of the network dense, and from
 * the network's own memory if it does not pad.
 *
 * Every value gets the zero border that its readers want: convolutions read what they pad, and
 * nobody else does. Values that lie in one memory (graph_home) share its border: the parts of a
 * concat, and slices with what they are taken from.
 *
 * Needs concat-in-place before it. Keeps types but for their layout. A flatten that only linear
 * layers read stands for reading the whole map; it moves nothing.
 */
#include "pass/pass.h"

struct relayout {
    struct graph *graph;
    VEC(struct node *) nodes; /* the program with packs, in the making */
};

/* ---- borders ---- */

static void border_widen(int64_t border[4], const int64_t need[4])
{
    for (int side = 0; side < 4; side++)
        if (need[side] > border[side])
            border[side] = need[side];
}

/* The border that `node` wants around its first input: its padding, even where the last window ends
 * inside, so that instances of a block are alike whatever reads the last of them; but none that
 * only taps would read which see nothing else. */
static void border_of_reader(const struct node *node, int64_t need[4])
{
    int64_t first[2];
    struct attrs window = {0};
    if (node->op == OP_conv)
        window = graph_live_window(node, first);
    for (int side = 0; side < 4; side++)
        need[side] = window.padding[side] > 0 ? window.padding[side] : 0;
}

static struct node *owner_of_memory(struct node *node)
{
    for (struct node *home; (home = graph_home(node));)
        node = home;
    return node;
}

static void give_borders(struct relayout *l)
{
    int64_t need[4];
    for (size_t i = 0; i < l->nodes.n; i++) {
        const struct node *node = l->nodes.at[i];
        if (!node->n_inputs)
            continue;
        border_of_reader(node, need);
        border_widen(owner_of_memory(node->input[0])->border, need);
    }
    for (size_t i = 0; i < l->nodes.n; i++) {
        struct node *node = l->nodes.at[i];
        border_widen(node->border, owner_of_memory(node)->border);
    }
}

/* ---- conversions ---- */

static struct node *make_pack(struct relayout *l, const struct node *like, struct node *value,
                              enum layout to, const char *suffix)
{
    struct graph *graph = l->graph;
    struct type type = value->type;
    type.layout = to;
    struct node *pack = graph_make(graph, OP_pack, like, &value, 1, type);
    pack->name =
        strings_intern0(graph->strings, arena_printf(graph->arena, "%s.%s", value->name, suffix));
    return pack;
}

/* A convolution of fewer channels than a block wastes most of a block's lanes. */
static bool reads_dense(const struct node *node, int operand)
{
    const struct node *in = node->input[operand];
    return node->op == OP_conv && operand == 0 && in->op == OP_input && node->attr.groups == 1 &&
           type_c(&in->type) < NETRT_BLOCK;
}

/* How an input of the network is read. */
struct readers {
    bool blocked, padded; /* by one that wants blocks; dense, by one that wants a border */
};

static struct readers readers_of(const struct graph *graph, const struct node *input)
{
    struct readers readers = {false, false};
    int64_t need[4];
    for (size_t i = 0; i < graph->nodes.n; i++) {
        const struct node *node = graph->nodes.at[i];
        for (int k = 0; k < node->n_inputs; k++) {
            if (node->input[k] != input)
                continue;
            border_of_reader(node, need);
            if (!reads_dense(node, k))
                readers.blocked = true;
            else if (need[0] > 0 || need[1] > 0 || need[2] > 0 || need[3] > 0)
                readers.padded = true;
        }
    }
    return readers;
}

static void redirect_reader(struct node *node, const struct node *input, struct node *dense,
                            struct node *blocked)
{
    for (int k = 0; k < node->n_inputs; k++)
        if (node->input[k] == input)
            node->input[k] = reads_dense(node, k) ? dense : blocked;
}

static void pack_input(struct relayout *l, struct node *input)
{
    const struct readers readers = readers_of(l->graph, input);
    struct node *dense = input, *blocked = NULL;
    if (readers.padded) {
        dense = make_pack(l, input, input, LAYOUT_dense, "padded");
        VEC_PUSH(l->graph->arena, &l->nodes, dense);
    }
    if (readers.blocked) {
        blocked = make_pack(l, input, input, LAYOUT_blocked, "blocked");
        VEC_PUSH(l->graph->arena, &l->nodes, blocked);
    }
    for (size_t i = 0; i < l->graph->nodes.n; i++)
        redirect_reader(l->graph->nodes.at[i], input, dense, blocked);
}

/* The outermost call or loop that `node` stands in; NULL: the network itself. */
static const struct frame *outermost_part(const struct node *node)
{
    const struct frame *frame = node->frame;
    while (frame && frame->parent && frame->parent->parent)
        frame = frame->parent;
    return frame && frame->parent ? frame : NULL;
}

static const struct frame *whole_network(const struct frame *frame)
{
    while (frame && frame->parent)
        frame = frame->parent;
    return frame;
}

/* The outputs made by node number i, or by a node of the part of the network that ends there: packs
 * stand behind that part, so that its instances stay alike. */
static void pack_outputs(struct relayout *l, size_t i)
{
    struct graph *graph = l->graph;
    const struct frame *part = outermost_part(graph->nodes.at[i]);
    if (part && i + 1 < graph->nodes.n && outermost_part(graph->nodes.at[i + 1]) == part)
        return;
    for (size_t k = 0; k < graph->outputs.n; k++) {
        struct graph_output *output = &graph->outputs.at[k];
        if (output->node->op == OP_pack || output->node->id > i)
            continue;
        struct node *pack = make_pack(l, output->node, output->node, LAYOUT_dense, "dense");
        pack->frame = whole_network(pack->frame);
        VEC_PUSH(graph->arena, &l->nodes, pack);
        output->node = pack;
    }
}

void pass_layout(struct graph *graph)
{
    struct relayout l = {.graph = graph};
    for (size_t i = 0; i < graph->nodes.n; i++) {
        struct node *node = graph->nodes.at[i];
        VEC_PUSH(graph->arena, &l.nodes, node);
        if (node->op == OP_input)
            pack_input(&l, node);
        else
            node->type.layout = LAYOUT_blocked;
        pack_outputs(&l, i);
    }
    give_borders(&l);
    graph->nodes.at = l.nodes.at;
    graph->nodes.n = l.nodes.n;
    graph->nodes.capacity = l.nodes.capacity;
    graph_renumber(graph);
}
