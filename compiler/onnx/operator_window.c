/* What slides a window, and products of matrices. */
#include "base/number.h"
#include "onnx/operators.h"

#include <float.h>
#include <string.h>

enum { AXES = 3 };

/* Depth, rows and columns; of a map rows and columns, of what has positions in a row alone columns:
 * PyTorch's Conv1d. The axes that there are stand last. */
struct window {
    int axes;
    int64_t in[AXES], kernel[AXES], stride[AXES], dilation[AXES], before[AXES], after[AXES];
};

/* One number for each axis, from the last on; `otherwise` where there are none. */
static bool take_extent(struct call *c, const char *name, int axes, int64_t otherwise,
                        int64_t to[AXES])
{
    int64_t given[AXES];
    const int n = attribute_ints(c, name, given, AXES);
    if (n > 0 && n != axes)
        return call_lacks(c, "'%s' has not %d numbers", name, axes);
    for (int i = 0; i < AXES; i++)
        to[i] = i < AXES - axes ? 1 : n > 0 ? given[i - (AXES - axes)] : otherwise;
    return n >= 0;
}

/* All before, then all after. */
static bool take_pads(struct call *c, struct window *w)
{
    int64_t pads[2 * AXES];
    const int n = attribute_ints(c, "pads", pads, 2 * AXES);
    if (n > 0 && n != 2 * w->axes)
        return call_lacks(c, "'pads' has not %d numbers", 2 * w->axes);
    for (int i = 0; i < n; i++) {
        if (pads[i] < 0 || pads[i] > INT32_MAX)
            return call_lacks(c, "a padding of %lld", (long long)pads[i]);
        (i < w->axes ? w->before : w->after)[AXES - w->axes + i % w->axes] = pads[i];
    }
    return n >= 0;
}

/* Padding with which a window gives in / stride positions, rounded up; the odd one `first` or last.
 */
static void pad_same(struct window *w, bool first)
{
    for (int i = AXES - w->axes; i < AXES; i++) {
        const int64_t out = (w->in[i] - 1) / w->stride[i] + 1;
        const int64_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
        const int64_t all = int_max(0, (out - 1) * w->stride[i] + reach - w->in[i]);
        w->before[i] = first ? all - all / 2 : all / 2;
        w->after[i] = all - w->before[i];
    }
}

static bool in_range(const int64_t extent[AXES])
{
    for (int i = 0; i < AXES; i++)
        if (extent[i] < 1 || extent[i] > INT32_MAX)
            return false;
    return true;
}

static bool take_padding(struct call *c, struct window *w)
{
    const char *way = attribute_string(c, "auto_pad");
    if (!in_range(w->kernel) || !in_range(w->stride) || !in_range(w->dilation))
        return call_lacks(c, "its window has a size, a stride or a dilation below 1");
    if (!strcmp(way, "SAME_UPPER") || !strcmp(way, "SAME_LOWER"))
        pad_same(w, !strcmp(way, "SAME_LOWER"));
    else if (!*way || !strcmp(way, "NOTSET"))
        return take_pads(c, w);
    else if (strcmp(way, "VALID") != 0)
        return call_lacks(c, "'auto_pad' is '%s'", way);
    return true;
}

/* A map with its batch first. Regions of one picture are none; they become the planes of a volume,
 * over which a window goes that is one plane deep. */
static bool take_map(struct call *c, struct flow *f)
{
    static const int depth_behind[] = {1, 0, 2, 3};
    if (!operand_flow(c, 0, f))
        return false;
    const int rank = flow_rank(*f);
    if (!f->lead || rank > 4 || flow_dim(*f, 0) == f->node->type.dim[0])
        return flow_as(c, *f, 0, f);
    return flow_permute(c, *f, depth_behind, f) && flow_as(c, *f, 1, f);
}

/* What a window made of that, in the form of the operand. */
static bool give_map(struct call *c, struct node *node)
{
    static const int depth_first[] = {1, 0, 2, 3};
    struct flow f = {node, 0};
    if (!node || node->type.rank == operand_rank(c, 0))
        return node && give(c, f);
    f.lead = 1;
    return flow_permute(c, f, depth_first, &f) && flow_as(c, f, 1, &f) && give(c, f);
}

/* A map with its batch first, and the window over it; `kernel` has the weight's shape, or is NULL.
 */
