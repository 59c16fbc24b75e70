/* What makes, takes away or moves dimensions, of what flows and of what is known. */
#include "base/number.h"
#include "onnx/operators.h"

#include <string.h>

static void dims_of(const struct datum *v, int64_t *dim)
{
    for (int i = 0; i < datum_rank(v); i++)
        dim[i] = datum_dim(v, i);
}

static bool reshape(struct call *c, const struct datum *v, int rank, const int64_t *dim)
{
    struct datum out;
    return datum_reshape(c, v, rank, dim, &out) && give_datum(c, out);
}

/* Fills in the size that stands for what is left, and checks that all sizes make up the elements.
 */
static bool fill_rest(struct call *c, const struct datum *v, int rank, int64_t *dim)
{
    int64_t own[CONSTANT_RANK], all, known = 1;
    int rest = -1;
    dims_of(v, own);
    if (!constant_count(datum_rank(v), own, &all))
        return call_lacks(c, "its operand is too large");
    for (int i = 0; i < rank; i++) {
        if (dim[i] < -1 || (dim[i] == -1 && rest >= 0))
            return call_lacks(c, "a shape with %lld", (long long)dim[i]);
        rest = dim[i] == -1 ? i : rest;
        if (dim[i] != -1 && !checked_mul(known, dim[i], &known))
            return call_lacks(c, "a shape that is too large");
    }
    if (rest >= 0 && known)
        dim[rest] = all / known;
    if ((rest >= 0 && !known) || known * (rest >= 0 ? dim[rest] : 1) != all)
        return call_lacks(c, "the shape does not hold the %lld elements of its operand",
                          (long long)all);
    return true;
}

/* A 0 is the operand's own size, unless zeros are allowed. */
bool convert_reshape(struct call *c)
{
    int64_t dim[CONSTANT_RANK];
    const struct datum *v = operand_datum(c, 0);
    const int n = v ? operand_ints(c, 1, "shape", dim, CONSTANT_RANK) : -1;
    if (n < 0)
        return false;
    for (int i = 0; i < n && !attribute_int(c, "allowzero", 0); i++)
        if (dim[i] == 0 && i < datum_rank(v))
            dim[i] = datum_dim(v, i);
    return fill_rest(c, v, n, dim) && reshape(c, v, n, dim);
}

bool convert_flatten(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    int64_t axis = attribute_int(c, "axis", 1), dim[2] = {1, 1};
    if (!v)
        return false;
    const int rank = datum_rank(v);
    axis = axis < 0 ? axis + rank : axis;
    if (axis < 0 || axis > rank)
        return call_lacks(c, "there is no dimension %lld of %d", (long long)axis, rank);
    for (int i = 0; i < rank; i++)
        dim[i >= axis] *= datum_dim(v, i);
    return reshape(c, v, 2, dim);
}

/* Dimensions as bits; -1: reported. */
static int take_axes(struct call *c, int rank)
{
    int64_t list[CONSTANT_RANK];
    const int n = operand_ints(c, 1, "axes", list, CONSTANT_RANK);
    int axes = n < 0 ? -1 : 0;
    for (int i = 0, axis; i < n; i++) {
        if (!operand_axis(c, rank, list[i], &axis))
            return -1;
        axes |= 1 << axis;
    }
    return axes;
}

bool convert_squeeze(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    int64_t dim[CONSTANT_RANK];
    const int axes = v ? take_axes(c, datum_rank(v)) : -1;
    int rank = 0;
    if (axes < 0)
        return false;
    for (int i = 0; i < datum_rank(v); i++) {
        const bool drops = axes ? axes >> i & 1 : datum_dim(v, i) == 1;
        if (drops && datum_dim(v, i) != 1)
            return call_lacks(c, "dimension %d has not the size 1", i);
        if (!drops)
            dim[rank++] = datum_dim(v, i);
    }
    return reshape(c, v, rank, dim);
}

