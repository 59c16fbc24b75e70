/* What works element by element. */
#include "onnx/operators.h"

#include <math.h>

/* An activation of netc's with these attributes, over what flows in. */
static bool activation(struct call *c, enum op op, const struct attrs *a)
{
    struct flow f;
    return operand_flow(c, 0, &f) && make_flow(c, op, a, f, &f) && give(c, f);
}

static bool plain(struct call *c, enum op op)
{
    struct attrs a;
    if (operands_are_constant(c))
        return fold_unary(c);
    attrs_init(&a, op);
    return activation(c, op, &a);
}

bool convert_relu(struct call *c)
{
    return plain(c, OP_relu);
}
bool convert_sigmoid(struct call *c)
{
    return plain(c, OP_sigmoid);
}
bool convert_tanh(struct call *c)
{
    return plain(c, OP_tanh);
}
bool convert_exp(struct call *c)
{
    return plain(c, OP_exp);
}
bool convert_log(struct call *c)
{
    return plain(c, OP_log);
}
bool convert_sqrt(struct call *c)
{
    return plain(c, OP_sqrt);
}
bool convert_abs(struct call *c)
{
    return plain(c, OP_abs);
}
bool convert_neg(struct call *c)
{
    return plain(c, OP_neg);
}
bool convert_hard_swish(struct call *c)
{
    struct attrs a;
    attrs_init(&a, OP_hardswish);
    return activation(c, OP_hardswish, &a);
}
bool convert_mish(struct call *c)
{
    struct attrs a;
    attrs_init(&a, OP_mish);
    return activation(c, OP_mish, &a);
}
bool convert_softplus(struct call *c)
{
    struct attrs a;
    attrs_init(&a, OP_softplus);
    return activation(c, OP_softplus, &a);
}

bool convert_erf(struct call *c)
{
    return operands_are_constant(c) ? fold_unary(c)
           : operand_given(c, 0)    ? erf_begin(c)
                                    : call_lacks(c, "operand 1 is not given");
}

bool convert_leaky_relu(struct call *c)
{
    struct attrs a;
    attrs_init(&a, OP_leaky_relu);
    a.negative_slope = attribute_real(c, "alpha", 0.01);
    return activation(c, OP_leaky_relu, &a);
}

bool convert_elu(struct call *c)
{
    struct attrs a;
    attrs_init(&a, OP_elu);
    a.alpha = attribute_real(c, "alpha", 1);
    return activation(c, OP_elu, &a);
}

/* gamma times elu */
bool convert_selu(struct call *c)
{
    struct attrs a;
    struct flow f;
    attrs_init(&a, OP_elu);
    a.alpha = attribute_real(c, "alpha", 1.67326319217681884765625);
    return operand_flow(c, 0, &f) && make_flow(c, OP_elu, &a, f, &f) &&
           flow_scale(c, f, attribute_real(c, "gamma", 1.05070102214813232421875), &f) &&
           give(c, f);
}

/* alpha elu(x / alpha) */
bool convert_celu(struct call *c)
{
    struct attrs a;
    struct flow f;
    const double alpha = attribute_real(c, "alpha", 1);
    attrs_init(&a, OP_elu);
    return operand_flow(c, 0, &f) && flow_scale(c, f, 1 / alpha, &f) &&
           make_flow(c, OP_elu, &a, f, &f) && flow_scale(c, f, alpha, &f) && give(c, f);
}

/* A slope for each channel, that dimension of the slopes, or one. */
static bool prelu_along(struct call *c, const struct constant *slope, int axis)
{
    struct flow f;
    struct attrs a;
    if (!operand_flow(c, 0, &f))
        return false;
    const int64_t n = constant_elements(slope);
    const bool channels = operand_rank(c, 0) > 1 && axis >= 0 && axis < slope->rank &&
                          slope->dim[axis] == n && n == operand_dim(c, 0, 1);
    if (n != 1 && !channels)
        return call_lacks(c, "its slopes are neither one nor one for each channel");
    if (n != 1 && !flow_as(c, f, 0, &f))
        return false;
    attrs_init(&a, OP_prelu);
    a.num_parameters = n;
    const struct bound bound = {ROLE_weight, slope};
    struct node *node = make(c, OP_prelu, &a, &f.node, 1, &bound, 1);
    return node && give(c, (struct flow){node, f.lead});
}

