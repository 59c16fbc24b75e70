/* Counts of operators against sums done by hand. */
#include "cost/cost.h"
#include "ir/ir.h"

#include <stdio.h>
#include <string.h>

struct expected {
    const char *input,
        *text; /* dimensions, behind "i64:" of integers, "" of none; operator and attributes */
    struct counts counts;
};

/* .params, .buffers, .mul, .add, .cmp, .div, .exp, .macs, .bias */
static const struct expected table[] = {
    /* 2 images, 4 x 6 x 6 outputs of 3 x 3 x 3 = 27 taps: 2 * 144 * 27 = 7776 products,
     * 288 * 26 = 7488 sums and 288 biases; 4 * 27 weights and 4 biases */
    {"2,3,8,8", "conv {out=4, kernel=3}", {112, 0, 7776, 7776, 0, 0, 0, 7776, 288}},
    {"2,3,8,8", "conv {out=4, kernel=3, bias=false}", {108, 0, 7776, 7488, 0, 0, 0, 7776, 0}},
    /* 4 x 2 x 4 x 3 outputs of 2 channels of 2 x 1 x 3 = 12 taps; 48 weights */
    {"1,2,5,4,5",
     "conv {out=4, kernel=[2,1,3], stride=[3,1,1], padding=[1,0,0,0,0,0]}",
     {52, 0, 1152, 1152, 0, 0, 0, 1152, 96}},
    /* padding counts; 2 groups: 8 x 4 x 4 outputs of 2 * 1 * 3 = 6 taps */
    {"1,4,8,8",
     "conv {out=8, kernel=[1,3], stride=2, padding=[0,1,0,1], groups=2, bias=false}",
     {48, 0, 768, 640, 0, 0, 0, 768, 0}},
    /* 5 x 3 x 3 inputs, each to 2 channels x 2 x 2: 45 * 8 = 360 products into 2 x 6 x 6 = 72
     * outputs */
    {"1,5,3,3", "conv_transpose {out=2, kernel=2, stride=2}", {42, 0, 360, 360, 0, 0, 0, 360, 72}},
    /* stride above the kernel: 9 products, 49 outputs, nothing to add */
    {"1,1,3,3",
     "conv_transpose {out=1, kernel=1, stride=3, bias=false}",
     {1, 0, 9, 0, 0, 0, 0, 9, 0}},
    /* 3 images, 5 outputs of 7 products */
    {"3,7", "linear {out=5}", {40, 0, 105, 105, 0, 0, 0, 105, 15}},
    {"3,7", "linear {out=5, bias=false}", {35, 0, 105, 90, 0, 0, 0, 105, 0}},
    /* 2 rows of 7 features, 5 outputs of 7 products each */
    {"1,2,7", "linear {out=5}", {40, 0, 70, 70, 0, 0, 0, 70, 10}},
    /* 2 images of 3 steps, a state of 2, 8 gates of it: 6 * 8 (5 + 2) = 336 products, each gate's
     * two sums of 4 and 1 additions, one to join them, and 2 biases: 6 * 8 (4 + 1 + 1 + 2) = 384.
     * Of each of 12 states 3 sigmoids (an exp, add and div each), 2 tanh, 3 products and a sum. 8
     * (5 + 2) weights and 16 biases */
    {"i64:2,3", "embedding {num_embeddings=7, embedding_dim=5}", {35, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"2,3,5", "lstm {hidden_size=2}", {72, 0, 372, 432, 0, 36, 60, 336, 96}},
    /* 1 image of 3 steps, both directions, 2 layers, 8 gates of each: 3 * 16 (5 + 2) + 3 * 16 (4 +
     * 2) = 624 products, and 48 (4 + 1 + 1) + 48 (3 + 1 + 1) = 528 additions; 24 states; 2 * 8 (7 +
     * 6) weights */
    {"1,3,5",
     "lstm {hidden_size=2, num_layers=2, bias=false, bidirectional=true}",
     {208, 0, 696, 624, 0, 72, 120, 624, 0}},
    /* 6 gates: 6 * 6 (5 + 2) = 252 products, 6 * 6 (4 + 1 + 1 + 2) = 288 additions; of each of 12
     * states 2 sigmoids, a tanh, 3 products, a difference and a sum; 6 (5 + 2) weights and 12
     * biases */
    {"2,3,5", "gru {hidden_size=2}", {54, 0, 288, 336, 0, 24, 36, 252, 72}},
    {"1,2,6", "reshape {shape=[3,4]}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,2,6", "permute {dims=[0,2,1]}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,2,6", "slice {dim=2, start=1, step=2}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,2,6", "roll {shifts=1, dims=2}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,2,6", "flip {dims=[1,2]}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,2,6", "unfold {dim=2, size=3}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,2,6", "unflatten {dim=2, sizes=[2,3]}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"", "full {shape=[1,2,6], value=2}", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"", "param {shape=[1,2,6]}", {12, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,4,2,3", "bn", {8, 8, 24, 24, 0, 0, 0, 0, 0}},
    {"1,4,2,3", "bn {affine=false}", {0, 8, 24, 24, 0, 0, 0, 0, 0}},
    /* 2 images of n = 12: 2 (12 squares + 12 scales); 2 (11 + 12 + 11 + 1 + 12 shifts);
     * 2 (1 + 1 + 12) quotients; 2 roots */
    {"2,3,2,2", "layernorm", {24, 0, 48, 94, 0, 28, 2, 0, 0}},
    /* 8 positions of n = 3: 3 squares and 3 scales; 2 + 3 + 2 + 1 and 3 shifts; 1 + 1 + 3 */
    {"2,3,2,2", "layernorm {dim=1}", {6, 0, 48, 88, 0, 40, 8, 0, 0}},
    /* 12 rows of 2 */
    {"2,3,2,2", "layernorm {dim=-1, affine=false}", {0, 0, 24, 60, 0, 48, 12, 0, 0}},
    /* 6 planes of n = 4: 4 squares and 4 scales; 3 + 4 + 3 + 1 and 4 shifts; 1 + 1 + 4 */
    {"2,3,2,2", "layernorm {dim=[3,2]}", {8, 0, 48, 90, 0, 36, 6, 0, 0}},
    /* 2 images of n = 12: 12 squares and 12 scales; 11 and eps; 1 and 12; a root */
    {"2,3,2,2", "rmsnorm", {12, 0, 48, 24, 0, 26, 2, 0, 0}},
    /* 8 positions of n = 3: 3 squares; 2 and eps; 1 and 3; a root */
    {"2,3,2,2", "rmsnorm {dim=1, affine=false}", {0, 0, 24, 24, 0, 32, 8, 0, 0}},
    /* 2 images of 2 groups of n = 8, as layernorm's: 8 + 8; 7 + 8 + 7 + 1 + 8; 1 + 1 + 8 */
    {"2,4,2,2", "groupnorm {groups=2}", {8, 0, 64, 124, 0, 40, 4, 0, 0}},
    {"2,4,2,2", "groupnorm {groups=2, affine=false}", {0, 0, 32, 92, 0, 40, 4, 0, 0}},
    /* 8 planes of n = 4: 4; 3 + 4 + 3 + 1; 1 + 1 + 4 */
    {"2,4,2,2", "instancenorm", {0, 0, 32, 88, 0, 48, 8, 0, 0}},
    {"2,4,2,2", "instancenorm {affine=true}", {8, 0, 64, 120, 0, 48, 8, 0, 0}},
    {"2,3,2,2", "layernorm {affine=false}", {0, 0, 24, 70, 0, 28, 2, 0, 0}},
    /* 8 elements: a square and alpha; 4 sums of 5 squares and k; size and the quotient; a power */
    {"1,2,2,2", "lrn {size=5}", {0, 0, 16, 40, 0, 16, 8, 0, 0}},
    {"1,2,2,2", "relu", {0, 0, 0, 0, 8, 0, 0, 0, 0}},
    {"1,2,2,2", "relu6", {0, 0, 0, 0, 16, 0, 0, 0, 0}},
    {"1,2,2,2", "leaky_relu", {0, 0, 8, 0, 8, 0, 0, 0, 0}},
    {"1,2,2,2", "sigmoid", {0, 0, 0, 8, 0, 8, 8, 0, 0}},
    {"1,2,2,2", "tanh", {0, 0, 0, 0, 0, 0, 8, 0, 0}},
    {"1,2,2,2", "gelu", {0, 0, 24, 8, 0, 0, 8, 0, 0}},
    {"1,2,2,2", "silu", {0, 0, 8, 8, 0, 8, 8, 0, 0}},
    {"1,2,2,2", "hardswish", {0, 0, 8, 8, 16, 8, 0, 0, 0}},
    {"1,2,2,2", "hardsigmoid", {0, 0, 0, 8, 16, 8, 0, 0, 0}},
    {"1,2,2,2", "clip {min=-1, max=1}", {0, 0, 0, 0, 16, 0, 0, 0, 0}},
    {"1,2,2,2", "clip {min=-1}", {0, 0, 0, 0, 8, 0, 0, 0, 0}},
    {"1,2,2,2", "elu", {0, 0, 8, 8, 8, 0, 8, 0, 0}},
    /* exp, log and tanh of 8 elements */
    {"1,2,2,2", "mish", {0, 0, 8, 8, 0, 0, 24, 0, 0}},
    {"1,2,2,2", "softplus", {0, 0, 8, 8, 8, 8, 16, 0, 0}},
    {"1,2,2,2", "exp", {0, 0, 0, 0, 0, 0, 8, 0, 0}},
    {"1,2,2,2", "log", {0, 0, 0, 0, 0, 0, 8, 0, 0}},
    {"1,2,2,2", "sqrt", {0, 0, 0, 0, 0, 0, 8, 0, 0}},
    {"1,2,2,2", "abs", {0, 0, 0, 0, 8, 0, 0, 0, 0}},
    {"1,2,2,2", "neg", {0, 0, 0, 8, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "pow {exponent=3}", {0, 0, 0, 0, 0, 0, 8, 0, 0}},
    {"1,2,2,2", "prelu", {1, 0, 8, 0, 8, 0, 0, 0, 0}},
    {"1,2,2,2", "prelu {num_parameters=2}", {2, 0, 8, 0, 8, 0, 0, 0, 0}},
    /* 6 positions of n = 4: 6 * 3 cmp, 6 (4 + 3) add, 24 exp, 24 div */
    {"1,4,2,3", "softmax", {0, 0, 0, 42, 18, 24, 24, 0, 0}},
    /* 8 rows of n = 3: 8 * 2 cmp, 8 (3 + 2) add */
    {"1,4,2,3", "softmax {dim=-1}", {0, 0, 0, 40, 16, 24, 24, 0, 0}},
    /* 6 * 3 cmp, 6 (4 + 3 + 4) add, 24 exp and 6 log */
    {"1,4,2,3", "log_softmax", {0, 0, 0, 66, 18, 0, 30, 0, 0}},
    /* 3 x 4 x 4 outputs of windows of 9 */
    {"1,3,8,8", "maxpool {kernel=3, stride=2, padding=1}", {0, 0, 0, 0, 384, 0, 0, 0, 0}},
    {"1,3,8,8", "avgpool {kernel=2}", {0, 0, 0, 144, 0, 48, 0, 0, 0}},
    /* 3 x 2 x 2 x 3 outputs of windows of 12, less one, and of 8 */
    {"1,3,4,4,6", "maxpool {kernel=[3,2,2], stride=[1,2,2]}", {0, 0, 0, 0, 396, 0, 0, 0, 0}},
    {"1,3,4,4,6", "avgpool {kernel=2}", {0, 0, 0, 252, 0, 36, 0, 0, 0}},
    {"1,3,4,4,6", "global_avgpool", {0, 0, 0, 285, 0, 3, 0, 0, 0}},
    /* the 28 items of the next, of 4 planes in 2 windows of 2 (to 4): 2 (112 - 12) sums */
    {"1,2,4,5,4", "adaptive_avgpool {size=[2,3,2]}", {0, 0, 0, 200, 0, 24, 0, 0, 0}},
    /* rows of 5 in 3 windows of 2, 3, 2 (they sum to 7); columns of 4 in 2 windows of 2 (to 4):
     * 2 planes of 28 items in 6 windows: 2 (28 - 6) sums */
    {"1,2,5,4", "adaptive_avgpool {size=[3,2]}", {0, 0, 0, 44, 0, 12, 0, 0, 0}},
    /* 1 row enlarged to 3: each window is that row */
    {"1,1,1,1", "adaptive_avgpool {size=3}", {0, 0, 0, 0, 0, 9, 0, 0, 0}},
    {"2,3,4,5", "global_avgpool", {0, 0, 0, 114, 0, 6, 0, 0, 0}},
    /* the same windows: 56 items in 12, and 2 x 3 planes of 20 in 6 */
    {"1,2,5,4", "adaptive_maxpool {size=[3,2]}", {0, 0, 0, 0, 44, 0, 0, 0, 0}},
    {"2,3,4,5", "global_maxpool", {0, 0, 0, 0, 114, 0, 0, 0, 0}},
    /* 6 positions of 4; 2 images of 3 */
    {"1,4,2,3", "argmax {dim=1}", {0, 0, 0, 0, 18, 0, 0, 0, 0}},
    {"2,3,1,1", "argmin {dim=1, keepdim=true}", {0, 0, 0, 0, 4, 0, 0, 0, 0}},
    /* 6 positions of 4: 3 comparisons for the first, 2 for the second */
    {"1,4,2,3", "topk {k=2, dim=1}", {0, 0, 0, 0, 30, 0, 0, 0, 0}},
    {"1,3,4", "long", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"1,3,4", "float", {0, 0, 0, 0, 0, 0, 0, 0, 0}},
    /* scores of 4 classes for 3 boxes, each box its own scores: 12 candidates, 2 results: 11 + 10
     * pairs; 12 + 8 * 21 cmp, 2 * 12 + 4 * 21 add, 12 + 21 mul */
    {"1,3,4", "nms %x, {detections=2}", {0, 0, 33, 108, 180, 21, 0, 0, 0}},
    /* the same 21 pairs: a square, a product and a quotient more for each, and an exponential */
    {"1,3,4", "nms %x, {detections=2, sigma=0.5}", {0, 0, 75, 108, 180, 42, 21, 0, 0}},
    /* 2 x 3 positions, 2 boxes each: 48 sides */
    {"", "anchors {size=[2,3], stride=8, sizes=[8,16]}", {0, 0, 0, 48, 0, 0, 0, 0, 0}},
    /* 3 boxes: 30 add, 24 mul, 6 exp, 6 cmp; at a border 24 cmp more, weights: 12 div */
    {"1,3,4", "inside {size=8}", {0, 0, 0, 0, 12, 0, 0, 0, 0}},
    {"1,3,4", "decode %x,", {0, 0, 24, 30, 6, 0, 6, 0, 0}},
    {"1,3,4", "decode %x, {weights=[10,10,5,5], size=8}", {0, 0, 24, 30, 30, 12, 6, 0, 0}},
    /* 3 boxes: 12 exp, 6 sigmoids with a sum and a quotient each; 36 + 6 add, 24 mul */
    {"1,3,4", "decode_yolo %x, {stride=8}", {0, 0, 24, 42, 0, 6, 12, 0, 0}},
    {"1,3,4", "decode_yolo %x, {stride=8, scaled=true}", {0, 0, 36, 48, 0, 12, 12, 0, 0}},
    {"1,2,2,2", "flatten", {0}},
    {"1,2,2,2", "dropout", {0}},
    {"1,2,2,2", "pad {padding=1}", {0}},
    {"1,2,2,2", "crop {size=1}", {0}},
    {"1,2,2,2", "channel_shuffle {groups=2}", {0}},
    {"1,4,2,2", "pixel_shuffle {upscale_factor=2}", {0}},
    {"1,2,2,2", "pixel_unshuffle {downscale_factor=2}", {0}},
    {"1,2,2,2", "upsample {scale=2}", {0}},
    {"1,2,2,2", "upsample {size=[1,3], mode=bilinear}", {0, 0, 24, 18, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "upsample {scale=2, mode=bilinear}", {0, 0, 128, 96, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "upsample {scale=[1.5,1], mode=bicubic}", {0, 0, 192, 180, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "upsample {scale=1.5, mode=nearest-exact}", {0}},
    {"1,2,2,2", "scale {factor=0.5}", {0, 0, 8, 0, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "identity", {0}},
    {"1,2,2,2", "add %x, %x,", {0, 0, 0, 16, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "mul %x,", {0, 0, 8, 0, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "sub %x, %x,", {0, 0, 0, 16, 0, 0, 0, 0, 0}},
    {"1,2,2,2", "div %x,", {0, 0, 0, 0, 0, 8, 0, 0, 0}},
    {"1,2,2,2", "minimum %x,", {0, 0, 0, 0, 8, 0, 0, 0, 0}},
    {"1,2,2,2", "maximum %x,", {0, 0, 0, 0, 8, 0, 0, 0, 0}},
    /* 3 planes of 2 x 2 sums of 2 products */
    {"1,3,2,2", "matmul %x,", {0, 0, 24, 12, 0, 0, 0, 24, 0}},
    /* 3 planes of 2 x 2 scores, sums of 2 products, and as many results; 12 scores times the scale;
     * softmax of each pair: 1 cmp, 3 add, 2 exp, 2 div; with the mask 12 add more */
    {"1,3,2,2", "scaled_dot_product_attention %x, %x,", {0, 0, 60, 42, 6, 12, 12, 48, 0}},
    {"1,3,2,2", "scaled_dot_product_attention %x, %x, %x,", {0, 0, 60, 54, 6, 12, 12, 48, 0}},
    /* 2 x 3 planes of 4 to one */
    {"2,3,2,2", "mean {dim=[2,3]}", {0, 0, 0, 18, 0, 6, 0, 0, 0}},
    {"2,3,2,2", "sum {dim=[-1], keepdim=true}", {0, 0, 0, 12, 0, 0, 0, 0, 0}},
    {"2,3,2,2", "amax {dim=1}", {0, 0, 0, 0, 16, 0, 0, 0, 0}},
    {"2,3,2,2", "amin {keepdim=true}", {0, 0, 0, 0, 22, 0, 0, 0, 0}},
    {"1,2,2,2", "concat %x,", {0}},
};

/* The graph of one operator; it stands behind what `text` gives of its operands. */
/* The last node of a graph; NULL: it has errors, which are printed. */
static const struct node *read_node(struct arena *arena, const char *graph)
{
    struct sources sources;
    struct diags diags;
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    uint32_t file = sources_add(&sources, "graph", graph, strlen(graph));
    struct graph *g = graph_read(arena, strings_new(arena), &diags, file);
    diags_print(&diags, stdout);
    return g ? g->nodes.at[g->nodes.n - 1] : NULL;
}

static const struct node *make_node(struct arena *arena, const char *input, const char *text)
{
    size_t n = strcspn(text, "{");
    const bool integer = !strncmp(input, "i64:", 4);
    input += integer ? 4 : 0;
    const char *graph = arena_printf(arena,
                                     "graph \"count\" { %%x = input \"x\" : %s[%s] %%y = %.*s %s %s"
                                     " \"y\" output \"y\" = %%y }",
                                     integer ? "i64" : "f32", *input ? input : "1,1", (int)n, text,
                                     *input ? "%x" : "", text + n);
    return read_node(arena, graph);
}

static int wrong(const char *text, const char *what, int64_t got, int64_t expected)
{
    if (got == expected)
        return 0;
    printf("%s: %lld %s, not %lld\n", text, (long long)got, what, (long long)expected);
    return 1;
}

/* Faults of the counts of a node, NULL if there is none. */
static int check_node(const struct expected *row, const struct node *n)
{
    const struct counts *want = &row->counts;
    struct counts got;
    int faults = !n || !cost_count(n, &got);
    if (faults)
        return faults;
    faults += wrong(row->text, "params", got.params, want->params);
    faults += wrong(row->text, "buffers", got.buffers, want->buffers);
    faults += wrong(row->text, "mul", got.mul, want->mul);
    faults += wrong(row->text, "add", got.add, want->add);
    faults += wrong(row->text, "cmp", got.cmp, want->cmp);
    faults += wrong(row->text, "div", got.div, want->div);
    faults += wrong(row->text, "exp", got.exp, want->exp);
    faults += wrong(row->text, "macs", got.macs, want->macs);
    return faults + wrong(row->text, "bias", got.bias, want->bias);
}

static int check(const struct expected *row)
{
    struct arena *arena = arena_new();
    const int faults = check_node(row, make_node(arena, row->input, row->text));
    arena_free(arena);
    return faults;
}

/* Three regions of 5 x 4 positions of 2 channels, in 3 x 2 elements: of the whole map windows as of
 * adaptive_maxpool {size=[3,2]}, 28 items in 6; or of 2 x 2 samples of 4 products, or ceil(5 / 3) x
 * ceil(4 / 2) of them. */
static int check_regions(void)
{
    static const struct expected regions[] = {
        {NULL, "roi_pool %x, %r {size=[3,2]}", {.cmp = 3 * 2 * (28 - 6)}},
        {NULL,
         "roi_align %x, %r {size=[3,2], sampling_ratio=2}",
         {.mul = 576, .add = 540, .div = 36}},
        {NULL, "roi_align %x, %r {size=[3,2]}", {.mul = 576, .add = 540, .div = 36}},
        {NULL, "roi_align %x, %r {size=1}", {.mul = 480, .add = 474, .div = 6}},
        /* 3 pictures of 4 x 5 */
        {NULL, "paste_masks %m, %r {size=[4,5]}", {.mul = 8 * 60, .add = 9 * 60}},
        /* 3 regions of 2 maps of 6 positions: 6 points */
        {NULL,
         "heatmaps_to_keypoints %h, %r",
         {.mul = 8 * 36 + 2 * 6, .add = 6 * 36 + 4 * 6, .cmp = 30}}};
    int faults = 0;
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        struct arena *arena = arena_new();
        const char *graph = arena_printf(arena,
                                         "graph \"count\" { %%x = input \"x\" : f32[1,2,5,4] "
                                         "%%r = input \"r\" : f32[1,3,4] "
                                         "%%m = input \"m\" : f32[1,3,2,3] "
                                         "%%h = input \"h\" : f32[1,3,2,2,3] %%y = %s \"y\" "
                                         "output \"y\" = %%y }",
                                         regions[i].text);
        faults += check_node(&regions[i], read_node(arena, graph));
        arena_free(arena);
    }
    return faults;
}

/* More than 2^42 outputs of 2^22 taps do not fit. */
static int check_overflow(void)
{
    struct arena *arena = arena_new();
    const struct node *n = make_node(arena, "1,1,1,1048576",
                                     "conv {out=1048576, kernel=[1,4194304], bias=false, "
                                     "padding=[0,4194304,0,4194304]}");
    struct counts counts;
    int fault = !n || cost_count(n, &counts);
    if (fault)
        puts("an overflow was not seen");
    arena_free(arena);
    return fault;
}

int main(void)
{
    int faults = check_overflow() + check_regions();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        faults += check(&table[i]);
    return faults != 0;
}
