/* Gradients of sums, products and reductions, as operators that networks have themselves. */
#include "pass/gradient_rules.h"

#include <string.h>

void gradient_scale(struct gradient *t)
{
    gradient_give(t, 0, gradient_scaled(t, t->result, t->node->attr.factor, "scaled"));
}

void gradient_add(struct gradient *t)
{
    for (int i = 0; i < t->node->n_inputs; i++)
        gradient_give(t, i, t->result);
}

static struct node *negated(struct gradient *t, struct node *n)
{
    return gradient_op1(t, OP_neg, n, "negated");
}

void gradient_sub(struct gradient *t)
{
    for (int i = 0; i < t->node->n_inputs; i++)
        if (gradient_wanted(t, i))
            gradient_give(t, i, i ? negated(t, t->result) : t->result);
}

/* The product of the others. */
void gradient_mul(struct gradient *t)
{
    const int n = t->node->n_inputs;
    struct attrs a;
    attrs_init(&a, OP_mul);
    for (int i = 0; i < n; i++) {
        struct node **factors = arena_array(t->graph->arena, (size_t)n, sizeof *factors);
        memcpy(factors, t->node->input, (size_t)n * sizeof *factors);
        factors[i] = t->result;
        if (gradient_wanted(t, i))
            gradient_give(t, i, gradient_op(t, OP_mul, &a, factors, n, "factor"));
    }
}

/* Of y = a / b / c: g / b / c, -g y / b, -g y / c. */
void gradient_div(struct gradient *t)
{
    const int n = t->node->n_inputs;
    struct attrs a;
    attrs_init(&a, OP_div);
    for (int i = 0; i < n; i++) {
        if (!gradient_wanted(t, i))
            continue;
        struct node **operands = arena_array(t->graph->arena, (size_t)n, sizeof *operands);
        memcpy(operands, t->node->input, (size_t)n * sizeof *operands);
        operands[0] =
            i ? negated(t, gradient_op2(t, OP_mul, t->result, t->node, "product")) : t->result;
        if (i)
            operands[1] = t->node->input[i];
        gradient_give(t, i, gradient_op(t, OP_div, &a, operands, i ? 2 : n, "quotient"));
    }
}

struct node *gradient_transposed(struct gradient *t, struct node *n)
{
    struct attrs a;
    attrs_init(&a, OP_permute);
    a.dims.n = n->type.rank;
    for (int i = 0; i < n->type.rank; i++)
        a.dims.at[i] = i;
    a.dims.at[n->type.rank - 2] = n->type.rank - 1;
    a.dims.at[n->type.rank - 1] = n->type.rank - 2;
    return gradient_op(t, OP_permute, &a, &n, 1, "transposed");
}

void gradient_matmul(struct gradient *t)
{
    struct node *left = t->node->input[0], *right = t->node->input[1];
    if (gradient_wanted(t, 0))
        gradient_give(t, 0,
                      gradient_op2(t, OP_matmul, t->result, gradient_transposed(t, right), "left"));
    if (gradient_wanted(t, 1))
        gradient_give(t, 1,
                      gradient_op2(t, OP_matmul, gradient_transposed(t, left), t->result, "right"));
}

/* Of y = softmax(x) along a dimension: y (g - sum(g y)). */
static struct node *back_through_softmax(struct gradient *t, struct node *g, struct node *y,
                                         const struct dims *dim)
{
    struct node *sum = gradient_reduced(t, OP_sum, gradient_op2(t, OP_mul, g, y, "product"), dim);
    return gradient_op2(t, OP_mul, gradient_op2(t, OP_sub, g, sum, "less"), y, "input");
}

void gradient_softmax(struct gradient *t)
{
    gradient_give(t, 0, back_through_softmax(t, t->result, t->node, &t->node->attr.dim));
}

/* g - exp(y) sum(g) */
void gradient_log_softmax(struct gradient *t)
{
    struct node *share = gradient_op1(t, OP_exp, t->node, "exp");
    struct node *part = gradient_op2(
        t, OP_mul, share, gradient_reduced(t, OP_sum, t->result, &t->node->attr.dim), "product");
    gradient_give(t, 0, gradient_op2(t, OP_sub, t->result, part, "input"));
}

/* The scores of attention, as shares of the keys. */
static struct node *attention_shares(struct gradient *t, double factor)
{
    struct node **in = t->node->input;
    struct node *scores =
        gradient_op2(t, OP_matmul, in[0], gradient_transposed(t, in[1]), "products");
    struct attrs a;
    scores = gradient_scaled(t, scores, factor, "scaled");
    if (t->node->n_inputs > 3)
        scores = gradient_op2(t, OP_add, scores, in[3], "masked");
    attrs_init(&a, OP_softmax);
    a.dim = (struct dims){.n = 1, .at = {-1}};
    return gradient_op(t, OP_softmax, &a, &scores, 1, "shares");
}

