/* What graph text is refused, and with which words: syntax, shapes, and the verifier. */
#include "ir/ir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct refused {
    const char *text, *message;
};

/* In the place of the dots: graph "t" { %x = input "x" : f32[1,4,8,8] ... output "x" = %x } */
static const struct refused table[] = {
    /* the scanner */
    {"?", "a byte 0x3f stands for nothing here"},
    {"source \"a.net", "a string ends on its line, with a quote"},
    {"source \"a.net\\", "a string ends on its line, with a quote"},

    /* the grammar */
    {"conv", "expected a node, or what can stand in a graph"},
    {"%y conv %x", "expected '='"},
    {"%y = gemm %x", "expected an operator"},
    {"%y = normalize %x", "expected an operator"},
    {"%y = relu x", "relu takes 1 operand, not 0"},
    {"%y = relu %z", "there is no value '%z'"},
    {"%y = relu %y", "there is no value '%y'"},
    {"%x = relu %x", "'x' is defined twice"},
    {"%y = relu %x : f12[1]", "expected a type, as f32[1,3,224,224]"},
    {"%y = relu %x : f32[1,2,3,4,5,6,7]", "expected at most six dimensions"},
    {"%y = relu %x : f32[1,4,8,8]:tiled", "expected a layout: blocked, planes or rows"},
    {"output \"y\" = %y", "there is no value '%y'"},
    {"source a.net", "expected a path"},
    {"} }", "expected the end of the file"},
    {"graph", "expected a node, or what can stand in a graph"},

    /* attributes */
    {"%y = conv %x {output=4}", "conv has no such attribute"},
    {"%y = conv %x {out=4} \"y\"", "conv needs 'kernel'"},
    {"%y = scale %x", "scale needs 'factor'"},
    {"%y = conv %x {out=0, kernel=3} \"y\"", "'out' of conv is below 1"},
    {"%y = conv %x {out=4, kernel=[3,0]} \"y\"", "'kernel' of conv is below 1"},
    {"%y = maxpool %x {kernel=2, stride=-1}", "'stride' of maxpool is below 1"},
    {"%y = conv %x {out=4, kernel=[3,3,3]} \"y\"", "expected ']'"},
    {"%y = conv %x {out=[4,4], kernel=3} \"y\"", "expected an integer"},
    {"%y = conv %x {out=4.5, kernel=3} \"y\"", "expected an integer"},
    {"%y = conv %x {out=1e30, kernel=3} \"y\"", "expected an integer"},
    {"%y = conv %x {out=inf, kernel=3} \"y\"", "expected an integer"},
    {"%y = conv %x {out=4, kernel=3, bias=1} \"y\"", "expected 'true' or 'false'"},
    {"%y = upsample %x {scale=2, mode=cubic}", "expected a mode"},
    {"%y = lrn %x {size=5, alpha=nan}", "expected a number"},

    /* clauses */
    {"%y = relu %x act=swish", "expected an activation"},
    {"%y = relu %x act=relu", "%1 = relu: cannot apply an activation"},
    {"%y = relu %x residual", "relu takes 1 operand, not 0"},
    {"%y = relu %x in !0", "expected a frame that stands above"},
    {"%y = relu %x on -1", "expected a device before this"},
    {"%y = relu %x into=%z[0]", "there is no value '%z'"},
    {"%y = relu %x border=-1", "%1 = relu: a border of -1"},
    {"%y = flatten %x border=1", "%1 = flatten: has a border, but no rows"},
    {"frame !1 = net \"n\"", "expected the frame of the next number"},
    {"frame !0 = loop \"n\"", "expected net, block, repeat, for or branch"},
    {"frame !0 = repeat in !0", "expected a frame that stands above"},

    /* weights */
    {"%y = bn %x", "bn needs a name, for its parameters"},
    {"%y = linear %x {out=1, bias=false} weight=@a", "parameter 'a' is not declared"},
    {"param @a : f32[4] param @a : f32[4]", "'a' is defined twice"},
    {"param @a : f32[1000000,1000000,1000000]", "too large to address"},
    {"%y = relu %x weight=1", "relu has no weight"},
    {"%y = conv %x {out=4, kernel=1} weight=1", "conv lacks its bias"},
    {"%y = bn %x {affine=false} running_mean=1 running_var=exp(1)",
     "expected a parameter, a number"},
    {"%y = bn %x {affine=false} running_mean=param(1)", "expected a parameter, a number"},
    {"param @a : f32[4] param @b : f32[5] %y = bn %x running_mean=add(@a, @b)",
     "the operands of add do not fit each other"},
    {"param @a : f32[4] param @b : f32[4,5] %y = bn %x running_mean=mul(@b, @a, axis=1)",
     "the operands of mul do not fit each other"},
    {"param @a : f32[4] %y = bn %x running_mean=mul(@a, @a, axis=-1)",
     "operands of mul do not fit"},
    {"param @a : f32[4] %y = bn %x {affine=false} running_mean=@a running_var=2",
     "%1 = bn: its running_var is not of the shape of the operator's"},
    {"param @y.weight : f32[4,4,3,3] %y = conv %x {out=4, kernel=1, bias=false} \"y\"",
     "%1 = conv \"y\": its weight is not of the shape of the operator's"},
    {"param @a : f32[4] %y = bn %x {affine=false} running_mean=@a running_var=mul(@a, inf)",
     "%1 = bn: a weight is not a number"},
    {"%y = bn %x \"y\" %z = bn %x {affine=false} \"y\"",
     "%2 = bn \"y\": %1 has its name, and other parameters"},

    /* the rest of a graph */
    {"picture %x relu", "expected a step of preprocessing"},
    {"picture %x resize", "resize needs 'size'"},
    {"picture %x resize {size=0}", "'size' of resize is below 1"},
    {"%y = relu %x picture %y bgr", "expected an input before this"},
    {"%y = input : f32[1,4]", "%1 = input: has no name"},
    {"require }", "expected a condition"},
    {"require le(params)", "expected ','"},
    {"require index(params, 1)", "expected an operator before this"},
    {"require number(1, 2)", "expected an operator before this"},

    /* concat in place */
    {"%y = relu %x into=%x[0]", "%1 = relu: lies in %0, which is no concat below it"},
    {"%y = relu %x into=%z[1] %z = concat %y, %x", 0},
    {"%y = relu %x into=%z[5] %z = concat %y, %x",
     "%1 = relu: from channel 5 on, does not lie in the channels of %2"},
    {"%y = relu %x into=%z[-1] %z = concat %y, %x", "from channel -1 on, does not lie"},
    {"%y = maxpool %x {kernel=2} into=%z[0] %z = concat %x",
     "%1 = maxpool: differs in rows, columns or layout from %2"},

    /* results */
    {"%y = lstm %x {hidden_size=4} \"y\"",
     "lstm needs steps and features, [steps, features], its input is 4x8x8"},
    {"%s = reshape %x {shape=[8,32]} %y = gru %s {hidden_size=4, num_layers=9} \"y\"",
     "gru has at most 8 layers, not 9: put another one behind it"},
    {"%s = reshape %x {shape=[8,32]} %y = gru %s {hidden_size=0} \"y\"",
     "'hidden_size' of gru is below 1"},
    {"%s = reshape %x {shape=[8,32]} %y = lstm %s {hidden_size=70368744177664} \"y\"",
     "the result or the weights of lstm are too large to address"},
    {"%s = reshape %x {shape=[8,32]} %y = gru %s {hidden_size=4} \"y\" %z = result %y {index=2}",
     "the results of gru are 2, numbered from 0: there is no number 2"},
    {"%y = relu %x %z = result %y {index=1}",
     "the results of relu are 1, numbered from 0: there is no number 1"},
    {"%s = reshape %x {shape=[8,32]} %y = gru %s {hidden_size=4} \"y\" %z = result %y {index=1} "
     "into=%c[0] %c = concat %z",
     "%3 = result: lies where its operand makes it, not in %4"},
    {"%y = relu %x %z = result %y {index=0}", "'index' of result is below 1"},
    {"%y = relu %x %z = result %y", "result needs 'index'"},
    {"%s = reshape %x {shape=[8,32]} %y = gru %s {hidden_size=4} \"y\" %z = result %y {index=1} : "
     "f32[1,1,5]",
     "the shape of this is 1x1x4"},

    /* shapes: numbers of inputs, flat or not */
    {"%y = input \"y\"", "an input has a batch and at least one more dimension"},
    {"%y = input \"y\" : f32[1,0,8,8]", "are too large to address"},
    {"%y = add", "add takes 1 or more operands, not 0"},
    {"%y = conv %x, %x {out=1, kernel=1} \"y\"", "conv takes 1 operand, not 2"},
    {"%y = relu %x : f32[1,4,8,9]", "the shape of this is 1x4x8x8"},
    {"%y = linear %x {out=10} \"y\"",
     "linear needs a flat input, this is 4x8x8: put flatten before"},
    {"%f = flatten %x %y = conv %f {out=1, kernel=1} \"y\"",
     "conv needs channels and positions, its input is 256"},
    {"%f = flatten %x %y = maxpool %f {kernel=1}", "maxpool needs channels and positions"},
    {"%f = flatten %x %y = upsample %f {scale=2}", "upsample needs channels and positions"},
    {"%f = flatten %x %y = pad %f", "pad needs channels and positions"},
    {"%f = flatten %x %y = crop %f {size=1}", "crop needs channels and positions"},
    {"%f = flatten %x %y = channel_shuffle %f {groups=1}",
     "channel_shuffle needs channels and positions"},
    {"%f = flatten %x %y = global_avgpool %f", "global_avgpool needs channels and positions"},

    /* shapes: gradients; 4 channels are not of 3 groups */
    {"%f = flatten %x %y = weight_gradient %x, %f {kernel=1}",
     "operands of weight_gradient do not fit each other: 4x8x8 and 256"},
    {"%y = weight_gradient %x, %x {kernel=1, groups=3}",
     "operands of weight_gradient do not fit each other: 4x8x8 and 4x8x8"},
    {"%y = conv %x {out=3, kernel=1} \"y\" %z = maxpool_gradient %x, %y {kernel=1}",
     "operands of maxpool_gradient do not fit each other: 4x8x8 and 3x8x8"},

    /* shapes: windows */
    {"%y = conv %x {out=4, kernel=[9,11], padding=[0,1,0,1]} \"y\"",
     "the 9x11 window of conv is larger than its padded input of 8x10"},
    {"%y = conv %x {out=4, kernel=5, dilation=2} \"y\"", "the kernel of 5x5 is dilated by 2x2"},
    {"%y = maxpool %x {kernel=9, stride=1}", "the 9x9 window of maxpool is larger than its padded"},
    {"%y = maxpool %x {kernel=3, padding=2}", "a padding of 2 is more than half of the kernel's 3"},
    {"%y = conv %x {out=4, kernel=1, groups=3} \"y\"",
     "4 input channels do not divide into 3 groups"},
    {"%y = conv %x {out=5, kernel=1, groups=2} \"y\"",
     "5 output channels do not divide into 2 groups"},
    {"%y = channel_shuffle %x {groups=3}", "4 input channels do not divide into 3 groups"},
    {"%y = conv_transpose %x {out=1, kernel=2, output_padding=1} \"y\"",
     "an output padding of 1 needs a stride or dilation above it, these are 1 and 1"},
    {"%y = conv_transpose %x {out=1, kernel=1, padding=4} \"y\"",
     "the padding leaves nothing of 4x8x8"},
    {"%y = crop %x {size=[8,9]}", "a crop of 8x9 does not lie in 4x8x8"},
    {"%y = crop %x {size=7, offset=2}", "a crop of 7x7 does not lie in 4x8x8"},
    {"%y = upsample %x", "upsample takes a scale or a size, one of them"},
    {"%y = upsample %x {scale=2, size=16}", "upsample takes a scale or a size, one of them"},
    {"%y = upsample %x {scale=[2,0]}", "upsample takes a scale or a size, one of them"},
    {"%y = upsample %x {scale=2, align_corners=true}",
     "'align_corners' needs mode \"bilinear\" or"},
    {"%y = upsample %x {scale=2, mode=nearest-exact, align_corners=true}",
     "'align_corners' needs mode"},
    {"%y = upsample %x {scale=[1.5,0.01]}", "upsample by 1.5 and 0.01 leaves nothing of 4x8x8"},
    {"%y = upsample %x {scale=-1.5}", "'scale' of upsample is below 0"},
    {"%y = upsample %x {scale=inf}", "are too large to address"},
    {"%y = pixel_shuffle %x {upscale_factor=3}",
     "4 input channels do not divide into squares of 3x3"},
    {"%y = pixel_unshuffle %x {downscale_factor=3}",
     "the rows and columns of 4x8x8 do not divide into squares of 3x3"},
    {"%y = slice %x {dim=1, start=3, end=5}", "3 to 5 is no part of dimension 1, which ends at 4"},
    {"%y = slice %x {dim=-1, start=-9}", "-1 to 8 is no part of dimension 3, which ends at 8"},
    {"%y = slice %x {dim=2, start=4, end=-4}", "4 to 4 is no part of dimension 2, which ends at 8"},
    {"%y = slice %x {dim=0, end=1}", "slice takes one dimension from 1 to 3: 0, the batch, stays"},
    {"%y = slice %x {dim=[1,2]}", "slice takes one dimension from 1 to 3"},
    {"%y = slice %x {dim=4}", "slice takes one dimension from 1 to 3"},
    {"%y = slice %x {dim=1, step=0}", "'step' of slice is below 1"},
    {"%y = slice %x {start=1}", "slice needs 'dim'"},
    {"%y = roll %x {shifts=1, dims=0}", "roll takes dimensions from 1 to 3, each once"},
    {"%y = roll %x {shifts=1, dims=[2,-2]}", "roll takes dimensions from 1 to 3, each once"},
    {"%y = roll %x {shifts=1, dims=[2,3]}", "takes a shift for each dimension, these are 1 for 2"},
    {"%y = flip %x {dims=4}", "flip takes dimensions from 1 to 3, each once: 0, the batch, stays"},
    {"%y = unfold %x {dim=0, size=1}", "unfold takes one dimension from 1 to 3"},
    {"%y = unfold %x {dim=3, size=9}",
     "windows of 9 do not lie in dimension 3, which has 8 positions"},
    {"%a = full {shape=[1,2,2,2,2,2], value=0} %y = unfold %a {dim=1, size=1}",
     "unfold makes more than 6 dimensions"},
    {"%y = unflatten %x {dim=0, sizes=[1,1]}",
     "unflatten takes one dimension from 1 to 3, or 0 right behind param, full, roi_align"},
    {"%y = unflatten %x {dim=1, sizes=[3,-1]}",
     "the sizes do not make the 4 positions of dimension 1"},
    {"%y = unflatten %x {dim=1, sizes=[2,3]}", "the sizes do not make the 4 positions"},
    {"%y = unflatten %x {dim=3, sizes=[2,2,2,1]}", "unflatten makes more than 6 dimensions"},
    {"%b = full {shape=[1,3,4], value=0} %y = paste_masks %x, %b {size=4}",
     "paste_masks takes masks, [boxes, rows, columns], and as many boxes, [boxes, 4]: these are"},
    {"%b = full {shape=[1,4,4], value=0} %y = heatmaps_to_keypoints %x, %b",
     "heatmaps_to_keypoints takes maps, [boxes, points, rows, columns], and as many boxes"},
    {"%y = full {shape=[1,0], value=0}", "'shape' of full is below 1"},
    {"%y = full {shape=[281474976710656,2], value=0}", "are too large to address"},
    {"%y = full %x {shape=[1,2], value=0}", "full takes 0 operands, not 1"},

    /* shapes: forks */
    {"%z = conv %x {out=6, kernel=3, stride=2, padding=1} \"z\" %y = add %z, %x",
     "add needs equal shapes, or 1 where they differ, these are 6x4x4 and 4x8x8"},
    {"%z = conv %x {out=6, kernel=3, stride=2, padding=1} \"z\" %y = add %z, %x",
     "a `shortcut { conv(6, 1, stride=2) }` would make these agree"},
    {"%z = conv %x {out=6, kernel=3, padding=1} \"z\" %y = add %z, %x",
     "a `shortcut { conv(6, 1) }` would make these agree"},
    {"%z = maxpool %x {kernel=2} %y = concat %x, %z",
     "concat needs equal rows and columns, these are 4x8x8 and 4x4x4"},
    {"%z = maxpool %x {kernel=2} %y = concat %x, %z {dim=2}",
     "concat along dimension 2 needs the others equal, these are 4x8x8 and 4x4x4"},
    {"%y = concat %x, %x {dim=-4}", "concat takes one dimension from 1 to 3: 0, the batch, stays"},
    {"%z = conv %x {out=3, kernel=1} \"z\" %y = mul %x, %z",
     "mul needs equal shapes, or 1 where they differ, these are 4x8x8 and 3x8x8"},

    /* shapes: sizes */
    {"%y = upsample %x {scale=100000000}", "the result or the weights of upsample are too large"},
    {"%y = upsample %x {scale=281474976710656}", "are too large to address"},
    {"%y = conv %x {out=4, kernel=281474976710656, dilation=281474976710656} \"y\"",
     "are too large"},
    {"%y = conv %x {out=281474976710656, kernel=1} \"y\"",
     "the result or the weights of conv are too"},
    {"%y = conv_transpose %x {out=1, kernel=1, stride=281474976710656} \"y\"", "are too large"},
    {"%y = pad %x {padding=281474976710656}", "the result or the weights of pad are too large"},
    {"%y = adaptive_avgpool %x {size=100000000}", "are too large to address"},
    {"%z = adaptive_avgpool %x {size=1000000} %y = concat %z, %z, %z, %z, %z, %z, %z, %z, %z, %z, "
     "%z, %z, %z, %z, %z, %z, %z, %z",
     "the result or the weights of concat are too large to address"},
};

