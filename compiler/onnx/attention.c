/*
 * Attention, put together: exporters write softmax(scale q kᵀ + mask) v as two products, with the
 * scale before or behind the first, of one operand or shared between both. What is no longer read
 * is swept away.
 */
#include "onnx/import.h"

struct scores {
    struct node *queries, *keys; /* the latter transposed */
    struct node *mask;           /* NULL: there is none */
    double factor;
};

static struct node *without_scale(struct node *n, double *factor)
{
    while (n->op == OP_scale) {
        *factor *= n->attr.factor;
        n = n->input[0];
    }
    return n;
}

/* The product of queries and keys, and its factors; false: it is none. */
static bool find_product(struct node *n, struct scores *s)
{
    s->factor = 1;
    n = without_scale(n, &s->factor);
    if (n->op != OP_matmul)
        return false;
    s->queries = without_scale(n->input[0], &s->factor);
    s->keys = without_scale(n->input[1], &s->factor);
    return true;
}

/* What a softmax is of. */
static bool find_scores(struct node *n, struct scores *s)
{
    s->mask = NULL;
    if (n->op != OP_add || n->n_inputs != 2)
        return find_product(n, s);
    for (int i = 0; i < 2; i++)
        if (find_product(n->input[i], s) && type_equal_dims(&n->input[i]->type, &n->type)) {
            s->mask = n->input[!i];
            return true;
        }
    return false;
}

/* Whether all have the same dimensions before their matrices, which need not spread. */
static bool lie_alike(const struct scores *s, const struct node *values)
{
    const struct type *q = &s->queries->type, *k = &s->keys->type, *v = &values->type;
    if (q->rank < 3 || q->rank > 4 || k->rank != q->rank || v->rank != q->rank ||
        (s->mask && s->mask->type.rank != q->rank))
        return false;
    for (int i = 0; i < q->rank - 2; i++)
        if (k->dim[i] != q->dim[i] || v->dim[i] != q->dim[i])
            return false;
    return true;
}

/* Keys as attention takes them: the transposition of a permute is another permute. */
static struct node *transpose(struct call *c, struct node *keys)
{
    struct attrs a;
    const int last = keys->type.rank - 1;
    const bool permuted = keys->op == OP_permute;
    bool moves = false;
    attrs_init(&a, OP_permute);
    a.dims.n = last + 1;
    for (int i = 0; i <= last; i++) {
        const int from = i == last ? last - 1 : i == last - 1 ? last : i;
        a.dims.at[i] = permuted ? keys->attr.dims.at[from] : from;
        moves = moves || a.dims.at[i] != i;
    }
    struct node *of = permuted ? keys->input[0] : keys;
    return moves ? make(c, OP_permute, &a, &of, 1, NULL, 0) : of;
}

bool is_attention(struct node *weights, struct node *values)
{
    struct scores s;
    return weights->op == OP_softmax &&
           attrs_axis(&weights->attr, &weights->type) == weights->type.rank - 1 &&
           find_scores(weights->input[0], &s) && lie_alike(&s, values);
}

struct node *make_attention(struct call *c, struct node *weights, struct node *values)
{
    struct scores s;
    struct attrs a;
    attrs_init(&a, OP_scaled_dot_product_attention);
    find_scores(weights->input[0], &s);
    const int rank = s.queries->type.rank;
    const double usual = 1 / sqrt((double)s.queries->type.dim[rank - 1]);
    a.factor = fabs(s.factor - usual) < 1e-6 * usual ? 0 : s.factor;
    struct node *in[4] = {s.queries, transpose(c, s.keys), values, s.mask};
    if (!in[1])
        return NULL;
    return make(c, OP_scaled_dot_product_attention, &a, in, s.mask ? 4 : 3, NULL, 0);
}
