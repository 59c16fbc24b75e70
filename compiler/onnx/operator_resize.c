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
    bool by_scale; /* the file gives scales, not sizes */
};

/* Sizes from scales, which multiply the sizes that there are, in floats as ONNX Runtime does it.
 * The positions go by the decimal that was written: it decides about those halfway between two. */
static bool take_scales(struct call *c, struct resize *r, const struct constant *k,
                        const int64_t *axes, int n)
{
    if (constant_elements(k) != n)
        return call_lacks(c, "its scales are not one for each dimension");
    r->by_scale = true;
    for (int i = 0; i < n; i++) {
        const float scale = (float)constant_real_at(k, i), whole = (float)r->in[axes[i]] * scale;
        const double size = floor((double)whole);
        if (!(size >= 1 && size <= MOST_SIZE))
            return call_lacks(c, "a scale of %g", (double)scale);
        r->scale[axes[i]] = decimal_of(scale);
        r->out[axes[i]] = (int64_t)size;
    }
    return true;
}

/* The one scale that all sizes get, so that none is above, or none below, what is asked for. */
static void keep_ratio(struct resize *r, const int64_t *axes, int n, bool least)
{
    double scale = r->scale[axes[0]];
    for (int i = 1; i < n; i++)
        scale = least ? fmin(scale, r->scale[axes[i]]) : fmax(scale, r->scale[axes[i]]);
    for (int i = 0; i < n; i++) {
        r->scale[axes[i]] = scale;
        r->out[axes[i]] = (int64_t)floor((double)r->in[axes[i]] * scale + 0.5);
    }
}

static bool take_policy(struct call *c, struct resize *r, const int64_t *axes, int n)
{
    const char *policy = attribute_string(c, "keep_aspect_ratio_policy");
    const bool least = !strcmp(policy, "not_larger");
    if (!*policy || !strcmp(policy, "stretch"))
        return true;
    if (!least && strcmp(policy, "not_smaller") != 0)
        return call_lacks(c, "'keep_aspect_ratio_policy' is '%s'", policy);
    keep_ratio(r, axes, n, least);
    for (int i = 0; i < n; i++)
        if (r->out[axes[i]] < 1 || r->out[axes[i]] > MOST_SIZE)
            return call_lacks(c, "a size of %lld", (long long)r->out[axes[i]]);
    return true;
}

static bool take_sizes(struct call *c, struct resize *r, const struct constant *k,
                       const int64_t *axes, int n)
{
    if (constant_elements(k) != n)
        return call_lacks(c, "its sizes are not one for each dimension");
    for (int i = 0; i < n; i++) {
        const int64_t size = constant_int_at(k, i);
        if (size < 1 || size > MOST_SIZE)
            return call_lacks(c, "a size of %lld", (long long)size);
        r->out[axes[i]] = size;
        r->scale[axes[i]] = (double)size / (double)r->in[axes[i]];
    }
    return take_policy(c, r, axes, n);
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
    if (!strcmp(r->transform, "half_pixel_symmetric"))
        return (double)r->in[axis] / 2 * (1 - (double)r->out[axis] / out) + (x + 0.5) / scale - 0.5;
    return (x + 0.5) / scale - 0.5;
}

/* The position next to that. */
static double rounded(const struct resize *r, double x)
{
    if (!strcmp(r->nearest, "floor"))
        return floor(x);
    if (!strcmp(r->nearest, "ceil"))
        return ceil(x);
    if (!strcmp(r->nearest, "round_prefer_ceil"))
        return floor(x + 0.5);
    return ceil(x - 0.5);
}

static double clamp(double x, int64_t size)
{
    return fmax(0, fmin(x, (double)(size - 1)));
}

/* Whether each position comes from where netc's upsample with these attributes takes it. Outside
 * of the input the position itself matters to bicubic alone. The nearest are found in floats, as
 * ONNX Runtime finds them. */
static bool is_alike(const struct resize *r, const struct attrs *a, int axis)
{
    const int64_t in = r->in[axis];
    const int taps = attrs_taps(a);
    const bool centers = a->mode == MODE_nearest_exact || (taps > 1 && !a->align_corners);
    const double step = (double)attrs_upsample_step(a, axis == r->rank - 1, in, r->out[axis]);
    for (int64_t i = 0; i < r->out[axis]; i++) {
        const double own = centers ? ((double)i + 0.5) * step - 0.5 : (double)i * step;
        const double wanted = origin(r, axis, i);
        if (taps == 1) {
            const float at = (float)own + (centers ? 0.5f : 0), there = (float)wanted;
            if (clamp(floor((double)at), in) != clamp(rounded(r, (double)there), in))
                return false;
        } else if (taps == 2 ? fabs(clamp(own, in) - clamp(wanted, in)) > 1e-5 * (double)in
                             : fabs(own - wanted) > 1e-5 * (double)in) {
            return false;
        }
    }
    return true;
}

