#include "ir/phase.h"

#include "base/number.h"

/* Each phase is a step of its own. */
enum { most_phases = 16 };

/* Rows or columns of a map; one of rank 3 has one row. */
static int64_t extent(const struct type *map, int axis)
{
    return axis == 0 ? type_h(map) : type_w(map);
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
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

int64_t phase_count(const struct node *node, int axis)
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

struct phase phase_of(const struct node *node, int axis, int64_t i)
{
    const struct attrs *a = &node->attr;
    const int64_t stride = stride_of(node, axis), dilation = a->dilation[axis];
    const int64_t shared = common_divisor(stride, dilation), kernel = a->kernel[axis];
    const int64_t at = i + a->padding[axis]; /* tap k reads row (at - k dilation) / stride */
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

bool phase_suits(const struct node *node)
{
    bool suits = phase_count(node, 0) <= most_phases &&
                 phase_count(node, 0) * phase_count(node, 1) <= most_phases;
    for (int axis = 0; axis < 2 && suits; axis++)
        for (int64_t i = 0; i < phase_count(node, axis); i++)
            suits &= phase_of(node, axis, i).taps > 0;
    return suits;
}

int64_t phase_steps(const struct node *node)
{
    return phase_suits(node) ? phase_count(node, 0) * phase_count(node, 1) : 1;
}

/* What the phases of one direction read before the input, and behind it. */
static void border_along(const struct node *node, int axis, int64_t *before, int64_t *after)
{
    for (int64_t i = 0; i < phase_count(node, axis); i++) {
        const struct phase p = phase_of(node, axis, i);
        const int64_t last = p.from + p.size - 1 + (p.taps - 1) * p.dilation;
        *before = int_max(*before, -p.from);
        *after = int_max(*after, last + 1 - extent(&node->input[0]->type, axis));
    }
}

void phase_border(const struct node *node, int64_t border[6])
{
    for (int side = 0; side < 6; side++)
        border[side] = 0;
    if (!phase_suits(node))
        return;
    for (int axis = 0; axis < 2; axis++)
        border_along(node, axis, &border[axis], &border[2 + axis]);
}
