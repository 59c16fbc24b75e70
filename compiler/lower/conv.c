/* Steps of convolutions and linear layers. */
#include "base/number.h"
#include "ir/phase.h"
#include "lower/lowering.h"

#include <string.h>

static const struct value *residual_of(const struct lowering *l)
{
    return l->node->residual ? value_in(l, l->node->n_inputs - 1) : NULL;
}

/* The result, over the residual where that dies here: each element is read just before it is
 * written. */
static const struct value *make_result(struct lowering *l)
{
    return l->node->residual ? value_make_over(l, l->node->n_inputs - 1) : value_make(l);
}

/* What a convolution makes, and of what; `other`: what it adds, or NULL. */
struct operands {
    const struct value *out, *in, *other;
    bool unfinished; /* another step adds to `out`, and applies the activation */
};

/* What a step multiplies with, and adds, or NULL. */
struct factors {
    const struct weight *weight, *bias;
    struct netrt_taps taps;  /* of the weight's kernel */
    int64_t all[2], skip[2]; /* rows and columns of the packed kernel of which the window's are
                                some, and those before them; 0: these are all */
    bool transposed;         /* the weight is [ic, oc / groups, kh, kw] */
    int64_t plane;           /* of a transposed convolution's kernel, along its depth */
    double share; /* of the products of its phase along depth, those that the step makes */
};

/* Bias, residual and activation of a step whose shape has the usual fields. */
#define SET_EPILOGUE(l, step, k, f, v)                                                             \
    do {                                                                                           \
        const struct value *residual_ = (v)->other;                                                \
        (k)->bias = (f)->bias != NULL;                                                             \
        (k)->residual = residual_ != NULL;                                                         \
        if (residual_) {                                                                           \
            (step)->other = residual_->at;                                                         \
            (k)->other = residual_->view;                                                          \
        }                                                                                          \
        if (!(v)->unfinished)                                                                      \
            SET_ACT(k, (l)->node);                                                                 \
    } while (0)

/* The layout of the weights of a shape that has these fields. */
#define PACKED(k, layout_)                                                                         \
    {                                                                                              \
        .layout = (layout_), .oc = (k)->oc, .ic = (k)->ic, .kh = (k)->kh, .kw = (k)->kw,           \
        .group_oc = (k)->group_oc, .group_ic = (k)->group_ic, .ic_block = NETRT_BLOCK              \
    }

/* Of the kernel's taps, those of the live window: of all planes of the kernel, or of number `plane`
 * alone, if it is not -1. */
static struct netrt_taps taps_kept(const struct node *conv, int64_t plane)
{
    int64_t first[2];
    const struct attrs live = graph_live_window(conv, first);
    const int64_t *kernel = conv->attr.kernel, taps = kernel[0] * kernel[1];
    if (live.kernel[0] == kernel[0] && live.kernel[1] == kernel[1] && kernel[2] == 1)
        return (struct netrt_taps){0};
    struct netrt_taps kept = {.all = taps,
                              .columns = live.kernel[1],
                              .first = first[0] * kernel[1] + first[1],
                              .row = kernel[1],
                              .column = 1};
    if (plane >= 0) {
        kept.all *= kernel[2];
        kept.first += plane * taps;
    } else if (kernel[2] > 1) {
        kept.planes = kernel[2];
    }
    return kept;
}

static struct factors factors_of(const struct node *node)
{
    return (struct factors){
        .weight = node->weight[ROLE_weight], .bias = node->weight[ROLE_bias], .share = 1};
}

static void pack_factors(struct lowering *l, struct plan_step *s, const struct factors *f,
                         const struct netrt_packed *packed)
{
    struct netrt_packed kept = *packed;
    kept.taps = f->taps;
    kept.transposed = f->transposed;
    s->weight = weights_pack(l, f->weight, kept);
    s->bias = weights_pack_channels(l, f->bias, packed->oc);
}

/* ---- groups ---- */

/* Input channels that each block of outputs reads, from the block on which its first group starts:
 * the most that any needs, in whole blocks, so that one layout of weights serves all. */
static int64_t band_of_groups(int64_t oc, int64_t group_oc, int64_t group_ic)
{
    int64_t most = 0;
    for (int64_t o = 0; o < oc; o += NETRT_BLOCK) {
        const int64_t last = o + NETRT_BLOCK <= oc ? o + NETRT_BLOCK - 1 : oc - 1;
        const int64_t first = o / group_oc * group_ic / NETRT_BLOCK * NETRT_BLOCK;
        most = int_max(most, (last / group_oc + 1) * group_ic - first);
    }
    return netrt_ceil_div(most, NETRT_BLOCK) * NETRT_BLOCK;
}

