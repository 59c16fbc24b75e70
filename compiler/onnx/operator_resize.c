/* Rows and columns brought to another size. ONNX has many ways to map positions; netc has those of
 * PyTorch. A mapping is compared position by position: where it is the same, it is no matter what
 * it is called. */
#include "base/number.h"
#include "onnx/operators.h"

#include <math.h>
#include <string.h>

enum { MOST_SIZE = 1 << 16 }; /* positions are compared one by one */

struct resize {
    int rank;
    int64_t in[MAX_RANK], out[MAX_RANK];
    double scale[MAX_RANK];
    const char *mode, *transform, *nearest;
};

/* Sizes from scales, which multiply the sizes that there are. */
static bool take_scales(struct call *c, struct resize *r, const struct constant *k,
                        const int64_t *axes, int n)
{
    if (constant_elements(k) != n)
        return call_lacks(c, "its scales are not one for each dimension");
    for (int i = 0; i < n; i++) {
        const double scale = constant_real_at(k, i), size = floor((double)r->in[axes[i]] * scale);
        if (!(size >= 1 && size <= MOST_SIZE))
            return call_lacks(c, "a scale of %g", scale);
        r->scale[axes[i]] = scale;
        r->out[axes[i]] = (int64_t)size;
    }
    return true;
}

static bool take_sizes(struct call *c, struct resize *r, const struct constant *k,
                       const int64_t *axes, int n)
{
    const char *policy = attribute_string(c, "keep_aspect_ratio_policy");
    if (constant_elements(k) != n)
        return call_lacks(c, "its sizes are not one for each dimension");
    if (*policy && strcmp(policy, "stretch") != 0)
        return call_lacks(c, "'keep_aspect_ratio_policy' is '%s'", policy);
    for (int i = 0; i < n; i++) {
        const int64_t size = constant_int_at(k, i);
        if (size < 1 || size > MOST_SIZE)
            return call_lacks(c, "a size of %lld", (long long)size);
        r->out[axes[i]] = size;
        r->scale[axes[i]] = (double)size / (double)r->in[axes[i]];
    }
    return true;
}

/* Where position `i` of the result lies in the input: by the scale, which need not give whole
 * positions. */
static double origin(const struct resize *r, int axis, int64_t i)
{
    const double x = (double)i, scale = r->scale[axis], out = (double)r->in[axis] * scale;
    if (!strcmp(r->transform, "asymmetric"))
        return x / scale;
    if (!strcmp(r->transform, "align_corners"))
        return out > 1 ? x * (double)(r->in[axis] - 1) / (out - 1) : 0;
    if (!strcmp(r->transform, "pytorch_half_pixel") && out <= 1)
        return 0;
    return (x + 0.5) / scale - 0.5;
}

/* The position next to that. */
static int64_t rounded(const struct resize *r, double x)
{
    if (!strcmp(r->nearest, "floor"))
        return (int64_t)floor(x);
    if (!strcmp(r->nearest, "ceil"))
        return (int64_t)ceil(x);
    if (!strcmp(r->nearest, "round_prefer_ceil"))
        return (int64_t)floor(x + 0.5);
    return (int64_t)ceil(x - 0.5);
}

/* Whether each position comes from where netc's nearest, floor(i in / out), takes it. */
static bool is_nearest(const struct resize *r, int axis)
{
    for (int64_t i = 0; i < r->out[axis]; i++) {
        const int64_t from = int_max(0, int_min(rounded(r, origin(r, axis, i)), r->in[axis] - 1));
        if (from != i * r->in[axis] / r->out[axis])
            return false;
    }
    return true;
}

/* Whether each position comes from where netc's bilinear takes it. */
static bool is_bilinear(const struct resize *r, int axis, bool corners)
{
    const double in = (double)r->in[axis], out = (double)r->out[axis];
    for (int64_t i = 0; i < r->out[axis]; i++) {
        const double own = corners ? (out > 1 ? (double)i * (in - 1) / (out - 1) : 0)
                                   : ((double)i + 0.5) * in / out - 0.5;
        const double x = fmax(0, fmin(own, in - 1)), y = fmax(0, fmin(origin(r, axis, i), in - 1));
        if (fabs(x - y) > 1e-5 * in)
            return false;
    }
    return true;
}

static bool all_axes(const struct resize *r, bool (*is)(const struct resize *, int, bool), bool how)
{
    return is(r, r->rank - 1, how) && (r->rank == 3 || is(r, 2, how));
}

static bool nearest_axis(const struct resize *r, int axis, bool how)
{
    (void)how;
    return is_nearest(r, axis);
}

