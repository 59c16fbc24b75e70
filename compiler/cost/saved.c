#include "cost/saved.h"

enum saved {
    SAVED_NOTHING,
    SAVED_INPUT,
    SAVED_INPUTS,
    SAVED_RESULT,
    SAVED_BOTH,
    SAVED_ALL,
    SAVED_EITHER,
    SAVED_WINDOWS
};

/* Whether an operator gives its operand in another shape, or a part of it. */
static bool is_view(const struct node *n)
{
    return n->op == OP_flatten || n->op == OP_identity || n->op == OP_slice || n->op == OP_crop ||
           n->op == OP_reshape || n->op == OP_permute || n->op == OP_unflatten ||
           n->op == OP_unfold || (n->op == OP_dropout && n->attr.p == 0);
}

/* Whether channels, rows and columns of a part of `whole` lie in one row, with equal steps between
 * elements. Where they do not, as after a crop, flatten copies. */
static bool lies_in_a_row(const struct type *part, const struct type *whole)
{
    int64_t step = 1, next = 0;
    for (int i = whole->rank - 1; i > 0; step *= whole->dim[i--]) {
        if (part->dim[i] == 1)
            continue;
        if (next && next != step)
            return false;
        next = step * part->dim[i];
    }
    return true;
}

/* Whether a permute gives the order in which its operand lies: attention on a CPU has the heads of
 * a row side by side. */
static bool restores_order(const struct node *permute)
{
    static const int64_t heads_inside[] = {0, 2, 1, 3};
    const struct dims *dims = &permute->attr.dims;
    bool same = permute->input[0]->op == OP_scaled_dot_product_attention && dims->n == 4;
    for (int i = 0; i < 4 && same; i++)
        same = dims->at[i] == heads_inside[i];
    return same;
}

/* Whether a view has its elements in another order than their storage, or not all of them. */
static bool is_scattered(const struct node *n)
{
    for (; is_view(n); n = n->input[0])
        if ((n->op == OP_permute && !restores_order(n)) || n->op == OP_slice || n->op == OP_crop ||
            n->op == OP_unfold)
            return true;
    return false;
}

/* The node whose storage a node's result lies in. */
static uint32_t root_of(const struct storages *s, const struct node *n)
{
    if (!is_view(n))
        return n->id;
    const uint32_t root = s->root[n->input[0]->id];
    const struct type *part = &n->input[0]->type, *whole = &s->graph->nodes.at[root]->type;
    if (n->op == OP_reshape || (n->op == OP_flatten && part->rank != whole->rank))
        return is_scattered(n->input[0]) ? n->id : root;
    return n->op == OP_flatten && !lies_in_a_row(part, whole) ? n->id : root;
}

void storages_init(struct storages *s, struct arena *arena, const struct graph *g)
{
    s->graph = g;
    s->uses = graph_count_uses(g, arena);
    s->root = arena_array(arena, g->nodes.n, sizeof *s->root);
    for (uint32_t i = 0; i < g->nodes.n; i++)
        s->root[i] = root_of(s, g->nodes.at[i]);
}

int64_t storage_bytes(const struct storages *s, uint32_t id)
{
    return type_bytes(&s->graph->nodes.at[id]->type);
}

static int64_t extra_nothing(const struct node *n)
{
    (void)n;
    return 0;
}

/* The batch's mean and the reciprocal of its deviation. */
static int64_t extra_channel_statistics(const struct node *n)
{
    return 2 * BYTES_f32 * type_c(&n->type);
}

/* A number for each group of what works along some dimensions. */
static int64_t numbers_of_groups(const struct node *n)
{
    const struct type *in = &n->input[0]->type;
    const int64_t groups = type_elements(in) / type_elements_along(in, attrs_axes(&n->attr, in));
    return BYTES_f32 * groups;
}

static int64_t extra_group_statistics(const struct node *n)
{
    return 2 * numbers_of_groups(n);
}

/* The logarithm of the sum of each row's exponentials. */
static int64_t extra_row_statistics(const struct node *n)
{
    return BYTES_f32 * (type_elements(&n->type) / n->type.dim[n->type.rank - 1]);
}

/* The reciprocal of the root; the product before the scale. */
static int64_t extra_rmsnorm(const struct node *n)
{
    return numbers_of_groups(n) + (n->attr.affine ? type_bytes(&n->type) : 0);
}

static int64_t extra_groupnorm(const struct node *n)
{
    return 2 * BYTES_f32 * type_n(&n->type) * n->attr.groups;
}