bool convert_unsqueeze(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    int64_t list[CONSTANT_RANK], dim[CONSTANT_RANK];
    const int n = v ? operand_ints(c, 1, "axes", list, CONSTANT_RANK) : -1;
    const int rank = v ? datum_rank(v) + n : 0;
    unsigned axes = 0;
    if (n < 0)
        return false;
    if (rank > CONSTANT_RANK)
        return call_lacks(c, "more than %d dimensions", CONSTANT_RANK);
    for (int i = 0, axis; i < n; i++) {
        if (!operand_axis(c, rank, list[i], &axis))
            return false;
        if (axes >> axis & 1)
            return call_lacks(c, "'axes' names dimension %d twice", axis);
        axes |= 1u << axis;
    }
    for (int i = 0, from = 0; i < rank; i++)
        dim[i] = axes >> i & 1 ? 1 : datum_dim(v, from++);
    return reshape(c, v, rank, dim);
}

bool convert_transpose(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    int64_t list[CONSTANT_RANK];
    int perm[CONSTANT_RANK];
    const int n = v ? attribute_ints(c, "perm", list, CONSTANT_RANK) : -1;
    const int rank = v ? datum_rank(v) : 0;
    unsigned seen = 0;
    struct datum out;
    if (n < 0)
        return false;
    if (n && n != rank)
        return call_lacks(c, "'perm' has not %d numbers", rank);
    for (int i = 0; i < rank; i++) {
        perm[i] = n ? (int)int_max(-1, int_min(list[i], rank)) : rank - 1 - i;
        if (perm[i] < 0 || perm[i] >= rank || seen >> perm[i] & 1)
            return call_lacks(c, "'perm' does not name each dimension once");
        seen |= 1u << perm[i];
    }
    return datum_permute(c, v, perm, &out) && give_datum(c, out);
}

static bool all_values(struct call *c)
{
    for (int i = 0; i < c->n_in; i++)
        if (!operand_datum(c, i))
            return false;
    return c->n_in > 0 || call_lacks(c, "it has no operands");
}

bool convert_concat(struct call *c)
{
    struct datum out;
    int axis;
    return all_values(c) &&
           operand_axis(c, operand_rank(c, 0), attribute_int(c, "axis", 1), &axis) &&
           datum_concat(c, c->in, c->n_in, axis, &out) && give_datum(c, out);
}

/* How many positions each part has: as given, or equal ones, of which the last may be smaller. */
static bool take_parts(struct call *c, int64_t size, int64_t *parts)
{
    const int n = operand_ints(c, 1, "split", parts, MOST_OPERANDS);
    int64_t all = 0;
    if (n > 0 && n != c->n_out)
        return call_lacks(c, "'split' has %d numbers for %d results", n, c->n_out);
    for (int i = 0; i < c->n_out && n == 0; i++) {
        const int64_t most = (size - 1) / c->n_out + 1;
        parts[i] = int_min(most, size - all);
        all += parts[i];
    }
    for (int i = 0; i < n; i++)
        if (parts[i] < 0 || !checked_add(all, parts[i], &all))
            return call_lacks(c, "a part of %lld positions", (long long)parts[i]);
    return n >= 0 &&
           (all == size ||
            call_lacks(c, "its parts are not the %lld positions that there are", (long long)size));
}

bool convert_split(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    int64_t *parts = arena_array(c->import->arena, MOST_OPERANDS, sizeof *parts), first = 0;
    int axis;
    if (!v || !operand_axis(c, datum_rank(v), attribute_int(c, "axis", 0), &axis) ||
        !take_parts(c, datum_dim(v, axis), parts))
        return false;
    for (int i = 0; i < c->n_out; first += parts[i++])
        if (!datum_slice(c, v, axis, first, parts[i], 1, &c->out[i]))
            return false;
    return true;
}

/* A position from the end where negative, brought between `low` and `high`. */
static int64_t clamp(int64_t position, int64_t size, int64_t low, int64_t high)
{
    position = position < 0 ? position + size : position;
    return int_max(low, int_min(position, high));
}

static bool slice_axis(struct call *c, struct datum *v, int axis, int64_t start, int64_t end,
                       int64_t step)
{
    const int64_t size = datum_dim(v, axis);
    struct datum out;
    if (!step || step < -INT32_MAX || step > INT32_MAX)
        return call_lacks(c, "a step of %lld", (long long)step);
    start = start < -size ? -size : start;
    end = end < -size - 1 ? -size - 1 : end;
    if (step > 0) {
        start = clamp(start, size, 0, size);
        end = clamp(end, size, 0, size);
    } else {
        start = clamp(start, size, 0, size - 1);
        end = end < -size ? -1 : clamp(end, size, -1, size - 1);
    }
    const int64_t way = step > 0 ? end - start : start - end;
    const int64_t n = size && way > 0 ? (way - 1) / (step > 0 ? step : -step) + 1 : 0;
    if (!datum_slice(c, v, axis, start, n, step, &out))
        return false;
    *v = out;
    return true;
}

