/* Gradients of what moves elements: moved back. */
#include "pass/gradient_rules.h"

#include <string.h>

void gradient_same(struct gradient *t)
{
    gradient_give(t, 0, t->result);
}

/* Of flatten, reshape and unflatten alike. A batch is taken apart of a parameter alone, whose
 * gradient is the same elements in any shape. */
void gradient_reshape(struct gradient *t)
{
    struct node *in = t->node->input[0];
    if (in->type.dim[0] == t->node->type.dim[0]) {
        gradient_give(t, 0, gradient_reshaped(t, t->result, &in->type));
        return;
    }
    t->node = in;
    gradient_param(t);
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

void gradient_pad(struct gradient *t)
{
    const struct attrs *of = &t->node->attr;
    const struct type *in = &t->node->input[0]->type;
    const int64_t first[] = {of->padding[0], of->padding[1], of->padding[4]};
    const int64_t size[] = {type_along(in, 0), type_along(in, 1), type_along(in, 2)};
    struct node *n = gradient_part(t, t->result, 1, of->channels[0], of->channels[0] + in->dim[1]);
    gradient_give(t, 0, gradient_crop_to(t, n, first, size));
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

/* Whether each position is repeated so many times. */
static bool repeats(const struct node *n)
{
    const struct type *in = &n->input[0]->type, *out = &n->type;
    const int64_t of[] = {type_h(in), type_w(in)}, to[] = {type_h(out), type_w(out)};
    bool all = n->attr.mode == MODE_nearest;
    for (int axis = 0; axis < 2; axis++)
        all = all && to[axis] % of[axis] == 0 &&
              !attrs_has_factor(&n->attr, axis, of[axis], to[axis]);
    return all;
}

static void give_resampled(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    const struct attrs *of = &t->node->attr;
    struct attrs a;
    attrs_init(&a, OP_upsample_gradient);
    memcpy(a.scale, of->scale, sizeof a.scale);
    a.mode = of->mode;
    a.align_corners = of->align_corners;
    a.size[0] = type_h(in);
    a.size[1] = type_w(in);
    gradient_give(t, 0, gradient_op(t, OP_upsample_gradient, &a, &t->result, 1, "input"));
}

/* The sum of the positions that each became: their mean, times their number. */
void gradient_upsample(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type, *out = &t->node->type;
    struct attrs a;
    if (!repeats(t->node)) {
        give_resampled(t);
        return;
    }
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

/* What was taken at those positions of the operand, added up. */
static void give_positions(struct gradient *t, struct node *positions)
{
    const struct type *in = &t->node->input[0]->type;
    struct node *operands[] = {t->result, positions};
    struct attrs a;
    attrs_init(&a, OP_gather_gradient);
    a.shape.n = in->rank;
    memcpy(a.shape.at, in->dim, sizeof a.shape.at);
    a.dim = t->node->attr.dim;
    gradient_give(t, 0, gradient_op(t, OP_gather_gradient, &a, operands, 2, "input"));
}

void gradient_gather(struct gradient *t)
{
    give_positions(t, t->node->input[1]);
}

void gradient_topk(struct gradient *t)
{
    give_positions(t, gradient_result(t, t->node, 1));
}

void gradient_embedding(struct gradient *t)
{
    struct node *operands[] = {t->result, t->node->input[0]};
    struct attrs a;
    attrs_init(&a, OP_embedding_gradient);
    a.num_embeddings = t->node->attr.num_embeddings;
    gradient_give_param(t, ROLE_weight,
                        gradient_op(t, OP_embedding_gradient, &a, operands, 2, "weight"));
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

/* Of a dimension so many positions, of which these are some, zeros before and behind; cut where
 * they reach beyond. */
static struct node *place(struct gradient *t, struct node *n, int axis, int64_t first, int64_t size)
{
    struct node *operands[3];
    struct attrs a;
    int k = 0;
    n = gradient_part(t, n, axis, 0,
                      n->type.dim[axis] < size - first ? n->type.dim[axis] : size - first);
    const int64_t end = first + n->type.dim[axis];
    if (first > 0)
        operands[k++] = zeros(t, n->type, axis, first);
    operands[k++] = n;
    if (end < size)
        operands[k++] = zeros(t, n->type, axis, size - end);
    attrs_init(&a, OP_concat);
    a.dim = (struct dims){.n = 1, .at = {axis}};
    return k == 1 ? n : gradient_op(t, OP_concat, &a, operands, k, "placed");
}

/* Elements before a dimension, but for the batch, and behind it. */
static int64_t elements_before(const struct type *type, int axis)
{
    return type_elements_along(type, ((1u << axis) - 1) & ~1u);
}

static int64_t elements_behind(const struct type *type, int axis)
{
    return type_elements_along(type, ((1u << type->rank) - 1) & ~((2u << axis) - 1));
}

/* Runs of `width` positions, [N, before, runs, width, behind], with `step` from one to the next, as
 * a dimension of `size` positions of which the first run starts at `first`. */
static struct node *spread_runs(struct gradient *t, struct node *n, int64_t step, int64_t first,
                                int64_t size)
{
    struct type joined = n->type;
    n = place(t, n, 3, 0, step);
    joined.rank = 4;
    joined.dim[2] = n->type.dim[2] * step;
    joined.dim[3] = n->type.dim[4];
    return place(t, gradient_reshaped(t, n, &joined), 2, first, size);
}

/* Zeros before and behind, and between where it goes in steps. */
void gradient_slice(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type, *out = &t->node->type;
    const int axis = attrs_axis(&t->node->attr, in);
    const struct positions taken = attrs_positions(&t->node->attr, in->dim[axis]);
    if (taken.step == 1) {
        gradient_give(t, 0, place(t, t->result, axis, taken.first, in->dim[axis]));
        return;
    }
    const struct type runs = {
        .rank = 5, .dim = {1, elements_before(out, axis), taken.n, 1, elements_behind(out, axis)}};
    struct node *n = spread_runs(t, gradient_reshaped(t, t->result, &runs), taken.step, taken.first,
                                 in->dim[axis]);
    gradient_give(t, 0, gradient_reshaped(t, n, in));
}

/* Windows that follow each other without gap or overlap are the dimension itself: of each window
 * the first `step` positions are such, then the next ones, so much further on. */
void gradient_unfold(struct gradient *t)
{
    const struct type *in = &t->node->input[0]->type;
    const struct attrs *of = &t->node->attr;
    const int axis = attrs_axis(of, in);
    const int64_t size = of->size[0], step = of->step;
    const struct type rows = {.rank = 5,
                              .dim = {1, elements_before(in, axis), t->node->type.dim[axis],
                                      elements_behind(in, axis), size}};
    struct attrs a;
    attrs_init(&a, OP_permute);
    a.dims = (struct dims){.n = 5, .at = {0, 1, 2, 4, 3}};
    struct node *n = gradient_reshaped(t, t->result, &rows);
    n = gradient_op(t, OP_permute, &a, &n, 1, "windows");
    for (int64_t i = 0; i < size; i += step) {
        struct node *run = gradient_part(t, n, 3, i, i + step < size ? i + step : size);
        run = spread_runs(t, run, step, i, in->dim[axis]);
        gradient_give(t, 0, gradient_reshaped(t, run, in));
    }
}

void gradient_concat(struct gradient *t)
{
    const int axis = attrs_axis(&t->node->attr, &t->node->type);
    int64_t first = 0;
    for (int i = 0; i < t->node->n_inputs; i++) {
        const int64_t end = first + t->node->input[i]->type.dim[axis];
        if (gradient_wanted(t, i))
            gradient_give(t, i, gradient_part(t, t->result, axis, first, end));
        first = end;
    }
}