bool convert_prelu(struct call *c)
{
    const struct constant *slope = operand_constant(c, 1, "the slope");
    return slope && operand_datum(c, 0) &&
           prelu_along(c, slope, slope->rank - operand_rank(c, 0) + 1);
}

bool convert_prelu_of_channels(struct call *c)
{
    const struct constant *slope = operand_constant(c, 1, "the slope");
    return slope && prelu_along(c, slope, 0);
}

bool convert_clip(struct call *c)
{
    struct attrs a;
    double min = attribute_real(c, "min", -INFINITY), max = attribute_real(c, "max", INFINITY);
    if (!operand_real(c, 1, min, &min) || !operand_real(c, 2, max, &max))
        return false;
    attrs_init(&a, min == 0 && max == 6 ? OP_relu6 : OP_clip);
    if (min == 0 && max == 6)
        return activation(c, OP_relu6, &a);
    a.min = min;
    a.max = max;
    return activation(c, OP_clip, &a);
}

/* min(max(alpha x + beta, 0), 1); netc's own has alpha 1/6 and beta 1/2 */
bool convert_hard_sigmoid(struct call *c)
{
    struct flow f, shift;
    struct attrs a;
    const double alpha = attribute_real(c, "alpha", 0.2), beta = attribute_real(c, "beta", 0.5);
    attrs_init(&a, OP_hardsigmoid);
    if (fabs(alpha - 1.0 / 6) < 1e-6 && beta == 0.5)
        return activation(c, OP_hardsigmoid, &a);
    attrs_init(&a, OP_clip);
    a.min = 0;
    a.max = 1;
    return operand_flow(c, 0, &f) && flow_scale(c, f, alpha, &f) &&
           flow_number(c, beta, f.node->type.rank, &shift) &&
           flow_join_two(c, OP_add, f, shift, &f) && make_flow(c, OP_clip, &a, f, &f) && give(c, f);
}

/* x / (1 + |x|) */
bool convert_softsign(struct call *c)
{
    struct flow f, one, magnitude;
    struct attrs a;
    attrs_init(&a, OP_abs);
    return operand_flow(c, 0, &f) && make_flow(c, OP_abs, &a, f, &magnitude) &&
           flow_number(c, 1, f.node->type.rank, &one) &&
           flow_join_two(c, OP_add, magnitude, one, &magnitude) &&
           flow_join_two(c, OP_div, f, magnitude, &f) && give(c, f);
}

/* x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
static bool gelu_by_tanh(struct call *c)
{
    struct flow f, cube, one;
    struct attrs a;
    attrs_init(&a, OP_tanh);
    return operand_flow(c, 0, &f) && flow_power(c, f, 3, &cube) &&
           flow_scale(c, cube, 0.044715, &cube) && flow_join_two(c, OP_add, f, cube, &cube) &&
           flow_scale(c, cube, 0.79788456080286535588, &cube) &&
           make_flow(c, OP_tanh, &a, cube, &cube) &&
           flow_number(c, 1, cube.node->type.rank, &one) &&
           flow_join_two(c, OP_add, cube, one, &cube) && flow_join_two(c, OP_mul, f, cube, &f) &&
           flow_scale(c, f, 0.5, &f) && give(c, f);
}

bool convert_gelu(struct call *c)
{
    struct attrs a;
    const char *way = attribute_string(c, "approximate");
    attrs_init(&a, OP_gelu);
    return way[0] == 't' ? gelu_by_tanh(c) : activation(c, OP_gelu, &a);
}

/* x sigmoid(alpha x) */
bool convert_swish(struct call *c)
{
    struct flow f, gate;
    struct attrs a;
    const double alpha = attribute_real(c, "alpha", 1);
    attrs_init(&a, OP_silu);
    if (alpha == 1)
        return activation(c, OP_silu, &a);
    attrs_init(&a, OP_sigmoid);
    return operand_flow(c, 0, &f) && flow_scale(c, f, alpha, &gate) &&
           make_flow(c, OP_sigmoid, &a, gate, &gate) && flow_join_two(c, OP_mul, f, gate, &f) &&
           give(c, f);
}