/* Sizes of the result, or factors; false: factors that give other sizes. */
static bool set_size(const struct resize *r, struct attrs *a, bool by_scale)
{
    for (int i = 0; i < 2; i++) {
        const int axis = r->rank - 2 + i;
        const bool line = i == 0 && r->rank == 3;
        a->size[i] = by_scale ? 0 : line ? 1 : r->out[axis];
        a->scale[i] = !by_scale ? 0 : line ? 1 : r->scale[axis];
        if (by_scale && !line && (int64_t)((double)r->in[axis] * r->scale[axis]) != r->out[axis])
            return false;
    }
    return true;
}

/* What a mode of ONNX's can be here, in the order of trying. */
static const struct {
    const char *mode;
    enum op_mode own;
    bool corners;
} candidates[] = {
    {"nearest", MODE_nearest, false}, {"nearest", MODE_nearest_exact, false},
    {"linear", MODE_bilinear, false}, {"linear", MODE_bilinear, true},
    {"cubic", MODE_bicubic, false},   {"cubic", MODE_bicubic, true},
};

/* The attributes that take each position from where the file takes it; false: there are none. */
static bool find_attrs(const struct resize *r, struct attrs *a, bool by_scale)
{
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        if (strcmp(candidates[i].mode, r->mode) != 0)
            continue;
        attrs_init(a, OP_upsample);
        a->mode = candidates[i].own;
        a->align_corners = candidates[i].corners;
        if (set_size(r, a, by_scale) && is_alike(r, a, r->rank - 1) &&
            (r->rank == 3 || is_alike(r, a, 2)))
            return true;
    }
    return false;
}

static bool is_whole(const struct resize *r)
{
    for (int i = 2; i < r->rank; i++)
        if (r->out[i] % r->in[i])
            return false;
    return true;
}

/* Each channel by itself: those of regions, which are no batch, are channels of one picture. */
static bool upsample(struct call *c, const struct resize *r, const struct attrs *a)
{
    struct flow f;
    if (!operand_flow(c, 0, &f))
        return false;
    const bool regions = f.lead && r->rank == 4 && r->in[0] != f.node->type.dim[0];
    const int64_t dim[4] = {1, r->in[0] * r->in[1], r->in[2], r->in[3]};
    if (!(regions ? flow_reshape(c, f, 4, dim, &f) : flow_as(c, f, 0, &f)) ||
        !make_flow(c, OP_upsample, a, f, &f))
        return false;
    return (!regions || flow_reshape(c, f, 4, r->out, &f)) && give(c, f);
}

/* Whether each position comes from itself, by whichever kernel: all are 1 there and 0 at the
 * others. */
static bool is_same(const struct resize *r)
{
    for (int i = 0; i < r->rank; i++)
        if (r->out[i] != r->in[i] || r->scale[i] != 1)
            return false;
    return true;
}

static bool choose(struct call *c, const struct resize *r)
{
    struct attrs a;
    const bool by_scale = r->by_scale || is_whole(r);
    for (int i = 0; i < 2; i++)
        if (r->out[i] != r->in[i])
            return call_lacks(c, "it resizes dimension %d", i);
    if (is_same(r))
        return give_datum(c, *c->in[0]);
    if (!find_attrs(r, &a, by_scale) && !find_attrs(r, &a, !by_scale))
        return call_lacks(c, "it takes other positions than PyTorch's '%s' ('%s', '%s')", r->mode,
                          r->transform, r->nearest);
    return upsample(c, r, &a);
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

/* The kernel that PyTorch has, with weights outside of the input too. */
static bool is_usual_kernel(struct call *c, const struct resize *r)
{
    const double a = attribute_real(c, "cubic_coeff_a", -0.75);
    if (attribute_int(c, "antialias", 0))
        return call_lacks(c, "'antialias' is set");
    if (strcmp(r->mode, "cubic") != 0)
        return true;
    if (attribute_int(c, "exclude_outside", 0))
        return call_lacks(c, "'exclude_outside' is set");
    return a == -0.75 || call_lacks(c, "'cubic_coeff_a' is %g", a);
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
    if (!strcmp(r.transform, "tf_crop_and_resize"))
        return call_lacks(c, "'coordinate_transformation_mode' is '%s'", r.transform);
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
    const bool scaled = scales && constant_elements(scales);
    if (!scaled && !sizes)
        return call_lacks(c, "it has neither scales nor sizes");
    return (scaled ? take_scales(c, &r, scales, axes, n) : take_sizes(c, &r, sizes, axes, n)) &&
           (is_same(&r) || is_usual_kernel(c, &r)) && choose(c, &r);
}
