/*
 * Puts attention together that is written in parts: softmax(scale q k^T + mask) v is two products,
 * a softmax over the last dimension between them, with perhaps a scale of either operand or of the
 * scores, and perhaps masks that are added. The scores then need no memory of their own.
 *
 * Needs inference and sweep before it, and stands before fuse-epilogues. Keeps names: the second
 * product is the attention; masks that are several are added first, and keys of which no permute
 * can be made one that turns them are turned. What has other uses stays as it is: in training,
 * what gradients read.
 */
#include "pass/pass.h"

#include <math.h>

enum { MOST_SUMS = 4 }; /* within one another, that are looked through */

/* An operand that is a scale, and that. */
struct scaled {
    struct node **operand, *scale;
};

struct match {
    struct graph *graph;
    const uint32_t *uses;
    double factor;
    struct node *product, *queries, *keys; /* the first product; the keys lie as it reads them */
    VEC(struct node *) absorbed;           /* what stands between the products, and the first */
    VEC(struct scaled) scaled;             /* the outer ones first */
    VEC(struct node *) masks, made;
};

static bool is_only(const struct match *m, const struct node *n, enum op op)
{
    return n->op == op && m->uses[n->id] == 1;
}

static struct node *skip_scales(struct match *m, struct node *n)
{
    for (; is_only(m, n, OP_scale); n = n->input[0]) {
        m->factor *= n->attr.factor;
        VEC_PUSH(m->graph->arena, &m->absorbed, n);
    }
    return n;
}

/* Scales before what moves the elements of an operand. */
static void find_scales(struct match *m, struct node *n)
{
    while (is_only(m, n, OP_permute) || is_only(m, n, OP_reshape)) {
        struct node **operand = &n->input[0];
        for (; is_only(m, *operand, OP_scale); operand = &(*operand)->input[0]) {
            m->factor *= (*operand)->attr.factor;
            VEC_PUSH(m->graph->arena, &m->scaled, ((struct scaled){operand, *operand}));
        }
        n = *operand;
    }
}

static struct node *find_operand(struct match *m, struct node *n)
{
    n = skip_scales(m, n);
    find_scales(m, n);
    return n;
}

/* The product that scores are, and its factors; false: they are none. */
static bool find_product(struct match *m, struct node *n)
{
    m->absorbed.n = 0; /* of an operand of a sum that was none */
    m->factor = 1;
    n = skip_scales(m, n);
    if (!is_only(m, n, OP_matmul))
        return false;
    m->product = n;
    VEC_PUSH(m->graph->arena, &m->absorbed, n);
    m->queries = find_operand(m, n->input[0]);
    m->keys = find_operand(m, n->input[1]);
    return true;
}

/* The product, and what is added to it. */
static bool find_scores(struct match *m, struct node *n, int sums)
{
    if (find_product(m, n))
        return true;
    if (!is_only(m, n, OP_add) || sums == MOST_SUMS)
        return false;
    int i = 0;
    while (i < n->n_inputs && !(type_equal_dims(&n->input[i]->type, &n->type) &&
                                find_scores(m, n->input[i], sums + 1)))
        i++;
    if (i == n->n_inputs)
        return false;
    for (int j = 0; j < n->n_inputs; j++)
        if (j != i)
            VEC_PUSH(m->graph->arena, &m->masks, n->input[j]);
    VEC_PUSH(m->graph->arena, &m->absorbed, n);
    return true;
}

/* Whether a node is the second product of an attention. Nothing is changed. */
static bool find_attention(struct match *m, struct node *n)
{
    struct node *shares = n->op == OP_matmul ? n->input[0] : NULL;
    if (!shares || !is_only(m, shares, OP_softmax) ||
        attrs_axis(&shares->attr, &shares->type) != shares->type.rank - 1 ||
        !find_scores(m, shares->input[0], 0))
        return false;
    VEC_PUSH(m->graph->arena, &m->absorbed, shares);
    return isnormal((float)m->factor);
}

/* A node that is not in the graph yet; NULL: the shapes of its operands do not suit it. */
static struct node *make_node(struct match *m, enum op op, const struct attrs *attrs,
                              struct node *const *inputs, int n_inputs, const char *suffix)
{
    struct graph *g = m->graph;
    struct node *made = graph_make_inferred(g, op, attrs, m->product, inputs, n_inputs);
    if (!made)
        return NULL;
    made->label = NULL;
    made->name =
        strings_intern0(g->strings, arena_printf(g->arena, "%s.%s", m->product->name, suffix));
    VEC_PUSH(g->arena, &m->made, made);
    return made;
}