static bool enlarge(struct call *c, const struct resize *r, enum op_mode mode, bool corners)
{
    struct attrs a;
    struct flow f;
    attrs_init(&a, OP_upsample);
    a.mode = mode;
    a.align_corners = corners;
    a.size[0] = r->rank == 3 ? 1 : r->out[2];
    a.size[1] = r->out[r->rank - 1];
    const bool times = r->rank == 4 && r->out[2] % r->in[2] == 0 && r->out[3] % r->in[3] == 0;
    for (int i = 0; i < 2 && times; i++) {
        a.scale[i] = (double)(r->out[2 + i] / r->in[2 + i]);
        a.size[i] = 0;
    }
    return operand_flow_as(c, 0, 0, &f) && make_flow(c, OP_upsample, &a, f, &f) && give(c, f);
}

static bool choose(struct call *c, const struct resize *r)
{
    bool same = true;
    for (int i = 0; i < r->rank; i++) {
        same = same && r->out[i] == r->in[i];
        if (i < 2 && r->out[i] != r->in[i])
            return call_lacks(c, "it resizes dimension %d", i);
    }
    if (same)
        return give_datum(c, *c->in[0]);
    if (!strcmp(r->mode, "nearest"))
        return all_axes(r, nearest_axis, false)
                   ? enlarge(c, r, MODE_nearest, false)
                   : call_lacks(c, "it takes other positions than floor(i in / out) ('%s', '%s')",
                                r->transform, r->nearest);
    if (strcmp(r->mode, "linear") != 0)
        return call_lacks(c, "'mode' is '%s'", r->mode);
    for (int corners = 0; corners < 2; corners++)
        if (all_axes(r, is_bilinear, corners))
            return enlarge(c, r, MODE_bilinear, corners);
    return call_lacks(c, "'coordinate_transformation_mode' is '%s'", r->transform);
}

static bool begin(struct call *c, struct resize *r)
{
    const struct datum *v = operand_datum(c, 0);
    if (!v)
        return false;
    r->rank = datum_rank(v);
    if (r->rank < 3 || r->rank > 4)
        return call_lacks(c, "it resizes one or two dimensions here, not %d", r->rank - 2);
    for (int i = 0; i < r->rank; i++) {
        r->in[i] = r->out[i] = datum_dim(v, i);
        r->scale[i] = 1;
    }
    return true;
}

/* The older form: floor(i / scale), or the same with weights between. */
bool convert_upsample(struct call *c)
{
    static const int64_t axes[MAX_RANK] = {0, 1, 2, 3, 4, 5};
    struct resize r = {
        .mode = attribute_string(c, "mode"), .transform = "asymmetric", .nearest = "floor"};
    const Onnx__AttributeProto *a = attribute(c, "scales");
    int64_t n = a ? (int64_t)a->n_floats : 0;
    struct constant given = {.dtype = DTYPE_f32, .rank = 1, .dim = {n}, .stride = {1}};
    const struct constant *k = &given;
    given.data = a ? (const unsigned char *)a->floats : NULL;
    if (!begin(c, &r) || (!a && !(k = operand_constant(c, 1, "the scales"))))
        return false;
    r.mode = *r.mode ? r.mode : "nearest";
    return take_scales(c, &r, k, axes, r.rank) && choose(c, &r);
}

bool convert_resize(struct call *c)
{
    int64_t axes[MAX_RANK];
    struct resize r = {.mode = attribute_string(c, "mode"),
                       .transform = attribute_string(c, "coordinate_transformation_mode"),
                       .nearest = attribute_string(c, "nearest_mode")};
    const struct constant *scales = NULL, *sizes = NULL;
    if (!begin(c, &r))
        return false;
    r.mode = *r.mode ? r.mode : "nearest";
    r.transform = *r.transform ? r.transform : "half_pixel";
    r.nearest = *r.nearest ? r.nearest : "round_prefer_floor";
    if (!strcmp(r.transform, "tf_crop_and_resize") || !strcmp(r.transform, "half_pixel_symmetric"))
        return call_lacks(c, "'coordinate_transformation_mode' is '%s'", r.transform);
    if (attribute_int(c, "antialias", 0))
        return call_lacks(c, "'antialias' is set");
    if (operand_given(c, 2) && !(scales = operand_constant(c, 2, "the scales")))
        return false;
    if (operand_given(c, 3) && !(sizes = operand_constant(c, 3, "the sizes")))
        return false;
    int n = attribute_ints(c, "axes", axes, MAX_RANK);
    for (int i = 0; i < n; i++) {
        int axis;
        if (!operand_axis(c, r.rank, axes[i], &axis))
            return false;
        axes[i] = axis;
    }
    for (int i = 0; n == 0 && i < r.rank; i++)
        axes[i] = i;
    n = n ? n : r.rank;
    if (n < 0)
        return false;
    if (scales && constant_elements(scales))
        return take_scales(c, &r, scales, axes, n) && choose(c, &r);
    return sizes ? take_sizes(c, &r, sizes, axes, n) && choose(c, &r)
                 : call_lacks(c, "it has neither scales nor sizes");
}
