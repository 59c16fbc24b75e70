/* Reductions over dimensions. */
#include "onnx/operators.h"

/* The dimensions, as bits; all where none are named. `nothing`: that then means none. */
static bool take_axes(struct call *c, int rank, unsigned *axes, bool *nothing)
{
    int64_t list[CONSTANT_RANK];
    const int n = operand_ints(c, 1, "axes", list, CONSTANT_RANK);
    *axes = 0;
    *nothing = n == 0 && attribute_int(c, "noop_with_empty_axes", 0);
    for (int i = 0, axis; i < n; i++) {
        if (!operand_axis(c, rank, list[i], &axis))
            return false;
        *axes |= 1u << axis;
    }
    *axes = n ? *axes : (1u << rank) - 1;
    return n >= 0;
}

/* Before: what is done to elements; after: to their sum. */
struct reduction {
    enum op before, over, after; /* OP_identity: nothing; OP_pow: the square */
};

static bool element(struct call *c, enum op op, struct flow f, struct flow *out)
{
    struct attrs a;
    *out = f;
    attrs_init(&a, op);
    if (op == OP_pow)
        return flow_power(c, f, 2, out);
    return op == OP_identity || make_flow(c, op, &a, f, out);
}

/* A mean of rows and columns is a pool, which passes know better. */
static bool is_global(struct flow f, unsigned axes, enum op over)
{
    return over == OP_mean && f.lead == 0 && f.node->type.rank == 4 && axes == 12;
}

static bool reduce_flow(struct call *c, struct flow f, unsigned axes, enum op over, bool keep,
                        struct flow *out)
{
    struct attrs a;
    attrs_init(&a, OP_global_avgpool);
    if (!is_global(f, axes, over))
        return flow_reduce(c, over, f, axes, keep, out);
    const int64_t dim[2] = {f.node->type.dim[0], f.node->type.dim[1]};
    return make_flow(c, OP_global_avgpool, &a, f, out) &&
           (keep || flow_reshape(c, *out, 2, dim, out));
}

static bool reduce(struct call *c, struct reduction r)
{
    struct flow f;
    unsigned axes;
    bool nothing;
    const bool keep = attribute_int(c, "keepdims", 1) != 0;
    if (!operand_given(c, 0) || c->in[0]->kind == DATUM_erf)
        return operand_flow(c, 0, &f);
    if (!take_axes(c, operand_rank(c, 0), &axes, &nothing))
        return false;
    if (c->in[0]->kind == DATUM_constant && r.before == OP_identity && r.after == OP_identity)
        return fold_reduce(c, r.over, nothing ? 0 : axes, keep);
    if (!operand_flow(c, 0, &f) || !element(c, r.before, f, &f))
        return false;
    return (nothing || reduce_flow(c, f, axes, r.over, keep, &f)) && element(c, r.after, f, &f) &&
           give(c, f);
}

bool convert_reduce_mean(struct call *c)
{
    return reduce(c, (struct reduction){OP_identity, OP_mean, OP_identity});
}
bool convert_reduce_sum(struct call *c)
{
    return reduce(c, (struct reduction){OP_identity, OP_sum, OP_identity});
}
bool convert_reduce_max(struct call *c)
{
    return reduce(c, (struct reduction){OP_identity, OP_amax, OP_identity});
}
bool convert_reduce_min(struct call *c)
{
    return reduce(c, (struct reduction){OP_identity, OP_amin, OP_identity});
}
bool convert_reduce_l1(struct call *c)
{
    return reduce(c, (struct reduction){OP_abs, OP_sum, OP_identity});
}
bool convert_reduce_l2(struct call *c)
{
    return reduce(c, (struct reduction){OP_pow, OP_sum, OP_sqrt});
}
bool convert_reduce_sum_square(struct call *c)
{
    return reduce(c, (struct reduction){OP_pow, OP_sum, OP_identity});
}
bool convert_reduce_log_sum(struct call *c)
{
    return reduce(c, (struct reduction){OP_identity, OP_sum, OP_log});
}
bool convert_reduce_log_sum_exp(struct call *c)
{
    return reduce(c, (struct reduction){OP_exp, OP_sum, OP_log});
}

/* netc has no product of what flows. */
bool convert_reduce_prod(struct call *c)
{
    unsigned axes;
    bool nothing;
    if (!operand_given(c, 0) || !operands_are_constant(c))
        return call_lacks(c, "it is computed of what is known alone");
    return take_axes(c, operand_rank(c, 0), &axes, &nothing) &&
           fold_reduce(c, OP_mul, nothing ? 0 : axes, attribute_int(c, "keepdims", 1) != 0);
}
