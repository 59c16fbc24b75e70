/* Normalizations, and what sums to 1. */
#include "onnx/operators.h"

/* A vector with a number for each of `n`; NULL: reported. */
static const struct constant *take_vector(struct call *c, int operand, const char *what, int64_t n)
{
    const struct constant *k = operand_constant(c, operand, what);
    if (!k || constant_elements(k) == n)
        return k;
    call_lacks(c, "%s, operand %d, has %lld numbers, not %lld", what, operand + 1,
               (long long)constant_elements(k), (long long)n);
    return NULL;
}

/* Channels of a map with its batch first; 0: reported. */
static int64_t take_channels(struct call *c, struct flow *f)
{
    if (operand_given(c, 0) && operand_rank(c, 0) < 2) {
        call_lacks(c, "its input has no channels");
        return 0;
    }
    return operand_flow_as(c, 0, 0, f) ? f->node->type.dim[1] : 0;
}

/* A scale and a shift, operands 1 and 2, of `n` numbers each. */
static bool take_affine(struct call *c, int64_t n, struct bound bound[2])
{
    bound[0] = (struct bound){ROLE_weight, take_vector(c, 1, "the scale", n)};
    bound[1] = (struct bound){ROLE_bias, NULL};
    if (bound[0].constant)
        bound[1].constant = take_vector(c, 2, "the shift", n);
    return bound[1].constant;
}

static bool normalize(struct call *c, enum op op, const struct attrs *a, struct flow f,
                      const struct bound *bound, int n)
{
    struct node *node = make(c, op, a, &f.node, 1, bound, n);
    return node && give(c, (struct flow){node, f.lead});
}

static bool normalize_batch(struct call *c, bool training)
{
    struct flow f;
    struct attrs a;
    struct bound bound[4];
    const int64_t n = take_channels(c, &f);
    if (!n || !take_affine(c, n, bound))
        return false;
    if (training || !attribute_int(c, "spatial", 1))
        return call_lacks(c, "statistics of the batch itself, or of each position");
    bound[2] = (struct bound){ROLE_running_mean, take_vector(c, 3, "the mean", n)};
    bound[3] = (struct bound){ROLE_running_var, NULL};
    if (bound[2].constant)
        bound[3].constant = take_vector(c, 4, "the variance", n);
    attrs_init(&a, OP_bn);
    a.eps = attribute_real(c, "epsilon", 1e-5);
    return bound[3].constant && normalize(c, OP_bn, &a, f, bound, 4);
}

bool convert_batch_norm(struct call *c)
{
    return normalize_batch(c, attribute_int(c, "training_mode", 0));
}

bool convert_batch_norm_if_test(struct call *c)
{
    return normalize_batch(c, !attribute_int(c, "is_test", 0));
}

bool convert_instance_norm(struct call *c)
{
    struct flow f;
    struct attrs a;
    struct bound bound[2];
    const int64_t n = take_channels(c, &f);
    attrs_init(&a, OP_instancenorm);
    a.eps = attribute_real(c, "epsilon", 1e-5);
    a.affine = true;
    return n && take_affine(c, n, bound) && normalize(c, OP_instancenorm, &a, f, bound, 2);
}

/* A number for each group as one for each of its channels. */
static const struct constant *spread_groups(struct call *c, const struct constant *k, int64_t n)
{
    struct import *s = c->import;
    const int64_t groups = k ? constant_elements(k) : 0;
    const int64_t column[2] = {groups, 1}, whole[2] = {groups, groups ? n / groups : 0};
    if (!k || !groups || n % groups)
        return NULL;
    k = constant_reshaped(s->arena, &s->budget, k, 2, column);
    k = k ? constant_spread(s->arena, k, 2, whole) : NULL;
    return k ? constant_reshaped(s->arena, &s->budget, k, 1, &n) : NULL;
}

static bool normalize_groups(struct call *c, bool of_groups)
{
    struct flow f;
    struct attrs a;
    struct bound bound[2];
    const int64_t n = take_channels(c, &f), groups = attribute_int(c, "num_groups", 1);
    attrs_init(&a, OP_groupnorm);
    a.eps = attribute_real(c, "epsilon", 1e-5);
    a.groups = groups;
    if (!n || !take_affine(c, of_groups ? groups : n, bound))
        return false;
    for (int i = 0; i < 2 && of_groups; i++)
        if (!(bound[i].constant = spread_groups(c, bound[i].constant, n)))
            return call_lacks(c, "its channels do not divide into its groups");
    return normalize(c, OP_groupnorm, &a, f, bound, 2);
}

bool convert_group_norm(struct call *c)
{
    return normalize_groups(c, false);
}

bool convert_group_norm_of_groups(struct call *c)
{
    return normalize_groups(c, true);
}

/* Over the dimensions from `axis` on. */
static bool normalize_last(struct call *c, enum op op)
{
    struct flow f;
    struct attrs a;
    struct bound bound[2];
    int axis, n = 0;
    int64_t elements = 1;
    if (!operand_flow(c, 0, &f) ||
        !operand_axis(c, flow_rank(f), attribute_int(c, "axis", -1), &axis) ||
        (axis == 0 && !f.lead && !flow_as(c, f, 1, &f)))
        return false;
    attrs_init(&a, op);
    a.eps = attribute_real(c, "epsilon", 1e-5);
    a.dim.n = 0;
    for (int i = axis; i < flow_rank(f); i++) {
        a.dim.at[a.dim.n++] = f.lead + i;
        elements *= flow_dim(f, i);
    }
    for (int i = 1; i <= 2 && (i == 1 || operand_given(c, i)); i++) {
        bound[n++] =
            (struct bound){i == 1 ? ROLE_weight : ROLE_bias,
                           take_vector(c, i, i == 1 ? "the scale" : "the shift", elements)};
        if (!bound[n - 1].constant)
            return false;
    }
    if (op == OP_layernorm && n == 1) {
        struct budget one = {1};
        void *zero;
        const int64_t single = 1;
        const struct constant *k =
            constant_new(c->import->arena, &one, DTYPE_f32, 1, &single, &zero);
        k = constant_spread(c->import->arena, k, 1, &elements);
        bound[n++] = (struct bound){ROLE_bias, k};
    }
    return normalize(c, op, &a, f, bound, n);
}

