/* Shape rules of what makes positions, and of what takes elements by them. */
#include "ir/shape.h"

/* A vector for each element. */
bool shape_embedding(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0);
    struct type *out = &c->shape->type;
    if (in->rank == MAX_RANK)
        return shape_fail(c, MESSAGE(err_rank), op_info(c->op)->name, MAX_RANK);
    shape_weight(c, ROLE_weight, 2, c->attr->num_embeddings, c->attr->embedding_dim, 0, 0);
    shape_same(c);
    out->dtype = DTYPE_f32;
    out->dim[out->rank++] = c->attr->embedding_dim;
    return true;
}

static bool fail_gather(const struct shape_call *c, int axis)
{
    return shape_fail(c, MESSAGE(err_gather), axis, shape_dims(c, 1), shape_dims(c, 0));
}

/* Positions are as many as of the operand, or fewer, in all but the dimension, and choose among the
 * first; an operand of one image, as a parameter, is the same for all. */
bool shape_gather(const struct shape_call *c)
{
    const struct type *in = shape_in(c, 0), *index = shape_in(c, 1);
    const int axis = shape_axis(c);
    if (!axis)
        return false;
    if (in->rank != index->rank || (in->dim[0] != index->dim[0] && in->dim[0] != 1))
        return fail_gather(c, axis);
    for (int i = 1; i < in->rank; i++)
        if (i != axis && index->dim[i] > in->dim[i])
            return fail_gather(c, axis);
    c->shape->type = *index;
    c->shape->type.dtype = in->dtype;
    c->shape->type.layout = LAYOUT_dense;
    return true;
}

bool shape_argmax(const struct shape_call *c)
{
    if (!shape_axis(c) || !shape_reduce(c))
        return false;
    c->shape->type.dtype = DTYPE_i64;
    return true;
}

/* As many integers. */
bool shape_long(const struct shape_call *c)
{
    shape_same(c);
    c->shape->type.dtype = DTYPE_i64;
    return true;
}

/* As many floats. */
bool shape_float(const struct shape_call *c)
{
    shape_same(c);
    c->shape->type.dtype = DTYPE_f32;
    return true;
}

bool shape_topk(const struct shape_call *c)
{
    const int axis = shape_axis(c);
    const int64_t k = c->attr->count;
    if (!axis)
        return false;
    const int64_t size = shape_in(c, 0)->dim[axis];
    if (k > size)
        return shape_fail(c, MESSAGE(err_topk), (long long)size, axis, (long long)k);
    shape_same(c);
    c->shape->type.dim[axis] = k;
    c->shape->type.counted[axis] = false;
    c->shape->further[0] = c->shape->type;
    c->shape->further[0].dtype = DTYPE_i64;
    return true;
}
