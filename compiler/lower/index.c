/* Steps of what makes positions of elements, and of what takes elements by them. */
#include "lower/lowering.h"

/* Steps of each dimension, or sizes, as the last of six; `fill` for those that are missing. */
static void align(int64_t to[MAX_RANK], const int64_t from[], int n, int64_t fill)
{
    for (int i = 0; i < MAX_RANK; i++)
        to[i] = i < MAX_RANK - n ? fill : from[i - (MAX_RANK - n)];
}

/* Without dimension `axis`. */
static void leave_out(int64_t dim[MAX_RANK], int rank, int axis)
{
    for (int i = axis; i < rank - 1; i++)
        dim[i] = dim[i + 1];
}

#define SET_FIVE(k, field, at)                                                                     \
    ((k)->field##0 = (at)[0], (k)->field##1 = (at)[1], (k)->field##2 = (at)[2],                    \
     (k)->field##3 = (at)[3], (k)->field##4 = (at)[4])
#define SET_SIX(k, field, at) (SET_FIVE(k, field, at), (k)->field##5 = (at)[5])

/* ---- elements by positions ---- */

/* Elements of `in`, `in_step` apart in each dimension of the result, at the positions that `index`
 * has, `index_step` apart. */
static struct netrt_gather *gather_add(struct lowering *l, const struct value *out,
                                       const struct value *in, const int64_t in_step[],
                                       const struct value *index, const int64_t index_step[])
{
    const struct type *type = &out->type;
    struct plan_step *s = step_add(l, KERNEL_gather, out, in);
    struct netrt_gather *k = &s->shape.gather;
    int64_t step[MAX_RANK], six[MAX_RANK];
    align(six, type->dim, type->rank, 1);
    SET_SIX(k, n, six);
    align(six, in_step, type->rank, 0);
    SET_SIX(k, in, six);
    align(six, index_step, type->rank, 0);
    SET_SIX(k, other, six);
    value_strides(out, step);
    align(six, step, type->rank, 0);
    SET_SIX(k, out, six);
    s->other = index->at;
    s->more = value_fault(l);
    k->size = node_positions(l->node);
    k->integers = dtype_is_integer(type->dtype);
    k->pad = value_padding(out);
    k->task_rows =
        schedule_rows(&l->scheduling, k->n0 * k->n1 * k->n2 * k->n3, k->n4, 2 * (double)k->n5);
    return k;
}

/* The steps of what positions of `images` images choose from: none along the dimension that they
 * are of, whose step is returned, and none from image to image where all share one. */
static int64_t chosen_steps(const struct lowering *l, const struct value *from, int64_t images,
                            int64_t step[MAX_RANK])
{
    const int axis = attrs_axis(&l->node->attr, &from->type);
    value_strides(from, step);
    const int64_t along = step[axis];
    step[axis] = 0;
    if (from->type.dim[0] < images)
        step[0] = 0;
    return along;
}

void lower_gather(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *index = value_in(l, 1), *out = value_make(l);
    int64_t step[MAX_RANK], index_step[MAX_RANK];
    if (!out)
        return;
    const int64_t along = chosen_steps(l, in, out->type.dim[0], step);
    value_strides(index, index_step);
    gather_add(l, out, in, step, index, index_step)->along = along;
}

/* Rows of the table: what fills them up is not copied. */
void lower_embedding(struct lowering *l)
{
    const struct attrs *a = &l->node->attr;
    const struct value *index = value_in(l, 0), *out = value_make(l);
    const struct operand table =
        weights_pack_rows(l, l->node->weight[ROLE_weight], a->num_embeddings, a->embedding_dim);
    int64_t step[MAX_RANK] = {0}, index_step[MAX_RANK] = {0};
    if (!out || table.place == PLACE_none)
        return;
    const struct value in = {.at = table};
    value_strides(index, index_step);
    step[out->type.rank - 1] = 1;
    gather_add(l, out, &in, step, index, index_step)->along = whole_blocks(a->embedding_dim);
}

/* Elements of a gradient, added up in `out`, `out_step` apart in each of its dimensions, at the
 * positions that `index` has, `index_step` apart. */
static struct netrt_scatter *scatter_add(struct lowering *l, const struct value *out,
                                         const int64_t out_step[], const int64_t index_step[])
{
    const struct value *in = value_in(l, 0);
    const struct type *type = &in->type;
    struct plan_step *s = step_add(l, KERNEL_scatter, out, in);
    struct netrt_scatter *k = &s->shape.scatter;
    int64_t step[MAX_RANK], six[MAX_RANK];
    align(six, type->dim, type->rank, 1);
    SET_SIX(k, n, six);
    value_strides(in, step);
    align(six, step, type->rank, 0);
    SET_SIX(k, in, six);
    align(six, index_step, type->rank, 0);
    SET_SIX(k, other, six);
    align(six, out_step, type->rank, 0);
    SET_SIX(k, out, six);
    s->other = value_in(l, 1)->at;
    k->size = node_positions(l->node);
    k->clear = out->view.image * (k->out0 ? 1 : out->type.dim[0]);
    return k;
}

void lower_gather_gradient(struct lowering *l)
{
    const struct value *index = value_in(l, 1), *out = value_make(l);
    int64_t step[MAX_RANK], index_step[MAX_RANK];
    if (!out)
        return;
    const int64_t along = chosen_steps(l, out, index->type.dim[0], step);
    value_strides(index, index_step);
    scatter_add(l, out, step, index_step)->along = along;
}

/* Rows of the table. */
void lower_embedding_gradient(struct lowering *l)
{
    const struct value *index = value_in(l, 1), *out = value_make(l);
    int64_t step[MAX_RANK] = {0}, index_step[MAX_RANK] = {0};
    if (!out)
        return;
    value_strides(index, index_step);
    step[value_in(l, 0)->type.rank - 1] = 1;
    scatter_add(l, out, step, index_step)->along = out->view.image;
}

/* ---- positions of elements ---- */

/* The result's dimensions, of which the one that is kept has one position. */
void lower_argmax(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    int64_t in_step[MAX_RANK], out_step[MAX_RANK], six[MAX_RANK];
    if (!out)
        return;
    const struct attrs *a = &l->node->attr;
    const int axis = attrs_axis(a, &in->type), rank = out->type.rank;
    struct netrt_argmax *k = &step_add(l, KERNEL_argmax, out, in)->shape.argmax;
    value_strides(in, in_step);
    value_strides(out, out_step);
    k->size = in->type.dim[axis];
    k->along = in_step[axis];
    k->least = l->node->op == OP_argmin;
    if (!a->keepdim)
        leave_out(in_step, in->type.rank, axis);
    align(six, out->type.dim, rank, 1);
    SET_SIX(k, n, six);
    align(six, in_step, rank, 0);
    SET_SIX(k, in, six);
    align(six, out_step, rank, 0);
    SET_SIX(k, out, six);
    k->pad = value_padding(out);
    k->task_rows = schedule_rows(&l->scheduling, k->n0 * k->n1 * k->n2 * k->n3, k->n4,
                                 (double)k->n5 * (double)k->size);
}

/* The dimensions of the result but for the one that is chosen from. The last of the result is the
 * last here, as zeros follow its positions; where that is the chosen one, no position is a row. */
static void set_kept(int64_t five[MAX_RANK], const int64_t from[MAX_RANK], int rank, int axis,
                     int64_t fill)
{
    int64_t kept[MAX_RANK + 1];
    for (int i = 0; i < rank; i++)
        kept[i] = from[i];
    leave_out(kept, rank, axis);
    kept[rank - 1] = fill;
    align(five, kept, axis == rank - 1 && rank < MAX_RANK ? rank : rank - 1, fill);
    for (int i = 0; i < MAX_RANK - 1; i++)
        five[i] = five[i + 1];
}

void lower_topk(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = value_make(l);
    struct operand more;
    struct value positions;
    int64_t in_step[MAX_RANK], out_step[MAX_RANK], more_step[MAX_RANK], five[MAX_RANK];
    if (!out || !value_make_more(l, &more))
        return;
    const struct attrs *a = &l->node->attr;
    const int rank = out->type.rank, axis = attrs_axis(a, &in->type);
    struct plan_step *s = step_add(l, KERNEL_topk, out, in);
    struct netrt_topk *k = &s->shape.topk;
    value_further(l, 1, &positions);
    s->more = more;
    value_strides(in, in_step);
    value_strides(out, out_step);
    value_strides(&positions, more_step);
    set_kept(five, out->type.dim, rank, axis, 1);
    SET_FIVE(k, n, five);
    set_kept(five, in_step, rank, axis, 0);
    SET_FIVE(k, in, five);
    set_kept(five, out_step, rank, axis, 0);
    SET_FIVE(k, out, five);
    set_kept(five, more_step, rank, axis, 0);
    SET_FIVE(k, more, five);
    k->along = in_step[axis];
    k->out_step = out_step[axis];
    k->more_step = more_step[axis];
    k->size = in->type.dim[axis];
    k->k = a->count;
    k->largest = a->largest;
    k->last = axis == rank - 1;
    k->pad = value_padding(out);
}

/* ---- integers of the user, and of floats ---- */

static struct plan_step *integers_add(struct lowering *l, const struct value *out,
                                      const struct value *in, const struct type *type)
{
    struct plan_step *s = step_add(l, KERNEL_integers, out, in);
    struct netrt_integers *k = &s->shape.integers;
    k->n = type_elements(type);
    k->bytes = dtype_bytes(type->dtype);
    k->task_elements = schedule_rows(&l->scheduling, 1, k->n, 2);
    return s;
}

bool lower_integers_in(struct lowering *l, struct value *v)
{
    const struct type *type = &l->node->type;
    const struct value in = *v;
    if (!value_between(l, v, type))
        return false;
    struct plan_step *s = integers_add(l, v, &in, type);
    if (s->shape.integers.bytes > NETRT_ELEMENT_BYTES)
        s->more = value_fault(l);
    return true;
}

void lower_integers_out(struct lowering *l, const struct value *out, const struct value *in)
{
    integers_add(l, out, in, &out->type)->shape.integers.outwards = 1;
}

/* Between integers and floats, both inside, and what is behind rows. */
static struct netrt_integers *numbers_add(struct lowering *l, const struct value *out,
                                          const struct value *in)
{
    const int64_t last = out->type.dim[out->type.rank - 1];
    struct netrt_integers *k = &integers_add(l, out, in, &out->type)->shape.integers;
    k->n += k->n / last * value_padding(out);
    k->floats = 1;
    return k;
}

void lower_integers_of(struct lowering *l, const struct value *out, const struct value *floats)
{
    numbers_add(l, out, floats);
}

void lower_floats_of(struct lowering *l, const struct value *out, const struct value *integers)
{
    numbers_add(l, out, integers)->outwards = 1;
}