bool convert_slice(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    int64_t start[CONSTANT_RANK], end[CONSTANT_RANK], axes[CONSTANT_RANK], step[CONSTANT_RANK];
    const int n = v ? operand_ints(c, 1, "starts", start, CONSTANT_RANK) : -1;
    const int n_end = n < 0 ? -1 : operand_ints(c, 2, "ends", end, CONSTANT_RANK);
    const int n_axes = n_end < 0 ? -1 : operand_ints(c, 3, "axes", axes, CONSTANT_RANK);
    const int n_step = n_axes < 0 ? -1 : operand_ints(c, 4, "steps", step, CONSTANT_RANK);
    if (n_step < 0)
        return false;
    if (n_end != n || (n_axes && n_axes != n) || (n_step && n_step != n))
        return call_lacks(c, "its starts, ends, axes and steps are not equally many");
    struct datum out = *v;
    for (int i = 0, axis; i < n; i++)
        if (!operand_axis(c, datum_rank(v), n_axes ? axes[i] : i, &axis) ||
            !slice_axis(c, &out, axis, start[i], end[i], n_step ? step[i] : 1))
            return false;
    return give_datum(c, out);
}

bool convert_expand(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    int64_t dim[CONSTANT_RANK], all[CONSTANT_RANK];
    const int n = v ? operand_ints(c, 1, "shape", dim, CONSTANT_RANK) : -1;
    const int rank = v ? (int)int_max(n, datum_rank(v)) : 0;
    struct datum out;
    bool same = n >= 0 && rank == datum_rank(v);
    if (n < 0)
        return false;
    for (int i = 1; i <= rank; i++) {
        const int64_t own = i <= datum_rank(v) ? datum_dim(v, datum_rank(v) - i) : 1;
        const int64_t wanted = i <= n ? dim[n - i] : 1;
        all[rank - i] = wanted == 1 ? own : wanted;
        same = same && all[rank - i] == own;
    }
    if (same)
        return give_datum(c, *v);
    return datum_spread(c, v, rank, all, &out) && give_datum(c, out);
}

/* The same so many times. */
static const struct datum **tiles(struct call *c, const struct datum *once, int64_t times)
{
    const struct datum **list = arena_array(c->import->arena, (size_t)times, sizeof *list);
    for (int64_t i = 0; i < times; i++)
        list[i] = once;
    return list;
}

bool convert_tile(struct call *c)
{
    enum { MOST = 256, MOST_KNOWN = 1 << 16 };
    const struct datum *v = operand_datum(c, 0);
    int64_t times[CONSTANT_RANK];
    const int n = v ? operand_ints(c, 1, "repeats", times, CONSTANT_RANK) : -1;
    if (n < 0)
        return false;
    if (n != datum_rank(v))
        return call_lacks(c, "its repeats are not one for each dimension");
    struct datum out = *v;
    for (int axis = 0; axis < n; axis++) {
        if (times[axis] < 1 || times[axis] > (v->kind == DATUM_constant ? MOST_KNOWN : MOST))
            return call_lacks(c, "a dimension %lld times", (long long)times[axis]);
        const struct datum once = out, **list = tiles(c, &once, times[axis]);
        if (times[axis] > 1 && !datum_concat(c, list, (int)times[axis], axis, &out))
            return false;
    }
    return give_datum(c, out);
}

/* How positions before and after a dimension are filled. */
enum filling { FILL_constant, FILL_reflect, FILL_edge, FILL_wrap };