/* It is a batch normalization of as many channels as all images have, with the scales of all. */
static int64_t extra_instancenorm(const struct node *n)
{
    const int64_t channels = type_n(&n->type) * type_c(&n->type);
    return (2 + n->attr.affine) * BYTES_f32 * channels;
}

/* The squares, padded by size - 1 channels; the base of the power and the power. */
static int64_t extra_lrn(const struct node *n)
{
    int64_t bytes = type_bytes(&n->type);
    return 3 * bytes + bytes / type_c(&n->type) * (n->attr.size[0] - 1);
}

/* For each number of a state at each step seven: its own and those of its gates. Of a layer's
 * input, the first one's a copy for each direction, steps first, unless that order is the same; the
 * others' are so already, and one serves both directions. */
static int64_t extra_recurrent(const struct node *n)
{
    const struct type *in = &n->input[0]->type;
    const int64_t layers = n->attr.num_layers;
    const int64_t copies = in->dim[0] > 1 && in->dim[1] > 1 ? attrs_directions(&n->attr) : 1;
    return copies * type_bytes(in) + (7 * layers + layers - 1) * type_bytes(&n->type);
}

/* A pool's indices are int64, and those of topk. */
static int64_t extra_indices(const struct node *n)
{
    return (int64_t)sizeof(int64_t) * type_elements(&n->type);
}

/* On a CPU the mask is of the tensor's type. */
static int64_t extra_mask(const struct node *n)
{
    return n->attr.p == 0 ? 0 : type_bytes(&n->type);
}

static const struct rule {
    enum saved tensors;
    int64_t (*extra)(const struct node *);
} rules[N_OPS] = {
#define SAVED(op, tensors, extra) [OP_##op] = {SAVED_##tensors, extra_##extra},
#include "cost/saved.def"
};

static enum saved kept(const struct node *n)
{
    return rules[n->op].tensors;
}

/* An activation may overwrite its input if nobody else reads that, and the operator that made it
 * does not keep it. */
static bool may_overwrite(const struct storages *s, const struct node *n)
{
    const struct node *in = n->input[0];
    return in->op != OP_input && s->uses[in->id] == 1 && s->root[in->id] == in->id &&
           kept(in) != SAVED_RESULT && kept(in) != SAVED_BOTH && kept(in) != SAVED_ALL &&
           kept(in) != SAVED_EITHER;
}

static bool keeps_result(const struct storages *s, const struct node *n)
{
    return kept(n) == SAVED_RESULT || (kept(n) == SAVED_EITHER && may_overwrite(s, n));
}

static int operands_kept(const struct node *n)
{
    bool one_mean = type_h(&n->type) == 1 && type_w(&n->type) == 1;
    if (kept(n) == SAVED_NOTHING || (kept(n) == SAVED_WINDOWS && one_mean))
        return 0;
    return kept(n) == SAVED_INPUTS || kept(n) == SAVED_ALL ? n->n_inputs : 1;
}

void saved_tensors(const struct storages *s, const struct node *n, keep_rule *keep, void *context)
{
    if (keeps_result(s, n)) {
        keep(context, s->root[n->id]);
        return;
    }
    if (kept(n) == SAVED_BOTH || kept(n) == SAVED_ALL)
        keep(context, s->root[n->id]);
    for (int i = 0; i < operands_kept(n); i++)
        keep(context, s->root[n->input[i]->id]);
}

/* The gradient of an operand that an add spreads is a sum. */
static bool spreads(const struct node *n)
{
    for (int i = 0; i < n->n_inputs; i++)
        if (!type_equal_dims(&n->input[i]->type, &n->type))
            return true;
    return false;
}

/* Whether a view has a gradient of another size: a slice that is no share of all, as of a split,
 * whose gradients are joined, but rows, columns or some of them in steps; windows that overlap. */
static bool takes_some(const struct node *n)
{
    if (n->op == OP_unfold)
        return true;
    return n->op == OP_slice && (n->attr.step > 1 || attrs_axis(&n->attr, &n->type) > 1);
}

bool saved_passes_gradient(const struct node *n)
{
    return (n->op == OP_add && !spreads(n)) || n->op == OP_concat ||
           (is_view(n) && n->op != OP_crop && !takes_some(n));
}

int64_t saved_extra(const struct node *n)
{
    return rules[n->op].extra ? rules[n->op].extra(n) : 0;
}
