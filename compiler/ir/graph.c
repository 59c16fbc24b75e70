/* Making graphs, and changing them. */
#include "base/number.h"
#include "ir/graph.h"
#include "ir/phase.h"

#include <string.h>

struct graph *graph_new(struct arena *arena, struct strings *strings, const char *name)
{
    struct graph *g = arena_new_of(arena, struct graph);
    g->arena = arena;
    g->strings = strings;
    g->name = name;
    g->param_index.arena = arena;
    g->param_owner.arena = arena;
    return g;
}

static struct node *new_node(struct graph *g, enum op op, struct node *const *inputs, int n_inputs)
{
    struct node *n = arena_new_of(g->arena, struct node);
    n->op = op;
    n->n_inputs = n_inputs;
    n->input = arena_array(g->arena, (size_t)n_inputs, sizeof(struct node *));
    if (n_inputs)
        memcpy(n->input, inputs, (size_t)n_inputs * sizeof(struct node *));
    attrs_init(&n->attr, op);
    return n;
}

static void add_params(struct graph *g, struct node *n, const struct shape *shape)
{
    for (int role = 0; role < N_ROLES; role++)
        if (shape->has_param[role]) {
            const char *name = path_of_role(g->arena, n->name, (enum role)role);
            n->weight[role] = weight_param(g, name, &shape->param[role]);
            n->shares |= map_get(&g->param_owner, n->weight[role]) != NULL;
            if (!n->shares)
                map_put(&g->param_owner, n->weight[role], n);
        }
}

struct node *graph_append(struct graph *g, const struct shape *shape, enum op op,
                          const struct attrs *attrs, struct node *const *inputs, int n_inputs,
                          const char *name)
{
    struct node *n = new_node(g, op, inputs, n_inputs);
    n->id = (uint32_t)g->nodes.n;
    n->attr = *attrs;
    n->type = shape->type;
    n->span = shape->span;
    n->name = name ? strings_intern0(g->strings, name) : NULL;
    add_params(g, n, shape);
    VEC_PUSH(g->arena, &g->nodes, n);
    return n;
}

struct node *graph_make(struct graph *g, enum op op, const struct node *like,
                        struct node *const *inputs, int n_inputs, struct type type)
{
    struct node *n = new_node(g, op, inputs, n_inputs);
    n->type = type;
    n->name = like->name;
    n->label = like->label;
    n->span = like->span;
    n->frame = like->frame;
    n->device = like->device;
    n->written = like->written;
    return n;
}

struct node *graph_make_inferred(struct graph *g, enum op op, const struct attrs *attrs,
                                 const struct node *like, struct node *const *inputs, int n_inputs)
{
    struct diags silent;
    diags_init(&silent, g->arena, NULL);
    struct shape shape = {.diags = &silent};
    if (!shape_infer(&shape, op, attrs, inputs, n_inputs))
        return NULL;
    struct node *n = graph_make(g, op, like, inputs, n_inputs, shape.type);
    n->attr = *attrs;
    return n;
}

void graph_number(struct graph *g)
{
    for (size_t i = 0; i < g->nodes.n; i++)
        g->nodes.at[i]->written = (uint32_t)i + 1;
}

void graph_absorb(struct graph *g, struct node *host, struct node *node, uint32_t uses)
{
    graph_replace_uses(g, node, host, uses);
    graph_record(g, host, node);
}

void graph_record(struct graph *g, struct node *host, const struct node *node)
{
    if (node->written)
        VEC_PUSH(g->arena, &host->absorbed, node->written);
    for (size_t i = 0; i < node->absorbed.n; i++)
        VEC_PUSH(g->arena, &host->absorbed, node->absorbed.at[i]);
}

/* Operands stand before their users, a concat after its slices. */
void graph_replace_uses(struct graph *g, const struct node *old, struct node *by, uint32_t uses)
{
    by->kept |= old->kept;
    for (size_t i = old->id; uses && i < g->nodes.n; i++) {
        struct node *n = g->nodes.at[i];
        for (int j = 0; n != by && j < n->n_inputs; j++)
            if (n->input[j] == old) {
                n->input[j] = by;
                uses--;
            }
    }
    for (size_t i = 0; old->op == OP_concat && i < g->nodes.n; i++)
        if (g->nodes.at[i]->into == old)
            g->nodes.at[i]->into = by;
    for (size_t i = 0; i < g->outputs.n; i++)
        if (g->outputs.at[i].node == old)
            g->outputs.at[i].node = by;
}