static int64_t channels_read(int64_t ic, int64_t oc, int64_t groups)
{
    return groups == 1 ? ic : band_of_groups(oc, oc / groups, ic / groups);
}

/* ---- depthwise and small groups ---- */

static bool is_depthwise(const struct node *node)
{
    const int64_t ic = type_c(&node->input[0]->type);
    return node->attr.groups > 1 && node->attr.groups == ic && node->attr.out == ic;
}

static bool is_grouped(const struct node *node)
{
    const int64_t ic = type_c(&node->input[0]->type), group = ic / node->attr.groups;
    return node->attr.groups > 1 && node->attr.out == ic &&
           (group == 2 || group == 4 || group == 8);
}

/* The fields that depthwise and grouped convolution share; the shapes have them under one name. */
#define SET_CHANNELWISE(l, step, k, window, f, v)                                                  \
    do {                                                                                           \
        (k)->in = (v)->in->view;                                                                   \
        (k)->out = (v)->out->view;                                                                 \
        (k)->c = type_c(&(v)->out->type);                                                          \
        SET_OUTPUT(k, &(v)->out->type);                                                            \
        SET_WINDOW(k, window);                                                                     \
        SET_BORDER(k, (v)->out);                                                                   \
        SET_EPILOGUE(l, step, k, f, v);                                                            \
        (k)->cols = schedule_columns((k)->ow);                                                     \
    } while (0)

static void pack_channelwise(struct lowering *l, struct plan_step *s, const struct factors *f,
                             enum netrt_layout layout, int64_t group, const struct attrs *a)
{
    pack_factors(l, s, f,
                 &(struct netrt_packed){.layout = layout,
                                        .oc = a->out,
                                        .ic = group,
                                        .kh = a->kernel[0],
                                        .kw = a->kernel[1],
                                        .group_oc = group,
                                        .group_ic = group,
                                        .ic_block = NETRT_BLOCK});
}

static long channelwise_rows(const struct lowering *l, int64_t group, const struct attrs *window,
                             const struct type *out)
{
    const int64_t blocks = netrt_ceil_div(type_c(out), NETRT_BLOCK);
    const double taps = (double)(window->kernel[0] * window->kernel[1] * group);
    return schedule_rows(&l->scheduling, type_n(out) * blocks, type_h(out),
                         (double)type_w(out) * NETRT_BLOCK * (taps + 1));
}

static struct plan_step *lower_depthwise(struct lowering *l, const struct attrs *window,
                                         const struct factors *f, const struct operands *v)
{
    struct plan_step *s = step_add(l, KERNEL_depthwise, v->out, v->in);
    SET_CHANNELWISE(l, s, &s->shape.depthwise, window, f, v);
    s->shape.depthwise.task_rows = channelwise_rows(l, 1, window, &v->out->type);
    pack_channelwise(l, s, f, NETRT_LAYOUT_DEPTHWISE, 1, window);
    return s;
}

static struct plan_step *lower_grouped(struct lowering *l, const struct attrs *window,
                                       const struct factors *f, const struct operands *v)
{
    const int64_t group = type_c(&v->in->type) / l->node->attr.groups;
    struct plan_step *s = step_add(l, KERNEL_grouped, v->out, v->in);
    SET_CHANNELWISE(l, s, &s->shape.grouped, window, f, v);
    s->shape.grouped.group = group;
    s->shape.grouped.task_rows = channelwise_rows(l, group, window, &v->out->type);
    pack_channelwise(l, s, f, NETRT_LAYOUT_GROUPED, group, window);
    return s;
}

/* ---- dense convolution ---- */

static bool has_border(const struct netrt_conv *k)
{
    return k->border_top || k->border_left || k->border_bottom || k->border_right;
}

/* One result a image: the images become the columns of one, so that weights are read once. The taps
 * then run down a column: of one row, or of rows without a gap. */
