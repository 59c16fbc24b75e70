/* Shape rules of forks: branches that join. */
#include "base/number.h"
#include "ir/shape.h"

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

bool shape_concat(const struct shape_call *c)
{
    const struct type *first = shape_in(c, 0);
    struct type all = *first;
    for (int i = 1; i < c->n_inputs; i++) {
        const struct type *in = shape_in(c, i);
        struct type same = *in;
        same.dim[1] = first->dim[1];
        if (!type_equal_dims(&same, first)) {
            shape_fail(c, MESSAGE(err_concat), shape_dims(c, 0), shape_dims(c, i));
            return show_operands(c, 0, i);
        }
        if (!checked_add(all.dim[1], in->dim[1], &all.dim[1]))
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
}

bool shape_add(const struct shape_call *c)
{
    for (int i = 1; i < c->n_inputs; i++)
        if (!type_equal_dims(shape_in(c, i), shape_in(c, 0))) {
            shape_fail(c, MESSAGE(err_add), shape_dims(c, 0), shape_dims(c, i));
            hint_projection(c);
            return show_operands(c, 0, i);
        }
    return shape_same(c);
}

/* Whether `small` is a number for each channel of `large`. */
static bool spreads(const struct type *small, const struct type *large)
{
    return small->rank == 4 && large->rank == 4 && small->dim[0] == large->dim[0] &&
           small->dim[1] == large->dim[1] && small->dim[2] == 1 && small->dim[3] == 1;
}

bool shape_mul(const struct shape_call *c)
{
    int largest = 0;
    for (int i = 1; i < c->n_inputs; i++)
        if (spreads(shape_in(c, largest), shape_in(c, i)))
            largest = i;
    for (int i = 0; i < c->n_inputs; i++) {
        const struct type *in = shape_in(c, i), *all = shape_in(c, largest);
        if (!type_equal_dims(in, all) && !spreads(in, all)) {
            shape_fail(c, MESSAGE(err_mul), shape_dims(c, largest), shape_dims(c, i));
            return show_operands(c, largest, i);
        }
    }
    c->shape->type = *shape_in(c, largest);
    c->shape->type.layout = LAYOUT_dense;
    return true;
}
