/* Layers of one operand. What each computes, and what its keys are when they are not written, is
 * Darknet's; where it rounds otherwise than PyTorch, a comment says so. */
#include "darknet/import.h"

#include "base/number.h"

#include <string.h>

static const struct activation {
    const char *name;
    enum op op;
    size_t field; /* of struct attrs */
    double value;
} activations[] = {
#define ACTIVATION(name, op, attr, value) {name, OP_##op, offsetof(struct attrs, attr), value},
#include "darknet/activations.def"
};

static const char *activation_name(const struct layer *l, const char *otherwise)
{
    const struct cfg_option *o = cfg_find(l->section, "activation");
    return o ? o->value : otherwise;
}

bool is_linear(const struct layer *l, const char *otherwise)
{
    return !strcmp(activation_name(l, otherwise), "linear");
}

static bool unknown_activation(const struct layer *l)
{
    struct text known;
    text_init(&known, l->import->arena);
    text_append(&known, "linear");
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
        text_printf(&known, ", %s", activations[i].name);
    return key_fail(l, "activation", text_string(&known));
}

bool layer_activation(struct layer *l, const char *otherwise)
{
    const char *name = activation_name(l, otherwise);
    struct attrs a;
    if (is_linear(l, otherwise))
        return true;
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
        if (!strcmp(activations[i].name, name)) {
            attrs_init(&a, activations[i].op);
            memcpy((char *)&a + activations[i].field, &activations[i].value, sizeof(double));
            return layer_add(l, activations[i].op, &a);
        }
    return unknown_activation(l);
}

/* Darknet adds its 1e-5 to the variance, as PyTorch does, where it computes on a GPU, which its
 * weights are trained on. */
static bool add_bn(struct layer *l)
{
    struct attrs a;
    attrs_init(&a, OP_bn);
    return layer_add(l, OP_bn, &a);
}

/* With `pad` the padding is half of the kernel, whatever its number; else it is `padding`. */
static bool take_padding(const struct layer *l, struct attrs *a)
{
    int64_t half, padding;
    if (!key_int(l, "pad", 0, 0, &half) || !key_int(l, "padding", 0, 0, &padding))
        return false;
    for (int side = 0; side < 4; side++)
        a->padding[side] = half ? a->kernel[0] / 2 : padding;
    return true;
}

static bool take_window(const struct layer *l, int64_t stride, struct attrs *a)
{
    return key_int(l, "size", stride, 1, &a->kernel[0]) && (a->kernel[1] = a->kernel[0]) &&
           key_int(l, "stride", stride, 1, &stride) &&
           key_int(l, "stride_y", stride, 1, &a->stride[0]) &&
           key_int(l, "stride_x", stride, 1, &a->stride[1]);
}

bool section_convolutional(struct layer *l)
{
    struct attrs a;
    int64_t bn;
    attrs_init(&a, OP_conv);
    attrs_flatten(&a, OP_conv);
    if (!key_int(l, "filters", 1, 1, &a.out) || !take_window(l, 1, &a) || !take_padding(l, &a) ||
        !key_int(l, "groups", 1, 1, &a.groups) || !key_int(l, "batch_normalize", 0, 0, &bn) ||
        !key_is(l, "flipped", "0") || !key_is(l, "binary", "0") || !key_is(l, "xnor", "0") ||
        !key_is(l, "dilation", "1"))
        return false;
    a.bias = !bn;
    if (bn || !is_linear(l, "logistic"))
        layer_opens(l);
    return layer_add(l, OP_conv, &a) && (!bn || add_bn(l)) && layer_activation(l, "logistic");
}

bool layer_flatten(struct layer *l)
{
    struct attrs a;
    attrs_init(&a, OP_flatten);
    return l->out->type.rank == 2 || layer_add(l, OP_flatten, &a);
}

bool section_connected(struct layer *l)
{
    struct attrs a;
    int64_t bn;
    attrs_init(&a, OP_linear);
    if (!key_int(l, "output", 1, 1, &a.out) || !key_int(l, "batch_normalize", 0, 0, &bn))
        return false;
    a.bias = !bn;
    if (bn || l->out->type.rank != 2 || !is_linear(l, "logistic"))
        layer_opens(l);
    return layer_flatten(l) && layer_add(l, OP_linear, &a) && (!bn || add_bn(l)) &&
           layer_activation(l, "logistic");
}