static bool take_window(struct call *c, struct flow *f, struct window *w,
                        const struct constant *kernel)
{
    *w = (struct window){0};
    if (!operand_given(c, 0))
        return operand_flow(c, 0, f);
    const int rank = operand_rank(c, 0);
    w->axes = rank - 2;
    if (rank < 3 || rank > 5)
        return call_lacks(c, "windows slide over one to three dimensions here, not %d", rank - 2);
    if (kernel && kernel->rank != rank)
        return call_lacks(c, "its weight has %d dimensions, its input %d", kernel->rank, rank);
    if (!take_map(c, f) || !take_extent(c, "kernel_shape", w->axes, 0, w->kernel) ||
        !take_extent(c, "strides", w->axes, 1, w->stride) ||
        !take_extent(c, "dilations", w->axes, 1, w->dilation))
        return false;
    const int before = AXES - w->axes;
    for (int i = 0; i < AXES; i++)
        w->in[i] = i >= before ? operand_dim(c, 0, 2 + i - before) : 1;
    for (int i = before; i < AXES && kernel; i++) {
        const int64_t size = kernel->dim[2 + i - before];
        if (w->kernel[i] && w->kernel[i] != size)
            return call_lacks(c, "'kernel_shape' is not that of its weight");
        w->kernel[i] = size;
    }
    return true;
}

static void put_padding(struct attrs *a, const struct window *w)
{
    for (int i = 0; i < AXES; i++) {
        a->padding[attr_place(ATTR_PADDING, 2 * AXES, i)] = w->before[i];
        a->padding[attr_place(ATTR_PADDING, 2 * AXES, AXES + i)] = w->after[i];
    }
}

static void put_window(struct attrs *a, const struct window *w)
{
    for (int i = 0; i < AXES; i++) {
        const int at = attr_place(ATTR_EXTENT, AXES, i);
        a->kernel[at] = w->kernel[i];
        a->stride[at] = w->stride[i];
        a->dilation[at] = w->dilation[i];
    }
    put_padding(a, w);
}

/* The weight and the bias of a layer, as far as they are given. */
static bool take_layer(struct call *c, struct bound bound[2], int *n)
{
    *n = 1;
    bound[0] = (struct bound){ROLE_weight, operand_constant(c, 1, "the weight")};
    if (bound[0].constant && operand_given(c, 2)) {
        bound[1] = (struct bound){ROLE_bias, operand_constant(c, 2, "the bias")};
        *n = 2;
    }
    return bound[0].constant && bound[*n - 1].constant;
}

bool convert_conv(struct call *c)
{
    struct flow f;
    struct window w;
    struct attrs a;
    struct bound bound[2];
    int n;
    if (!take_layer(c, bound, &n) || !take_window(c, &f, &w, bound[0].constant) ||
        !take_padding(c, &w))
        return false;
    attrs_init(&a, OP_conv);
    put_window(&a, &w);
    a.out = bound[0].constant->dim[0];
    a.groups = attribute_int(c, "group", 1);
    a.bias = n > 1;
    return give_map(c, make(c, OP_conv, &a, &f.node, 1, bound, n));
}

/* Padding and output padding that give a size: (in - 1) stride + reach + output_padding - padding.
 */
static bool fit_transposed(struct call *c, struct window *w, int64_t *more)
{
    const char *way = attribute_string(c, "auto_pad");
    const bool same = !strcmp(way, "SAME_UPPER") || !strcmp(way, "SAME_LOWER");
    int64_t wanted[AXES], whole[AXES + 2];
    const int n = attribute_ints(c, "output_shape", whole, AXES + 2);
    if (n < 0 || (!n && !same))
        return n == 0 && take_padding(c, w);
    for (int i = AXES - w->axes; i < AXES; i++) {
        if (n && n < w->axes)
            return call_lacks(c, "'output_shape' has not %d numbers", w->axes);
        wanted[i] = n ? whole[n - AXES + i] : w->in[i] * w->stride[i];
        const int64_t full =
            (w->in[i] - 1) * w->stride[i] + (w->kernel[i] - 1) * w->dilation[i] + 1 + more[i];
        const int64_t all = full - wanted[i];
        if (all < 0 && -all < int_max(w->stride[i], w->dilation[i]))
            more[i] -= all;
        const int64_t cut = int_max(0, all);
        w->before[i] = strcmp(way, "SAME_UPPER") ? cut - cut / 2 : cut / 2;
        w->after[i] = cut - w->before[i];
    }
    return true;
}

