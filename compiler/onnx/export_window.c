/* What slides a window over rows and columns, or brings them to another size. */
#include "onnx/export.h"

#include <math.h>

enum { AXES = 3 };

/* Of each axis of a window, depth first where there is one. */
struct sides {
    int axes;
    int64_t in[AXES], out[AXES], reach[AXES], stride[AXES], before[AXES], after[AXES];
};

static struct sides sides_of(const struct exporting *e)
{
    static const int place[] = {2, 0, 1}, before[] = {4, 0, 1}, after[] = {5, 2, 3};
    const struct attrs *a = &e->node->attr;
    struct sides s = {.axes = export_type(e, 0)->rank - 2};
    for (int i = 0; i < s.axes; i++) {
        const int at = place[AXES - s.axes + i];
        const int64_t dilation = e->node->op == OP_maxpool ? a->dilation[at] : 1;
        s.in[i] = export_type(e, 0)->dim[2 + i];
        s.out[i] = e->node->type.dim[2 + i];
        s.reach[i] = (a->kernel[at] - 1) * dilation + 1;
        s.stride[i] = a->stride[at];
        s.before[i] = a->padding[before[AXES - s.axes + i]];
        s.after[i] = a->padding[after[AXES - s.axes + i]];
    }
    return s;
}

static void write_pads(struct exporting *e, const struct sides *s)
{
    int64_t pads[2 * AXES];
    for (int i = 0; i < s->axes; i++) {
        pads[i] = s->before[i];
        pads[s->axes + i] = s->after[i];
    }
    export_ints(e, "pads", 2 * s->axes, pads);
}

/* Positions of an axis where a last window may not reach beyond the padding, or may. */
static int64_t positions(const struct sides *s, int i, bool beyond)
{
    const int64_t way = s->in[i] + s->before[i] + s->after[i] - s->reach[i];
    return (way + (beyond ? s->stride[i] - 1 : 0)) / s->stride[i] + 1;
}

static bool gives_out(const struct sides *s, bool beyond)
{
    for (int i = 0; i < s->axes; i++)
        if (positions(s, i, beyond) != s->out[i])
            return false;
    return true;
}

/* Padding behind the last position as far as the last window reaches: what is never the largest,
 * nor counted. */
static void reach_beyond(struct sides *s)
{
    for (int i = 0; i < s->axes; i++) {
        const int64_t end = (s->out[i] - 1) * s->stride[i] + s->reach[i] - s->in[i] - s->before[i];
        s->after[i] = end > s->after[i] ? end : s->after[i];
    }
}

/* ONNX and PyTorch count positions alike but for a last window that would begin in the padding. */
const char *export_pool(struct exporting *e)
{
    struct sides s = sides_of(e);
    const bool whole = gives_out(&s, false), beyond = !whole && gives_out(&s, true);
    if (!whole && !beyond && e->node->op == OP_avgpool && e->node->attr.count_include_pad)
        return export_lacks(e, "a last window would begin in the padding, which is counted");
    if (!whole && !beyond)
        reach_beyond(&s);
    const char *result = LAST(e, e->row->name, export_in(e, 0));
    export_attributes(e);
    write_pads(e, &s);
    if (beyond)
        export_int(e, "ceil_mode", 1);
    return result;
}

/* Shares of `in` positions in each of `out` means, [out, in], or the other way about. */
static const char *shares(struct exporting *e, const char *what, int64_t in, int64_t out,
                          bool turned)
{
    const int64_t dim[2] = {turned ? in : out, turned ? out : in};
    double *share = arena_array(e->x->arena, (size_t)(in * out), sizeof *share);
    for (int64_t o = 0; o < out; o++) {
        const int64_t first = o * in / out, end = ((o + 1) * in + out - 1) / out;
        for (int64_t i = first; i < end; i++)
            share[turned ? i * out + o : o * in + i] = 1 / (double)(end - first);
    }
    const char *flat = export_known_reals(e, what, (int)(in * out), share);
    return STEP(e, "shares", "Reshape", flat, export_known_ints(e, "shares.shape", 2, dim));
}

/* Means of windows of different sizes, as products of matrices over columns, then over rows. */
static const char *means_by_products(struct exporting *e, const struct sides *s)
{
    static const int64_t most = 1 << 20;
    const int rows = s->axes - 2, columns = s->axes - 1;
    if (s->axes == 3 || s->in[columns] * s->out[columns] > most ||
        (rows == 0 && s->in[0] * s->out[0] > most))
        return export_lacks(e, "its windows differ in size");
    const char *right = shares(e, "columns", s->in[columns], s->out[columns], true);
    if (rows < 0)
        return LAST(e, "MatMul", export_in(e, 0), right);
    const char *x = STEP(e, "across", "MatMul", export_in(e, 0), right);
    return LAST(e, "MatMul", shares(e, "rows", s->in[0], s->out[0], false), x);
}

