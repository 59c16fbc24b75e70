/* What PyTorch prints for a module: the constructor's arguments of each layer. */
#include "ir/names.h"
#include "report/style.h"

#include <float.h>
#include <string.h>

static void print_pair(struct text *t, const char *name, const int64_t *p)
{
    text_printf(t, ", %s=(%lld, %lld)", name, (long long)p[0], (long long)p[1]);
}

static void print_pair_unless(struct text *t, const char *name, const int64_t *p, int64_t usual)
{
    if (p[0] != usual || p[1] != usual)
        print_pair(t, name, p);
}

static void print_padding(struct text *t, const int64_t *p)
{
    if (p[0] == p[2] && p[1] == p[3])
        print_pair_unless(t, "padding", p, 0);
    else
        text_printf(t, ", padding=(%lld, %lld, %lld, %lld)", (long long)p[0], (long long)p[1],
                    (long long)p[2], (long long)p[3]);
}

static void print_conv(struct text *t, const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    text_printf(t, "%lld, %lld", (long long)type_c(&row->input[0]), (long long)a->out);
    print_pair(t, "kernel_size", a->kernel);
    print_pair(t, "stride", a->stride);
    print_padding(t, a->padding);
    print_pair_unless(t, "dilation", a->dilation, 1);
    print_pair_unless(t, "output_padding", a->output_padding, 0);
    if (a->groups > 1)
        text_printf(t, ", groups=%lld", (long long)a->groups);
    text_append(t, a->bias ? "" : ", bias=False");
}

/* One number where both are equal. */
static void print_sizes(struct text *t, const char *name, const int64_t *p)
{
    text_printf(t, p[0] == p[1] ? "%s=%lld" : "%s=(%lld, %lld)", name, (long long)p[0],
                (long long)p[1]);
}

static void print_pool(struct text *t, const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    print_sizes(t, "kernel_size", a->kernel);
    print_sizes(t, ", stride", a->stride);
    print_sizes(t, ", padding", a->padding);
    if (row->op == OP_maxpool) {
        print_sizes(t, ", dilation", a->dilation);
        text_printf(t, ", ceil_mode=%s", a->ceil ? "True" : "False");
    }
}

/* As Python prints it: 1e-05, 0.5, 1.0. */
/* Behind what stands before it: a comma, a name. */
static void print_real(struct text *t, const char *before, double value)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.12g", value);
    text_printf(t, "%s%s%s", before, digits, digits[strcspn(digits, ".en")] ? "" : ".0");
}

static void print_bn(struct text *t, const struct report_row *row)
{
    text_printf(t, "%lld", (long long)type_c(&row->output));
    print_real(t, ", eps=", row->attr.eps);
    print_real(t, ", momentum=", row->attr.momentum);
    text_printf(t, ", affine=%s, track_running_stats=True", row->attr.affine ? "True" : "False");
}

static void print_lrn(struct text *t, const struct report_row *row)
{
    text_printf(t, "%lld", (long long)row->attr.size[0]);
    print_real(t, ", alpha=", row->attr.alpha);
    print_real(t, ", beta=", row->attr.beta);
    print_real(t, ", k=", row->attr.k);
}

static void print_linear(struct text *t, const struct report_row *row)
{
    text_printf(t, "in_features=%lld, out_features=%lld, bias=%s",
                (long long)type_c(&row->input[0]), (long long)row->attr.out,
                row->attr.bias ? "True" : "False");
}

static void print_embedding(struct text *t, const struct report_row *row)
{
    text_printf(t, "%lld, %lld", (long long)row->attr.num_embeddings,
                (long long)row->attr.embedding_dim);
}

static void print_adaptive(struct text *t, const struct report_row *row)
{
    text_printf(t, "output_size=(%lld, %lld)", (long long)type_h(&row->output),
                (long long)type_w(&row->output));
}

static void print_dropout(struct text *t, const struct report_row *row)
{
    print_real(t, "p=", row->attr.p);
    text_append(t, ", inplace=False");
}

static void print_in_place(struct text *t, const struct report_row *row)
{
    (void)row;
    text_append(t, "inplace=True");
}

static void print_flatten(struct text *t, const struct report_row *row)
{
    (void)row;
    text_append(t, "start_dim=1, end_dim=-1");
}