bool convert_reciprocal(struct call *c)
{
    struct flow f, one;
    if (operands_are_constant(c))
        return fold_unary(c);
    return operand_flow(c, 0, &f) && flow_number(c, 1, f.node->type.rank, &one) &&
           flow_join_two(c, OP_div, one, f, &f) && give(c, f);
}

bool convert_pow(struct call *c)
{
    struct flow f;
    double exponent;
    if (operands_are_constant(c))
        return fold_binary(c);
    if (!operand_flow(c, 0, &f) || !operand_given(c, 1) || !operand_real(c, 1, 1, &exponent))
        return call_lacks(c, "its exponent is not one number");
    return flow_power(c, f, exponent, &f) && give(c, f);
}

/* The one number that operand `i` is; it does not make the result larger. */
static bool is_number(const struct call *c, int i, double *value)
{
    const struct datum *v = c->in[i], *other = c->in[!i];
    return v->kind == DATUM_constant && constant_elements(v->constant) == 1 &&
           dtype_is_float(v->constant->dtype) && v->constant->rank <= datum_rank(other) &&
           constant_uniform(v->constant, value);
}

/* Times or over a number; false: it is another join. */
static bool is_scaling(const struct call *c, enum op op, int *flowing, double *factor)
{
    double value;
    if (c->n_in != 2 || (op != OP_mul && op != OP_div))
        return false;
    for (int i = 0; i < 2; i++)
        if (is_number(c, i, &value) && c->in[!i]->kind == DATUM_flow && (i || op == OP_mul)) {
            *flowing = !i;
            *factor = op == OP_div ? 1 / value : value;
            return true;
        }
    return false;
}

/* x sigmoid(x) is silu, x hardsigmoid(x) is hardswish; N_OPS: it is neither. */
static enum op find_gated(const struct call *c, enum op op, struct flow *x)
{
    for (int i = 0; op == OP_mul && c->n_in == 2 && i < 2; i++) {
        const struct datum *gate = c->in[i], *other = c->in[!i];
        if (gate->kind != DATUM_flow || other->kind != DATUM_flow)
            continue;
        const struct node *n = gate->flow.node;
        *x = other->flow;
        if ((n->op == OP_sigmoid || n->op == OP_hardsigmoid) && n->input[0] == x->node)
            return n->op == OP_sigmoid ? OP_silu : OP_hardswish;
    }
    return N_OPS;
}

/* A vector that is added to a product of a matrix alone is its bias. */
static bool is_bias(const struct call *c, enum op op, int *product)
{
    for (int i = 0; op == OP_add && c->n_in == 2 && i < 2; i++) {
        const struct datum *v = c->in[i], *vector = c->in[!i];
        const struct node *node = v->kind == DATUM_flow ? v->flow.node : NULL;
        *product = i;
        if (node && node->op == OP_linear && !node->attr.bias && vector->kind == DATUM_constant &&
            vector->constant->rank == 1 && vector->constant->dim[0] == node->attr.out &&
            dtype_is_float(vector->constant->dtype))
            return operand_is_read_once(c, i);
    }
    return false;
}

/* Of a product or sum with what is known passes look for that behind. */
static void known_last(struct call *c, enum op op)
{
    const struct datum *first = c->in[0];
    if ((op != OP_add && op != OP_mul) || c->n_in != 2 || first->kind != DATUM_constant)
        return;
    c->in[0] = c->in[1];
    c->in[1] = first;
}