bool convert_conv_transpose(struct call *c)
{
    struct flow f;
    struct window w;
    struct attrs a;
    struct bound bound[2];
    int64_t more[AXES];
    int n;
    attrs_init(&a, OP_conv_transpose);
    if (!take_layer(c, bound, &n) || !take_window(c, &f, &w, bound[0].constant) ||
        !take_extent(c, "output_padding", w.axes, 0, more))
        return false;
    if (!in_range(w.kernel) || !in_range(w.stride) || !in_range(w.dilation))
        return call_lacks(c, "its window has a size, a stride or a dilation below 1");
    if (!fit_transposed(c, &w, more))
        return false;
    for (int i = AXES - w.axes; i < AXES; i++)
        a.output_padding[attr_place(ATTR_EXTENT, AXES, i)] = more[i];
    put_window(&a, &w);
    a.groups = attribute_int(c, "group", 1);
    if (a.groups < 1 || a.groups > INT32_MAX || bound[0].constant->dim[1] > INT32_MAX)
        return call_lacks(c, "'group' is %lld", (long long)a.groups);
    a.out = bound[0].constant->dim[1] * a.groups;
    a.bias = n > 1;
    return give_map(c, make(c, OP_conv_transpose, &a, &f.node, 1, bound, n));
}

/* Positions of a window's first corner along an axis, where a last one may reach beyond the
 * padding, or may not. */
static int64_t window_positions(const struct window *w, int i, bool beyond)
{
    const int64_t way = w->in[i] + w->before[i] + w->after[i] - w->kernel[i];
    const int64_t n = (way + (beyond ? w->stride[i] - 1 : 0)) / w->stride[i] + 1;
    return n - (beyond && (n - 1) * w->stride[i] >= w->in[i] + w->before[i]);
}

/* Padding behind that is not counted is as none: of as little as there may be, last windows reach
 * beyond it. False: they do not everywhere, or there are others. */
static bool reach_beyond(struct window *w)
{
    struct window less = *w;
    for (int i = AXES - w->axes; i < AXES; i++) {
        less.after[i] = w->after[i] < w->kernel[i] / 2 ? w->after[i] : w->kernel[i] / 2;
        if (w->before[i] > w->kernel[i] / 2 ||
            window_positions(&less, i, true) != window_positions(w, i, false))
            return false;
    }
    *w = less;
    return true;
}

/* Pools of netc pad by half of their kernel at most. More is a step of its own: of the least float,
 * for descriptions have no infinity, or of zeros that are counted. */
static bool pad_apart(struct call *c, enum op op, struct window *w, struct flow *f, bool *beyond)
{
    struct attrs a;
    bool more = false;
    *beyond = attribute_int(c, "ceil_mode", 0) != 0;
    attrs_init(&a, OP_pad);
    a.value = op == OP_maxpool ? (double)-FLT_MAX : 0;
    put_padding(&a, w);
    for (int i = 0; i < AXES; i++)
        more = more || int_max(w->before[i], w->after[i]) > w->kernel[i] / 2;
    if (!more)
        return true;
    const bool uncounted = op == OP_avgpool && !attribute_int(c, "count_include_pad", 0);
    if (uncounted && !*beyond && reach_beyond(w))
        return *beyond = true;
    if (*beyond || uncounted)
        return call_lacks(c, "its padding is more than half of its kernel");
    memset(w->before, 0, sizeof w->before);
    memset(w->after, 0, sizeof w->after);
    return make_flow(c, OP_pad, &a, *f, f);
}

static bool convert_pool(struct call *c, enum op op)
{
    struct flow f;
    struct window w;
    struct attrs a;
    bool beyond;
    if (!take_window(c, &f, &w, NULL) || !take_padding(c, &w) || !pad_apart(c, op, &w, &f, &beyond))
        return false;
    attrs_init(&a, op);
    put_window(&a, &w);
    a.ceil = beyond;
    a.count_include_pad = attribute_int(c, "count_include_pad", 0) != 0;
    if (op == OP_avgpool && (w.dilation[0] != 1 || w.dilation[1] != 1 || w.dilation[2] != 1))
        return call_lacks(c, "an average over a dilated window");
    return give_map(c, make(c, op, &a, &f.node, 1, NULL, 0));
}

bool convert_max_pool(struct call *c)
{
    return convert_pool(c, OP_maxpool);
}

bool convert_average_pool(struct call *c)
{
    return convert_pool(c, OP_avgpool);
}

static bool convert_global(struct call *c, enum op op)
{
    struct flow f;
    struct attrs a;
    attrs_init(&a, op);
    return operand_flow_as(c, 0, 0, &f) && make_flow(c, op, &a, f, &f) && give(c, f);
}

bool convert_global_average_pool(struct call *c)
{
    return convert_global(c, OP_global_avgpool);
}

