/* Convolutions, dense, depthwise and grouped, of constant shape, unrolled as in generated code,
 * against the plain reference. */
#include "kernels/kernels.h"

#include "kernel_case.h"

/*
 * Constant shapes, unrolled as in generated code: ic, oc; ih, iw, oh, ow; kernel, stride, padding
 * (above and left); tile; blocks and rows of a task; what weights are stored as; activation;
 * residual. Square kernels.
 */
#define CONSTANT_CONVS(ROW)                                                                        \
    ROW(tiles_fit, 32, 64, 6, 28, 6, 28, 3, 1, 1, 2, 14, 4, 3, f32, relu, 1)                       \
    ROW(tiles_leave_a_rest, 20, 83, 7, 17, 7, 17, 3, 1, 1, 4, 6, 4, 3, f32, sigmoid, 0)            \
    ROW(stride_2, 16, 48, 9, 15, 5, 8, 3, 2, 1, 3, 9, 3, 5, f32, none, 1)                          \
    ROW(tile_of_rows, 48, 40, 7, 7, 7, 7, 3, 1, 1, 2, 14, 2, 4, f32, leaky_relu, 0)                \
    ROW(one_by_one, 40, 64, 1, 50, 1, 50, 1, 1, 0, 1, 28, 4, 1, f32, hardswish, 1)                 \
    ROW(one_column, 70, 100, 1, 1, 1, 1, 1, 1, 0, 6, 1, 6, 1, f32, gelu, 0)                        \
    ROW(covers_input, 5, 33, 4, 4, 1, 1, 4, 1, 0, 2, 1, 2, 1, f32, tanh, 0)                        \
    ROW(narrow_registers, 16, 16, 5, 13, 5, 13, 3, 1, 1, 1, 6, 1, 5, f32, silu, 1)                 \
    ROW(bf16_tiles, 20, 83, 7, 17, 7, 17, 3, 1, 1, 1, 6, 4, 3, bf16, relu, 1)                      \
    ROW(bf16_column, 70, 100, 1, 1, 1, 1, 1, 1, 0, 6, 1, 6, 1, bf16, none, 0)                      \
    ROW(f16_tiles, 20, 83, 7, 17, 7, 17, 3, 1, 1, 1, 6, 4, 3, f16, relu, 1)                        \
    ROW(f16_column, 70, 100, 1, 1, 1, 1, 1, 1, 0, 6, 1, 6, 1, f16, none, 0)

#define REACH(out, k, s, p, in)                                                                    \
    (((out)-1) * (s) + (k) - (p) - (in) > 0 ? ((out)-1) * (s) + (k) - (p) - (in) : 0)

/* The fields that all convolutions have. */
#define WINDOW(ic, oc, ih, iw, oh_, ow_, ks, s, p, act_, res)                                      \
    .in = BLOCKED_VIEW(ic, ih, iw, p, p, REACH(oh_, ks, s, p, ih), REACH(ow_, ks, s, p, iw)),      \
    .out = BLOCKED_VIEW(oc, oh_, ow_, 1, 2, 0, 1),                                                 \
    .other = BLOCKED_VIEW(oc, oh_, ow_, 0, 1, 0, 0), .images = 2, .oh = oh_, .ow = ow_, .kh = ks,  \
    .kw = ks, .sh = s, .sw = s, .dh = 1, .dw = 1, .pt = p, .pl = p, .bias = 1, .residual = res,    \
    .act = NETRT_ACT_##act_, .act_arg = 0.1f, .border_top = 1, .border_left = 2, .border_right = 1

