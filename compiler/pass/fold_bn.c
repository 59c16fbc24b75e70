/*
 * Folds bn, and multiplication by a number or by a learned one for each channel, into the weights
 * of the convolution or linear layer before them. Weights stay expressions over the named
 * parameters, evaluated when they are bound:
 *
 *     factor = gamma / sqrt(var + eps)
 *     weight = weight * factor                     along the output channels
 *     bias   = (bias - mean) * factor + beta
 *
 * Needs graphs before fuse-epilogues (a host with an activation or residual is left alone). Keeps
 * the name of the layer; a bn whose input has other uses stays.
 */
#include "pass/pass.h"

static const struct weight *fold_bias(struct graph *graph, const struct weight *bias,
                                      const struct node *node, const struct weight *factor)
{
    if (node->op == OP_bn)
        return weight_bn_shift(graph, node, factor, bias);
    return bias ? weight_binary(graph, NETRT_EXPR_MUL, bias, factor, 0) : NULL;
}

/* The dimension of the host's output channels in its result. */
static int channel_axis(const struct node *host)
{
    return host->op == OP_linear ? host->type.rank - 1 : 1;
}

/* The learned numbers, one for each of the host's output channels, that a product of two has as
 * operand `i`; NULL: it has others there. */
static const struct weight *channel_factor(const struct node *host, const struct node *mul, int i)
{
    const struct node *param = mul->input[i];
    const int axis = channel_axis(host);
    for (int k = 0; k < param->type.rank; k++)
        if (param->type.dim[k] != (k == axis ? host->attr.out : 1))
            return NULL;
    const struct weight *factor = param->op == OP_param ? param->weight[ROLE_value] : NULL;
    const struct weight *weight = host->weight[ROLE_weight];
    const int along = host->op == OP_conv_transpose; /* output channels, of the weight */
    return factor && weight && weight_joins(weight, factor, along) ? factor : NULL;
}

static const struct weight *factor_of(struct graph *graph, const struct node *host,
                                      const struct node *node)
{
    if (node->op == OP_mul)
        return channel_factor(host, node, node->input[0] == host);
    return node->op == OP_bn ? weight_bn_factor(graph, node)
                             : weight_real(graph, node->attr.factor);
}

static void fold(struct graph *graph, struct node *host, const struct node *node)
{
    const struct weight *factor = factor_of(graph, host, node);
    const int axis = factor->type.rank && host->op == OP_conv_transpose; /* of output channels */
    host->weight[ROLE_weight] =
        weight_binary(graph, NETRT_EXPR_MUL, host->weight[ROLE_weight], factor, axis);
    host->weight[ROLE_bias] = fold_bias(graph, host->weight[ROLE_bias], node, factor);
    host->attr.bias = host->weight[ROLE_bias] != NULL;
}

enum { MAX_FOLDED_DEPTH = MAX_WEIGHT_DEPTH - 8 }; /* folding once more adds less than that */

/* Whether `host` can take the bn or scale that is its one user. */
static bool can_host(const struct node *host, const struct node *node)
{
    const struct weight *bias = host->weight[ROLE_bias], *weight = host->weight[ROLE_weight];
    if (host->act != NETRT_ACT_none || host->residual)
        return false;
    if (!weight || weight->depth > MAX_FOLDED_DEPTH || (bias && bias->depth > MAX_FOLDED_DEPTH))
        return false;
    if (node->op == OP_bn && channel_axis(host) != 1)
        return false;
    if (host->op == OP_conv || host->op == OP_linear)
        return true;
    /* The weight of a transposed convolution names output channels within their group only. */
    return host->op == OP_conv_transpose && (host->attr.groups == 1 || node->op == OP_scale);
}

static bool is_channelwise(const struct node *node)
{
    const bool scales = node->op == OP_scale || (node->op == OP_mul && node->n_inputs == 2);
    return (node->op == OP_bn || scales) && node->act == NETRT_ACT_none && !node->residual;
}

/* The operand that takes a bn, a scale or a product; NULL: there is none. */
static struct node *host_of(const struct node *node, const uint32_t *uses)
{
    for (int i = 0; i < (node->op == OP_mul ? 2 : 1); i++) {
        struct node *host = node->input[i];
        if (uses[host->id] == 1 && can_host(host, node) &&
            (node->op != OP_mul || channel_factor(host, node, 1 - i)))
            return host;
    }
    return NULL;
}

void pass_fold_bn(struct graph *graph)
{
    uint32_t *uses = graph_count_uses(graph, graph->arena);
    for (size_t i = 0; i < graph->nodes.n; i++) {
        struct node *node = graph->nodes.at[i];
        if (!is_channelwise(node))
            continue;
        struct node *host = host_of(node, uses);
        if (!host)
            continue;
        fold(graph, host, node);
        graph_absorb(graph, host, node, uses[node->id]);
        uses[host->id] = uses[node->id];
    }
    graph_sweep(graph);
}
