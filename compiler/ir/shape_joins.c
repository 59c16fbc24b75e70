/* Shape rules of forks: branches that join. */
#include "base/number.h"
#include "ir/shape.h"

#include <string.h>

/* Shows where the two operands that clash come from. */
static bool show_operands(const struct shape_call *c, int i, int j)
{
    const int operand[2] = {i, j};
    for (int k = 0; k < 2; k++)
        if (c->input[operand[k]]->span.source)
            diag_note(c->shape->failure, c->input[operand[k]]->span, "%s comes from here",
                      shape_dims(c, operand[k]));
    return false;
}

/* A learned tensor whose shape was written without the batch. */
static void hint_param(const struct shape_call *c, int i, int other)
{
    struct text t;
    const struct type *in = shape_in(c, i);
    if (c->input[i]->op != OP_param || in->rank + 1 != shape_in(c, other)->rank)
        return;
    text_init(&t, c->shape->diags->arena);
    for (int k = 0; k < in->rank; k++)
        text_printf(&t, "%lld, ", (long long)in->dim[k]);
    text_truncate(&t, t.n - 2);
    diag_hint(c->shape->failure,
              "the shape of a param begins with the batch: 'param([1, %s])', or "
              "'param([%s], batch=false)'",
              text_string(&t), text_string(&t));
}

/* Spreads the dimensions before `end` of a result to those of an operand of the same rank. */
static bool spread_dims(struct type *to, const struct type *in, int end)
{
    for (int i = 0; i < end; i++) {
        if (to->dim[i] != in->dim[i] && to->dim[i] != 1 && in->dim[i] != 1)
            return false;
        to->dim[i] = to->dim[i] == 1 ? in->dim[i] : to->dim[i];
    }
    return true;
}

static bool fail_concat(const struct shape_call *c, int axis, int i, int j)
{
    if (axis == 1)
        shape_fail(c, MESSAGE(err_concat), shape_dims(c, i), shape_dims(c, j));
    else
        shape_fail(c, MESSAGE(err_concat_dim), axis, shape_dims(c, i), shape_dims(c, j));
    hint_param(c, i, j);
    hint_param(c, j, i);
    return show_operands(c, i, j);
}

/* What is known has no count: of its rows as many are taken as of the others are there. */
static bool is_known(const struct node *n)
{
    return n->op == OP_param || n->op == OP_full;
}

/* The first operand that is not known; the first where all are. */
static int leading(const struct shape_call *c)
{
    int i = 0;
    while (i < c->n_inputs && is_known(c->input[i]))
        i++;
    return i < c->n_inputs ? i : 0;
}

/* An operand of one image, as a parameter, is the same for all. */
bool shape_concat(const struct shape_call *c)
{
    const int lead = leading(c);
    const struct type *first = shape_in(c, lead);
    struct type all = *first;
    const int axis = shape_axis(c);
    if (!axis)
        return false;
    all.dim[axis] = 0;
    for (int i = 0; i < c->n_inputs; i++) {
        const struct type *in = shape_in(c, i);
        struct type same = *in;
        same.dim[axis] = first->dim[axis];
        same.dim[0] = first->dim[0];
        if (is_known(c->input[i]))
            memcpy(same.counted, first->counted, sizeof same.counted);
        if (!type_equal_dims(&same, first) || !spread_dims(&all, in, 1))
            return fail_concat(c, axis, i < lead ? i : lead, i < lead ? lead : i);
        if (!checked_add(all.dim[axis], in->dim[axis], &all.dim[axis]))
            return shape_too_large(c);
    }
    all.layout = LAYOUT_dense;
    c->shape->type = all;
    return true;
}

/* The stride of a 1x1 convolution that brings `from` to the rows and columns of `to`; 0: none. */
static int64_t projecting_stride(const struct type *from, const struct type *to)
{
    if (from->rank != 4 || to->rank != 4)
        return 0;
    for (int64_t stride = 1; stride <= 4; stride++)
        if ((from->dim[2] - 1) / stride + 1 == to->dim[2] &&
            (from->dim[3] - 1) / stride + 1 == to->dim[3])
            return stride;
    return 0;
}

/* Whether a map lacks as many rows as columns of another, an even number, as where windows that
 * do not reach over the border were meant to keep them. */
static bool lacks_padding(const struct type *body, const struct type *plain)
{
    enum { MOST = 32 };
    if (body->rank != 4 || plain->rank != 4 || body->dim[1] != plain->dim[1])
        return false;
    const int64_t rows = plain->dim[2] - body->dim[2], columns = plain->dim[3] - body->dim[3];
    return rows == columns && rows > 0 && rows <= MOST && rows % 2 == 0;
}

