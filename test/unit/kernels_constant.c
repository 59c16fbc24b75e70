/* Convolutions of constant shape, unrolled as in generated code, against the plain reference. */
#include "kernels/kernels.h"

#include "kernel_case.h"

/*
 * Constant shapes, unrolled as in generated code: ic, oc; ih, iw, oh, ow; kernel, stride, padding
 * (above and left); tile; blocks and rows of a task; activation; residual. Square kernels.
 */
#define CONSTANT_CONVS(ROW)                                                                        \
    ROW(tiles_fit, 32, 64, 6, 28, 6, 28, 3, 1, 1, 2, 14, 4, 3, relu, 1)                            \
    ROW(tiles_leave_a_rest, 20, 83, 7, 17, 7, 17, 3, 1, 1, 4, 6, 4, 3, sigmoid, 0)                 \
    ROW(stride_2, 16, 48, 9, 15, 5, 8, 3, 2, 1, 3, 9, 3, 5, none, 1)                               \
    ROW(tile_of_rows, 48, 40, 7, 7, 7, 7, 3, 1, 1, 2, 14, 2, 4, leaky_relu, 0)                     \
    ROW(one_by_one, 40, 64, 1, 50, 1, 50, 1, 1, 0, 1, 28, 4, 1, hardswish, 1)                      \
    ROW(one_column, 70, 100, 1, 1, 1, 1, 1, 1, 0, 6, 1, 6, 1, gelu, 0)                             \
    ROW(covers_input, 5, 33, 4, 4, 1, 1, 4, 1, 0, 2, 1, 2, 1, tanh, 0)                             \
    ROW(narrow_registers, 16, 16, 5, 13, 5, 13, 3, 1, 1, 1, 6, 1, 5, silu, 1)

#define REACH(out, k, s, p, in)                                                                    \
    (((out)-1) * (s) + (k) - (p) - (in) > 0 ? ((out)-1) * (s) + (k) - (p) - (in) : 0)
#define ROW(id, ic_, oc_, ih, iw, oh_, ow_, ks, s, p, b, c, tb, tr, act_, res)                     \
    static const struct netrt_conv shape_##id = {                                                  \
        .in = BLOCKED_VIEW(ic_, ih, iw, p, p, REACH(oh_, ks, s, p, ih), REACH(ow_, ks, s, p, iw)), \
        .out = BLOCKED_VIEW(oc_, oh_, ow_, 1, 2, 0, 1),                                            \
        .other = BLOCKED_VIEW(oc_, oh_, ow_, 0, 1, 0, 0),                                          \
        .images = 2,                                                                               \
        .ic = ic_,                                                                                 \
        .ic_block = NETRT_BLOCK,                                                                   \
        .oc = oc_,                                                                                 \
        .group_oc = oc_,                                                                           \
        .group_ic = ic_,                                                                           \
        .oh = oh_,                                                                                 \
        .ow = ow_,                                                                                 \
        .kh = ks,                                                                                  \
        .kw = ks,                                                                                  \
        .sh = s,                                                                                   \
        .sw = s,                                                                                   \
        .dh = 1,                                                                                   \
        .dw = 1,                                                                                   \
        .pt = p,                                                                                   \
        .pl = p,                                                                                   \
        .bias = 1,                                                                                 \
        .residual = res,                                                                           \
        .act = NETRT_ACT_##act_,                                                                   \
        .act_arg = 0.1f,                                                                           \
        .border_top = 1,                                                                           \
        .border_left = 2,                                                                          \
        .border_right = 1,                                                                         \
        .blocks = b,                                                                               \
        .cols = c,                                                                                 \
        .task_blocks = tb,                                                                         \
        .task_rows = tr};                                                                          \
    static void id(const struct netrt_conv *k, const struct netrt_args *a, long task)              \
    {                                                                                              \
        (void)k;                                                                                   \
        netrt_conv(&shape_##id, a, task);                                                          \
    }
CONSTANT_CONVS(ROW)
#undef ROW

/* Its views must be those of the buffers that the shape asks for. */
static void check_constant(struct test *t, const struct netrt_conv *shape, long ih, long iw,
                           void (*run)(const struct netrt_conv *, const struct netrt_args *, long))
{
    struct operands o = CONV_OPERANDS(t, shape, shape->group_ic, shape->oc, ih, iw, 0,
                                      shape->oc * shape->ic * shape->kh * shape->kw);
    const struct packing p = {
        shape->oc, shape->ic, shape->oc, shape->ic, NETRT_BLOCK, shape->kh * shape->kw, 0};
    struct netrt_conv k = *shape;
    SET_VIEWS(&k, o);
    if (memcmp(&k, shape, sizeof k) != 0) {
        printf("the views of a constant shape are not those of its buffers\n");
        t->failures++;
    }
    o.packed.weight = pack_weights(&p, o.dense.weight);
    netrt_reference_conv(shape, &o.dense, ih, iw);
    RUN(conv, shape, &o.packed, run);
    JUDGE(t, conv, shape, o.out, o.dense.out);
    release_operands(&o);
}

int main(void)
{
    struct test t = {.seed = 1};
#define ROW(id, ic, oc, ih, iw, ...) check_constant(&t, &shape_##id, ih, iw, id);
    CONSTANT_CONVS(ROW)
#undef ROW
    printf("%ld cases, %ld failed\n", t.cases, t.failures);
    return t.failures > 0;
}