static void print_softmax(struct text *t, const struct report_row *row)
{
    text_printf(t, "dim=%lld", (long long)row->attr.dim.at[0]);
}

static void print_leaky_relu(struct text *t, const struct report_row *row)
{
    print_real(t, "negative_slope=", row->attr.negative_slope);
    text_append(t, ", inplace=True");
}

static void print_clip(struct text *t, const struct report_row *row)
{
    print_real(t, "min_val=", row->attr.min);
    print_real(t, ", max_val=", row->attr.max);
}

static void print_elu(struct text *t, const struct report_row *row)
{
    print_real(t, "alpha=", row->attr.alpha);
}

static void print_softplus(struct text *t, const struct report_row *row)
{
    print_real(t, "beta=", row->attr.beta);
    print_real(t, ", threshold=", row->attr.threshold);
}

static void print_prelu(struct text *t, const struct report_row *row)
{
    text_printf(t, "num_parameters=%lld", (long long)row->attr.num_parameters);
}

static void print_upsample(struct text *t, const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    if (a->size[0]) {
        text_printf(t, "size=(%lld, %lld)", (long long)a->size[0], (long long)a->size[1]);
    } else if (a->scale[0] < a->scale[1] || a->scale[0] > a->scale[1]) {
        print_real(t, "scale_factor=(", a->scale[0]);
        print_real(t, ", ", a->scale[1]);
        text_append(t, ")");
    } else {
        print_real(t, "scale_factor=", a->scale[0]);
    }
    text_printf(t, ", mode='%s'", op_mode_names[a->mode]);
}

/* The shape that is normalized, as a tuple. */
static void print_normalized(struct text *t, const struct report_row *row)
{
    const struct type *type = &row->output;
    const unsigned axes = attrs_axes(&row->attr, type);
    int n = 0;
    text_append(t, "(");
    for (int i = 1; i < type->rank; i++)
        if (axes >> i & 1)
            text_printf(t, "%s%lld", n++ ? ", " : "", (long long)type->dim[i]);
    text_append(t, n == 1 ? ",)" : ")");
}

static void print_layernorm(struct text *t, const struct report_row *row)
{
    print_normalized(t, row);
    if (row->op == OP_rmsnorm && (float)row->attr.eps == FLT_EPSILON)
        text_append(t, ", eps=None");
    else
        print_real(t, ", eps=", row->attr.eps);
    text_printf(t, ", elementwise_affine=%s", row->attr.affine ? "True" : "False");
}

static void print_affine(struct text *t, const struct report_row *row)
{
    text_printf(t, ", affine=%s", row->attr.affine ? "True" : "False");
}

static void print_groupnorm(struct text *t, const struct report_row *row)
{
    text_printf(t, "%lld, %lld", (long long)row->attr.groups, (long long)type_c(&row->output));
    print_real(t, ", eps=", row->attr.eps);
    print_affine(t, row);
}

static void print_instancenorm(struct text *t, const struct report_row *row)
{
    text_printf(t, "%lld", (long long)type_c(&row->output));
    print_real(t, ", eps=", row->attr.eps);
    text_append(t, ", momentum=0.1");
    print_affine(t, row);
    text_append(t, ", track_running_stats=False");
}

static void print_gelu(struct text *t, const struct report_row *row)
{
    (void)row;
    text_append(t, "approximate='none'");
}

static void print_shuffle(struct text *t, const struct report_row *row)
{
    text_printf(t, "groups=%lld", (long long)row->attr.groups);
}

static void print_pixel_shuffle(struct text *t, const struct report_row *row)
{
    text_printf(t, "upscale_factor=%lld", (long long)row->attr.upscale_factor);
}

static void print_pixel_unshuffle(struct text *t, const struct report_row *row)
{
    text_printf(t, "downscale_factor=%lld", (long long)row->attr.downscale_factor);
}

static void print_recurrent(struct text *t, const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    text_printf(t, "%lld, %lld", (long long)row->input[0].dim[2], (long long)a->hidden_size);
    if (a->num_layers > 1)
        text_printf(t, ", num_layers=%lld", (long long)a->num_layers);
    text_append(t, a->bias ? "" : ", bias=False");
    text_append(t, ", batch_first=True");
    text_append(t, a->bidirectional ? ", bidirectional=True" : "");
}