bool convert_global_max_pool(struct call *c)
{
    return convert_global(c, OP_global_maxpool);
}

/* A flow whose last dimension is multiplied by a matrix that is known, [out, in], with a bias or
 * without. */
static bool linear(struct call *c, struct flow f, const struct constant *matrix,
                   const struct constant *bias, struct flow *out)
{
    struct attrs a;
    const struct bound bound[2] = {{ROLE_weight, matrix}, {ROLE_bias, bias}};
    attrs_init(&a, OP_linear);
    a.out = matrix->dim[0];
    a.bias = bias != NULL;
    *out = (struct flow){make(c, OP_linear, &a, &f.node, 1, bound, bias ? 2 : 1), f.lead};
    return out->node;
}

/* linear() takes a map's columns for no features: elements in order are features. */
static bool as_rows(struct call *c, struct flow f, struct flow *out)
{
    struct attrs a;
    *out = f;
    if (f.node->type.rank < 3 || f.node->op == OP_reshape || f.node->op == OP_permute)
        return true;
    if (node_layout(f.node) != LAYOUT_blocked &&
        !(f.node->op == OP_input && f.node->type.rank == 4))
        return true;
    attrs_init(&a, OP_reshape);
    a.shape.n = f.node->type.rank - 1;
    memcpy(a.shape.at, f.node->type.dim + 1, (size_t)a.shape.n * sizeof *a.shape.at);
    return make_flow(c, OP_reshape, &a, f, out);
}

/* Products of matrices that flow, with the same number of dimensions, which is 3 at least. */
static bool product(struct call *c, struct flow left, struct flow right, struct flow *out)
{
    const int rank = (int)int_max(int_max(left.node->type.rank, right.node->type.rank), 3);
    struct attrs a;
    attrs_init(&a, OP_matmul);
    const int ranks = (int)int_max(flow_rank(left), flow_rank(right));
    if (!flow_as(c, left, rank - flow_rank(left), &left) ||
        !flow_as(c, right, rank - flow_rank(right), &right))
        return false;
    struct node *both[2] = {left.node, right.node};
    out->lead = rank - ranks;
    out->node = make(c, OP_matmul, &a, both, 2, NULL, 0);
    return out->node;
}

static const struct constant *transposed(struct call *c, const struct constant *k)
{
    static const int swap[2] = {1, 0};
    return constant_permuted(c->import->arena, k, swap);
}

/* A vector stands for a matrix of one row, or one column, which the result does not have. */
static bool vectors(struct call *c)
{
    const struct datum *in[2] = {c->in[0], c->in[1]};
    struct datum wide[2], out;
    struct flow left, right, f;
    int64_t dim[CONSTANT_RANK];
    int rank = 0;
    for (int i = 0; i < 2; i++) {
        const int64_t n = datum_rank(in[i]) == 1 ? datum_dim(in[i], 0) : 0;
        const int64_t shape[2] = {i ? n : 1, i ? 1 : n};
        wide[i] = *in[i];
        if (datum_rank(in[i]) == 1 && !datum_reshape(c, in[i], 2, shape, &wide[i]))
            return false;
        c->in[i] = &wide[i];
    }
    if (!operand_flow(c, 0, &left) || !operand_flow(c, 1, &right) || !product(c, left, right, &f))
        return false;
    const int whole = flow_rank(f);
    for (int i = 0; i < whole; i++)
        if (!(i == whole - 2 && datum_rank(in[0]) == 1) &&
            !(i == whole - 1 && datum_rank(in[1]) == 1))
            dim[rank++] = flow_dim(f, i);
    const struct datum v = datum_of_flow(f);
    if (!datum_reshape(c, &v, rank, dim, &out))
        return false;
    c->out[0] = out;
    return true;
}

bool convert_matmul(struct call *c)
{
    struct flow left, right, f;
    if (!operand_given(c, 0) || !operand_given(c, 1))
        return call_lacks(c, "it has not two operands");
    const struct datum *b = c->in[1];
    const bool known = b->kind == DATUM_constant && b->constant->rank == 2;
    if (operand_rank(c, 0) < 1 || datum_rank(b) < 1)
        return call_lacks(c, "an operand is no matrix");
    if (operand_rank(c, 0) == 1 || datum_rank(b) == 1)
        return vectors(c);
    const struct constant *folded = known && operands_are_constant(c)
                                        ? fold_product(c->import, c->in[0]->constant, b->constant)
                                        : NULL;
    if (folded)
        return give_constant(c, folded);
    if (!operand_flow(c, 0, &left))
        return false;
    if (known)
        return as_rows(c, left, &left) && linear(c, left, transposed(c, b->constant), NULL, &f) &&
               give(c, f);
    return operand_flow(c, 1, &right) && product(c, left, right, &f) && give(c, f);
}