static void take_images_as_columns(struct netrt_conv *k)
{
    const bool gapless = k->dh == 1 && k->dw == 1 && k->in.row == k->kw * k->in.col;
    if (k->images == 1 || k->oh > 1 || k->ow > 1 || k->pt || k->pl || has_border(k) ||
        (k->kw > 1 && !gapless))
        return;
    if (k->kw > 1) {
        k->kh *= k->kw;
        k->kw = 1;
        k->in.row = k->in.col;
    }
    k->ow = k->images;
    k->images = 1;
    k->sw = 1;
    k->in.col = k->in.image;
    k->out.col = k->out.image;
    k->other.col = k->other.image;
}

static bool is_gapless(const struct netrt_view *view, long columns)
{
    return view->row == columns * view->col;
}

/* Whether positions map one to one and lie one after the other, in all operands. */
static bool is_flat(const struct netrt_conv *k)
{
    return k->kh == 1 && k->kw == 1 && k->sh == 1 && k->sw == 1 && !k->pt && !k->pl &&
           !has_border(k) && is_gapless(&k->in, k->ow) && is_gapless(&k->out, k->ow) &&
           (!k->residual || is_gapless(&k->other, k->ow));
}

/* A step of Winograd's algorithm for the convolution that it describes. */
static void become_winograd(struct lowering *l, struct plan_step *s, const struct factors *f,
                            const struct netrt_winograd *w)
{
    struct netrt_packed packed = PACKED(&s->shape.conv, NETRT_LAYOUT_WINOGRAD);
    packed.tile_h = w->tile_h;
    packed.tile_w = w->tile_w;
    s->kernel = KERNEL_winograd;
    memset(&s->shape, 0, sizeof s->shape);
    s->shape.winograd = *w;
    pack_factors(l, s, f, &packed);
    value_scratch(l, s, netrt_winograd_scratch(w));
}

/* The schedule of a convolution: equal ones are scheduled once. */
struct scheduled {
    uint64_t hash;
    struct netrt_conv asked;
    bool in_pair;
    bool bends;
    const struct schedule *schedule;
};

/* What a plan's lead does for the node being lowered: the order of its packed weights is the same.
 * False: there is no lead, or no such step. */
static bool algorithm_of_lead(const struct lowering *l, struct decision *like)
{
    const struct plan *lead = l->options->lead;
    for (size_t i = 0; lead && i < lead->steps.n; i++) {
        const struct plan_step *s = &lead->steps.at[i];
        if (s->node != l->node)
            continue;
        *like = schedule_algorithm(s->kernel, &s->shape);
        return true;
    }
    return false;
}

static struct schedule schedule(struct lowering *l, const struct netrt_conv *k)
{
    struct decision like;
    const bool led = algorithm_of_lead(l, &like);
    const struct schedule made = schedule_layer(&l->scheduling, k, is_flat(k), led ? &like : NULL);
    if (made.unusable)
        diag_add(l->diags, l->node->span, MESSAGE(warn_schedule), l->node->name);
    return made;
}

static const struct schedule *schedule_of(struct lowering *l, const struct netrt_conv *k)
{
    const union kernel_shape shape = {.conv = *k};
    const uint64_t hash = kernel_shape_hash(KERNEL_conv, &shape);
    for (size_t i = 0; i < l->scheduled.n; i++) {
        const struct scheduled *d = &l->scheduled.at[i];
        if (d->hash == hash && d->in_pair == l->scheduling.in_pair &&
            d->bends == l->scheduling.bends &&
            kernel_shape_equal(KERNEL_conv, &(union kernel_shape){.conv = d->asked}, &shape))
            return d->schedule;
    }
    struct schedule *made = arena_new_of(l->plan->arena, struct schedule);
    *made = schedule(l, k);
    VEC_PUSH(l->scratch, &l->scheduled,
             ((struct scheduled){hash, *k, l->scheduling.in_pair, l->scheduling.bends, made}));
    return made;
}

/* The rest of a dense convolution: algorithm, tile and weights. */
static void finish_conv(struct lowering *l, struct plan_step *s, const struct factors *f)
{
    struct netrt_conv *k = &s->shape.conv;
    take_images_as_columns(k);
    const struct schedule *d = schedule_of(l, k);
    s->why = d->why;
    s->schedule = d;
    if (d->kernel == KERNEL_winograd) {
        become_winograd(l, s, f, &d->shape.winograd);
        return;
    }
    *k = d->shape.conv;
    struct netrt_packed packed = PACKED(k, NETRT_LAYOUT_CONV);
    packed.ic_block = k->ic_block;
    packed.stored = (enum netrt_stored)k->stored;
    if (k->all_h) {
        packed.kh = k->all_h;
        packed.kw = k->all_w;
    }
    pack_factors(l, s, f, &packed);
}

