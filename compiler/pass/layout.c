/*
 * Chooses the layout of every value, by the operator that makes it (node_layout()). The network's
 * inputs and outputs stay dense. Where an operator cannot read what lies there, a `pack` converts:
 * one for each layout in which a value is read. Those of an input stand behind it, and one for each
 * output behind the part of the network that makes it. A convolution of few channels reads an input
 * of the network dense, and from the network's own memory if it does not pad.
 *
 * Every value gets the zero border that its readers want: convolutions read what they pad, as do
 * the gradients of their weights, and nobody else does. Values that lie in one memory (graph_home)
 * share its border: the parts of a concat, and slices with what they are taken from.
 *
 * Needs concat-in-place before it, and takes operands of a concat out of it again that are of
 * another layout, or lie across its blocks. Keeps types but for their layout. A flatten that only
 * linear layers read stands for reading the whole map; it moves nothing.
 */
#include "ir/phase.h"
#include "pass/pass.h"

struct relayout {
    struct graph *graph;
    VEC(struct node *) nodes;         /* the program with packs, in the making */
    struct node *(*packs)[N_LAYOUTS]; /* of each value, by its id: the pack to a layout, or NULL */
};

/* ---- borders ---- */

static void border_widen(int64_t border[6], const int64_t need[6])
{
    for (int side = 0; side < 6; side++)
        if (need[side] > border[side])
            border[side] = need[side];
}

/* The border that `node` wants around its first input. That of a convolution is its padding, even
 * where the last window ends inside, so that instances of a block are alike whatever reads the last
 * of them; but none that only taps would read which see nothing else. */
static void border_of_reader(const struct node *node, int64_t need[6])
{
    int64_t first[2];
    struct attrs window = {0};
    if (node->op == OP_conv_transpose || phase_suits(node)) {
        phase_border(node, need);
        return;
    }
    if (node->op == OP_conv)
        window = graph_live_window(node, first);
    if (node->op == OP_weight_gradient)
        window = node->attr;
    for (int side = 0; side < 6; side++)
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
    int64_t need[6];
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
    pack->written = 0;
    pack->name =
        strings_intern0(graph->strings, arena_printf(graph->arena, "%s.%s", value->name, suffix));
    VEC_PUSH(graph->arena, &l->nodes, pack);
    return pack;
}

/* A convolution of fewer channels than a block wastes most of a block's lanes. */
static bool prefers_dense(const struct node *node, int operand)
{
    const struct node *in = node->input[operand];
    return node_reads(node, operand, LAYOUT_dense) && node->op != OP_pack && in->op == OP_input &&
           type_c(&in->type) < NETRT_BLOCK;
}

static bool pads(const struct node *node)
{
    int64_t need[6];
    border_of_reader(node, need);
    for (int side = 0; side < 6; side++)
        if (need[side] > 0)
            return true;
    return false;
}

/* The layout in which `node` is to read operand `i`. */
static enum layout wanted_layout(const struct node *node, int i)
{
    const enum layout own = node->input[i]->type.layout;
    if (prefers_dense(node, i))
        return LAYOUT_dense;
    if (own != LAYOUT_dense && node_reads(node, i, own))
        return own;
    if (node_reads(node, i, LAYOUT_planes))
        return LAYOUT_planes;
    return node_reads(node, i, LAYOUT_blocked) ? LAYOUT_blocked : LAYOUT_rows;
}

/* The pack of a value to a layout, made if there is none. */
static struct node *pack_to(struct relayout *l, struct node *value, enum layout to)
{
    struct node **pack = &l->packs[value->id][to];
    if (!*pack)
        *pack = make_pack(l, value, value, to, to == LAYOUT_dense ? "padded" : layout_name(to));
    return *pack;
}

/* How an input of the network is read: in which layouts; dense with a border if one reader pads. */
static void pack_input(struct relayout *l, struct node *input)
{
    const struct graph *graph = l->graph;
    bool wanted[N_LAYOUTS] = {false};
    for (size_t i = 0; i < graph->nodes.n; i++) {
        const struct node *node = graph->nodes.at[i];
        for (int k = 0; k < node->n_inputs; k++) {
            if (node->input[k] != input)
                continue;
            const enum layout layout = wanted_layout(node, k);
            wanted[layout] |= layout != LAYOUT_dense || pads(node);
        }
    }
    for (int layout = 0; layout < N_LAYOUTS; layout++)
        if (wanted[layout])
            pack_to(l, input, (enum layout)layout);
}

/* Makes the operands of a node what it can read. */
static void convert_operands(struct relayout *l, struct node *node)
{
    for (int k = 0; k < node->n_inputs; k++) {
        struct node *in = node->input[k];
        const enum layout layout = wanted_layout(node, k);
        struct node *known = l->packs[in->id][layout];
        if (known || layout != in->type.layout)
            node->input[k] = known ? known : pack_to(l, in, layout);
    }
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
        output->node = pack;
    }
}

/* Whether an operand of a concat that was placed in it lies there: both are of one layout, in which
 * the concat joins channels. */
static bool lies_in_concat(const struct node *operand)
{
    const struct type *all = &operand->into->type;
    return operand->type.layout == all->layout &&
           attrs_axis(&operand->into->attr, all) == type_channel_axis(all);
}

/* Of all values, before any pack: what reads a value is judged by its final layout. */
static void choose_layouts(struct graph *graph)
{
    for (size_t i = 0; i < graph->nodes.n; i++)
        graph->nodes.at[i]->type.layout = node_layout(graph->nodes.at[i]);
    for (size_t i = 0; i < graph->nodes.n; i++)
        if (graph->nodes.at[i]->into && !lies_in_concat(graph->nodes.at[i]))
            graph->nodes.at[i]->into = NULL;
}

void pass_layout(struct graph *graph)
{
    struct relayout l = {.graph = graph};
    l.packs = arena_array(graph->arena, graph->nodes.n, sizeof *l.packs);
    choose_layouts(graph);
    for (size_t i = 0; i < graph->nodes.n; i++) {
        struct node *node = graph->nodes.at[i];
        convert_operands(&l, node);
        VEC_PUSH(graph->arena, &l.nodes, node);
        if (node->op == OP_input)
            pack_input(&l, node);
        pack_outputs(&l, i);
    }
    give_borders(&l);
    graph->nodes.at = l.nodes.at;
    graph->nodes.n = l.nodes.n;
    graph->nodes.capacity = l.nodes.capacity;
    graph_renumber(graph);
}
