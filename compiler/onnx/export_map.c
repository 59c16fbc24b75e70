/* What works element by element, and what takes elements by positions. */
#include "onnx/export.h"

#include <math.h>
#include <string.h>

/* One node over all operands and weights. */
const char *export_plain(struct exporting *e)
{
    const struct node *node = e->node;
    const char **in = arena_array(e->x->arena, (size_t)node->n_inputs + N_ROLES, sizeof *in);
    int n = 0;
    for (int i = 0; i < node->n_inputs; i++)
        in[n++] = export_in(e, i);
    for (int role = 0; role < N_ROLES; role++)
        if (node->weight[role])
            in[n++] = export_weight(e, (enum role)role);
    const char *result = export_last(e, e->row->name, in, n);
    export_attributes(e);
    return result;
}

/* What passes through: no node. */
const char *export_pass(struct exporting *e)
{
    return export_in(e, 0);
}

/* The operand and a number, the attribute of the row. */
const char *export_number(struct exporting *e)
{
    const struct op_info *info = op_info(e->node->op);
    double value = 0;
    for (int i = 0; i < info->n_attrs; i++)
        if (!strcmp(info->attrs[i].name, e->row->attributes))
            value = attr_get(&e->node->attr, &info->attrs[i], 0);
    return LAST(e, e->row->name, export_in(e, 0), export_known_real(e, e->row->attributes, value));
}

const char *export_clip(struct exporting *e)
{
    const bool six = e->node->op == OP_relu6;
    const double min = six ? 0 : e->node->attr.min, max = six ? 6 : e->node->attr.max;
    const char *low = isinf(min) ? NULL : export_known_real(e, "min", min);
    const char *high = isinf(max) ? NULL : export_known_real(e, "max", max);
    return LAST(e, "Clip", export_in(e, 0), low, high);
}

/* Before version 20 by erf: x / 2 (1 + erf(x / sqrt 2)). */
const char *export_gelu(struct exporting *e)
{
    if (e->x->options->opset >= 20)
        return LAST(e, "Gelu", export_in(e, 0));
    const char *x = export_in(e, 0);
    const char *t = STEP(e, "over", "Mul", x, export_known_real(e, "root", sqrt(0.5)));
    t = STEP(e, "erf", "Erf", t);
    t = STEP(e, "share", "Add", t, export_known_real(e, "one", 1));
    t = STEP(e, "twice", "Mul", x, t);
    return LAST(e, "Mul", t, export_known_real(e, "half", 0.5));
}

const char *export_silu(struct exporting *e)
{
    const char *x = export_in(e, 0);
    return LAST(e, "Mul", x, STEP(e, "sigmoid", "Sigmoid", x));
}

const char *export_hardsigmoid(struct exporting *e)
{
    const char *result = LAST(e, "HardSigmoid", export_in(e, 0));
    export_real(e, "alpha", 1.0 / 6);
    export_real(e, "beta", 0.5);
    return result;
}

/* ONNX has no threshold, above which PyTorch leaves out what a float does not hold. */
const char *export_softplus(struct exporting *e)
{
    const double beta = e->node->attr.beta;
    if (e->node->attr.threshold < 15)
        return export_lacks(e, "a threshold of %g", e->node->attr.threshold);
    if (beta == 1)
        return LAST(e, "Softplus", export_in(e, 0));
    const char *factor = export_known_real(e, "beta", beta);
    const char *t = STEP(e, "times", "Mul", export_in(e, 0), factor);
    return LAST(e, "Div", STEP(e, "softplus", "Softplus", t), factor);
}

/* Slopes lie along the channels. */
const char *export_prelu(struct exporting *e)
{
    const char *slope = export_weight(e, ROLE_weight);
    const int more = export_type(e, 0)->rank - 2;
    if (e->node->attr.num_parameters > 1 && more > 0) {
        static const int64_t axes[] = {1, 2, 3, 4};
        slope = STEP(e, "slope", "Unsqueeze", slope, export_known_ints(e, "axes", more, axes));
    }
    return LAST(e, "PRelu", export_in(e, 0), slope);
}

/* Two operands, or one after the other. */
const char *export_join(struct exporting *e)
{
    const int n = e->node->n_inputs;
    if (n == 1)
        return export_pass(e);
    if (n > 2 && e->node->op == OP_add) {
        const char **in = arena_array(e->x->arena, (size_t)n, sizeof *in);
        for (int i = 0; i < n; i++)
            in[i] = export_in(e, i);
        return export_last(e, "Sum", in, n);
    }
    const char *t = export_in(e, 0);
    for (int i = 1; i < n - 1; i++)
        t = STEP(e, "first", e->row->name, t, export_in(e, i));
    return LAST(e, e->row->name, t, export_in(e, n - 1));
}

const char *export_embedding(struct exporting *e)
{
    return LAST(e, "Gather", export_weight(e, ROLE_weight), export_in(e, 0));
}

/* The bias of ONNX's Gemm is that of matrices; of more dimensions it is added. */
const char *export_linear(struct exporting *e)
{
    const char *x = export_in(e, 0), *w = export_weight(e, ROLE_weight);
    const char *bias = export_weight(e, ROLE_bias);
    if (export_type(e, 0)->rank == 2) {
        const char *result = LAST(e, "Gemm", x, w, bias);
        export_int(e, "transB", 1);
        return result;
    }
    w = STEP(e, "transposed", "Transpose", w);
    if (!bias)
        return LAST(e, "MatMul", x, w);
    return LAST(e, "Add", STEP(e, "product", "MatMul", x, w), bias);
}

/* softmax(scale q k^T + mask) v */
const char *export_attention(struct exporting *e)
{
    const struct type *q = export_type(e, 0);
    const int rank = export_type(e, 1)->rank;
    const double root = 1 / sqrt((double)q->dim[q->rank - 1]), own = e->node->attr.factor;
    int64_t perm[MAX_RANK];
    for (int i = 0; i < rank; i++)
        perm[i] = i < rank - 2 ? i : 2 * rank - 3 - i;
    const char *k = STEP(e, "k", "Transpose", export_in(e, 1));
    export_ints(e, "perm", rank, perm);
    const char *t = STEP(e, "scores", "MatMul", export_in(e, 0), k);
    t = STEP(e, "scaled", "Mul", t, export_known_real(e, "scale", own != 0 ? own : root));
    if (e->node->n_inputs > 3)
        t = STEP(e, "masked", "Add", t, export_in(e, 3));
    t = STEP(e, "softmax", "Softmax", t);
    export_int(e, "axis", -1);
    return LAST(e, "MatMul", t, export_in(e, 2));
}

const char *export_topk(struct exporting *e)
{
    const int64_t k = e->node->attr.count;
    const char *result = LAST(e, "TopK", export_in(e, 0), export_known_ints(e, "k", 1, &k));
    export_result(e, 1);
    export_int(e, "axis", attrs_axis(&e->node->attr, export_type(e, 0)));
    export_attributes(e);
    return result;
}

const char *export_long(struct exporting *e)
{
    const char *result = LAST(e, "Cast", export_in(e, 0));
    export_int(e, "to", file_number(DTYPE_i64));
    return result;
}

const char *export_float(struct exporting *e)
{
    const char *result = LAST(e, "Cast", export_in(e, 0));
    export_int(e, "to", file_number(DTYPE_f32));
    return result;
}

const char *export_result_of(struct exporting *e)
{
    return map_get(&e->x->further[e->node->attr.index], e->node->input[0]);
}
