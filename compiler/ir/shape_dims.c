/* Shape rules of what makes or rearranges dimensions. */
#include "base/number.h"
#include "ir/shape.h"

#include <string.h>

bool shape_full(const struct shape_call *c)
{
    const struct dims *shape = &c->attr->shape;
    struct type type = {.rank = (int)shape->n};
    memcpy(type.dim, shape->at, sizeof type.dim);
    c->shape->type = type;
    return true;
}

bool shape_param(const struct shape_call *c)
{
    const struct dims *shape = &c->attr->shape;
    struct type *type = &c->shape->type;
    shape_full(c);
    shape_has_param(c, ROLE_value, type);
    if (c->attr->batch)
        return true;
    if (type->rank == MAX_RANK)
        return shape_fail(c, MESSAGE(err_param_rank), MAX_RANK - 1);
    memcpy(type->dim + 1, shape->at, (size_t)shape->n * sizeof *type->dim);
    type->dim[0] = 1;
    type->rank++;
    return true;
}

/* The size that -1 stands for, in *rest; 0: there is no such size. */
static bool find_rest(const struct dims *shape, int64_t elements, int64_t *rest)
{
    int64_t known = 1;
    int unknown = 0;
    for (int64_t i = 0; i < shape->n; i++) {
        unknown += shape->at[i] == -1;
        if (shape->at[i] != -1 && !checked_mul(known, shape->at[i], &known))
            return false;
    }
    *rest = known > 0 ? elements / known : 0;
    return known > 0 && elements % known == 0 && (unknown == 1 || (!unknown && *rest == 1));
}

/* The size of the dimension of `out` before which as many elements stand as before dimension `axis`
 * of `in`, if it is that one's; else none. */
static void keep_counted(const struct type *in, int axis, struct type *out)
{
    int64_t before = 1, same = 1;
    for (int i = 0; i < axis; i++)
        before *= in->dim[i];
    for (int i = 0; i < out->rank && same <= before; same *= out->dim[i++])
        if (same == before && out->dim[i] == in->dim[axis]) {
            out->counted[i] = true;
            return;
        }
}

bool shape_reshape(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const struct dims *shape = &c->attr->shape;
    struct type *out = &c->shape->type;
    int64_t rest;
    if (shape->n + 1 > MAX_RANK)
        return shape_fail(c, MESSAGE(err_rank), op_info(c->op)->name, MAX_RANK);
    if (!find_rest(shape, type_elements(in) / in->dim[0], &rest))
        return shape_fail(c, MESSAGE(err_reshape), shape_dims(c, 0));
    *out = (struct type){.dtype = in->dtype, .rank = (int)shape->n + 1, .dim = {in->dim[0]}};
    for (int64_t i = 0; i < shape->n; i++)
        out->dim[i + 1] = shape->at[i] == -1 ? rest : shape->at[i];
    for (int i = 1; i < in->rank; i++)
        if (in->counted[i])
            keep_counted(in, i, out);
    return true;
}

bool shape_permute(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const struct dims *dims = &c->attr->dims;
    bool seen[MAX_RANK] = {false};
    if (dims->n != in->rank || dims->at[0] != 0)
        return shape_fail(c, MESSAGE(err_permute), in->rank - 1);
    for (int i = 0; i < in->rank; i++) {
        if (dims->at[i] >= in->rank || seen[dims->at[i]])
            return shape_fail(c, MESSAGE(err_permute), in->rank - 1);
        seen[dims->at[i]] = true;
    }
    shape_same(c);
    c->shape->type = type_permuted(&c->shape->type, dims->at);
    return true;
}

/* Dimensions that are reduced have size 1, or are left out. */
bool shape_reduce(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const unsigned axes = attrs_axes(c->attr, in);
    struct type *out = &c->shape->type;
    if (!axes)
        return shape_fail(c, MESSAGE(err_axes), op_info(c->op)->name, in->rank - 1);
    if (!c->attr->keepdim && axes == (1u << in->rank) - 2)
        return shape_fail(c, MESSAGE(err_no_dims), op_info(c->op)->name);
    *out = (struct type){.dtype = in->dtype};
    for (int i = 0; i < in->rank; i++) {
        const bool reduced = axes >> i & 1;
        if (reduced && !c->attr->keepdim)
            continue;
        out->counted[out->rank] = in->counted[i] && !reduced;
        out->dim[out->rank++] = reduced ? 1 : in->dim[i];
    }
    return true;
}

bool shape_slice(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const int axis = shape_axis(c);
    if (!axis)
        return false;
    const struct positions taken = attrs_positions(c->attr, in->dim[axis]);
    if (taken.n < 1)
        return shape_fail(c, MESSAGE(err_slice), (long long)taken.first, (long long)taken.end, axis,
                          (long long)in->dim[axis]);
    shape_same(c);
    c->shape->type.dim[axis] = taken.n;
    return true;
}

/* Positions that move stay as many. */
bool shape_moved(const struct shape_call *c)
{
    if (!attrs_axes(c->attr, shape_in(c, 0)))
        return shape_fail(c, MESSAGE(err_axes), op_info(c->op)->name, shape_in(c, 0)->rank - 1);
    if (c->op == OP_roll && c->attr->shifts.n != c->attr->dims.n)
        return shape_fail(c, MESSAGE(err_shifts), (long long)c->attr->shifts.n,
                          (long long)c->attr->dims.n);
    return shape_same(c);
}

bool shape_unfold(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    struct type *out = &c->shape->type;
    const int axis = shape_axis(c);
    const int64_t size = c->attr->size[0];
    if (!axis)
        return false;
    if (in->rank == MAX_RANK)
        return shape_fail(c, MESSAGE(err_rank), op_info(c->op)->name, MAX_RANK);
    if (size > in->dim[axis])
        return shape_fail(c, MESSAGE(err_unfold), (long long)size, axis, (long long)in->dim[axis]);
    shape_same(c);
    out->dim[axis] = (in->dim[axis] - size) / c->attr->step + 1;
    out->dim[out->rank++] = size;
    return true;
}

/* The dimension to take apart; that of a batch only where there is none, in what has no inputs, or
 * is of regions of all images. */
static int unflattened(const struct shape_call *c)
{
    const struct node *in = c->input[0];
    const int64_t dim = c->attr->dim.at[0], axis = dim < 0 ? dim + in->type.rank : dim;
    while (in->op == OP_pack)
        in = in->input[0];
    const bool free =
        in->op == OP_param || in->op == OP_full || in->op == OP_roi_align || in->op == OP_roi_pool;
    const bool there = c->attr->dim.n == 1 && axis >= !free && axis < in->type.rank;
    return there ? (int)axis : -1;
}

bool shape_unflatten(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    const struct dims *sizes = &c->attr->sizes;
    struct type *out = &c->shape->type;
    const int axis = unflattened(c);
    int64_t rest;
    if (axis < 0)
        return shape_fail(c, MESSAGE(err_unflatten_dim), in->rank - 1);
    if (in->rank + sizes->n - 1 > MAX_RANK)
        return shape_fail(c, MESSAGE(err_rank), op_info(c->op)->name, MAX_RANK);
    if (!find_rest(sizes, in->dim[axis], &rest))
        return shape_fail(c, MESSAGE(err_unflatten), (long long)in->dim[axis], axis);
    *out = (struct type){.dtype = in->dtype};
    for (int i = 0; i < in->rank; i++)
        for (int64_t k = 0; k < (i == axis ? sizes->n : 1); k++)
            out->dim[out->rank++] = i != axis            ? in->dim[i]
                                    : sizes->at[k] == -1 ? rest
                                                         : sizes->at[k];
    return true;
}