bool convert_layer_norm(struct call *c)
{
    return normalize_last(c, OP_layernorm);
}

bool convert_rms_norm(struct call *c)
{
    return normalize_last(c, OP_rmsnorm);
}

bool convert_lrn(struct call *c)
{
    struct flow f;
    struct attrs a;
    attrs_init(&a, OP_lrn);
    a.size[0] = attribute_int(c, "size", 0);
    a.alpha = attribute_real(c, "alpha", 1e-4);
    a.beta = attribute_real(c, "beta", 0.75);
    a.k = attribute_real(c, "bias", 1);
    return operand_flow_as(c, 0, 0, &f) && make_flow(c, OP_lrn, &a, f, &f) && give(c, f);
}

/* Over the root of its square's sum, or the sum of its magnitudes; what is 0 stays 0. */
bool convert_lp_norm(struct call *c)
{
    struct flow f, norm, least;
    struct attrs a;
    int axis;
    const int64_t p = attribute_int(c, "p", 2);
    if (!operand_flow(c, 0, &f) ||
        !operand_axis(c, flow_rank(f), attribute_int(c, "axis", -1), &axis) ||
        (axis == 0 && !f.lead && !flow_as(c, f, 1, &f)))
        return false;
    attrs_init(&a, OP_abs);
    if (p == 1 ? !make_flow(c, OP_abs, &a, f, &norm) : !flow_power(c, f, 2, &norm))
        return false;
    attrs_init(&a, OP_sqrt);
    return flow_reduce(c, OP_sum, norm, 1u << axis, true, &norm) &&
           (p == 1 || make_flow(c, OP_sqrt, &a, norm, &norm)) &&
           flow_number(c, 1e-30, norm.node->type.rank, &least) &&
           flow_join_two(c, OP_maximum, norm, least, &norm) &&
           flow_join_two(c, OP_div, f, norm, &f) && give(c, f);
}

/* (x - mean) / (sqrt(mean((x - mean)^2)) + 1e-9) */
bool convert_mean_variance_norm(struct call *c)
{
    struct flow f, mean, deviation, tiny;
    struct attrs a;
    int64_t axes[MAX_RANK] = {0, 2, 3};
    const int n = attribute_ints(c, "axes", axes, MAX_RANK);
    unsigned over = 0;
    if (n < 0 || !operand_flow(c, 0, &f))
        return false;
    for (int i = 0, axis; i < (n ? n : 3); i++) {
        if (!operand_axis(c, flow_rank(f), axes[i], &axis))
            return false;
        over |= 1u << axis;
    }
    attrs_init(&a, OP_sqrt);
    return flow_reduce(c, OP_mean, f, over, true, &mean) && flow_join_two(c, OP_sub, f, mean, &f) &&
           flow_power(c, f, 2, &deviation) &&
           flow_reduce(c, OP_mean, deviation, over, true, &deviation) &&
           make_flow(c, OP_sqrt, &a, deviation, &deviation) &&
           flow_number(c, 1e-9, deviation.node->type.rank, &tiny) &&
           flow_join_two(c, OP_add, deviation, tiny, &deviation) &&
           flow_join_two(c, OP_div, f, deviation, &f) && give(c, f);
}

static enum op softmax_op(const struct call *c)
{
    return c->node->op_type[0] == 'L' ? OP_log_softmax : OP_softmax;
}

static bool softmax_along(struct call *c, struct flow f, int axis, struct flow *out)
{
    struct attrs a;
    if (axis == 0 && !f.lead && !flow_as(c, f, 1, &f))
        return false;
    attrs_init(&a, softmax_op(c));
    a.dim.n = 1;
    a.dim.at[0] = f.lead + axis;
    return make_flow(c, softmax_op(c), &a, f, out);
}

bool convert_softmax(struct call *c)
{
    struct flow f;
    int axis;
    return operand_flow(c, 0, &f) &&
           operand_axis(c, flow_rank(f), attribute_int(c, "axis", -1), &axis) &&
           softmax_along(c, f, axis, &f) && give(c, f);
}

/* Over all dimensions from `axis` on together. */
bool convert_softmax_of_rest(struct call *c)
{
    struct flow f, flat;
    int axis;
    int64_t shape[2] = {1, 1}, dim[MAX_RANK];
    if (!operand_flow(c, 0, &f) ||
        !operand_axis(c, flow_rank(f), attribute_int(c, "axis", 1), &axis))
        return false;
    const int rank = flow_rank(f);
    for (int i = 0; i < rank; i++) {
        dim[i] = flow_dim(f, i);
        shape[i >= axis] *= dim[i];
    }
    if (shape[1] == dim[axis])
        return softmax_along(c, f, axis, &f) && give(c, f);
    return flow_reshape(c, f, 2, shape, &flat) && softmax_along(c, flat, 1, &flat) &&
           flow_reshape(c, flat, rank, dim, &f) && give(c, f);
}