/* All that is printed of the graph's errors; "" if it is accepted. */
static char *errors_of(struct arena *arena, const char *text)
{
    char *printed = NULL;
    size_t n;
    FILE *f = open_memstream(&printed, &n);
    struct sources sources;
    struct diags diags;
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    uint32_t file = sources_add(&sources, "t.graph", text, strlen(text));
    graph_read(arena, strings_new(arena), &diags, file);
    diags_print(&diags, f);
    fclose(f);
    return printed;
}

static int check(const struct refused *row)
{
    struct arena *arena = arena_new();
    char *printed =
        errors_of(arena, arena_printf(arena,
                                      "graph \"t\" {\n  %%x = input \"x\" : f32[1,4,8,8]\n%s\n"
                                      "  output \"x\" = %%x\n}\n",
                                      row->text));
    bool as_expected = row->message ? strstr(printed, row->message) != NULL : !*printed;
    if (!as_expected)
        printf("%s\n  should say: %s\n  says: %s\n", row->text,
               row->message ? row->message : "nothing", printed);
    free(printed);
    arena_free(arena);
    return !as_expected;
}

/* Whole texts: what is nested too deeply, and what lacks its beginning or end. */
static int check_whole(const char *what, const char *text, const char *message)
{
    struct arena *arena = arena_new();
    char *printed = errors_of(arena, text);
    bool as_expected = strstr(printed, message) != NULL;
    if (!as_expected)
        printf("%s\n  should say: %s\n  says: %s\n", what, message, printed);
    free(printed);
    arena_free(arena);
    return !as_expected;
}

static int check_depth(const char *before, const char *open, const char *message)
{
    struct arena *arena = arena_new();
    struct text text;
    text_init(&text, arena);
    text_printf(&text, "graph \"t\" { %%x = input \"x\" : f32[1,4,8,8] %s", before);
    for (int i = 0; i < 100000; i++)
        text_append(&text, open);
    int fault = check_whole(before, text_string(&text), message);
    arena_free(arena);
    return fault;
}

int main(void)
{
    int faults = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        faults += check(&table[i]);
    faults += check_whole("an empty file", "", "expected 'graph'");
    faults +=
        check_whole("no end", "graph \"t\" {", "expected a node, or what can stand in a graph");
    faults += check_whole("no output", "graph \"t\" { }", "there is no output");
    faults += check_depth("%y = bn %x running_mean=", "sqrt(", "expected a less deep expression");
    faults += check_depth("require ", "not(", "expected a less deep condition");
    return faults != 0;
}