/* A sum of the product and what spreads to it, each with its factor. */
static bool add_scaled(struct call *c, struct flow f, double alpha, double beta)
{
    struct flow more;
    if (!flow_scale(c, f, alpha, &f))
        return false;
    if (!operand_given(c, 2))
        return give(c, f);
    if (!operand_flow(c, 2, &more) || !flow_scale(c, more, beta, &more) ||
        !flow_join_two(c, OP_add, f, more, &f))
        return false;
    return give(c, f);
}

/* Whether the third operand can be a bias. */
static bool is_bias(const struct call *c, int64_t out)
{
    if (!operand_given(c, 2))
        return true;
    const struct datum *v = c->in[2];
    return v->kind == DATUM_constant && constant_elements(v->constant) == out &&
           v->constant->rank >= 1 && v->constant->dim[v->constant->rank - 1] == out;
}

/* The second operand as [out, in]: the file's own tensor where it lies so. */
static const struct constant *weight_of_gemm(struct call *c)
{
    const struct constant *k = c->in[1]->constant;
    return attribute_int(c, "transB", 0) ? k : transposed(c, k);
}

/* An operand that flows, transposed where the attribute says so. */
static bool matrix_operand(struct call *c, int i, const char *attribute, struct flow *f)
{
    static const int swap[2] = {1, 0};
    return operand_flow(c, i, f) &&
           (!attribute_int(c, attribute, 0) || flow_permute(c, *f, swap, f));
}

bool convert_gemm(struct call *c)
{
    struct flow left, right, f;
    const double alpha = attribute_real(c, "alpha", 1), beta = attribute_real(c, "beta", 1);
    for (int i = 0; i < 2; i++)
        if (!operand_given(c, i) || operand_rank(c, i) != 2)
            return call_lacks(c, "operand %d is no matrix", i + 1);
    if (!matrix_operand(c, 0, "transA", &left))
        return false;
    if (c->in[1]->kind != DATUM_constant)
        return matrix_operand(c, 1, "transB", &right) && product(c, left, right, &f) &&
               add_scaled(c, f, alpha, beta);
    const struct constant *matrix = weight_of_gemm(c), *bias = NULL;
    if (alpha != 1 || beta != 1 || !is_bias(c, matrix->dim[0]))
        return linear(c, left, matrix, NULL, &f) && add_scaled(c, f, alpha, beta);
    if (operand_given(c, 2))
        bias = c->in[2]->constant;
    return linear(c, left, matrix, bias, &f) && give(c, f);
}

/* Regions of one picture: their maps are behind one dimension of 1, as all that is of regions. */
bool convert_roi_align(struct call *c)
{
    const char *way = attribute_string(c, "coordinate_transformation_mode");
    const char *mode = attribute_string(c, "mode");
    struct flow map, rois, f;
    struct attrs a;
    if (!operand_flow_as(c, 0, 0, &map) || !operand_flow_as(c, 1, 1, &rois))
        return false;
    if (flow_rank(map) != 4 || flow_dim(map, 0) != 1 || flow_rank(rois) != 2)
        return call_lacks(c, "it takes regions, [n, 4], of one picture");
    if (*mode && strcmp(mode, "avg") != 0)
        return call_lacks(c, "'mode' is '%s'", mode);
    attrs_init(&a, OP_roi_align);
    a.size[0] = attribute_int(c, "output_height", 1);
    a.size[1] = attribute_int(c, "output_width", 1);
    a.sampling_ratio = attribute_int(c, "sampling_ratio", 0);
    a.scales.at[0] = attribute_real(c, "spatial_scale", 1);
    a.aligned = *way ? !strcmp(way, "half_pixel") : c->opset >= 16;
    struct node *const both[2] = {map.node, rois.node};
    struct node *pooled = make(c, OP_roi_align, &a, both, 2, NULL, 0);
    attrs_init(&a, OP_unflatten);
    a.dim.n = 1;
    a.dim.at[0] = 0;
    a.sizes.n = 2;
    a.sizes.at[0] = 1;
    a.sizes.at[1] = flow_dim(rois, 0);
    f = (struct flow){pooled ? make(c, OP_unflatten, &a, &pooled, 1, NULL, 0) : NULL, 1};
    return f.node && give(c, f);
}
