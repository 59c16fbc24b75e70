/* Gradients of sums, products and reductions, as operators that networks have themselves. */
#include "pass/gradient_rules.h"

#include <string.h>

static struct node *scaled(struct gradient *t, struct node *n, double factor)
{
    struct attrs a;
    attrs_init(&a, OP_scale);
    a.factor = factor;
    return gradient_op(t, OP_scale, &a, &n, 1, "scaled");
}

void gradient_scale(struct gradient *t)
{
    gradient_give(t, 0, scaled(t, t->result, t->node->attr.factor));
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

/* The last two dimensions exchanged. */
static struct node *transposed(struct gradient *t, struct node *n)
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
        gradient_give(t, 0, gradient_op2(t, OP_matmul, t->result, transposed(t, right), "left"));
    if (gradient_wanted(t, 1))
        gradient_give(t, 1, gradient_op2(t, OP_matmul, transposed(t, left), t->result, "right"));
}

/* The sum over the dimensions of a softmax, kept. */
static struct node *summed(struct gradient *t, struct node *n)
{
    struct attrs a;
    attrs_init(&a, OP_sum);
    a.dim = t->node->attr.dim;
    a.keepdim = true;
    return gradient_op(t, OP_sum, &a, &n, 1, "sum");
}

/* y (g - sum(g y)) */
void gradient_softmax(struct gradient *t)
{
    struct node *y = t->node;
    struct node *sum = summed(t, gradient_op2(t, OP_mul, t->result, y, "product"));
    struct node *less = gradient_op2(t, OP_sub, t->result, sum, "less");
    gradient_give(t, 0, gradient_op2(t, OP_mul, less, y, "input"));
}

/* g - exp(y) sum(g) */
void gradient_log_softmax(struct gradient *t)
{
    struct node *share = gradient_op1(t, OP_exp, t->node, "exp");
    struct node *part = gradient_op2(t, OP_mul, share, summed(t, t->result), "product");
    gradient_give(t, 0, gradient_op2(t, OP_sub, t->result, part, "input"));
}

/* With the dimensions that were reduced, of size 1. */
static struct node *with_dims(struct gradient *t, const struct type *in, unsigned axes)
{
    struct attrs a;
    if (t->node->attr.keepdim)
        return t->result;
    attrs_init(&a, OP_reshape);
    for (int i = 1; i < in->rank; i++)
        a.shape.at[a.shape.n++] = axes >> i & 1 ? 1 : in->dim[i];
    return gradient_op(t, OP_reshape, &a, &t->result, 1, "kept");
}

/* All of a sum have its gradient, of a mean a share of it: spread by an add of zeros. */
void gradient_reduce(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    const unsigned axes = attrs_axes(&t->node->attr, in);
    struct node *g = with_dims(t, in, axes);
    if (t->node->op == OP_mean)
        g = scaled(t, g, 1 / (double)type_elements_along(in, axes));
    gradient_give(t, 0, gradient_op2(t, OP_add, gradient_full(t, in, 0), g, "spread"));
}

/* Of a sum over the batch too, all images have the gradient. */
void gradient_spread(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    struct attrs a;
    attrs_init(&a, OP_full);
    a.shape.n = in->rank;
    memcpy(a.shape.at, in->dim, sizeof a.shape.at);
    struct node *zeros = gradient_op(t, OP_full, &a, NULL, 0, "zeros");
    gradient_give(t, 0, gradient_op2(t, OP_add, zeros, t->result, "spread"));
}
