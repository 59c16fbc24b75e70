/* What is known before the network runs. */
#include "base/number.h"
#include "onnx/operators.h"

#include <math.h>
#include <string.h>

static bool give_floats(struct call *c, int rank, int64_t n, const float *values)
{
    struct import *s = c->import;
    void *elements;
    struct constant *k = constant_new(s->arena, &s->budget, DTYPE_f32, rank, &n, &elements);
    for (int64_t i = 0; k && i < n; i++)
        constant_put_real(k, elements, i, (double)values[i]);
    return give_constant(c, k);
}

/* A tensor of the file, which may be a weight: it is called after what the node gives. */
static bool give_tensor(struct call *c, const Onnx__TensorProto *t)
{
    struct import *s = c->import;
    const char *why, *name = c->node->n_output ? c->node->output[0] : "";
    struct constant *k = file_constant(s->arena, s->options->path, t, &why);
    if (!k)
        return call_lacks(c, "%s", why);
    if (*name && !c->body->depth && !unique_has(&s->param_names, name)) {
        k->name = strings_intern0(s->strings, name);
        unique_take(&s->param_names, name);
    }
    return give_constant(c, k);
}

bool convert_constant(struct call *c)
{
    const Onnx__AttributeProto *a = attribute(c, "value");
    if (a && a->t)
        return give_tensor(c, a->t);
    if ((a = attribute(c, "value_float")))
        return give_floats(c, 0, 1, &a->f);
    if ((a = attribute(c, "value_floats")))
        return give_floats(c, 1, (int64_t)a->n_floats, a->floats);
    if ((a = attribute(c, "value_int")))
        return give_constant(c, constant_of_ints(c->import->arena, 0, 1, &a->i));
    if ((a = attribute(c, "value_ints")))
        return give_constant(c, constant_of_ints(c->import->arena, 1, (int64_t)a->n_ints, a->ints));
    return call_lacks(c, "it has no value that netc reads");
}

/* One element, spread: it takes no memory. */
bool convert_constant_of_shape(struct call *c)
{
    struct import *s = c->import;
    int64_t dim[CONSTANT_RANK], single = 1;
    const int rank = operand_ints(c, 0, "shape", dim, CONSTANT_RANK);
    const Onnx__AttributeProto *a = attribute(c, "value");
    const char *why = "";
    void *elements;
    if (rank < 0)
        return false;
    const struct constant *k =
        a && a->t ? file_constant(s->arena, s->options->path, a->t, &why)
                  : constant_new(s->arena, &s->budget, DTYPE_f32, 1, &single, &elements);
    if (!k || constant_elements(k) != 1)
        return call_lacks(c, "its value is not one number %s", why);
    k = constant_reshaped(s->arena, &s->budget, k, 0, dim);
    k = constant_spread(s->arena, k, rank, dim);
    return give_constant(c, k);
}

bool convert_range(struct call *c)
{
    struct import *s = c->import;
    const struct constant *k[3];
    double r[3];
    void *elements;
    for (int i = 0; i < 3; i++) {
        if (!(k[i] = operand_constant(c, i, "a bound or a step")))
            return false;
        if (constant_elements(k[i]) != 1)
            return call_lacks(c, "operand %d is not one number", i + 1);
        r[i] = constant_real_at(k[i], 0);
    }
    const double count = r[2] != 0 ? ceil((r[1] - r[0]) / r[2]) : NAN;
    if (!(count < 1e9))
        return call_lacks(c, "its step is 0, or its result too large");
    const int64_t n = count > 0 ? (int64_t)count : 0;
    struct constant *all = constant_new(s->arena, &s->budget, k[0]->dtype, 1, &n, &elements);
    for (int64_t i = 0; i < n && all; i++)
        constant_put_real(all, elements, i, r[0] + (double)i * r[2]);
    return give_constant(c, all);
}

/* The sizes from `start` to `end`, which are brought into what there is. */
bool convert_shape(struct call *c)
{
    int64_t dim[CONSTANT_RANK];
    if (!operand_given(c, 0))
        return call_lacks(c, "operand 1 is not given");
    const int rank = operand_rank(c, 0);
    int64_t start = attribute_int(c, "start", 0), end = attribute_int(c, "end", rank);
    start = int_max(0, int_min(start < 0 ? start + rank : start, rank));
    end = int_max(start, int_min(end < 0 ? end + rank : end, rank));
    for (int64_t i = start; i < end; i++)
        dim[i - start] = operand_dim(c, 0, (int)i);
    return give_constant(c, constant_of_ints(c->import->arena, 1, end - start, dim));
}