/* Of all padding, which is one less than the window unless it is written, half, rounded down,
 * stands before, the rest behind, of which no more is written than the last window reaches. */
static bool pad_pool(const struct layer *l, struct attrs *a)
{
    int64_t all;
    const struct type *t = &l->out->type;
    if (!key_int(l, "padding", a->kernel[0] - 1, 0, &all))
        return false;
    for (int axis = 0; axis < 2; axis++) {
        const int64_t in = type_along(t, axis), before = all / 2;
        const int64_t last = int_floor_div(in + all - a->kernel[axis], a->stride[axis]);
        a->padding[axis] = before;
        a->padding[2 + axis] = int_max(0, last * a->stride[axis] + a->kernel[axis] - in - before);
    }
    return true;
}

bool section_maxpool(struct layer *l)
{
    struct attrs a;
    int64_t stride;
    attrs_init(&a, OP_maxpool);
    attrs_flatten(&a, OP_maxpool);
    return key_int(l, "stride", 1, 1, &stride) && take_window(l, stride, &a) && pad_pool(l, &a) &&
           layer_add(l, OP_maxpool, &a);
}

bool section_avgpool(struct layer *l)
{
    struct attrs a;
    attrs_init(&a, OP_global_avgpool);
    return layer_add(l, OP_global_avgpool, &a);
}

bool section_upsample(struct layer *l)
{
    struct attrs a;
    int64_t stride;
    attrs_init(&a, OP_upsample);
    if (!key_int(l, "stride", 2, 1, &stride) || !key_is(l, "scale", "1"))
        return false;
    a.scale[0] = a.scale[1] = (double)stride;
    return layer_add(l, OP_upsample, &a);
}

bool section_dropout(struct layer *l)
{
    struct attrs a;
    attrs_init(&a, OP_dropout);
    return key_real(l, "probability", 0.5, &a.p) && layer_add(l, OP_dropout, &a);
}

bool section_softmax(struct layer *l)
{
    struct attrs a;
    attrs_init(&a, OP_softmax);
    if (!key_is(l, "groups", "1") || !key_is(l, "temperature", "1") || !key_is(l, "spatial", "0"))
        return false;
    if (l->out->type.rank != 2)
        layer_opens(l);
    return layer_flatten(l) && layer_add(l, OP_softmax, &a);
}

/* A loss: nothing flows through it. */
bool section_cost(struct layer *l)
{
    (void)l;
    return true;
}

static bool reshape(struct layer *l, int64_t n, const int64_t *dim)
{
    struct attrs a;
    attrs_init(&a, OP_reshape);
    a.shape.n = n;
    memcpy(a.shape.at, dim, (size_t)n * sizeof *dim);
    return layer_add(l, OP_reshape, &a);
}

/*
 * Darknet reads its input's memory as a map with stride² fewer channels and stride times as many
 * rows and columns, takes the squares of that apart to channels, and reads the result's memory as
 * one with stride² more channels.
 */
bool section_reorg(struct layer *l)
{
    int64_t s;
    struct attrs a;
    const struct type *t = &l->out->type;
    if (!key_int(l, "stride", 1, 1, &s) || !key_is(l, "reverse", "0") || !key_is(l, "flatten", "0"))
        return false;
    const int64_t c = type_c(t), h = type_h(t), w = type_w(t);
    if (s > 1024 || c % (s * s) || h % s || w % s)
        return layer_fail(l, "%lldx%lldx%lld does not divide into squares of %lld", (long long)c,
                          (long long)h, (long long)w, (long long)s);
    layer_opens(l);
    attrs_init(&a, OP_permute);
    a.dims = (struct dims){6, {0, 3, 5, 1, 2, 4}};
    return reshape(l, 5, (int64_t[]){c / (s * s), h, s, w, s}) && layer_add(l, OP_permute, &a) &&
           reshape(l, 3, (int64_t[]){c * s * s, h / s, w / s});
}