static bool join(struct call *c, enum op op)
{
    struct flow f;
    struct attrs a;
    int flowing;
    double factor;
    for (int i = 0; i < c->n_in; i++)
        if (!c->in[i])
            return call_lacks(c, "operand %d is not given", i + 1);
    if (!c->n_in)
        return call_lacks(c, "it has no operands");
    if (operands_are_constant(c))
        return fold_binary(c);
    if (integers_flow(c) && c->n_in > 1)
        return join_integers(c, op);
    if (erf_joins(c))
        return erf_join(c, op);
    if (is_scaling(c, op, &flowing, &factor))
        return flow_scale(c, c->in[flowing]->flow, factor, &f) && give(c, f);
    if (is_bias(c, op, &flowing))
        return add_bias(c, c->in[flowing]->flow.node, c->in[!flowing]->constant) &&
               give_datum(c, *c->in[flowing]);
    const enum op gated = find_gated(c, op, &f);
    attrs_init(&a, gated == N_OPS ? OP_silu : gated);
    if (gated != N_OPS)
        return make_flow(c, gated, &a, f, &f) && give(c, f);
    if (c->n_in == 1)
        return operand_flow(c, 0, &f) && give(c, f);
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i]->kind == DATUM_erf)
            return call_lacks(c, "erf is known as a part of gelu only");
    known_last(c, op);
    return flow_join(c, op, c->in, c->n_in, &f) && give(c, f);
}

bool convert_add(struct call *c)
{
    return join(c, OP_add);
}
bool convert_sub(struct call *c)
{
    return join(c, OP_sub);
}
bool convert_mul(struct call *c)
{
    return join(c, OP_mul);
}
bool convert_div(struct call *c)
{
    return join(c, OP_div);
}
bool convert_maximum(struct call *c)
{
    return join(c, OP_maximum);
}
bool convert_minimum(struct call *c)
{
    return join(c, OP_minimum);
}

/* Of older files an attribute says from which dimension of the first operand on the second one's
 * are; without it they are the last, as in newer files. */
static bool join_along(struct call *c, enum op op)
{
    const struct datum *first = operand_datum(c, 0), *second = operand_datum(c, 1);
    struct datum placed;
    int64_t dim[CONSTANT_RANK];
    int axis;
    if (!first || !second)
        return false;
    if (!attribute_int(c, "broadcast", 0) || !attribute(c, "axis"))
        return join(c, op);
    const int rank = datum_rank(first), own = datum_rank(second);
    if (!operand_axis(c, rank, attribute_int(c, "axis", 0), &axis))
        return false;
    if (axis + own > rank)
        return call_lacks(c, "its second operand has %d dimensions from dimension %d on of %d", own,
                          axis, rank);
    for (int i = 0; i < rank - axis; i++)
        dim[i] = i < own ? datum_dim(second, i) : 1;
    if (!datum_reshape(c, second, rank - axis, dim, &placed))
        return false;
    c->in[1] = &placed;
    return join(c, op);
}

bool convert_add_along(struct call *c)
{
    return join_along(c, OP_add);
}
bool convert_sub_along(struct call *c)
{
    return join_along(c, OP_sub);
}
bool convert_mul_along(struct call *c)
{
    return join_along(c, OP_mul);
}
bool convert_div_along(struct call *c)
{
    return join_along(c, OP_div);
}

bool convert_mean(struct call *c)
{
    struct flow f;
    if (!join(c, OP_add) || c->out[0].kind != DATUM_flow)
        return call_lacks(c, "its operands do not flow");
    return flow_scale(c, c->out[0].flow, 1.0 / c->n_in, &f) && give(c, f);
}

bool convert_identity(struct call *c)
{
    if (!operand_given(c, 0))
        return call_lacks(c, "operand 1 is not given");
    c->out[0] = *c->in[0];
    return true;
}

