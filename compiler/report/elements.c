/* Rules of what works element by element, sums over dimensions, and moves elements. */
#include "report/elements.h"

#include <math.h>
#include <string.h>

const struct real *elements_operand(const struct elements *e, const struct node *n, int i)
{
    return e->of[n->input[i]->id];
}

const struct real *elements_weight(const struct elements *e, const struct node *n, enum role role)
{
    for (size_t i = 0; n->weight[role] && i < e->graph->params.n; i++)
        if (e->graph->params.at[i] == n->weight[role])
            return e->param[i];
    return NULL;
}

void elements_position(const struct type *type, int64_t i, int64_t at[MAX_RANK])
{
    for (int d = type->rank - 1; d >= 0; d--) {
        at[d] = i % type->dim[d];
        i /= type->dim[d];
    }
}

int64_t elements_at(const struct type *type, const int64_t at[MAX_RANK])
{
    int64_t i = 0;
    for (int d = 0; d < type->rank; d++)
        i = i * type->dim[d] + (type->dim[d] == 1 ? 0 : at[d]);
    return i;
}

/* ---- what is there ---- */

static void rule_full(const struct elements *e, const struct node *n, struct real *result)
{
    for (int64_t i = 0; i < type_elements(&n->type); i++)
        result[i] = real_number(e->arena, n->attr.value);
}

static void rule_param(const struct elements *e, const struct node *n, struct real *result)
{
    memcpy(result, elements_weight(e, n, ROLE_value),
           (size_t)type_elements(&n->type) * sizeof *result);
}

/* Views: the same elements in the same order. */
static void rule_view(const struct elements *e, const struct node *n, struct real *result)
{
    memcpy(result, elements_operand(e, n, 0), (size_t)type_elements(&n->type) * sizeof *result);
}

/* ---- element by element ---- */

static struct real joined(struct arena *arena, enum op op, struct real a, struct real b)
{
    switch (op) {
    case OP_add:
        return real_plus(arena, a, b);
    case OP_sub:
        return real_minus(arena, a, b);
    case OP_mul:
        return real_times(arena, a, b);
    case OP_div:
        return real_over(arena, a, b);
    case OP_minimum:
        return real_function2(arena, "min", fmin(a.value, b.value), a, b);
    default:
        return real_function2(arena, "max", fmax(a.value, b.value), a, b);
    }
}

static void rule_join(const struct elements *e, const struct node *n, struct real *result)
{
    int64_t at[MAX_RANK];
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        elements_position(&n->type, i, at);
        for (int k = 0; k < n->n_inputs; k++) {
            const struct real operand =
                elements_operand(e, n, k)[elements_at(&n->input[k]->type, at)];
            result[i] = k ? joined(e->arena, n->op, result[i], operand) : operand;
        }
    }
}

static void rule_scale(const struct elements *e, const struct node *n, struct real *result)
{
    for (int64_t i = 0; i < type_elements(&n->type); i++)
        result[i] = real_times(e->arena, real_number(e->arena, n->attr.factor),
                               elements_operand(e, n, 0)[i]);
}

static void rule_activation(const struct elements *e, const struct node *n, struct real *result)
{
    const double arg[2] = {op_act_arg(n->op, &n->attr, 0), op_act_arg(n->op, &n->attr, 1)};
    for (int64_t i = 0; i < type_elements(&n->type); i++)
        result[i] = elements_activation(e->arena, op_act(n->op), arg, elements_operand(e, n, 0)[i]);
}

/* Its second operand is the input or the result, whichever the derivative is of. */
static void rule_activation_gradient(const struct elements *e, const struct node *n,
                                     struct real *result)
{
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        const struct real of = elements_operand(e, n, 1)[i];
        result[i] = real_times(e->arena, elements_operand(e, n, 0)[i],
                               elements_derivative(e->arena, n->act, n->act_arg, of, of));
    }
}

/* ---- sums ---- */

