#include "ir/phase.h"

#include "base/number.h"

/* Each phase is a step of its own. */
enum { most_phases = 16 };

/* Of a dilated convolution with fewer products than this share in its map, the phases pay beside
 * Winograd's algorithm: that multiplies less, but small tiles of rows far apart have thrice the
 * weights, and a border as wide as the map. */
static const double most_live = 0.55;

/* Rows, columns or planes; a map of rank 3 has one row. Where the planes of a volume are lowered
 * they are images, and so are the images of maps planes, one behind which none is reached. */
static int64_t extent(const struct type *t, int axis)
{
    return axis == 2 && t->rank != VOLUME_RANK ? t->dim[0] : type_along(t, axis);
}

static int64_t padding_before(const struct node *node, int axis)
{
    static const int sides[] = {0, 1, 4};
    return node->attr.padding[sides[axis]];
}

/* Of one row of input any stride makes the same: one so large that no two outputs share a phase,
 * and no tap reads beside that row. */
static int64_t stride_of(const struct node *node, int axis)
{
    const struct attrs *a = &node->attr;
    const int64_t stride = a->stride[axis], spread = (a->kernel[axis] - 1) * a->dilation[axis];
    if (extent(&node->input[0]->type, axis) > 1)
        return stride;
    return spread + int_max(stride, a->dilation[axis]) + 1;
}

/* ---- transposed convolutions ---- */

static int64_t strided_count(const struct node *node, int axis)
{
    return int_min(stride_of(node, axis), extent(&node->type, axis));
}

/* Leaves out taps that no output of the phase sees anything by. */
static void trim(struct phase *p, int64_t in)
{
    const int64_t last = p->from + p->size - 1;
    const int64_t begin = last < 0 ? (-last + p->dilation - 1) / p->dilation : 0;
    const int64_t end = p->from < in ? int_min(p->taps, (in - 1 - p->from) / p->dilation + 1) : 0;
    p->taps = begin < end ? end - begin : 0;
    p->tap -= begin * p->tap_step;
    p->from += begin * p->dilation;
}

static struct phase strided(const struct node *node, int axis, int64_t i)
{
    const struct attrs *a = &node->attr;
    const int64_t stride = stride_of(node, axis), dilation = a->dilation[axis];
    const int64_t shared = int_gcd(stride, dilation), kernel = a->kernel[axis];
    const int64_t at =
        i + padding_before(node, axis); /* tap k reads row (at - k dilation) / stride */
    struct phase p = {.first = i,
                      .step = stride,
                      .size = (extent(&node->type, axis) - i + stride - 1) / stride,
                      .tap_step = stride / shared,
                      .dilation = dilation / shared};
    int64_t least = 0;
    while (least < kernel && least < p.tap_step && (at - least * dilation) % stride)
        least++;
    if (least == kernel || least == p.tap_step)
        return p;
    p.taps = p.reaching = (kernel - 1 - least) / p.tap_step + 1;
    p.tap = least + (p.taps - 1) * p.tap_step;
    p.from = (at - p.tap * dilation) / stride;
    trim(&p, extent(&node->input[0]->type, axis));
    return p;
}

/* ---- dilated convolutions ---- */

/* The row that tap 0 of output row `at` reads, negative above the input. */
static int64_t row_of(const struct node *conv, int axis, int64_t at)
{
    return at * conv->attr.stride[axis] - conv->attr.padding[axis];
}

/* The first tap by which output row `at` sees the input, and the one behind the last. */
static int64_t first_tap(const struct node *conv, int axis, int64_t at)
{
    const int64_t row = row_of(conv, axis, at), dilation = conv->attr.dilation[axis];
    return row < 0 ? (-row + dilation - 1) / dilation : 0;
}

static int64_t end_of_taps(const struct node *conv, int axis, int64_t at)
{
    const int64_t left = extent(&conv->input[0]->type, axis) - row_of(conv, axis, at);
    const int64_t dilation = conv->attr.dilation[axis];
    return left > 0 ? int_min(conv->attr.kernel[axis], (left + dilation - 1) / dilation) : 0;
}

/* The first output row behind `at`, with a stride of 1, that sees the input by other taps, or the
 * end. */
static int64_t end_of_band(const struct node *conv, int axis, int64_t at)
{
    const int64_t dilation = conv->attr.dilation[axis], before = conv->attr.padding[axis];
    const int64_t tap = first_tap(conv, axis, at), taps = end_of_taps(conv, axis, at);
    int64_t end = extent(&conv->type, axis);
    if (tap > 0) /* the one before sees the first row */
        end = int_min(end, before - (tap - 1) * dilation);
    if (taps > 0) /* the last one sees no row any more */
        end = int_min(end, extent(&conv->input[0]->type, axis) + before - (taps - 1) * dilation);
    return end;
}