static void set_channels(struct lowering *l, struct netrt_conv *k, const struct type *in,
                         int64_t oc, int64_t groups)
{
    const int64_t ic = type_c(in);
    k->ic = channels_read(ic, oc, groups);
    k->ic_block = in->layout == LAYOUT_dense ? ic : NETRT_BLOCK;
    k->oc = oc;
    k->group_oc = oc / groups;
    k->group_ic = ic / groups;
    k->stored = l->options->stored;
}

/* How a convolution reads all planes of its kernel as more input channels: blocks of so many, a
 * plane of the input, or its blocks, after the other. Lanes that fill a block up hold anything, and
 * are left out. */
struct reading {
    int64_t block, step; /* channels of a block; floats to the next. 0: not as channels */
};

static struct reading read_planes(const struct node *conv, const struct value *in)
{
    const int64_t c = type_c(&in->type), step = conv->attr.dilation[2] * in->plane;
    if (conv->attr.groups > 1)
        return (struct reading){0};
    if (in->type.layout == LAYOUT_dense || c <= NETRT_BLOCK)
        return (struct reading){c, step};
    const bool follow = c % NETRT_BLOCK == 0 && step == c / NETRT_BLOCK * in->view.plane;
    return follow ? (struct reading){NETRT_BLOCK, in->view.plane} : (struct reading){0};
}

static struct plan_step *lower_dense(struct lowering *l, const struct attrs *window,
                                     const struct factors *f, const struct operands *v)
{
    struct plan_step *s = step_add(l, KERNEL_conv, v->out, v->in);
    struct netrt_conv *k = &s->shape.conv;
    k->in = v->in->view;
    k->out = v->out->view;
    set_channels(l, k, &v->in->type, l->node->attr.out, l->node->attr.groups);
    if (f->taps.planes) {
        const struct reading reading = read_planes(l->node, v->in);
        k->ic_block = reading.block;
        k->in.plane = (long)reading.step;
        k->ic *= f->taps.planes;
        k->group_ic = k->ic;
    }
    SET_OUTPUT(k, &v->out->type);
    SET_WINDOW(k, window);
    k->all_h = f->all[0];
    k->all_w = f->all[1];
    k->skip_h = f->skip[0];
    k->skip_w = f->skip[1];
    SET_BORDER(k, v->out);
    SET_EPILOGUE(l, s, k, f, v);
    finish_conv(l, s, f);
    return s;
}

/* A convolution by the kernel that suits its groups. */
static struct plan_step *add_conv(struct lowering *l, const struct attrs *window,
                                  const struct factors *f, const struct operands *v)
{
    if (is_depthwise(l->node))
        return lower_depthwise(l, window, f, v);
    if (!f->transposed && is_grouped(l->node))
        return lower_grouped(l, window, f, v);
    return lower_dense(l, window, f, v);
}

/* Rows or columns that windows read beyond the input. */
static int64_t reach(int64_t out, int64_t stride, int64_t kernel, int64_t dilation, int64_t in,
                     int64_t before)
{
    return (out - 1) * stride + (kernel - 1) * dilation + 1 - in - before;
}

static bool border_suffices(const struct node *node, const struct attrs *a, const struct value *in)
{
    return in->border[0] >= a->padding[0] && in->border[1] >= a->padding[1] &&
           in->border[2] >= reach(type_h(&node->type), a->stride[0], a->kernel[0], a->dilation[0],
                                  type_h(&in->type), a->padding[0]) &&
           in->border[3] >= reach(type_w(&node->type), a->stride[1], a->kernel[1], a->dilation[1],
                                  type_w(&in->type), a->padding[1]) &&
           in->border[4] >= a->padding[4] && in->border[5] >= a->padding[5];
}

/* A convolution of a map. Of a volume: of its planes, from the one on that output plane 0 reads. */
static void lower_planes(struct lowering *l, const struct factors *f, const struct operands *v)
{
    const struct node *node = l->node;
    int64_t first[2];
    const struct attrs window = graph_live_window(node, first);
    struct value in = *v->in;
    in.view.image *= node->attr.stride[2];
    struct operands read = *v;
    read.in = &in;
    struct plan_step *s = add_conv(l, &window, f, &read);
    const double group_ic = (double)(type_c(&in.type) / node->attr.groups);
    s->macs = (double)type_elements(&node->type) * group_ic * (double)node->attr.kernel[0] *
              (double)node->attr.kernel[1] * (double)(f->taps.planes ? f->taps.planes : 1);
}