/* Of each element of the operand, in order, into the one where it belongs. */
static void add_up(const struct elements *e, const struct node *n, const struct type *to,
                   struct real *result)
{
    const struct type *from = &n->input[0]->type;
    int64_t at[MAX_RANK];
    for (int64_t i = 0; i < type_elements(to); i++)
        result[i] = real_number(e->arena, 0);
    for (int64_t i = 0; i < type_elements(from); i++) {
        elements_position(from, i, at);
        struct real *sum = &result[elements_at(to, at)];
        *sum = real_plus(e->arena, *sum, elements_operand(e, n, 0)[i]);
    }
}

static void rule_sum_to(const struct elements *e, const struct node *n, struct real *result)
{
    add_up(e, n, &n->type, result);
}

static void rule_reduce(const struct elements *e, const struct node *n, struct real *result)
{
    struct type kept = n->input[0]->type;
    const unsigned axes = attrs_axes(&n->attr, &kept);
    const double parts = (double)type_elements_along(&kept, axes);
    for (int d = 1; d < kept.rank; d++)
        kept.dim[d] = axes >> d & 1 ? 1 : kept.dim[d];
    add_up(e, n, &kept, result);
    for (int64_t i = 0; n->op == OP_mean && i < type_elements(&kept); i++)
        result[i] = real_times(e->arena, real_number(e->arena, 1 / parts), result[i]);
}

/* ---- moves ---- */

static void rule_permute(const struct elements *e, const struct node *n, struct real *result)
{
    int64_t at[MAX_RANK], from[MAX_RANK];
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        elements_position(&n->type, i, at);
        for (int d = 0; d < n->type.rank; d++)
            from[n->attr.dims.at[d]] = at[d];
        result[i] = elements_operand(e, n, 0)[elements_at(&n->input[0]->type, from)];
    }
}

static void rule_concat(const struct elements *e, const struct node *n, struct real *result)
{
    const unsigned axes = attrs_axes(&n->attr, &n->type);
    int64_t at[MAX_RANK];
    int axis = 0;
    while (!(axes >> axis & 1))
        axis++;
    for (int64_t i = 0; i < type_elements(&n->type); i++) {
        int k = 0;
        elements_position(&n->type, i, at);
        for (; at[axis] >= n->input[k]->type.dim[axis]; k++)
            at[axis] -= n->input[k]->type.dim[axis];
        result[i] = elements_operand(e, n, k)[elements_at(&n->input[k]->type, at)];
    }
}

/* ---- the table ---- */

/* Operators that have formulas. Inputs have theirs from the start. */
static elements_rule *const rules[N_OPS] = {
    [OP_full] = rule_full,
    [OP_param] = rule_param,
    [OP_flatten] = rule_view,
    [OP_reshape] = rule_view,
    [OP_unflatten] = rule_view,
    [OP_identity] = rule_view,
    [OP_dropout] = rule_view, /* of nothing: one that drops is dropout_train */
    [OP_add] = rule_join,
    [OP_sub] = rule_join,
    [OP_mul] = rule_join,
    [OP_div] = rule_join,
    [OP_minimum] = rule_join,
    [OP_maximum] = rule_join,
    [OP_scale] = rule_scale,
    [OP_sum_to] = rule_sum_to,
    [OP_sum] = rule_reduce,
    [OP_mean] = rule_reduce,
    [OP_permute] = rule_permute,
    [OP_concat] = rule_concat,
    [OP_conv] = elements_conv,
    [OP_conv_transpose] = elements_conv_transpose,
    [OP_weight_gradient] = elements_weight_gradient,
    [OP_linear] = elements_linear,
    [OP_linear_transposed] = elements_linear_transposed,
    [OP_matmul] = elements_matmul,
    [OP_softmax] = elements_softmax,
    [OP_log_softmax] = elements_log_softmax,
    [OP_cross_entropy] = elements_cross_entropy,
    [OP_cross_entropy_gradient] = elements_cross_entropy_gradient,
};

elements_rule *elements_rule_of(const struct node *n)
{
    if (op_has(n->op, OP_ACTIVATION))
        return elements_activation_has(op_act(n->op)) ? rule_activation : NULL;
    if (n->op == OP_activation_gradient)
        return elements_activation_has(n->act) ? rule_activation_gradient : NULL;
    const bool volume = n->n_inputs && n->input[0]->type.rank == VOLUME_RANK;
    return volume && op_has(n->op, OP_VOLUME) ? NULL : rules[n->op];
}