/* Of the two operands of a residual the second is its plain input. */
static void hint_projection(const struct shape_call *c)
{
    if (c->n_inputs != 2)
        return;
    const struct type *body = shape_in(c, 0), *plain = shape_in(c, 1);
    int64_t stride = projecting_stride(plain, body);
    if (stride > 1)
        diag_hint(c->shape->failure,
                  "a `shortcut { conv(%lld, 1, stride=%lld) }` would make these agree",
                  (long long)body->dim[1], (long long)stride);
    else if (stride == 1)
        diag_hint(c->shape->failure, "a `shortcut { conv(%lld, 1) }` would make these agree",
                  (long long)body->dim[1]);
    else if (lacks_padding(body, plain))
        diag_hint(c->shape->failure, "'padding=half' of a convolution keeps rows and columns");
}

/* The first operand that has so many in dimension `axis`. */
static int operand_of(const struct shape_call *c, int axis, int64_t size)
{
    int i = 0;
    while (shape_in(c, i)->dim[axis] != size)
        i++;
    return i;
}

static bool fail_join(const struct shape_call *c, int i, int j)
{
    shape_fail(c, MESSAGE(err_join), op_info(c->op)->name, shape_dims(c, i), shape_dims(c, j));
    if (c->op == OP_add)
        hint_projection(c);
    hint_param(c, i, j);
    hint_param(c, j, i);
    return show_operands(c, i, j);
}

/* In each dimension operands have the same size, or 1, which spreads. */
bool shape_join(const struct shape_call *c)
{
    struct type all = *shape_in(c, 0);
    for (int i = 1; i < c->n_inputs; i++) {
        const struct type *in = shape_in(c, i);
        if (in->rank != all.rank)
            return fail_join(c, 0, i);
        for (int axis = 0; axis < all.rank; axis++) {
            if (all.dim[axis] == 1)
                all.dim[axis] = in->dim[axis];
            else if (in->dim[axis] != 1 && in->dim[axis] != all.dim[axis])
                return fail_join(c, operand_of(c, axis, all.dim[axis]), i);
        }
    }
    all.layout = LAYOUT_dense;
    c->shape->type = all;
    return true;
}

static bool fail_matmul(const struct shape_call *c)
{
    shape_fail(c, MESSAGE(err_matmul), shape_dims(c, 0), shape_dims(c, 1));
    return show_operands(c, 0, 1);
}

/* [..., m, k] times [..., k, n]; what stands before spreads as in a join. */
bool shape_matmul(const struct shape_call *c)
{
    const struct type *a = shape_in(c, 0), *b = shape_in(c, 1);
    struct type *out = &c->shape->type;
    const int rows = a->rank - 2, columns = a->rank - 1;
    if (a->rank < 3 || a->rank != b->rank || a->dim[columns] != b->dim[rows])
        return fail_matmul(c);
    shape_same(c);
    out->dim[columns] = b->dim[columns];
    for (int i = 0; i < rows; i++) {
        if (a->dim[i] != b->dim[i] && a->dim[i] != 1 && b->dim[i] != 1)
            return fail_matmul(c);
        out->dim[i] = a->dim[i] == 1 ? b->dim[i] : a->dim[i];
    }
    return true;
}

static bool fail_attention(const struct shape_call *c, int i, int j)
{
    shape_fail(c, MESSAGE(err_attention), shape_dims(c, 0), shape_dims(c, 1), shape_dims(c, 2));
    return show_operands(c, i, j);
}

/* The mask spreads to the scores, of the result's batches. */
static bool shape_mask(const struct shape_call *c, const struct type *out)
{
    const struct type *mask = shape_in(c, 3);
    struct type scores = *out, all;
    scores.dim[out->rank - 1] = shape_in(c, 1)->dim[out->rank - 2];
    all = scores;
    if (mask->rank == all.rank && spread_dims(&all, mask, all.rank) &&
        type_equal_dims(&all, &scores))
        return true;
    struct text wanted;
    text_init(&wanted, c->shape->diags->arena);
    type_print_image(&wanted, &scores);
    shape_fail(c, MESSAGE(err_attention_mask), shape_dims(c, 3), text_string(&wanted));
    return show_operands(c, 0, 3);
}

/* Queries [..., l, e], keys [..., s, e], values [..., s, v] and a mask [..., l, s] to [..., l, v].
 */
bool shape_attention(const struct shape_call *c)
{
    const struct type *q = shape_in(c, 0), *k = shape_in(c, 1), *v = shape_in(c, 2);
    const int rows = q->rank - 2, columns = q->rank - 1;
    struct type *out = &c->shape->type;
    if (q->rank < 3 || k->rank != q->rank || k->dim[columns] != q->dim[columns])
        return fail_attention(c, 0, 1);
    if (v->rank != q->rank || v->dim[rows] != k->dim[rows])
        return fail_attention(c, 1, 2);
    shape_same(c);
    out->dim[columns] = v->dim[columns];
    if (!spread_dims(out, k, rows))
        return fail_attention(c, 0, 1);
    if (!spread_dims(out, v, rows))
        return fail_attention(c, 0, 2);
    return c->n_inputs < 4 || shape_mask(c, out);
}