/* Or, if there are too many, one more than most_phases. */
static int64_t band_count(const struct node *conv, int axis)
{
    int64_t n = 0;
    for (int64_t at = 0; at < extent(&conv->type, axis) && n <= most_phases; n++)
        at = end_of_band(conv, axis, at);
    return n;
}

static struct phase band(const struct node *conv, int axis, int64_t i)
{
    int64_t at = 0;
    for (; i > 0; i--)
        at = end_of_band(conv, axis, at);
    const int64_t tap = first_tap(conv, axis, at), end = end_of_taps(conv, axis, at);
    const int64_t dilation = conv->attr.dilation[axis];
    struct phase p = {.first = at,
                      .step = 1,
                      .size = end_of_band(conv, axis, at) - at,
                      .tap = tap,
                      .tap_step = 1,
                      .dilation = dilation,
                      .from = row_of(conv, axis, at) + tap * dilation};
    p.taps = p.reaching = int_max(0, end - tap);
    return p;
}

/* What the taps of an axis that see any of the input see of it, as a share of what they read. */
static double live_share(const struct node *conv, int axis)
{
    int64_t live = 0, first[2];
    const struct attrs window = graph_live_window(conv, first);
    for (int64_t i = 0; i < band_count(conv, axis); i++) {
        const struct phase p = band(conv, axis, i);
        live += p.size * p.taps;
    }
    return (double)live / (double)(extent(&conv->type, axis) * window.kernel[axis]);
}

/* Whether a conv is of maps, in one group, with a stride of 1, and dilated where it has taps. */
static bool is_dilated(const struct node *conv)
{
    const struct attrs *a = &conv->attr;
    bool dilated = a->groups == 1 && conv->input[0]->type.rank != VOLUME_RANK;
    for (int axis = 0; axis < 2 && dilated; axis++)
        dilated &= a->stride[axis] == 1 && (a->kernel[axis] == 1 || a->dilation[axis] > 1);
    return dilated;
}

/* ---- both ---- */

int64_t phase_count(const struct node *node, int axis)
{
    return node->op == OP_conv ? band_count(node, axis) : strided_count(node, axis);
}

struct phase phase_of(const struct node *node, int axis, int64_t i)
{
    return node->op == OP_conv ? band(node, axis, i) : strided(node, axis, i);
}

/* Whether outputs that no tap reaches are what is added, as it is: of a gradient. */
static bool only_adds(const struct node *node)
{
    return node->op == OP_conv_transpose && node->residual && !node->weight[ROLE_bias] &&
           !node->act;
}

bool phase_suits(const struct node *node)
{
    if (node->op != OP_conv_transpose && (node->op != OP_conv || !is_dilated(node)))
        return false;
    const int64_t down = phase_count(node, 0), across = phase_count(node, 1);
    bool suits = down <= most_phases && down * across <= most_phases;
    if (node->op == OP_conv)
        suits = suits && down * across > 1 && live_share(node, 0) * live_share(node, 1) < most_live;
    for (int axis = 0; axis < 2 && suits; axis++)
        for (int64_t i = 0; i < phase_count(node, axis); i++)
            suits &= phase_of(node, axis, i).taps > 0 || only_adds(node);
    return suits;
}

static int64_t reached_count(const struct node *node, int axis)
{
    int64_t n = 0;
    for (int64_t i = 0; i < phase_count(node, axis); i++)
        n += phase_of(node, axis, i).taps > 0;
    return n;
}

int64_t phase_steps(const struct node *node)
{
    return phase_suits(node) ? reached_count(node, 0) * reached_count(node, 1) : 1;
}

/* What the phases of one direction read before the input, and behind it. */
static void border_along(const struct node *node, int axis, int64_t *before, int64_t *after)
{
    for (int64_t i = 0; i < phase_count(node, axis); i++) {
        const struct phase p = phase_of(node, axis, i);
        if (!p.taps)
            continue;
        const int64_t last = p.from + p.size - 1 + (p.taps - 1) * p.dilation;
        *before = int_max(*before, -p.from);
        *after = int_max(*after, last + 1 - extent(&node->input[0]->type, axis));
    }
}

void phase_border(const struct node *node, int64_t border[6])
{
    for (int side = 0; side < 6; side++)
        border[side] = 0;
    if (node->op == OP_conv_transpose && node->attr.kernel[2] > 1)
        border_along(node, 2, &border[4], &border[5]);
    if (!phase_suits(node))
        return;
    for (int axis = 0; axis < 2; axis++)
        border_along(node, axis, &border[axis], &border[2 + axis]);
}