/* Cuts positions off where the padding is below 0. */
static bool cut_axis(struct call *c, struct datum *v, int axis, int64_t *before, int64_t *after)
{
    struct datum out;
    const int64_t size = datum_dim(v, axis);
    if (*before >= 0 && *after >= 0)
        return true;
    if (*before < -size || *after < -size)
        return call_lacks(c, "its padding leaves nothing of dimension %d", axis);
    const int64_t first = int_max(-*before, 0), last = int_max(-*after, 0);
    if (!datum_slice(c, v, axis, first, size - first - last, 1, &out))
        return false;
    *v = out;
    *before = int_max(*before, 0);
    *after = int_max(*after, 0);
    return true;
}

/* A part of `n` positions of the fill. */
static bool fill_part(struct call *c, const struct datum *v, int axis, enum filling way, int64_t n,
                      bool after, double value, struct datum *part)
{
    const int64_t size = datum_dim(v, axis);
    int64_t dim[CONSTANT_RANK], single = 1;
    struct budget one = {1};
    struct datum edge;
    void *elements;
    dims_of(v, dim);
    dim[axis] = n;
    if (way == FILL_constant) {
        struct constant *k = constant_new(c->import->arena, &one, DTYPE_f32, 1, &single, &elements);
        constant_put_real(k, elements, 0, value);
        *part = datum_of_constant(constant_spread(c->import->arena, k, datum_rank(v), dim));
        return part->constant || call_lacks(c, "its padding is too large");
    }
    if (n > size - (way == FILL_reflect) && way != FILL_edge)
        return call_lacks(c, "its padding, %lld, is more than there is to repeat", (long long)n);
    if (way == FILL_wrap)
        return datum_slice(c, v, axis, after ? 0 : size - n, n, 1, part);
    if (way == FILL_reflect)
        return datum_slice(c, v, axis, after ? size - 2 : n, n, -1, part);
    return datum_slice(c, v, axis, after ? size - 1 : 0, 1, 1, &edge) &&
           datum_spread(c, &edge, datum_rank(v), dim, part);
}

static bool pad_axis(struct call *c, struct datum *v, int axis, int64_t before, int64_t after,
                     enum filling way, double value)
{
    struct datum parts[3], out;
    const struct datum *list[3];
    int n = 0;
    if (before > INT32_MAX || after > INT32_MAX)
        return call_lacks(c, "its padding is too large");
    if (!cut_axis(c, v, axis, &before, &after))
        return false;
    if (before && !fill_part(c, v, axis, way, before, false, value, &parts[0]))
        return false;
    if (before)
        list[n++] = &parts[0];
    parts[1] = *v;
    list[n++] = &parts[1];
    if (after && !fill_part(c, v, axis, way, after, true, value, &parts[2]))
        return false;
    if (after)
        list[n++] = &parts[2];
    if (n > 1 && !datum_concat(c, list, n, axis, &out))
        return false;
    *v = n > 1 ? out : *v;
    return true;
}

/* Rows and columns of a map, and its channels: what netc pads at once. */
static bool pad_map(struct call *c, const struct datum *v, const int64_t *before,
                    const int64_t *after, double value)
{
    struct attrs a;
    struct flow f;
    attrs_init(&a, OP_pad);
    for (int i = 0; i < 2; i++) {
        a.padding[i] = before[2 + i];
        a.padding[2 + i] = after[2 + i];
    }
    a.channels[0] = before[1];
    a.channels[1] = after[1];
    a.value = value;
    return flow_as(c, v->flow, 0, &f) && make_flow(c, OP_pad, &a, f, &f) && give(c, f);
}

static bool is_map(const struct datum *v, const int64_t *before, const int64_t *after)
{
    bool fits = v->kind == DATUM_flow && v->flow.lead == 0 && datum_rank(v) == 4;
    for (int i = 0; fits && i < 4; i++)
        fits = before[i] >= 0 && after[i] >= 0 && before[i] < INT32_MAX && after[i] < INT32_MAX &&
               (i || (!before[0] && !after[0]));
    return fits;
}