bool convert_size(struct call *c)
{
    int64_t dim[CONSTANT_RANK], n;
    if (!operand_given(c, 0))
        return call_lacks(c, "operand 1 is not given");
    for (int i = 0; i < operand_rank(c, 0); i++)
        dim[i] = operand_dim(c, 0, i);
    if (!constant_count(operand_rank(c, 0), dim, &n))
        return call_lacks(c, "its operand is too large");
    return give_constant(c, constant_of_ints(c->import->arena, 0, 1, &n));
}

/* Whether a tensor has the shape to which it and another spread. */
static bool holds(const struct datum *v, const struct datum *other)
{
    const int more = datum_rank(v) - datum_rank(other);
    bool fits = more >= 0;
    for (int i = 0; fits && i < datum_rank(other); i++)
        fits = datum_dim(other, i) == 1 || datum_dim(other, i) == datum_dim(v, more + i);
    return fits;
}

/* Of what is the same everywhere, one of the others, if it need not spread. */
bool convert_where(struct call *c)
{
    double which;
    const struct datum *v;
    if (operands_are_constant(c) || !operand_given(c, 0) || c->in[0]->kind != DATUM_constant ||
        !constant_uniform(c->in[0]->constant, &which))
        return fold_where(c);
    v = operand_datum(c, which != 0 ? 1 : 2);
    const struct datum *other = v ? operand_datum(c, which != 0 ? 2 : 1) : NULL;
    if (!other)
        return false;
    return (holds(v, c->in[0]) && holds(v, other) && give_datum(c, *v)) ||
           call_lacks(c, "what it chooses spreads to another shape");
}

/* Of those that add to what is there netc has none. */
bool convert_scatter_nd(struct call *c)
{
    const char *way = attribute_string(c, "reduction");
    return !*way || !strcmp(way, "none") ? fold_scatter(c)
                                         : call_lacks(c, "'reduction' is '%s'", way);
}

/* A vector along one dimension of a tensor of that rank. */
static const struct constant *along(struct import *s, const struct constant *k, int rank, int axis)
{
    int64_t dim[CONSTANT_RANK];
    for (int i = 0; i < rank; i++)
        dim[i] = i == axis ? constant_elements(k) : 1;
    return constant_elements(k) == 1 ? k : constant_reshaped(s->arena, &s->budget, k, rank, dim);
}

/* (x - zero point) scale, of weights that are stored as integers. */
bool convert_dequantize(struct call *c)
{
    struct import *s = c->import;
    const struct constant *k = operand_constant(c, 0, "what is stored as integers");
    const struct constant *scale = k ? operand_constant(c, 1, "the scale") : NULL;
    const struct constant *zero =
        operand_given(c, 2) && scale ? operand_constant(c, 2, "the zero point") : NULL;
    const int64_t axis = attribute_int(c, "axis", 1);
    void *elements;
    struct walk w[3];
    if (!scale || (operand_given(c, 2) && !zero) || attribute_int(c, "block_size", 0))
        return call_lacks(c, "blocks with a scale each");
    const int from_first = (int)(axis < 0 ? axis + k->rank : axis);
    scale = along(s, scale, k->rank, from_first);
    scale = scale ? constant_spread(s->arena, scale, k->rank, k->dim) : NULL;
    zero = zero ? along(s, zero, k->rank, from_first) : NULL;
    const struct constant *spread = zero ? constant_spread(s->arena, zero, k->rank, k->dim) : NULL;
    struct constant *all =
        constant_new(s->arena, &s->budget, DTYPE_f32, k->rank, k->dim, &elements);
    if (!scale || !all || (zero && !spread))
        return call_lacks(c, "its scale does not spread to what it scales");
    walk_begin(&w[0], k, 0);
    walk_begin(&w[1], scale, 0);
    walk_begin(&w[2], spread ? spread : scale, 0);
    for (int64_t i = 0, n = constant_elements(k); i < n; i++) {
        const int64_t at = walk_next(&w[2]);
        const double x =
            constant_real(k, walk_next(&w[0])) - (spread ? constant_real(spread, at) : 0);
        constant_put_real(all, elements, i, x * constant_real(scale, walk_next(&w[1])));
    }
    return give_constant(c, all);
}