/* Of y = p v, p = softmax(factor q kᵀ + mask), of which the shares p are computed again. */
void gradient_attention(struct gradient *t)
{
    struct node *q = t->node->input[0], *k = t->node->input[1], *v = t->node->input[2];
    const struct dims last = {.n = 1, .at = {-1}};
    const double given = t->node->attr.factor;
    const double factor = given != 0 ? given : 1 / sqrt((double)q->type.dim[q->type.rank - 1]);
    struct node *shares = attention_shares(t, factor), *g = t->result;
    if (gradient_wanted(t, 2))
        gradient_give(t, 2, gradient_op2(t, OP_matmul, gradient_transposed(t, shares), g, "value"));
    struct node *by = gradient_op2(t, OP_matmul, g, gradient_transposed(t, v), "by_shares");
    by = back_through_softmax(t, by, shares, &last);
    if (t->node->n_inputs > 3)
        gradient_give(t, 3, by);
    by = gradient_scaled(t, by, factor, "scaled");
    if (gradient_wanted(t, 0))
        gradient_give(t, 0, gradient_op2(t, OP_matmul, by, k, "query"));
    if (gradient_wanted(t, 1))
        gradient_give(t, 1, gradient_op2(t, OP_matmul, gradient_transposed(t, by), q, "key"));
}

/* With the dimensions that were reduced, of size 1. */
static struct node *with_dims(struct gradient *t, struct node *n, const struct type *in)
{
    const unsigned axes = attrs_axes(&t->node->attr, in);
    struct type kept = *in;
    for (int i = 1; i < in->rank; i++)
        kept.dim[i] = axes >> i & 1 ? 1 : in->dim[i];
    return gradient_reshaped(t, n, &kept);
}

/* All of a sum have its gradient, of a mean a share of it: spread by an add of zeros. */
void gradient_reduce(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    const unsigned axes = attrs_axes(&t->node->attr, in);
    struct node *g = with_dims(t, t->result, in);
    if (t->node->op == OP_mean)
        g = gradient_scaled(t, g, 1 / (double)type_elements_along(in, axes), "scaled");
    gradient_give(t, 0, gradient_op2(t, OP_add, gradient_full(t, in, 0), g, "spread"));
}

/* Of a sum over the batch too, all images have the gradient. */
void gradient_spread(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    gradient_give(t, 0, gradient_op2(t, OP_add, gradient_all(t, in, 0), t->result, "spread"));
}

/* ---- the largest, the least ---- */

/* The largest of x that a dimension has, or the least: equal ones share the gradient, as in
 * PyTorch. What is less by nothing is such. */
void gradient_amax(struct gradient *t)
{
    struct node *x = t->node->input[0];
    const struct type *in = &x->type;
    const struct dims *dim = &t->node->attr.dim;
    struct node *most = with_dims(t, t->node, in), *ones = gradient_all(t, in, 1);
    struct node *less = t->node->op == OP_amax ? gradient_op2(t, OP_sub, most, x, "less")
                                               : gradient_op2(t, OP_sub, x, most, "less");
    struct node *those =
        gradient_op2(t, OP_sub, ones, gradient_where_positive(t, less, ones), "those");
    struct node *share = gradient_op2(t, OP_div, with_dims(t, t->result, in),
                                      gradient_reduced(t, OP_sum, those, dim), "share");
    gradient_give(t, 0, gradient_op2(t, OP_mul, those, share, "input"));
}

/* The part of the gradient g of the larger of two that the first gets, `more` being how much that
 * is larger: half of it where they are equal, as in PyTorch. */
static struct node *part_of_larger(struct gradient *t, struct node *more, struct node *g)
{
    struct node *not_less =
        gradient_op2(t, OP_sub, g, gradient_where_positive(t, negated(t, more), g), "not_less");
    struct node *larger = gradient_where_positive(t, more, g);
    return gradient_scaled(t, gradient_op2(t, OP_add, larger, not_less, "both"), 0.5, "scaled");
}

/* Of minimum and maximum, two at a time: the result so far with the next one. */
void gradient_extreme(struct gradient *t)
{
    const int n = t->node->n_inputs;
    struct node **so_far = arena_array(t->graph->arena, (size_t)n, sizeof *so_far);
    struct node *g = t->result;
    so_far[0] = t->node->input[0];
    for (int i = 1; i < n - 1; i++)
        so_far[i] = gradient_op2(t, t->node->op, so_far[i - 1], t->node->input[i], "so_far");
    for (int i = n - 1; i > 0; i--) {
        struct node *next = t->node->input[i], *before = so_far[i - 1];
        struct node *more = t->node->op == OP_maximum
                                ? gradient_op2(t, OP_sub, next, before, "more")
                                : gradient_op2(t, OP_sub, before, next, "more");
        struct node *part = part_of_larger(t, more, g);
        gradient_give(t, i, part);
        g = gradient_sum_to(t, gradient_op2(t, OP_sub, g, part, "rest"), &before->type);
    }
    gradient_give(t, 0, g);
}

/* x, or a x below 0, of which a has the sums of g x there. */
void gradient_prelu(struct gradient *t)
{
    struct node *x = t->node->input[0], *g = t->result;
    struct type slopes = {.rank = x->type.rank, .dim = {1, 1, 1, 1, 1, 1}};
    slopes.dim[1] = t->node->attr.num_parameters;
    struct node *above = gradient_where_positive(t, x, g);
    struct node *below = gradient_op2(t, OP_sub, g, above, "below");
    struct node *slope = gradient_weight(t, ROLE_weight, &slopes);
    gradient_give_param(t, ROLE_weight,
                        gradient_sum_to(t, gradient_op2(t, OP_mul, below, x, "product"), &slopes));
    if (gradient_wanted(t, 0))
        gradient_give(t, 0,
                      gradient_op2(t, OP_add, above,
                                   gradient_op2(t, OP_mul, below, slope, "sloped"), "input"));
}