/* The sizes before and after each dimension, of all or of those that are named. */
static bool take_padding(struct call *c, int rank, int64_t *before, int64_t *after)
{
    int64_t pads[2 * CONSTANT_RANK], axes[CONSTANT_RANK];
    const int n = operand_ints(c, 1, "pads", pads, 2 * CONSTANT_RANK);
    const int named = n < 0 ? -1 : operand_ints(c, 3, "axes", axes, CONSTANT_RANK);
    const int count = named > 0 ? named : rank;
    if (named < 0)
        return false;
    if (n != 2 * count)
        return call_lacks(c, "its padding has not two numbers for each dimension");
    for (int i = 0; i < CONSTANT_RANK; i++)
        before[i] = after[i] = 0;
    for (int i = 0, axis; i < count; i++) {
        if (!operand_axis(c, rank, named > 0 ? axes[i] : i, &axis))
            return false;
        before[axis] = pads[i];
        after[axis] = pads[count + i];
    }
    return true;
}

bool convert_pad(struct call *c)
{
    static const char *const ways[] = {"constant", "reflect", "edge", "wrap"};
    const struct datum *v = operand_datum(c, 0);
    const char *mode = attribute_string(c, "mode");
    int64_t before[CONSTANT_RANK], after[CONSTANT_RANK];
    double value = attribute_real(c, "value", 0);
    size_t way = 0;
    while (*mode && way < 4 && strcmp(mode, ways[way]) != 0)
        way++;
    if (way == 4)
        return call_lacks(c, "'mode' is '%s'", mode);
    if (!v || !take_padding(c, datum_rank(v), before, after) || !operand_real(c, 2, value, &value))
        return false;
    if (way == FILL_constant && is_map(v, before, after))
        return pad_map(c, v, before, after, value);
    struct datum out = *v;
    for (int i = 0; i < datum_rank(v); i++)
        if (!pad_axis(c, &out, i, before[i], after[i], (enum filling)way, value))
            return false;
    return give_datum(c, out);
}

/* Through six dimensions, of which three pairs become one each. */
static bool shuffle(struct call *c, const int64_t split[6], const int *perm, const int64_t whole[4])
{
    const struct datum *v = operand_datum(c, 0);
    struct datum wide, moved;
    return datum_reshape(c, v, 6, split, &wide) && datum_permute(c, &wide, perm, &moved) &&
           reshape(c, &moved, 4, whole);
}

/* The sizes of a map and the side of a square; 0: reported. */
static int64_t take_block(struct call *c, int64_t dim[4])
{
    const struct datum *v = operand_datum(c, 0);
    const int64_t b = attribute_int(c, "blocksize", 0);
    if (!v || datum_rank(v) != 4 || b < 1 || b > INT16_MAX) {
        call_lacks(c, "it needs a map, and squares of 1 or more");
        return 0;
    }
    dims_of(v, dim);
    return b;
}

bool convert_depth_to_space(struct call *c)
{
    static const int perm[6] = {0, 3, 4, 1, 5, 2};
    int64_t d[4];
    const int64_t b = take_block(c, d);
    struct flow f;
    struct attrs a;
    if (!b)
        return false;
    if (d[1] % (b * b))
        return call_lacks(c, "%lld channels do not divide into squares of %lld", (long long)d[1],
                          (long long)b);
    attrs_init(&a, OP_pixel_shuffle);
    a.upscale_factor = b;
    if (!strcmp(attribute_string(c, "mode"), "CRD"))
        return operand_flow_as(c, 0, 0, &f) && make_flow(c, OP_pixel_shuffle, &a, f, &f) &&
               give(c, f);
    const int64_t split[6] = {d[0], b, b, d[1] / (b * b), d[2], d[3]};
    const int64_t whole[4] = {d[0], d[1] / (b * b), d[2] * b, d[3] * b};
    return shuffle(c, split, perm, whole);
}

bool convert_space_to_depth(struct call *c)
{
    static const int places_first[6] = {0, 3, 5, 1, 2, 4}, channels_first[6] = {0, 1, 3, 5, 2, 4};
    const bool channels = !strcmp(attribute_string(c, "mode"), "CRD");
    int64_t d[4];
    const int64_t b = take_block(c, d);
    if (!b)
        return false;
    if (d[2] % b || d[3] % b)
        return call_lacks(c, "its rows and columns do not divide into squares of %lld",
                          (long long)b);
    const int64_t split[6] = {d[0], d[1], d[2] / b, b, d[3] / b, b};
    const int64_t whole[4] = {d[0], d[1] * b * b, d[2] / b, d[3] / b};
    return shuffle(c, split, channels ? channels_first : places_first, whole);
}