struct node *graph_find_result(const struct graph *g, const struct node *of, int result)
{
    for (size_t i = of->id; i < g->nodes.n; i++) {
        struct node *n = g->nodes.at[i];
        if (n->op == OP_result && n->input[0] == of && n->attr.index == result)
            return n;
    }
    return NULL;
}

/* The first operand that is counted itself; NULL: there is none. */
static struct node *counted_operand(const struct node *n)
{
    for (int i = 0; i < n->n_inputs; i++)
        if (type_is_counted(&n->input[i]->type))
            return n->input[i];
    return NULL;
}

struct node *graph_counter(struct node *n)
{
    while (n && op_find_result(n->op, "count") < 0)
        n = n->op == OP_result ? n->input[0] : counted_operand(n);
    return n;
}

static bool is_count_of(const struct node *n, const struct node *counter)
{
    while (n->op == OP_pack)
        n = n->input[0];
    return n->op == OP_result && n->input[0] == counter &&
           n->attr.index == op_find_result(counter->op, "count");
}

int graph_count_output(const struct graph *g, const struct graph_output *o)
{
    const struct node *counter = type_is_counted(&o->node->type) ? graph_counter(o->node) : NULL;
    for (size_t i = 0; counter && i < g->outputs.n; i++)
        if (is_count_of(g->outputs.at[i].node, counter))
            return (int)i;
    return -1;
}

bool graph_scores_are_plain(const struct type *boxes, const struct type *scores)
{
    return scores->rank == 2 && scores->dim[0] == boxes->dim[0] && scores->dim[1] == boxes->dim[1];
}

/* Whether each window reads some row and column of its input. */
static bool windows_reach(const struct attrs *a)
{
    for (int side = 0; side < 4; side++)
        if (a->padding[side] > (a->kernel[side % 2] - 1) * (a->dilation[side % 2]))
            return false;
    return true;
}

struct attrs graph_live_window(const struct node *conv, int64_t first[2])
{
    struct attrs live = conv->attr;
    for (int axis = 0; axis < 2; axis++) {
        const int64_t in = type_along(&conv->input[0]->type, axis);
        const int64_t way = (type_along(&conv->type, axis) - 1) * live.stride[axis];
        const int64_t dilation = live.dilation[axis], before = live.padding[axis];
        const int64_t begin = before > way ? (before - way - 1) / dilation + 1 : 0;
        const int64_t end = int_min(live.kernel[axis], (in + before - 1) / dilation + 1);
        first[axis] = begin < end ? begin : 0;
        if (begin >= end) /* no tap sees anything: the kernel stays as it is */
            continue;
        live.padding[axis] -= begin * dilation;
        live.padding[2 + axis] -= (live.kernel[axis] - end) * dilation;
        live.kernel[axis] = end - begin;
    }
    return live;
}

/* Whether each tap of a convolution sees its input somewhere, and one step makes it. */
static bool is_live(const struct node *n)
{
    int64_t first[2];
    const struct attrs live = graph_live_window(n, first);
    return live.kernel[0] == n->attr.kernel[0] && live.kernel[1] == n->attr.kernel[1] &&
           !phase_suits(n);
}

static bool is_dense_conv(const struct node *n)
{
    return n->op == OP_conv && n->attr.groups == 1;
}

static bool is_depthwise(const struct node *n)
{
    return n->op == OP_conv && n->attr.groups > 1 && n->attr.groups == n->attr.out &&
           n->attr.groups == type_c(&n->input[0]->type);
}

bool graph_can_inline(const struct node *then)
{
    const struct node *first = then->n_inputs ? then->input[0] : NULL;
    const bool pools = then->op == OP_maxpool || then->op == OP_avgpool;
    if (!first || first->type.rank == VOLUME_RANK || first->residual || first->into ||
        (!pools && !windows_reach(&then->attr)))
        return false;
    if ((then->op == OP_conv && !is_live(then)) || (first->op == OP_conv && !is_live(first)))
        return false;
    if (first->op == OP_bn)
        return pools || is_dense_conv(then);
    return is_dense_conv(first) && (pools || is_depthwise(then));
}

/* A slice of channels that starts on a block of them and ends on one, or with the tensor, or one of
 * neighbouring rows of the only image: those of several do not follow each other. */
static bool lies_in_its_operand(const struct node *slice)
{
    const struct type *in = &slice->input[0]->type;
    const int axis = attrs_axis(&slice->attr, in);
    const struct positions taken = attrs_positions(&slice->attr, in->dim[axis]);
    if (taken.step != 1)
        return false;
    if (axis != type_channel_axis(in))
        return axis == 1 && in->layout == LAYOUT_rows && in->dim[0] == 1;
    return taken.first % NETRT_BLOCK == 0 &&
           (taken.end % NETRT_BLOCK == 0 || taken.end == in->dim[axis]);
}