/* The instance of a kernel with shape_<id>. */
#define INSTANCE(kernel, id)                                                                       \
    static void id(const struct netrt_##kernel *k, const struct netrt_args *a, long task)          \
    {                                                                                              \
        (void)k;                                                                                   \
        netrt_##kernel(&shape_##id, a, task);                                                      \
    }

#define ROW(id, ic_, oc_, ih, iw, oh_, ow_, ks, s, p, b, c, tb, tr, type, act_, res)               \
    static const struct netrt_conv shape_##id = {                                                  \
        WINDOW(ic_, oc_, ih, iw, oh_, ow_, ks, s, p, act_, res),                                   \
        .ic = ic_,                                                                                 \
        .ic_block = NETRT_BLOCK,                                                                   \
        .oc = oc_,                                                                                 \
        .group_oc = oc_,                                                                           \
        .group_ic = ic_,                                                                           \
        .blocks = b,                                                                               \
        .cols = c,                                                                                 \
        .task_blocks = tb,                                                                         \
        .task_rows = tr,                                                                           \
        .stored = NETRT_STORED_##type};                                                            \
    INSTANCE(conv, id)
CONSTANT_CONVS(ROW)
#undef ROW

/* Depthwise and grouped: channels, channels of a group, size, kernel, stride, columns of the tile.
 */
#define CONSTANT_DEPTHWISES(ROW)                                                                   \
    ROW(depthwise_3x3, 40, 1, 9, 15, 9, 15, 3, 1, 1, 8, relu6, 0)                                  \
    ROW(depthwise_stride_2, 16, 1, 9, 15, 5, 8, 3, 2, 1, 4, hardswish, 1)
#define CONSTANT_GROUPEDS(ROW)                                                                     \
    ROW(groups_of_2, 30, 2, 6, 13, 6, 13, 3, 1, 1, 8, relu, 0)                                     \
    ROW(groups_of_4, 32, 4, 6, 13, 6, 13, 3, 1, 1, 7, relu, 1)                                     \
    ROW(groups_of_8, 40, 8, 9, 15, 5, 8, 3, 2, 1, 8, none, 0)

#define ROW(id, c_, group_, ih, iw, oh_, ow_, ks, s, p, columns, act_, res)                        \
    static const struct netrt_depthwise shape_##id = {                                             \
        WINDOW(c_, c_, ih, iw, oh_, ow_, ks, s, p, act_, res), .c = c_, .cols = columns,           \
        .task_rows = 3};                                                                           \
    INSTANCE(depthwise, id)
CONSTANT_DEPTHWISES(ROW)
#undef ROW
#define ROW(id, c_, group_, ih, iw, oh_, ow_, ks, s, p, columns, act_, res)                        \
    static const struct netrt_grouped shape_##id = {                                               \
        WINDOW(c_, c_, ih, iw, oh_, ow_, ks, s, p, act_, res), .c = c_, .group = group_,           \
        .cols = columns, .task_rows = 3};                                                          \
    INSTANCE(grouped, id)
CONSTANT_GROUPEDS(ROW)
#undef ROW

/* Runs instance `id` over random operands with `ic` input channels and the weights that PACKED
 * makes of dense ones, and judges it. Its views must be those of the buffers that it asks for. */
#define CHECK(t, kernel, id, ic, oc, ih, iw, weights, PACKED)                                      \
    do {                                                                                           \
        const struct netrt_##kernel *const shape = &shape_##id;                                    \
        struct operands o = CONV_OPERANDS(t, shape, ic, oc, ih, iw, 0, weights);                   \
        struct netrt_##kernel k = *shape;                                                          \
        SET_VIEWS(&k, o);                                                                          \
        if (memcmp(&k, shape, sizeof k) != 0) {                                                    \
            printf("the views of %s are not those of its buffers\n", #id);                         \
            (t)->failures++;                                                                       \
        }                                                                                          \
        o.packed.weight = PACKED;                                                                  \
        netrt_reference_##kernel(shape, &o.dense, ih, iw);                                         \
        RUN(kernel, shape, &o.packed, id);                                                         \
        JUDGE(t, kernel, shape, o.out, o.dense.out);                                               \
        release_operands(&o);                                                                      \
    } while (0)

int main(void)
{
    struct test t = {.seed = 1};
#define ROW(id, ic, oc, ih, iw, oh, ow, ks, ...)                                                   \
    const struct packing pack_##id = {oc, ic, oc, ic, NETRT_BLOCK, ks * ks, 0, shape_##id.stored}; \
    CHECK(&t, conv, id, ic, oc, ih, iw, oc *ic *ks *ks, pack_weights(&pack_##id, o.dense.weight));
    CONSTANT_CONVS(ROW)
#undef ROW
#define ROW(id, c, group, ih, iw, oh, ow, ks, ...)                                                 \
    CHECK(&t, depthwise, id, c, c, ih, iw, c *ks *ks,                                              \
          pack_block_weights(o.dense.weight, c, 1, ks *ks));
    CONSTANT_DEPTHWISES(ROW)
#undef ROW
#define ROW(id, c, group, ih, iw, oh, ow, ks, ...)                                                 \
    CHECK(&t, grouped, id, c, c, ih, iw, c *group *ks *ks,                                         \
          pack_block_weights(o.dense.weight, c, group, ks *ks));
    CONSTANT_GROUPEDS(ROW)
#undef ROW
    printf("%ld cases, %ld failed\n", t.cases, t.failures);
    return t.failures > 0;
}