/* Plane after plane of the kernel, each added to the result of those before: the first adds bias
 * and residual, the last applies the activation. */
static void sum_planes(struct lowering *l, const struct operands *v)
{
    const struct attrs *a = &l->node->attr;
    struct value in = *v->in;
    struct operands part = {v->out, &in, v->other, false};
    struct factors f = factors_of(l->node);
    for (int64_t z = 0; z < a->kernel[2]; z++) {
        f.taps = taps_kept(l->node, z);
        part.unfinished = z < a->kernel[2] - 1;
        lower_planes(l, &f, &part);
        f.bias = NULL;
        part.other = v->out;
        in.at.offset += a->dilation[2] * in.plane;
    }
}

/* A convolution whose kernel covers a map; of rows, one of 1x1. The rest is for the caller. */
static struct plan_step *add_product(struct lowering *l, const struct value *out,
                                     const struct value *in, int64_t oc)
{
    struct plan_step *s = step_add(l, KERNEL_conv, out, in);
    struct netrt_conv *k = &s->shape.conv;
    k->in = in->view;
    k->out = out->view;
    set_channels(l, k, &in->type, oc, 1);
    SET_OUTPUT(k, &out->type);
    const bool rows = in->type.layout == LAYOUT_rows;
    k->kh = rows ? 1 : type_h(&in->type);
    k->kw = rows ? 1 : type_w(&in->type);
    k->sh = k->sw = k->dh = k->dw = 1;
    SET_BORDER(k, out);
    s->macs = (double)type_elements(&in->type) * (double)oc;
    return s;
}

void linear_add(struct lowering *l, const struct value *out, const struct value *in,
                const struct weight *weight, const struct weight *bias)
{
    const struct factors factors = {.weight = weight, .bias = bias};
    struct plan_step *s = add_product(l, out, in, type_c(&out->type));
    s->shape.conv.bias = bias != NULL;
    finish_conv(l, s, &factors);
}

void lower_linear(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out = make_result(l);
    if (!out)
        return;
    if (linear_reads_parameter(l)) {
        linear_by_parameter(l, out, in);
        return;
    }
    struct factors own = factors_of(l->node);
    own.transposed = l->node->op == OP_linear_transposed;
    struct plan_step *s = add_product(l, out, in, l->node->attr.out);
    const struct operands operands = {out, in, residual_of(l), false};
    SET_EPILOGUE(l, s, &s->shape.conv, &own, &operands);
    finish_conv(l, s, &own);
}

/* ---- convolutions by phases ---- */

/* The positions of a map, the result or what is added to it, that a phase makes. */
static struct value part_of_phase(const struct value *map, const struct phase *rows,
                                  const struct phase *cols)
{
    struct value part = *map;
    part.at.offset += rows->first * map->view.row + cols->first * map->view.col;
    part.view.row *= rows->step;
    part.view.col *= cols->step;
    if (part.type.rank > 3)
        part.type.dim[part.type.rank - 2] = rows->size;
    part.type.dim[part.type.rank - 1] = cols->size;
    memset(part.border, 0, sizeof part.border); /* a step of its own clears it */
    return part;
}

static struct netrt_taps taps_of_phase(const int64_t kernel[3], int64_t plane,
                                       const struct phase *rows, const struct phase *cols)
{
    return (struct netrt_taps){.all = kernel[0] * kernel[1] * kernel[2],
                               .columns = cols->taps,
                               .first = (plane * kernel[0] + rows->tap) * kernel[1] + cols->tap,
                               .row = -rows->tap_step * kernel[1],
                               .column = -cols->tap_step};
}

/* A transposed convolution packs the taps of each phase by themselves, in reverse order; of another
 * all phases read the one packed kernel, of the taps that are live. */
static struct factors factors_of_phase(const struct node *node, const struct factors *own,
                                       const struct phase *rows, const struct phase *cols)
{
    struct factors f = *own;
    if (node->op == OP_conv_transpose) {
        f.taps = taps_of_phase(node->attr.kernel, own->plane, rows, cols);
        f.transposed = !is_depthwise(node);
        return f;
    }
    int64_t first[2];
    const struct attrs live = graph_live_window(node, first);
    f.taps = taps_kept(node, -1);
    memcpy(f.all, live.kernel, sizeof f.all);
    f.skip[0] = rows->tap - first[0];
    f.skip[1] = cols->tap - first[1];
    return f;
}