/* In training mode it would drop elements. */
static bool drop(struct call *c, bool training)
{
    return training ? call_lacks(c, "it is in training mode") : convert_identity(c);
}

bool convert_dropout(struct call *c)
{
    double training;
    return operand_real(c, 2, 0, &training) && drop(c, training != 0);
}

bool convert_dropout_if_test(struct call *c)
{
    return drop(c, !attribute_int(c, "is_test", 0));
}

/* Floats are computed in 32 bits and integers keep theirs, to which of them they are cast. */
static bool cast_to(struct call *c, enum dtype to)
{
    const struct datum *v = c->n_in ? c->in[0] : NULL;
    const bool flows = v && v->kind == DATUM_flow;
    const bool integers = flows && dtype_is_integer(v->flow.node->type.dtype);
    struct flow f;
    if (v && v->kind == DATUM_constant && to != N_DTYPES)
        return fold_cast(c, to);
    if (flows && integers && dtype_is_float(to))
        return flow_floats(c, v->flow, &f) && give(c, f);
    if (flows && !integers && to == DTYPE_i64)
        return flow_integers(c, v->flow, &f) && give(c, f);
    if (to == N_DTYPES || dtype_is_integer(to) != integers || to == DTYPE_bool)
        return call_lacks(c, "what flows is cast to floats and to integers of 64 bits");
    return convert_identity(c);
}

bool convert_cast(struct call *c)
{
    return cast_to(c, file_dtype(attribute_int(c, "to", 0)));
}

bool convert_cast_like(struct call *c)
{
    if (!operand_given(c, 1))
        return call_lacks(c, "operand 2 is not given");
    const struct datum *like = c->in[1];
    return cast_to(c, like->kind == DATUM_constant ? like->constant->dtype
                      : like->kind == DATUM_flow   ? like->flow.node->type.dtype
                                                   : DTYPE_f32);
}

bool convert_compare(struct call *c)
{
    return operands_are_constant(c) ? fold_binary(c) : choose_elements(c);
}

bool convert_logic(struct call *c)
{
    return operands_are_constant(c) ? fold_binary(c)
                                    : call_lacks(c, "it is computed of what is known alone");
}

/* x less its fraction, and less 1 where that is below 0. Beyond 2^23 there are whole numbers alone.
 */
static bool flow_floor(struct call *c, struct flow x, struct flow *out)
{
    struct attrs a;
    struct flow near, whole, step;
    attrs_init(&a, OP_clip);
    a.min = -0x1p23;
    a.max = 0x1p23;
    return make_flow(c, OP_clip, &a, x, &near) && flow_integers(c, near, &whole) &&
           flow_floats(c, whole, &whole) && flow_join_two(c, OP_sub, near, whole, &near) &&
           flow_scale(c, near, -1, &step) && flow_step(c, step, &step) &&
           flow_join_two(c, OP_sub, x, near, out) && flow_join_two(c, OP_sub, *out, step, out);
}

bool convert_floor(struct call *c)
{
    struct flow f;
    if (operands_are_constant(c))
        return fold_unary(c);
    return operand_flow(c, 0, &f) && flow_floor(c, f, &f) && give(c, f);
}

/* The opposite of what is below the opposite. */
bool convert_ceil(struct call *c)
{
    struct flow of, f;
    struct attrs a;
    attrs_init(&a, OP_neg);
    if (operands_are_constant(c))
        return fold_unary(c);
    if (!operand_flow(c, 0, &of) || !make_flow(c, OP_neg, &a, of, &f) || !flow_floor(c, f, &f) ||
        !make_flow(c, OP_neg, &a, f, &f))
        return false;
    map_put(&c->import->ceils, f.node, of.node);
    return give(c, f);
}

bool convert_compute(struct call *c)
{
    return operands_are_constant(c) ? fold_unary(c)
                                    : call_lacks(c, "it is computed of what is known alone");
}