struct node *graph_home(const struct node *n)
{
    if (n->into)
        return n->into;
    const bool moves_nothing = n->op == OP_identity || op_has(n->op, OP_TRAINING_ONLY) ||
                               (n->op == OP_slice && lies_in_its_operand(n));
    return moves_nothing ? n->input[0] : NULL;
}

static enum layout rows_layout(const struct type *type)
{
    return type->rank == 2 ? LAYOUT_blocked : LAYOUT_rows;
}

/* A tensor that users gave is taken for a map where its rank allows it, but for [N, T, C]. */
static enum layout given_layout(const struct type *type)
{
    return type->rank == 4 ? LAYOUT_blocked : rows_layout(type);
}

/* Of an operator along some dimensions: whether these are channels, the last ones. */
struct along {
    bool channels, last;
};

static struct along along_of(const struct node *n)
{
    const unsigned axes = op_has(n->op, OP_AXES) ? attrs_axes(&n->attr, &n->input[0]->type) : 0;
    return (struct along){axes >> 1 & 1, axes >> (n->input[0]->type.rank - 1)};
}

/* Whether what moves elements can move blocks of channels: channels only to others in order, or
 * rows and columns of a map. */
static bool keeps_blocks(const struct node *n)
{
    const struct type *in = &n->input[0]->type;
    const unsigned axes = attrs_axes(&n->attr, in);
    const bool in_order = n->op == OP_concat || (n->op == OP_slice && n->attr.step == 1);
    return axes >> 1 & 1 ? axes == 1u << 1 && (in_order || in->rank == 2) : in->rank <= 4;
}

static bool works_on_rows(const struct node *n)
{
    if (op_has(n->op, OP_MOVES))
        return !keeps_blocks(n);
    if (!op_has(n->op, OP_AXES) || op_has(n->op, OP_EITHER) || op_has(n->op, OP_ROWS))
        return op_has(n->op, OP_ROWS);
    const struct along along = along_of(n);
    return along.last && !along.channels;
}

static bool works_on_either(const struct node *n)
{
    if (op_has(n->op, OP_MOVES))
        return keeps_blocks(n);
    if (!op_has(n->op, OP_AXES) || op_has(n->op, OP_EITHER) || op_has(n->op, OP_ROWS))
        return op_has(n->op, OP_EITHER);
    const struct along along = along_of(n);
    return along.last == along.channels;
}

/* Of an operator that follows its first operand: what reduces a volume does so by blocks. */
static enum layout followed_layout(const struct node *n)
{
    const enum layout layout = n->input[0]->type.layout;
    return layout == LAYOUT_planes && op_has(n->op, OP_AXES) ? LAYOUT_blocked : layout;
}

enum layout node_layout(const struct node *n)
{
    const struct type *type = &n->type;
    if (n->op == OP_input)
        return LAYOUT_dense;
    if (n->op == OP_pack)
        return type->layout;
    if (op_has(n->op, OP_VOLUME) && type->rank == VOLUME_RANK)
        return LAYOUT_planes;
    while (works_on_either(n) && n->input[0]->type.layout == LAYOUT_dense)
        n = n->input[0];
    if (n->op == OP_input || n->op == OP_pack)
        return given_layout(type);
    if (works_on_either(n))
        return followed_layout(n);
    return works_on_rows(n) ? rows_layout(type) : LAYOUT_blocked;
}

/* Whether the gradient of a map's weights is made of vectors of outputs alone. */
static bool has_few_channels(const struct node *n)
{
    return n->op == OP_weight_gradient && n->input[0]->type.rank == 4 &&
           type_c(&n->input[0]->type) < NETRT_BLOCK;
}

bool node_reads(const struct node *n, int i, enum layout layout)
{
    if (n->op == OP_pack || n->op == OP_result)
        return true;
    if (layout == LAYOUT_dense)
        return i == 0 && n->attr.groups == 1 && (n->op == OP_conv || has_few_channels(n));
    const bool last = i == n->n_inputs - 1 && op_info(n->op)->n_operands;
    if (last || op_has(n->op, OP_ROWS))
        return layout == rows_layout(&n->input[i]->type);
    return layout == node_layout(n);
}

bool node_has_weights(const struct node *n)
{
    for (int role = 0; role < N_ROLES; role++)
        if (n->weight[role])
            return true;
    return false;
}

