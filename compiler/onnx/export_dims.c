/* What moves, joins, cuts or reduces dimensions. */
#include "onnx/export.h"

#include <stdint.h>

static bool has_batch(const struct exporting *e, const struct node *node)
{
    return !map_get(&e->x->single, node);
}

/* The first operand that has the batch; NULL: none. */
static const struct node *batched(const struct exporting *e)
{
    for (int i = 0; i < e->node->n_inputs; i++)
        if (has_batch(e, e->node->input[i]))
            return e->node->input[i];
    return NULL;
}

/* Operand `i` of a node that spreads none: what is the same for all images once for each. */
static const char *for_each_image(struct exporting *e, int i)
{
    const struct node *of = batched(e);
    const struct type *t = export_type(e, i);
    if (!of || has_batch(e, e->node->input[i]))
        return export_in(e, i);
    const char *n = STEP(e, "batch", "Shape", map_get(&e->x->names, of));
    export_int(e, "start", 0);
    export_int(e, "end", 1);
    const char *rest = export_known_ints(e, "rest", t->rank - 1, t->dim + 1);
    const char *shape = STEP(e, "shape", "Concat", n, rest);
    export_int(e, "axis", 0);
    return STEP(e, "each", "Expand", export_in(e, i), shape);
}

/* Over all operands, along the one dimension that `dim` names. */
const char *export_along(struct exporting *e)
{
    const struct node *node = e->node;
    const char **in = arena_array(e->x->arena, (size_t)node->n_inputs, sizeof *in);
    const int axis = attrs_axis(&node->attr, export_type(e, 0));
    if (!axis)
        return export_lacks(e, "it goes along several dimensions");
    for (int i = 0; i < node->n_inputs; i++)
        in[i] = for_each_image(e, i);
    const char *result = export_last(e, e->row->name, in, node->n_inputs);
    export_int(e, "axis", axis);
    export_attributes(e);
    return result;
}

const char *export_gather(struct exporting *e)
{
    const char *result = LAST(e, "GatherElements", for_each_image(e, 0), export_in(e, 1));
    export_int(e, "axis", attrs_axis(&e->node->attr, export_type(e, 0)));
    return result;
}

const char *export_reduce(struct exporting *e)
{
    const char *result = LAST(e, e->row->name, export_in(e, 0), export_known_axes(e));
    export_int(e, "keepdims", e->node->attr.keepdim);
    return result;
}

/* The batch is taken over, but where the first dimension itself is taken apart. */
const char *export_reshape_to(struct exporting *e)
{
    const struct type *t = &e->node->type;
    const struct attrs *a = &e->node->attr;
    if (e->node->op == OP_unflatten && a->dim.n == 1 && a->dim.at[0] == 0)
        return LAST(e, "Reshape", export_in(e, 0), export_known_ints(e, "shape", t->rank, t->dim));
    return export_reshape(e, NULL, export_in(e, 0), t->rank, t->dim);
}

/* The initializer itself, or with a dimension of 1 before its own. */
const char *export_param(struct exporting *e)
{
    static const int64_t first[] = {0};
    const char *value = export_weight(e, ROLE_value);
    if (e->node->weight[ROLE_value]->type.rank == e->node->type.rank)
        return value;
    return LAST(e, "Unsqueeze", value, export_known_ints(e, "axes", 1, first));
}

const char *export_full(struct exporting *e)
{
    const struct type *t = &e->node->type;
    return export_filled(e, NULL, t->rank, t->dim, e->node->attr.value);
}

/* Positions first, first + step, … before `end` of some dimensions. */
static const char *cut(struct exporting *e, const char *what, const char *in, int n,
                       const int64_t *axes, const int64_t *first, const int64_t *end,
                       const int64_t *step)
{
    const char *starts = export_known_ints(e, "starts", n, first);
    const char *ends = export_known_ints(e, "ends", n, end);
    const char *along = export_known_ints(e, "axes", n, axes);
    const char *steps = step ? export_known_ints(e, "steps", n, step) : NULL;
    return what ? STEP(e, what, "Slice", in, starts, ends, along, steps)
                : LAST(e, "Slice", in, starts, ends, along, steps);
}

const char *export_part(struct exporting *e, const char *what, const char *in, int64_t axis,
                        int64_t first, int64_t end)
{
    return cut(e, what, in, 1, &axis, &first, &end, NULL);
}

const char *export_slice(struct exporting *e)
{
    const int64_t axis = attrs_axis(&e->node->attr, export_type(e, 0));
    const struct positions p = attrs_positions(&e->node->attr, export_type(e, 0)->dim[axis]);
    return cut(e, NULL, export_in(e, 0), 1, &axis, &p.first, &p.end, p.step == 1 ? NULL : &p.step);
}

const char *export_crop(struct exporting *e)
{
    const struct type *in = export_type(e, 0);
    const int row = in->rank == 3;
    int64_t axes[2], first[2], end[2];
    for (int i = row; i < 2; i++) {
        axes[i] = in->rank - 2 + i;
        first[i] = attrs_crop_offset(&e->node->attr, i, in->dim[axes[i]]);
        end[i] = first[i] + e->node->attr.size[i];
    }
    return cut(e, NULL, export_in(e, 0), 2 - row, axes + row, first + row, end + row, NULL);
}

