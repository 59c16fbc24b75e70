/* Gradients of normalizations, made of the operators that networks have. What is normalized and its
 * spread are computed again, from the input. */
#include "pass/gradient_rules.h"

#include <string.h>

static struct node *product(struct gradient *t, struct node *a, struct node *b)
{
    return gradient_op2(t, OP_mul, a, b, "product");
}

static struct node *less(struct gradient *t, struct node *a, struct node *b)
{
    return gradient_op2(t, OP_sub, a, b, "less");
}

static struct node *raised(struct gradient *t, struct node *n, double exponent)
{
    struct attrs a;
    attrs_init(&a, OP_pow);
    a.exponent = exponent;
    return gradient_op(t, OP_pow, &a, &n, 1, "power");
}

/* n times a number, plus another. */
static struct node *shifted(struct gradient *t, struct node *n, double factor, double number)
{
    const struct type one = {.rank = n->type.rank, .dim = {1, 1, 1, 1, 1, 1}};
    if (factor != 1)
        n = gradient_scaled(t, n, factor, "scaled");
    return gradient_op2(t, OP_add, n, gradient_full(t, &one, number), "shifted");
}

/* ---- means ---- */

/* A mean for each channel, of rank 2 as well. */
static struct node *mean_of_channels(struct gradient *t, struct node *n)
{
    struct dims dim = {0};
    for (int i = 2; i < n->type.rank; i++)
        dim.at[dim.n++] = i;
    return dim.n ? gradient_reduced(t, OP_mean, n, &dim) : n;
}

/* Of means for each channel the mean of each group, at every channel of it. */
static struct node *mean_of_group(struct gradient *t, struct node *n, int64_t groups)
{
    const struct type type = n->type;
    const int64_t size = type.dim[1] / groups;
    const struct type grouped = {.rank = 3, .dim = {1, groups, size}};
    const struct dims last = {.n = 1, .at = {2}};
    if (size == 1)
        return n;
    struct node *mean = gradient_reduced(t, OP_mean, gradient_reshaped(t, n, &grouped), &last);
    struct node *all = gradient_op2(t, OP_add, gradient_full(t, &grouped, 0), mean, "spread");
    return gradient_reshaped(t, all, &type);
}

/* The mean over what the node normalizes together. */
static struct node *mean_of(struct gradient *t, struct node *n)
{
    const struct attrs *a = &t->node->attr;
    switch (t->node->op) {
    case OP_groupnorm:
        return mean_of_group(t, mean_of_channels(t, n), a->groups);
    case OP_instancenorm:
        return mean_of_channels(t, n);
    default:
        return gradient_reduced(t, OP_mean, n, &a->dim);
    }
}

/* ---- the rule ---- */

/* The shape of a scale or shift, as it spreads to the input. */
static struct type type_of_weight(const struct node *n)
{
    const struct type *in = &n->input[0]->type;
    const bool channels = n->op == OP_groupnorm || n->op == OP_instancenorm;
    const unsigned axes = channels ? 1u << 1 : attrs_axes(&n->attr, in);
    struct type type = {.rank = in->rank};
    for (int i = 0; i < in->rank; i++)
        type.dim[i] = axes >> i & 1 ? in->dim[i] : 1;
    return type;
}

/* 1 / sqrt(variance + eps), or of the mean square. */
static struct node *inverse_deviation(struct gradient *t, bool centered)
{
    struct node *x = t->node->input[0];
    struct node *from = centered ? less(t, x, mean_of(t, x)) : x;
    struct node *variance = mean_of(t, product(t, from, from));
    return raised(t, shifted(t, variance, 1, t->node->attr.eps), -0.5);
}

/* What is normalized, without scale and shift. */
static struct node *normalized(struct gradient *t)
{
    struct attrs a = t->node->attr;
    if (!t->node->weight[ROLE_weight])
        return t->node;
    a.affine = false;
    return gradient_op(t, t->node->op, &a, t->node->input, 1, "normalized");
}

/* Of y = w n + b, n = (x - mean) r, r = 1 / deviation: with h = w g, r (h - mean(h) - n mean(h n)),
 * and without mean(h) where x is not centered. */
static void give_input(struct gradient *t, struct node *n, struct node *h)
{
    const bool centered = t->node->op != OP_rmsnorm;
    struct node *along = product(t, n, mean_of(t, product(t, h, n)));
    struct node *rest = less(t, centered ? less(t, h, mean_of(t, h)) : h, along);
    gradient_give(t, 0, product(t, rest, inverse_deviation(t, centered)));
}

void gradient_norm(struct gradient *t)
{
    const struct type type = type_of_weight(t->node);
    const bool scales = t->node->weight[ROLE_weight];
    struct node *n = normalized(t), *g = t->result;
    if (scales)
        gradient_give_param(t, ROLE_weight, gradient_sum_to(t, product(t, g, n), &type));
    if (t->node->weight[ROLE_bias])
        gradient_give_param(t, ROLE_bias, gradient_sum_to(t, g, &type));
    if (gradient_wanted(t, 0))
        give_input(t, n, scales ? product(t, g, gradient_weight(t, ROLE_weight, &type)) : g);
}

/* ---- lrn ---- */

/* At each channel the sum of those from `before` before it to `after` behind it. */
static struct node *window_sum(struct gradient *t, struct node *n, int64_t before, int64_t after)
{
    const int64_t channels = n->type.dim[1], most = before + after + 1;
    struct node **parts = arena_array(t->graph->arena, (size_t)most, sizeof *parts);
    struct attrs a;
    attrs_init(&a, OP_pad);
    a.channels[0] = before;
    a.channels[1] = after;
    struct node *padded = gradient_op(t, OP_pad, &a, &n, 1, "padded");
    for (int64_t i = 0; i < most; i++)
        parts[i] = gradient_part(t, padded, 1, i, i + channels);
    attrs_init(&a, OP_add);
    return gradient_op(t, OP_add, &a, parts, (int)most, "window");
}

/* Of y = x d^-beta, d = k + alpha/size sum(x²): g d^-beta - 2 alpha beta / size x sum(g y / d), the
 * second sum over the channels that have this one in their window. */
void gradient_lrn(struct gradient *t)
{
    const struct attrs *a = &t->node->attr;
    struct node *x = t->node->input[0], *y = t->node, *g = t->result;
    const int64_t most = x->type.dim[1] - 1, size = a->size[0];
    const int64_t before = size / 2 < most ? size / 2 : most;
    const int64_t after = size - size / 2 - 1 < most ? size - size / 2 - 1 : most;
    const double share = a->alpha / (double)size;
    struct node *squares = window_sum(t, product(t, x, x), before, after);
    struct node *d = shifted(t, squares, share, a->k);
    struct node *own = product(t, g, raised(t, d, -a->beta));
    struct node *share_of = gradient_op2(t, OP_div, product(t, g, y), d, "share");
    struct node *others = product(t, x, window_sum(t, share_of, after, before));
    gradient_give(t, 0, less(t, own, gradient_scaled(t, others, 2 * share * a->beta, "scaled")));
}