typedef void print_arguments(struct text *, const struct report_row *);

static print_arguments *const arguments[N_OPS] = {
    [OP_conv] = print_conv,
    [OP_conv_transpose] = print_conv,
    [OP_linear] = print_linear,
    [OP_embedding] = print_embedding,
    [OP_lstm] = print_recurrent,
    [OP_gru] = print_recurrent,
    [OP_bn] = print_bn,
    [OP_layernorm] = print_layernorm,
    [OP_rmsnorm] = print_layernorm,
    [OP_groupnorm] = print_groupnorm,
    [OP_instancenorm] = print_instancenorm,
    [OP_lrn] = print_lrn,
    [OP_relu] = print_in_place,
    [OP_relu6] = print_in_place,
    [OP_silu] = print_in_place,
    [OP_leaky_relu] = print_leaky_relu,
    [OP_gelu] = print_gelu,
    [OP_clip] = print_clip,
    [OP_elu] = print_elu,
    [OP_softplus] = print_softplus,
    [OP_prelu] = print_prelu,
    [OP_softmax] = print_softmax,
    [OP_log_softmax] = print_softmax,
    [OP_maxpool] = print_pool,
    [OP_avgpool] = print_pool,
    [OP_adaptive_avgpool] = print_adaptive,
    [OP_global_avgpool] = print_adaptive,
    [OP_adaptive_maxpool] = print_adaptive,
    [OP_global_maxpool] = print_adaptive,
    [OP_flatten] = print_flatten,
    [OP_dropout] = print_dropout,
    [OP_pixel_shuffle] = print_pixel_shuffle,
    [OP_pixel_unshuffle] = print_pixel_unshuffle,
    [OP_upsample] = print_upsample,
    [OP_channel_shuffle] = print_shuffle,
};

static const char *last_part(const char *path)
{
    const char *dot = path ? strrchr(path, '.') : NULL;
    return dot ? dot + 1 : path ? path : "";
}

/* The module tree, as it is walked: which scope is open. */
struct listing {
    const struct report *report;
    struct text *out;
    int open; /* innermost scope, or -1 */
};

static void open_module(struct listing *l, const char *path)
{
    text_append(l->out, "(");
    text_append_harmless(l->out, last_part(path));
    text_append(l->out, "): ");
}

static int depth_of(const struct listing *l, int scope)
{
    return scope < 0 ? 0 : l->report->scopes.at[scope].depth;
}

static void indent(struct listing *l, int depth)
{
    text_printf(l->out, "%*s", 2 * depth, "");
}

static void close_to(struct listing *l, int scope, int depth)
{
    while (l->open >= 0 && l->open != scope && depth_of(l, l->open) > depth) {
        indent(l, depth_of(l, l->open));
        text_append(l->out, ")\n");
        l->open = l->report->scopes.at[l->open].parent;
    }
}

/* Closes what is no part of the scope, opens it and those around it. */
static void enter(struct listing *l, int scope)
{
    if (l->open == scope)
        return;
    if (scope < 0 || depth_of(l, l->open) >= depth_of(l, scope))
        close_to(l, scope, scope < 0 ? 0 : depth_of(l, scope) - 1);
    if (l->open == scope)
        return;
    const struct report_scope *s = &l->report->scopes.at[scope];
    enter(l, s->parent);
    indent(l, s->depth);
    open_module(l, s->path);
    text_printf(l->out, "%s(\n", style_class(l->report->arena, s->kind));
    l->open = scope;
}

static void print_module(struct listing *l, const struct report_row *row)
{
    if (!*style_torch_name(row->op))
        return;
    enter(l, row->scope);
    indent(l, depth_of(l, row->scope) + 1);
    open_module(l, row->name);
    text_printf(l->out, "%s(", style_torch_name(row->op));
    if (arguments[row->op])
        arguments[row->op](l->out, row);
    text_append(l->out, ")\n");
}

void style_torch(struct text *out, const struct report *r)
{
    struct listing l = {.report = r, .out = out, .open = -1};
    text_printf(out, "%s(\n", style_class(r->arena, r->base));
    for (size_t i = 0; i < r->rows.n; i++)
        print_module(&l, &r->rows.at[i]);
    enter(&l, -1);
    text_append(out, ")\n");
}