const char *export_flip(struct exporting *e)
{
    const struct dims *dims = &e->node->attr.dims;
    int64_t axes[MAX_RANK], first[MAX_RANK], end[MAX_RANK], step[MAX_RANK];
    for (int i = 0; i < dims->n; i++) {
        axes[i] = dims->at[i];
        first[i] = step[i] = -1;
        end[i] = INT64_MIN;
    }
    return cut(e, NULL, export_in(e, 0), (int)dims->n, axes, first, end, step);
}

/* The last positions of each dimension before its others. */
const char *export_roll(struct exporting *e)
{
    const struct type *in = export_type(e, 0);
    const struct attrs *a = &e->node->attr;
    const char *x = export_in(e, 0);
    for (int i = 0; i < a->dims.n; i++) {
        const int64_t axis = a->dims.at[i] < 0 ? a->dims.at[i] + in->rank : a->dims.at[i];
        const int64_t size = in->dim[axis], zero = 0;
        const int64_t at = ((-a->shifts.at[i]) % size + size) % size;
        const char *last = cut(e, "last", x, 1, &axis, &at, &size, NULL);
        const char *first = at ? cut(e, "first", x, 1, &axis, &zero, &at, NULL) : NULL;
        x = i + 1 < a->dims.n ? STEP(e, "rolled", "Concat", last, first)
                              : LAST(e, "Concat", last, first);
        export_int(e, "axis", axis);
    }
    return x;
}

/* The positions of each window, gathered; then they go last. */
const char *export_unfold(struct exporting *e)
{
    const struct type *in = export_type(e, 0);
    const int64_t window = e->node->attr.size[0], step = e->node->attr.step;
    const int axis = attrs_axis(&e->node->attr, in);
    const int64_t n = e->node->type.dim[axis], shape[2] = {n, window};
    int64_t *at = arena_array(e->x->arena, (size_t)(n * window), sizeof *at), perm[MAX_RANK];
    for (int64_t i = 0; i < n * window; i++)
        at[i] = i / window * step + i % window;
    const char *places =
        STEP(e, "windows", "Reshape", export_known_ints(e, "positions", (int)(n * window), at),
             export_known_ints(e, "windows.shape", 2, shape));
    const char *x = STEP(e, "gathered", "Gather", export_in(e, 0), places);
    export_int(e, "axis", axis);
    for (int i = 0; i <= in->rank; i++)
        perm[i] = i <= axis ? i : i == in->rank ? axis + 1 : i + 1;
    const char *result = LAST(e, "Transpose", x);
    export_ints(e, "perm", in->rank + 1, perm);
    return result;
}

const char *export_pad(struct exporting *e)
{
    static const int before[] = {4, 0, 1}, after[] = {5, 2, 3};
    const struct attrs *a = &e->node->attr;
    const int rank = export_type(e, 0)->rank, axes = rank - 2;
    int64_t pads[2 * MAX_RANK] = {0};
    pads[1] = a->channels[0];
    pads[rank + 1] = a->channels[1];
    for (int i = 0; i < axes; i++) {
        pads[2 + i] = a->padding[before[3 - axes + i]];
        pads[rank + 2 + i] = a->padding[after[3 - axes + i]];
    }
    const char *sides = export_known_ints(e, "pads", 2 * rank, pads);
    return LAST(e, "Pad", export_in(e, 0), sides, export_known_real(e, "value", a->value));
}

/* A reshape, dimensions in another order, and a reshape to the result. */
static const char *mix(struct exporting *e, int rank, const int64_t *dim, const int64_t *perm)
{
    const char *x = export_reshape(e, "parts", export_in(e, 0), rank, dim);
    x = STEP(e, "mixed", "Transpose", x);
    export_ints(e, "perm", rank, perm);
    return export_reshape(e, NULL, x, e->node->type.rank, e->node->type.dim);
}

const char *export_channel_shuffle(struct exporting *e)
{
    const struct type *in = export_type(e, 0);
    const int64_t groups = e->node->attr.groups;
    int64_t dim[MAX_RANK] = {in->dim[0], groups, in->dim[1] / groups};
    int64_t perm[MAX_RANK] = {0, 2, 1};
    for (int i = 2; i < in->rank; i++) {
        dim[i + 1] = in->dim[i];
        perm[i + 1] = i + 1;
    }
    return mix(e, in->rank + 1, dim, perm);
}

const char *export_pixel_shuffle(struct exporting *e)
{
    const char *result = export_plain(e);
    export_string(e, "mode", "CRD");
    return result;
}

/* SpaceToDepth has the channels last of all, PyTorch first. */
const char *export_pixel_unshuffle(struct exporting *e)
{
    static const int64_t perm[] = {0, 1, 3, 5, 2, 4};
    const struct type *in = export_type(e, 0);
    const int64_t side = e->node->attr.downscale_factor;
    const int64_t dim[] = {in->dim[0], in->dim[1],        in->dim[2] / side,
                           side,       in->dim[3] / side, side};
    return mix(e, 6, dim, perm);
}