/* As the report counts them, with those of taps that see only padding: of each input, or output. */
static double macs_of_phase(const struct node *node, const struct value *out,
                            const struct phase *rows, const struct phase *cols)
{
    const struct type *in = &node->input[0]->type;
    if (node->op == OP_conv_transpose)
        return (double)type_elements(in) * (double)(node->attr.out / node->attr.groups) *
               (double)(rows->reaching * cols->reaching);
    return (double)type_elements(&out->type) * (double)type_c(in) * (double)node->attr.kernel[0] *
           (double)node->attr.kernel[1];
}

/* A phase that no tap reaches is what the node adds; over that there is nothing to do. */
static void keep_added(struct lowering *l, const struct value *made, const struct value *added)
{
    if (made->at.place != added->at.place || made->at.index != added->at.index)
        pointwise_add(l, made, added);
}

static void add_phase(struct lowering *l, const struct factors *own, const struct operands *v,
                      const struct phase *rows, const struct phase *cols)
{
    const struct value made = part_of_phase(v->out, rows, cols);
    const struct value added = v->other ? part_of_phase(v->other, rows, cols) : made;
    struct value read = *v->in;
    if (!rows->taps || !cols->taps) {
        keep_added(l, &made, &added);
        return;
    }
    read.at.offset += rows->from * read.view.row + cols->from * read.view.col;
    const struct attrs window = {.out = l->node->attr.out,
                                 .kernel = {rows->taps, cols->taps},
                                 .stride = {1, 1},
                                 .dilation = {rows->dilation, cols->dilation}};
    const struct factors f = factors_of_phase(l->node, own, rows, cols);
    const struct operands operands = {&made, &read, v->other ? &added : NULL, v->unfinished};
    struct plan_step *s = add_conv(l, &window, &f, &operands);
    s->macs = own->share * macs_of_phase(l->node, &made, rows, cols);
}

/* Zeros around a map whose steps write only inside. */
static void clear_border(struct lowering *l, const struct value *out)
{
    if (!out->border[0] && !out->border[1] && !out->border[2] && !out->border[3])
        return;
    struct plan_step *s = step_add(l, KERNEL_border, out, out);
    struct netrt_border *k = &s->shape.border;
    s->in = (struct operand){0};
    k->out = out->view;
    SET_PLANES(k, &out->type);
    SET_BORDER(k, out);
}

static void lower_phases(struct lowering *l, const struct factors *own, const struct operands *v)
{
    for (int64_t y = 0; y < phase_count(l->node, 0); y++)
        for (int64_t x = 0; x < phase_count(l->node, 1); x++) {
            const struct phase rows = phase_of(l->node, 0, y), cols = phase_of(l->node, 1, x);
            add_phase(l, own, v, &rows, &cols);
        }
}

void lower_conv(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out;
    const struct attrs *a = &l->node->attr;
    int64_t first[2];
    const struct attrs window = graph_live_window(l->node, first);
    const bool phases = phase_suits(l->node);
    if (!phases && !border_suffices(l->node, &window, in)) {
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
        return;
    }
    if (!(out = make_result(l)))
        return;
    struct value from = *in;
    from.at.offset -= a->padding[4] * in->plane;
    const struct operands operands = {out, &from, residual_of(l), false};
    struct factors own = factors_of(l->node);
    if (phases) {
        clear_border(l, out);
        lower_phases(l, &own, &operands);
        return;
    }
    own.taps = taps_kept(l->node, -1);
    if (a->kernel[2] == 1 || read_planes(l->node, in).block)
        lower_planes(l, &own, &operands);
    else
        sum_planes(l, &operands);
}

/* ---- transposed convolution ---- */

/* Of the kernel's taps those of one plane. */
static struct netrt_taps taps_of_plane(const int64_t kernel[3], int64_t plane)
{
    if (kernel[2] == 1)
        return (struct netrt_taps){0};
    return (struct netrt_taps){.all = kernel[0] * kernel[1] * kernel[2],
                               .columns = kernel[1],
                               .first = plane * kernel[0] * kernel[1],
                               .row = kernel[1],
                               .column = 1};
}