/* Windows of one size, which ONNX has; those of PyTorch may differ by one. */
const char *export_adaptive_pool(struct exporting *e)
{
    const struct sides s = sides_of(e);
    int64_t window[AXES], all = 1;
    for (int i = 0; i < s.axes; i++) {
        if (s.in[i] % s.out[i])
            return e->node->op == OP_adaptive_avgpool
                       ? means_by_products(e, &s)
                       : export_lacks(e, "its windows differ in size");
        window[i] = s.in[i] / s.out[i];
        all *= s.out[i];
    }
    if (all == 1)
        return LAST(e, e->node->op == OP_adaptive_avgpool ? "GlobalAveragePool" : "GlobalMaxPool",
                    export_in(e, 0));
    const char *result = LAST(e, e->row->name, export_in(e, 0));
    export_ints(e, "kernel_shape", s.axes, window);
    export_ints(e, "strides", s.axes, window);
    return result;
}

/* How an axis of upsample gets its size. */
struct resizing {
    bool by_factor; /* positions go by the factor where the size is no whole product */
    bool whole;     /* the size is the product */
    bool fits;      /* so it is of the factor as a float, as files have it, rounded down: 40 times
                       0.7 is a little less than 28 */
};

static struct resizing resizing_of(const struct exporting *e, int axis)
{
    const struct attrs *a = &e->node->attr;
    const struct type *in = export_type(e, 0);
    const int at = in->rank - 2 + axis;
    const double size = (double)in->dim[at], out = (double)e->node->type.dim[at];
    if (a->align_corners) /* the sizes alone say where the corners are */
        return (struct resizing){0};
    return (struct resizing){.by_factor =
                                 attrs_has_factor(a, axis, in->dim[at], e->node->type.dim[at]),
                             .whole = size * a->scale[axis] == out,
                             .fits = floor(size * (double)(float)a->scale[axis]) == out};
}

/* Whether the size would give other positions. */
static bool needs_factor(const struct exporting *e, int axis)
{
    const struct resizing r = resizing_of(e, axis);
    return r.by_factor && !r.whole;
}

/* Whether the factor gives the size and the positions. */
static bool takes_factor(const struct exporting *e, int axis)
{
    const struct resizing r = resizing_of(e, axis);
    return r.fits && (r.by_factor || r.whole);
}

/* `n` axes from the first on, of rows and columns, by their factors or to their sizes. */
static const char *resize(struct exporting *e, const char *x, int first, int n, bool factor)
{
    static const int64_t axes[] = {2, 3};
    const struct attrs *a = &e->node->attr;
    const int rank = e->node->type.rank, at = rank - 2 + first;
    const bool nearest = attrs_taps(a) == 1, exact = a->mode == MODE_nearest_exact;
    const char *scales = factor ? export_known_reals(e, "scales", n, a->scale + first) : NULL;
    const char *sizes = factor ? NULL : export_known_ints(e, "sizes", n, e->node->type.dim + at);
    const char *result = first + n < 2 ? STEP(e, "rows", "Resize", x, NULL, scales, sizes)
                                       : LAST(e, "Resize", x, NULL, scales, sizes);
    export_ints(e, "axes", n, axes + (at - 2));
    export_string(e, "mode", nearest ? "nearest" : attrs_taps(a) == 2 ? "linear" : "cubic");
    export_string(e, "coordinate_transformation_mode",
                  nearest && !exact  ? "asymmetric"
                  : a->align_corners ? "align_corners"
                                     : "half_pixel");
    if (nearest)
        export_string(e, "nearest_mode", exact ? "round_prefer_ceil" : "floor");
    return result;
}

/* Rows and columns at once, but where one needs its factor and the other does not take one. */
const char *export_upsample(struct exporting *e)
{
    const char *x = export_in(e, 0);
    const int first = export_type(e, 0)->rank == 3;
    bool needs = false, takes = true;
    for (int axis = first; axis < 2; axis++) {
        needs = needs || needs_factor(e, axis);
        takes = takes && takes_factor(e, axis);
    }
    if (takes || !needs)
        return resize(e, x, first, 2 - first, takes);
    if (!first)
        x = resize(e, x, 0, 1, needs_factor(e, 0));
    return resize(e, x, 1, 1, needs_factor(e, 1));
}