static bool has_computed_weights(const struct node *n)
{
    for (int role = 0; role < N_ROLES; role++)
        if (n->weight[role] && n->weight[role]->kind != NETRT_EXPR_PARAM)
            return true;
    return false;
}

bool node_is_plain(const struct node *n)
{
    return !n->act && !n->residual && !n->into && !n->inlined && !has_computed_weights(n) &&
           (op_info(n->op)->class != CLASS_INTERNAL || n->op == OP_input || n->op == OP_result);
}

int64_t node_positions(const struct node *n)
{
    if (n->attr.num_embeddings)
        return n->attr.num_embeddings;
    const struct type *of = n->op == OP_gather_gradient ? &n->type : &n->input[0]->type;
    return of->dim[attrs_axis(&n->attr, of)];
}

/* The node whose integers a node has, moved or not. */
static const struct node *source_of(const struct node *n)
{
    while (n->n_inputs == 1 && op_has(n->op, OP_TYPES))
        n = n->input[0];
    return n;
}

int64_t graph_positions(const struct graph *g, const struct node *input)
{
    int64_t least = 0;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        if (!op_has(n->op, OP_INDEX) || source_of(n->input[n->n_inputs - 1]) != input)
            continue;
        const int64_t here = node_positions(n);
        least = least ? int_min(least, here) : here;
    }
    return least;
}

struct node *const *graph_take_nodes(struct graph *g)
{
    struct node *const *nodes = g->nodes.at;
    g->nodes.at = NULL;
    g->nodes.n = g->nodes.capacity = 0;
    return nodes;
}

void graph_renumber(struct graph *g)
{
    for (size_t i = 0; i < g->nodes.n; i++)
        g->nodes.at[i]->id = (uint32_t)i;
}

static bool *find_needed(const struct graph *g)
{
    bool *needed = arena_array(g->arena, g->nodes.n, sizeof *needed);
    for (size_t i = 0; i < g->outputs.n; i++)
        needed[g->outputs.at[i].node->id] = true;
    for (size_t i = 0; i < g->inputs.n; i++)
        needed[g->inputs.at[i].node->id] = true;
    for (size_t i = g->nodes.n; i-- > 0;)
        for (int j = 0; needed[i] && j < g->nodes.at[i]->n_inputs; j++)
            needed[g->nodes.at[i]->input[j]->id] = true;
    return needed;
}

void graph_sweep(struct graph *g)
{
    graph_renumber(g);
    const bool *needed = find_needed(g);
    size_t n = 0;
    for (size_t i = 0; i < g->nodes.n; i++) {
        struct node *node = g->nodes.at[i];
        if (node->into && !needed[node->into->id])
            node->into = NULL;
        if (needed[i])
            g->nodes.at[n++] = node;
    }
    g->nodes.n = n;
    graph_renumber(g);
}

const struct picture *graph_recipe(const struct graph *g, enum op_class class)
{
    for (size_t i = 0; i < g->recipe.n; i++)
        if (op_info(g->recipe.at[i].op)->class == class)
            return &g->recipe.at[i];
    return NULL;
}

struct picture graph_recipe_or(const struct graph *g, enum op_class class, enum op otherwise)
{
    const struct picture *written = graph_recipe(g, class);
    struct picture p = {.op = otherwise};
    attrs_init(&p.attr, otherwise);
    return written ? *written : p;
}

struct node *graph_find_input(const struct graph *g, const char *name)
{
    for (size_t i = 0; i < g->inputs.n; i++)
        if (!strcmp(g->inputs.at[i].node->name, name))
            return g->inputs.at[i].node;
    return NULL;
}

bool weight_is_within(const struct weight *w, const char *scope)
{
    const size_t n = strlen(scope);
    return n && !strncmp(w->name, scope, n) && (w->name[n] == '.' || !w->name[n]);
}

bool graph_is_frozen(const struct graph *g, const struct weight *w)
{
    for (size_t i = 0; i < g->frozen.n; i++)
        if (weight_is_within(w, g->frozen.at[i]))
            return true;
    return false;
}

uint32_t *graph_count_uses(const struct graph *g, struct arena *arena)
{
    uint32_t *uses = arena_array(arena, g->nodes.n, sizeof *uses);
    for (size_t i = 0; i < g->nodes.n; i++)
        for (int j = 0; j < g->nodes.at[i]->n_inputs; j++)
            uses[g->nodes.at[i]->input[j]->id]++;
    for (size_t i = 0; i < g->outputs.n; i++)
        uses[g->outputs.at[i].node->id]++;
    return uses;
}