/* Keys as attention takes them: what turns a permute is another permute. */
static struct node *turn_keys(struct match *m)
{
    const int last = m->keys->type.rank - 1;
    const bool permuted = m->keys->op == OP_permute;
    bool moves = false;
    struct attrs a;
    attrs_init(&a, OP_permute);
    a.dims.n = last + 1;
    for (int i = 0; i <= last; i++) {
        const int from = i == last ? last - 1 : i == last - 1 ? last : i;
        a.dims.at[i] = permuted ? m->keys->attr.dims.at[from] : from;
        moves = moves || a.dims.at[i] != i;
    }
    struct node *of = permuted ? m->keys->input[0] : m->keys;
    return moves ? make_node(m, OP_permute, &a, &of, 1, "keys") : of;
}

static struct node *join_masks(struct match *m)
{
    struct attrs a;
    attrs_init(&a, OP_add);
    return m->masks.n == 1 ? m->masks.at[0]
                           : make_node(m, OP_add, &a, m->masks.at, (int)m->masks.n, "mask");
}

/* The factor of the scores; 0 stands for the usual one, as far as factors of 32 bits can say it. */
static double factor_of(const struct match *m)
{
    const struct type *queries = &m->queries->type;
    const double usual = 1 / sqrt((double)queries->dim[queries->rank - 1]);
    return fabs(m->factor - usual) < 1e-6 * usual ? 0 : m->factor;
}

/* The node that attention would be; NULL: shapes do not suit it. A softmax of nothing but minus
 * infinity is NaN. */
static struct node *make_attention(struct match *m, const struct node *second)
{
    struct node *in[4];
    const int n_inputs = m->masks.n ? 4 : 3;
    struct attrs a;
    attrs_init(&a, OP_scaled_dot_product_attention);
    a.factor = factor_of(m);
    a.safe_softmax = n_inputs == 3;
    in[0] = m->queries;
    in[1] = turn_keys(m);
    in[2] = second->input[1];
    in[3] = n_inputs == 4 ? join_masks(m) : NULL;
    if (!in[1] || (n_inputs == 4 && !in[3]))
        return NULL;
    return make_node(m, OP_scaled_dot_product_attention, &a, in, n_inputs, "attention");
}

/* What scales read takes their place, the innermost first; or they take it again. */
static void drop_scales(struct match *m)
{
    for (size_t i = m->scaled.n; i-- > 0;)
        *m->scaled.at[i].operand = m->scaled.at[i].scale->input[0];
}

static void restore_scales(struct match *m)
{
    for (size_t i = 0; i < m->scaled.n; i++)
        *m->scaled.at[i].operand = m->scaled.at[i].scale;
}

/* The second product becomes the attention, the last that was made; the others stand before it. */
static void become(struct match *m, struct node *second, const struct node *attention)
{
    for (size_t i = 0; i + 1 < m->made.n; i++)
        VEC_PUSH(m->graph->arena, &m->graph->nodes, m->made.at[i]);
    for (size_t i = 0; i < m->absorbed.n; i++)
        graph_record(m->graph, second, m->absorbed.at[i]);
    for (size_t i = 0; i < m->scaled.n; i++)
        graph_record(m->graph, second, m->scaled.at[i].scale);
    second->op = attention->op;
    second->attr = attention->attr;
    second->input = attention->input;
    second->n_inputs = attention->n_inputs;
}

static void put_together(struct graph *graph, struct node *second, const uint32_t *uses)
{
    struct match m = {.graph = graph, .uses = uses};
    if (!find_attention(&m, second))
        return;
    drop_scales(&m);
    const struct node *attention = make_attention(&m, second);
    if (attention && type_equal_dims(&attention->type, &second->type))
        become(&m, second, attention);
    else
        restore_scales(&m);
}

void pass_attention(struct graph *graph)
{
    const size_t n = graph->nodes.n;
    const uint32_t *uses = graph_count_uses(graph, graph->arena);
    struct node *const *before = graph_take_nodes(graph);
    for (size_t i = 0; i < n; i++) {
        put_together(graph, before[i], uses);
        VEC_PUSH(graph->arena, &graph->nodes, before[i]);
    }
    graph_sweep(graph);
}
