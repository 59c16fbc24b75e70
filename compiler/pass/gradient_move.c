/* Gradients of what moves elements: moved back. */
#include "pass/gradient_rules.h"

#include <string.h>

void gradient_same(struct gradient *t)
{
    gradient_give(t, 0, t->result);
}

/* Of flatten, reshape and unflatten alike. */
void gradient_reshape(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    struct attrs a;
    if (type_equal_dims(in, &t->node->type)) {
        gradient_give(t, 0, t->result);
        return;
    }
    attrs_init(&a, OP_reshape);
    a.shape.n = in->rank - 1;
    for (int i = 1; i < in->rank; i++)
        a.shape.at[i - 1] = in->dim[i];
    gradient_give(t, 0, gradient_op(t, OP_reshape, &a, &t->result, 1, "input"));
}

void gradient_permute(struct gradient *t)
{
    const struct dims *dims = &t->node->attr.dims;
    struct attrs a;
    attrs_init(&a, OP_permute);
    a.dims.n = dims->n;
    for (int64_t i = 0; i < dims->n; i++)
        a.dims.at[dims->at[i]] = i;
    gradient_give(t, 0, gradient_op(t, OP_permute, &a, &t->result, 1, "input"));
}

/* Positions first .. end - 1 of a dimension. */
static struct node *part(struct gradient *t, struct node *n, int axis, int64_t first, int64_t end)
{
    struct attrs a;
    if (first == 0 && end == n->type.dim[axis])
        return n;
    attrs_init(&a, OP_slice);
    a.dim = (struct dims){.n = 1, .at = {axis}};
    a.start = first;
    a.end = end;
    return gradient_op(t, OP_slice, &a, &n, 1, "part");
}

void gradient_pad(struct gradient *t)
{
    const struct attrs *of = &t->node->attr;
    const struct type *in = &t->node->input[0]->type;
    struct node *n = part(t, t->result, 1, of->channels[0], of->channels[0] + in->dim[1]);
    struct attrs a;
    attrs_init(&a, OP_crop);
    a.size[0] = type_h(in);
    a.size[1] = type_w(in);
    a.offset[0] = of->padding[0];
    a.offset[1] = of->padding[1];
    gradient_give(t, 0, gradient_op(t, OP_crop, &a, &n, 1, "input"));
}

void gradient_crop(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type, *out = &t->node->type;
    const int64_t top = attrs_crop_offset(&t->node->attr, 0, type_h(in));
    const int64_t left = attrs_crop_offset(&t->node->attr, 1, type_w(in));
    struct attrs a;
    attrs_init(&a, OP_pad);
    a.padding[0] = top;
    a.padding[1] = left;
    a.padding[2] = type_h(in) - type_h(out) - top;
    a.padding[3] = type_w(in) - type_w(out) - left;
    gradient_give(t, 0, gradient_op(t, OP_pad, &a, &t->result, 1, "input"));
}

/* The sum of the positions that each became: their mean, times their number. */
void gradient_upsample(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type, *out = &t->node->type;
    struct attrs a;
    attrs_init(&a, OP_avgpool);
    a.kernel[0] = type_h(out) / type_h(in);
    a.kernel[1] = type_w(out) / type_w(in);
    attrs_finish(&a, OP_avgpool);
    struct node *mean = gradient_op(t, OP_avgpool, &a, &t->result, 1, "mean");
    const double positions = (double)(a.kernel[0] * a.kernel[1]);
    attrs_init(&a, OP_scale);
    a.factor = positions;
    gradient_give(t, 0, gradient_op(t, OP_scale, &a, &mean, 1, "input"));
}

/* Groups become what is in one of them. */
void gradient_channel_shuffle(struct gradient *t)
{
    struct attrs a = t->node->attr;
    a.groups = t->node->type.dim[1] / a.groups;
    gradient_give(t, 0, gradient_op(t, OP_channel_shuffle, &a, &t->result, 1, "input"));
}

void gradient_pixel_shuffle(struct gradient *t)
{
    const bool inverse = t->node->op == OP_pixel_unshuffle;
    const enum op op = inverse ? OP_pixel_shuffle : OP_pixel_unshuffle;
    struct attrs a;
    attrs_init(&a, op);
    a.upscale_factor = t->node->attr.downscale_factor;
    a.downscale_factor = t->node->attr.upscale_factor;
    gradient_give(t, 0, gradient_op(t, op, &a, &t->result, 1, "input"));
}

void gradient_flip(struct gradient *t)
{
    gradient_give(t, 0, gradient_op(t, OP_flip, &t->node->attr, &t->result, 1, "input"));
}

void gradient_roll(struct gradient *t)
{
    struct attrs a = t->node->attr;
    for (int64_t i = 0; i < a.shifts.n; i++)
        a.shifts.at[i] = -a.shifts.at[i];
    gradient_give(t, 0, gradient_op(t, OP_roll, &a, &t->result, 1, "input"));
}

/* So many positions of zeros along a dimension of a type. */
static struct node *zeros(struct gradient *t, struct type type, int axis, int64_t n)
{
    type.dim[axis] = n;
    return gradient_full(t, &type, 0);
}

/* Zeros before and behind. */
void gradient_slice(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    const int axis = attrs_axis(&t->node->attr, in);
    const struct positions taken = attrs_positions(&t->node->attr, in->dim[axis]);
    struct node *operands[3];
    struct attrs a;
    int n = 0;
    if (taken.first > 0)
        operands[n++] = zeros(t, *in, axis, taken.first);
    operands[n++] = t->result;
    if (taken.end < in->dim[axis])
        operands[n++] = zeros(t, *in, axis, in->dim[axis] - taken.end);
    attrs_init(&a, OP_concat);
    a.dim = (struct dims){.n = 1, .at = {axis}};
    gradient_give(t, 0, n == 1 ? t->result : gradient_op(t, OP_concat, &a, operands, n, "input"));
}

void gradient_concat(struct gradient *t)
{
    const int axis = attrs_axis(&t->node->attr, &t->node->type);
    int64_t first = 0;
    for (int i = 0; i < t->node->n_inputs; i++) {
        const int64_t end = first + t->node->input[i]->type.dim[axis];
        if (gradient_wanted(t, i))
            gradient_give(t, i, part(t, t->result, axis, first, end));
        first = end;
    }
}