static void lower_gathered(struct lowering *l, const struct factors *own, const struct operands *v)
{
    const struct node *node = l->node;
    struct plan_step *s = step_add(l, KERNEL_conv_transpose, v->out, v->in);
    struct netrt_conv_transpose *k = &s->shape.conv_transpose;
    const int64_t ic = type_c(&v->in->type);
    k->in = v->in->view;
    k->out = v->out->view;
    k->ic = channels_read(ic, node->attr.out, node->attr.groups);
    k->oc = node->attr.out;
    k->group_oc = k->oc / node->attr.groups;
    k->group_ic = ic / node->attr.groups;
    SET_INPUT(k, &v->in->type);
    SET_OUTPUT(k, &v->out->type);
    SET_WINDOW(k, &node->attr);
    SET_BORDER(k, v->out);
    struct factors f = *own;
    f.transposed = true;
    f.taps = taps_of_plane(node->attr.kernel, own->plane);
    SET_EPILOGUE(l, s, k, &f, v);
    s->macs = own->share * (double)type_elements(&node->input[0]->type) *
              (double)(k->group_oc * k->kh * k->kw);
    k->task_rows =
        schedule_rows(&l->scheduling, k->images * netrt_ceil_div(k->oc, NETRT_BLOCK), k->oh,
                      s->macs / (double)(k->images * k->oh * netrt_ceil_div(k->oc, NETRT_BLOCK)));
    k->stored = l->options->stored;
    struct netrt_packed packed = PACKED(k, NETRT_LAYOUT_CONV);
    packed.stored = l->options->stored;
    pack_factors(l, s, &f, &packed);
}

/* The planes of a result, or of what is added to it, that a phase along depth makes. */
static struct value planes_of_phase(const struct value *planes, const struct phase *p)
{
    struct value part = *planes;
    part.at.offset += p->first * planes->view.image;
    if (p->size > 1)
        part.view.image *= p->step;
    part.type.dim[0] = p->size;
    return part;
}

/* Planes that no tap reaches are what the node adds. */
static void leave_planes(struct lowering *l, const struct operands *v)
{
    const struct value *from = v->other ? v->other : v->out;
    const struct weight *bias = l->node->weight[ROLE_bias];
    if (!v->other) {
        clear_border(l, v->out);
        fill_add(l, v->out, 0);
    }
    if (!bias && !l->node->act) {
        keep_added(l, v->out, from);
        return;
    }
    struct plan_step *s = pointwise_add(l, v->out, from);
    s->shape.pointwise.bias = bias != NULL;
    s->bias = weights_pack_channels(l, bias, s->shape.pointwise.c);
    SET_ACT(&s->shape.pointwise, l->node);
}

/* Planes that the same taps along depth reach: each of these is a transposed convolution of maps,
 * whose result is added to that of those before. Of a batch of maps, all images by the one tap. */
static void lower_deep_phase(struct lowering *l, const struct operands *all, const struct phase *p)
{
    const struct value made = planes_of_phase(all->out, p);
    const struct value added = all->other ? planes_of_phase(all->other, p) : made;
    struct value read = *all->in;
    struct operands v = {&made, &read, all->other ? &added : NULL, false};
    struct factors f = factors_of(l->node);
    if (!p->taps) {
        leave_planes(l, &v);
        return;
    }
    const bool phases = phase_suits(l->node);
    if (phases)
        clear_border(l, &made);
    f.share = (double)p->reaching / (double)p->taps;
    for (int64_t i = 0; i < p->taps; i++) {
        f.plane = p->tap - i * p->tap_step;
        read.at.offset = all->in->at.offset + (p->from + i * p->dilation) * all->in->view.image;
        v.unfinished = i < p->taps - 1;
        (phases ? lower_phases : lower_gathered)(l, &f, &v);
        f.bias = NULL;
        v.other = &made;
    }
}

void lower_conv_transpose(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out;
    int64_t border[6];
    phase_border(l->node, border);
    for (int side = 0; side < 6; side++)
        if (in->border[side] < border[side]) {
            diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
            return;
        }
    if (!(out = make_result(l)))
        return;
    const struct operands all = {out, in, residual_of(l), false};
    for (int64_t z = 0; z < phase_count(l->node, 2); z++) {
        const struct phase p = phase_of(l->node, 2, z);
        lower_deep_phase(l, &all, &p);
    }
}
